"""Mango, as a CouchDB 3.5.0 answers."""

from typing import Any

import pytest


def fill(ask, *documents: dict[str, Any]) -> None:
    ask("POST", "/shop/_bulk_docs", {"docs": documents})


def index(ask, *fields: str, name: str = "", ddoc: str = "i", **definition: Any) -> dict[str, Any]:
    body = {"index": {"fields": fields, **definition}, "ddoc": ddoc, "name": name or "-".join(fields)}
    return ask("POST", "/shop/_index", body).json()


def find(ask, selector: dict[str, Any], **members: Any) -> dict[str, Any]:
    return ask("POST", "/shop/_find", {"selector": selector, **members}).json()


def ids(ask, selector: dict[str, Any], **members: Any) -> list[str]:
    return [document["_id"] for document in find(ask, selector, **members)["docs"]]


@pytest.fixture
def people(ask):
    ages = {"ann": 30, "bob": None, "cid": "old", "dan": 25, "eve": 30}
    fill(ask, *({"_id": name, "age": age, "name": {"last": name.upper()}} for name, age in ages.items()))
    fill(ask, {"_id": "fay"})
    return ask


class TestFind:
    def test_scans_in_the_order_of_ids_and_says_so(self, people):
        answer = find(people, {"age": {"$gte": 0}})

        assert [document["_id"] for document in answer["docs"]] == ["ann", "cid", "dan", "eve"]
        assert "No matching index found" in answer["warning"]

    def test_returns_whole_documents_as_they_are_stored(self, people):
        (document,) = find(people, {"_id": "ann"})["docs"]

        assert document == people("GET", "/shop/ann").json()

    def test_never_returns_design_documents(self, people):
        index(people, "age")

        assert ids(people, {}, limit=100) == ["ann", "bob", "cid", "dan", "eve", "fay"]

    def test_follows_an_index_in_its_order(self, people):
        index(people, "age")

        answer = find(people, {"age": {"$gt": None}})

        assert [document["_id"] for document in answer["docs"]] == ["dan", "ann", "eve", "cid"]
        assert "warning" not in answer

    def test_sorts_down_with_ids_down(self, people):
        index(people, "age")

        assert ids(people, {"age": {"$gt": None}}, sort=[{"age": "desc"}]) == ["cid", "eve", "ann", "dan"]

    def test_cannot_sort_without_an_index(self, people):
        answer = people("POST", "/shop/_find", {"selector": {}, "sort": ["age"]})

        assert (answer.status, answer.json()["error"]) == (400, "no_usable_index")

    def test_follows_what_is_stored(self, people):
        index(people, "age")
        assert ids(people, {"age": 25}) == ["dan"]

        rev = people("GET", "/shop/dan").json()["_rev"]
        people("PUT", "/shop/dan", {"_rev": rev, "age": 26})
        fill(people, {"_id": "gus", "age": 25})

        assert ids(people, {"age": 25}) == ["gus"]
        assert ids(people, {"age": 26}) == ["dan"]

    def test_shows_only_the_fields_that_are_asked_for(self, people):
        assert find(people, {"_id": "ann"}, fields=["name.last", "none"])["docs"] == [
            {"name": {"last": "ANN"}}
        ]

    def test_needs_no_documents_when_an_index_covers_the_fields(self, people):
        index(people, "age")

        answer = find(people, {"age": 30}, fields=["_id", "age"], execution_stats=True)

        assert answer["docs"] == [{"_id": "ann", "age": 30}, {"_id": "eve", "age": 30}]
        assert answer["execution_stats"]["total_docs_examined"] == 0

    def test_narrows_a_scan_by_ids(self, people):
        answer = find(people, {"_id": {"$gt": "bob", "$lt": "eve"}}, execution_stats=True)

        assert [document["_id"] for document in answer["docs"]] == ["cid", "dan"]
        assert answer["execution_stats"]["total_docs_examined"] == 4

    def test_shows_conflicts_on_demand(self, people):
        people("POST", "/shop/_bulk_docs", {"new_edits": False, "docs": [{"_id": "ann", "_rev": "1-0"}]})

        (document,) = find(people, {"_id": "ann"}, conflicts=True)["docs"]

        assert document["_conflicts"] == ["1-0"]

    def test_finds_nothing_by_an_empty_list(self, people):
        assert ids(people, {"$or": []}) == []

    def test_warns_of_reading_much_for_little(self, people):
        fill(people, *({"_id": f"x{n}"} for n in range(20)))

        assert "examined is high" in find(people, {"age": 25})["warning"]


class TestPages:
    @pytest.mark.parametrize("with_index", [True, False])
    @pytest.mark.parametrize("direction", ["asc", "desc"])
    def test_follow_each_other_by_bookmarks(self, ask, with_index, direction: str):
        fill(ask, *({"_id": f"{n:02}", "n": n // 3} for n in range(10)))
        if with_index:
            index(ask, "n")
        question = {"selector": {"_id": {"$gt": ""}, "n": {"$gte": 0}}}
        question["sort"] = [{"n" if with_index else "_id": direction}]
        found, bookmark = [], None

        while page := find(ask, **question, limit=3, bookmark=bookmark):
            if not page["docs"]:
                break
            found += [document["_id"] for document in page["docs"]]
            bookmark = page["bookmark"]

        expected = [f"{n:02}" for n in range(10)]
        assert found == (expected if direction == "asc" else expected[::-1])
        assert page["bookmark"] == bookmark

    def test_have_no_hole_when_the_last_document_of_one_moves(self, ask):
        fill(ask, *({"_id": name, "n": n} for n, name in enumerate("abcd")))
        index(ask, "n")
        first = find(ask, {"n": {"$gte": 0}}, limit=2)
        rev = ask("GET", "/shop/b").json()["_rev"]
        ask("PUT", "/shop/b", {"_rev": rev, "n": 9})

        assert ids(ask, {"n": {"$gte": 0}}, bookmark=first["bookmark"]) == ["c", "d", "b"]

    @pytest.mark.parametrize("bookmark", ["nil", "xxx", "WzFd", 5])
    def test_need_a_bookmark_that_was_given(self, ask, bookmark: Any):
        answer = ask("POST", "/shop/_find", {"selector": {}, "bookmark": bookmark})

        assert (answer.status, answer.json()["error"]) == (400, "invalid_bookmark")

    def test_may_be_skipped_and_limited(self, people):
        assert ids(people, {}, skip=1, limit=2) == ["bob", "cid"]
        assert ids(people, {}, limit=0) == []


class TestIndexChoice:
    def test_partial_indexes_serve_only_by_name(self, people):
        index(people, "age", ddoc="p", partial_filter_selector={"age": {"$gt": 28}})

        assert ids(people, {"age": {"$gt": 0}}) == ["ann", "cid", "dan", "eve"]
        assert ids(people, {"age": {"$gt": 0}}, use_index="p") == ["ann", "eve", "cid"]

    def test_partial_filters_may_look_into_arrays(self, ask):
        fill(ask, {"_id": "a", "n": 1, "tags": ["x", "y"]}, {"_id": "b", "n": 2, "tags": ["z"]})
        index(ask, "n", ddoc="p", partial_filter_selector={"tags": {"$elemMatch": {"$eq": "x"}}})

        assert ids(ask, {"n": {"$gt": 0}}, use_index=["p", "n"]) == ["a"]

    def test_an_index_that_cannot_serve_is_passed_over_with_a_warning(self, people):
        index(people, "other")

        assert "_design/i was not used" in find(people, {"age": 25}, use_index="i")["warning"]

    def test_or_refused_when_nothing_else_may_serve(self, people):
        body = {"selector": {"age": 25}, "use_index": "i", "allow_fallback": False}

        assert people("POST", "/shop/_find", body).json()["error"] == "invalid_index"

    def test_explain_names_the_index_and_why_not_the_others(self, people):
        index(people, "age")
        index(people, "name.last")

        answer = people("POST", "/shop/_explain", {"selector": {"age": {"$gt": 5}}}).json()

        assert answer["index"]["name"] == "age"
        assert answer["mrargs"]["start_key"] == [5]
        assert answer["mrargs"]["end_key"] == ["<MAX>"]
        assert {one["index"]["name"]: one["analysis"]["reasons"] for one in answer["index_candidates"]} == {
            "_all_docs": [{"name": "unfavored_type"}],
            "name.last": [{"name": "field_mismatch"}],
        }

    def test_explain_has_an_answer_where_find_has_none(self, people):
        answer = people("POST", "/shop/_explain", {"selector": {}, "sort": ["age"]})

        assert (answer.status, answer.json()["index"]) == (200, None)


class TestIndexes:
    def test_have_the_names_that_couchdb_gives_them(self, ask):
        answer = ask("POST", "/shop/_index", {"index": {"fields": ["a"]}}).json()

        assert answer == {
            "result": "created",
            "id": "_design/7095fd2321a986309496ad2ac9c3498246175757",
            "name": "7095fd2321a986309496ad2ac9c3498246175757",
        }

    def test_are_made_once(self, ask):
        assert [index(ask, "a")["result"] for _ in range(2)] == ["created", "exists"]

    def test_are_design_documents_like_couchdbs_own(self, ask):
        index(ask, "a", partial_filter_selector={"b": {"$gt": 1, "$lt": 5}})

        stored = ask("GET", "/shop/_design/i").json()

        assert stored["_rev"] == "1-9e61d9dc3b8cab46205598ba595f0780"
        assert stored["views"]["a"]["map"] == {
            "fields": {"a": "asc"},
            "partial_filter_selector": {"$and": [{"b": {"$gt": 1}}, {"b": {"$lt": 5}}]},
        }

    def test_are_listed_after_all_docs(self, ask):
        index(ask, "b")
        index(ask, "a")

        answer = ask("GET", "/shop/_index").json()

        assert [one["name"] for one in answer["indexes"]] == ["_all_docs", "a", "b"]
        assert answer["total_rows"] == 3

    def test_are_views_too(self, ask):
        fill(ask, {"_id": "x", "a": 1, "b": None}, {"_id": "y", "a": 1})
        index(ask, "a", "b")

        answer = ask("GET", "/shop/_design/i/_view/a-b", reduce="false").json()

        assert answer["rows"] == [{"id": "x", "key": [1, None], "value": None}]

    def test_go_one_by_one_and_the_design_document_with_the_last(self, ask):
        index(ask, "a")
        index(ask, "b")

        assert ask("DELETE", "/shop/_index/i/json/a").json() == {"ok": True}
        assert list(ask("GET", "/shop/_design/i").json()["views"]) == ["b"]
        assert ask("DELETE", "/shop/_index/_design/i/json/b").json() == {"ok": True}
        assert ask("GET", "/shop/_design/i").json()["reason"] == "deleted"
        assert ask("DELETE", "/shop/_index/i/json/b").status == 404

    def test_go_many_at_once(self, ask):
        index(ask, "a")

        answer = ask("POST", "/shop/_index/_bulk_delete", {"docids": ["i", "none"]}).json()

        assert answer["success"] == [{"id": "_design/i", "ok": True}]
        assert answer["fail"] == [{"id": "_design/none", "error": "not_found"}]

    def test_can_be_made_anew(self, ask):
        index(ask, "a")
        ask("DELETE", "/shop/_index/i/json/a")

        assert index(ask, "a")["result"] == "created"

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({}, "missing_required_key"),
            ({"index": {}}, "missing_required_key"),
            ({"index": 5}, "invalid_index"),
            ({"index": {"fields": "a"}}, "invalid_sort_json"),
            ({"index": {"fields": [5]}}, "invalid_sort_field"),
            ({"index": {"fields": [{"a": "up"}]}}, "invalid_sort_field"),
            ({"index": {"fields": ["a", {"b": "desc"}]}}, "unsupported_mixed_sort"),
            ({"index": {"fields": ["a"]}, "other": 1}, "invalid_key"),
            ({"index": {"fields": ["a"], "other": 1}}, "invalid_key"),
            ({"index": {"fields": ["a"]}, "type": "other"}, "invalid_index"),
            ({"index": {"fields": ["a"]}, "name": ""}, "invalid_empty_string"),
            ({"index": {"fields": ["a"]}, "ddoc": 5}, "invalid_string"),
            ({"index": {"fields": ["a"], "partial_filter_selector": 5}}, "invalid_selector_json"),
            ({"index": {"fields": ["a"], "partial_filter_selector": {"a": {"$x": 1}}}}, "invalid_operator"),
            ({"index": {"fields": ["a"]}, "ddoc": "js"}, "invalid_ddoc_lang"),
        ],
    )
    def test_are_refused_with_couchdbs_codes(self, ask, body: dict[str, Any], error: str):
        ask("PUT", "/shop/_design/js", {"views": {}})

        answer = ask("POST", "/shop/_index", body)

        assert (answer.status, answer.json()["error"]) == (400, error)

    def test_for_text_have_no_service(self, ask):
        answer = ask("POST", "/shop/_index", {"index": {"fields": ["a"]}, "type": "text"})

        assert answer.status == 503


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "missing_required_key"),
        ({"selector": 5}, "invalid_selector_json"),
        ({"selector": {"a": {"$x": 1}}}, "invalid_operator"),
        ({"selector": {}, "other": 1}, "invalid_key"),
        ({"selector": {}, "limit": -1}, "invalid_non_neg_integer"),
        ({"selector": {}, "limit": True}, "invalid_non_neg_integer"),
        ({"selector": {}, "sort": "a"}, "invalid_sort_json"),
        ({"selector": {}, "sort": ["a", {"b": "desc"}]}, "unsupported_mixed_sort"),
        ({"selector": {}, "fields": "a"}, "invalid_fields"),
        ({"selector": {}, "fields": [5]}, "invalid_field"),
        ({"selector": {}, "fields": ["a..b"]}, "invalid_field_name"),
        ({"selector": {}, "use_index": 5}, "invalid_index_name"),
        ({"selector": {}, "use_index": "a/b/c"}, "invalid_index_name"),
        ({"selector": {}, "allow_fallback": False}, "invalid_index"),
        ({"selector": {}, "execution_stats": 1}, "invalid_boolean"),
        ({"selector": {}, "r": 0}, "invalid_pos_integer"),
        ({"selector": {}, "stale": 5}, "invalid_value"),
        ({"selector": {}, "partition": "p"}, "query_parse_error"),
    ],
)
def test_a_question_is_refused_with_couchdbs_codes(ask, body: dict[str, Any], error: str):
    answer = ask("POST", "/shop/_find", body)

    assert (answer.status, answer.json()["error"]) == (400, error)
