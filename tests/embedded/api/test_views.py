"""Views, as a CouchDB 3.5.0 answers."""

from typing import Any

import pytest

BY_N = {"map": "function (doc) { emit(doc.n, doc.v); }"}


def design(ask, views: dict[str, Any], name: str = "d", **members: Any):
    return ask("PUT", f"/shop/_design/{name}", {"views": views, **members})


def fill(ask, *documents: dict[str, Any]) -> None:
    ask("POST", "/shop/_bulk_docs", {"docs": documents})


def rows(ask, view: str = "v", **query: str) -> list[Any]:
    answer = ask("GET", f"/shop/_design/d/_view/{view}", **query).json()
    return [
        row["key"] if "id" not in row else (row["id"], row["key"], row["value"]) for row in answer["rows"]
    ]


def reduced(ask, view: str = "v", **query: str) -> dict[Any, Any]:
    answer = ask("GET", f"/shop/_design/d/_view/{view}", **query).json()
    return {str(row["key"]): row["value"] for row in answer["rows"]}


class TestRows:
    def test_come_in_collation_order_and_then_by_id(self, ask):
        fill(
            ask,
            *(
                {"_id": letter, "n": n}
                for letter, n in zip("fedcba", ["a", "B", None, 5, 5, [0]], strict=True)
            ),
        )
        design(ask, {"v": BY_N})

        assert [row[0] for row in rows(ask)] == ["d", "b", "c", "f", "e", "a"]

    def test_tell_how_many_there_are_and_where_they_begin(self, ask):
        fill(ask, *({"_id": str(n), "n": n} for n in range(6)))
        design(ask, {"v": BY_N})

        answer = ask("GET", "/shop/_design/d/_view/v", startkey="2", skip="1", limit="2").json()

        assert (answer["total_rows"], answer["offset"], len(answer["rows"])) == (6, 3, 2)

    def test_follow_what_is_stored(self, ask):
        fill(ask, {"_id": "a", "n": 1}, {"_id": "b", "n": 2})
        design(ask, {"v": BY_N})
        assert [row[0] for row in rows(ask)] == ["a", "b"]

        rev = ask("GET", "/shop/a").json()["_rev"]
        ask("PUT", "/shop/a", {"_rev": rev, "n": 3})
        ask("DELETE", "/shop/b", rev=ask("GET", "/shop/b").json()["_rev"])

        assert rows(ask) == [("a", 3, None)]
        assert ask("GET", "/shop/_design/d/_view/v").json()["total_rows"] == 1

    def test_of_one_document_with_one_key_stand_in_the_order_of_their_values(self, ask):
        fill(ask, {"_id": "a"})
        design(
            ask, {"v": {"map": "function (doc) { ['z', [1], 'a', {}, null, 5].forEach(v => emit(1, v)); }"}}
        )

        assert [row[2] for row in rows(ask)] == [5, None, {}, [1], "a", "z"]
        assert [row[2] for row in rows(ask, descending="true")] == [5, None, {}, [1], "a", "z"]

    def test_of_several_keys_come_in_the_order_of_the_keys(self, ask):
        fill(ask, *({"_id": str(n), "n": n} for n in range(4)))
        design(ask, {"v": BY_N})

        assert [row[1] for row in rows(ask, keys="[2,0,9,2]")] == [2, 0, 2]
        assert [row[1] for row in rows(ask, keys="[2,0,1]", descending="true")] == [1, 0, 2]

    def test_know_no_design_documents_unless_they_are_asked_to(self, ask):
        design(ask, {"v": {"map": "doc => emit(doc._id)"}})
        assert rows(ask) == []

        design(ask, {"v": {"map": "doc => emit(doc._id)"}}, name="e", options={"include_design": True})
        answer = ask("GET", "/shop/_design/e/_view/v").json()
        assert [row["id"] for row in answer["rows"]] == ["_design/d", "_design/e"]

    def test_see_the_conflicts_of_a_document(self, ask):
        fill(ask, {"_id": "a"})
        ask("POST", "/shop/_bulk_docs", {"new_edits": False, "docs": [{"_id": "a", "_rev": "1-0"}]})
        design(ask, {"v": {"map": "doc => emit(doc._conflicts)"}})

        assert [row[1] for row in rows(ask)] == [["1-0"]]

    def test_of_raw_views_order_by_bytes(self, ask):
        values = ["b", "B", "a", 1, None, False, True, {}, [1], []]
        fill(ask, *({"n": value} for value in values))
        design(ask, {"v": {**BY_N, "options": {"collation": "raw"}}})

        assert [row[1] for row in rows(ask)] == [1, False, None, True, {}, [], [1], "B", "a", "b"]


class TestDocuments:
    def test_come_with_their_rows(self, ask):
        fill(ask, {"_id": "a", "n": 1})
        design(ask, {"v": BY_N})

        (row,) = ask("GET", "/shop/_design/d/_view/v", include_docs="true").json()["rows"]

        assert row["doc"] == ask("GET", "/shop/a").json()

    def test_are_those_that_a_value_names(self, ask):
        fill(
            ask, {"_id": "a", "to": {"_id": "b"}}, {"_id": "b", "to": {"_id": "gone"}}, {"_id": "c", "to": 1}
        )
        design(ask, {"v": {"map": "doc => emit(null, doc.to)"}})

        found = ask("GET", "/shop/_design/d/_view/v", include_docs="true").json()["rows"]

        assert [row["doc"] and row["doc"]["_id"] for row in found] == ["b", None, "c"]

    def test_may_be_named_at_a_revision(self, ask):
        fill(ask, {"_id": "a", "n": 1})
        rev = ask("GET", "/shop/a").json()["_rev"]
        ask("PUT", "/shop/a", {"_rev": rev, "n": 2})
        design(ask, {"v": {"map": f"doc => emit(null, {{_id: 'a', _rev: '{rev}'}})"}})

        (row,) = ask("GET", "/shop/_design/d/_view/v", include_docs="true").json()["rows"]

        assert row["doc"]["n"] == 1


class TestReduce:
    @pytest.fixture(autouse=True)
    def sales(self, ask):
        fill(ask, *({"n": [country, day], "v": day} for country in "ab" for day in (1, 2, 3)))
        design(ask, {"v": {**BY_N, "reduce": "_sum"}, "c": {**BY_N, "reduce": "_count"}})

    def test_makes_one_row_of_all(self, ask):
        assert reduced(ask) == {"None": 12}
        assert reduced(ask, "c") == {"None": 6}

    def test_groups_by_whole_keys_or_their_beginning(self, ask):
        assert reduced(ask, group_level="1") == {"['a']": 6, "['b']": 6}
        assert len(reduced(ask, group="true")) == 6

    def test_is_limited_by_groups(self, ask):
        assert reduced(ask, group="true", skip="1", limit="2") == {"['a', 2]": 2, "['a', 3]": 3}

    def test_sees_only_the_range(self, ask):
        assert reduced(ask, startkey='["a",2]', endkey='["b",1]') == {"None": 6}

    def test_of_nothing_is_no_row(self, ask):
        assert reduced(ask, startkey='["c"]') == {}
        assert reduced(ask, "c", startkey='["c"]') == {}

    def test_may_be_left_out(self, ask):
        assert len(rows(ask, reduce="false")) == 6

    def test_is_not_part_of_the_index(self, ask):
        before = ask("GET", "/shop/_design/d/_info").json()["view_index"]["update_seq"]
        rev = ask("GET", "/shop/_design/d").json()["_rev"]
        design(ask, {"v": {**BY_N, "reduce": "_stats"}}, _rev=rev)

        assert reduced(ask)["None"]["sum"] == 12
        assert before == 0 < ask("GET", "/shop/_design/d/_info").json()["view_index"]["update_seq"]


class TestFreshness:
    def test_an_old_state_can_be_asked_for(self, ask):
        design(ask, {"v": BY_N})
        fill(ask, {"_id": "a", "n": 1})

        assert rows(ask, update="false") == []
        assert rows(ask, update="lazy") == []
        assert rows(ask, update="false") == [("a", 1, None)]

    def test_a_new_function_builds_a_new_index(self, ask):
        fill(ask, {"_id": "a", "n": 1})
        design(ask, {"v": BY_N})
        assert rows(ask) == [("a", 1, None)]

        design(ask, {"v": {"map": "doc => emit(-doc.n)"}}, _rev=ask("GET", "/shop/_design/d").json()["_rev"])

        assert rows(ask) == [("a", -1, None)]

    def test_the_update_sequence_is_told(self, ask):
        fill(ask, {"_id": "a", "n": 1})
        design(ask, {"v": BY_N})

        answer = ask("GET", "/shop/_design/d/_view/v", update_seq="true").json()

        assert answer["update_seq"] == ask("GET", "/shop").json()["update_seq"]


class TestRequests:
    def test_parameters_may_stand_in_a_body(self, ask):
        fill(ask, *({"_id": str(n), "n": n} for n in range(3)))
        design(ask, {"v": BY_N})

        answer = ask("POST", "/shop/_design/d/_view/v", {"keys": [2, 0], "limit": 1})

        assert [row["id"] for row in answer.json()["rows"]] == ["2"]

    def test_several_queries_have_an_answer_each(self, ask):
        fill(ask, *({"_id": str(n), "n": n} for n in range(3)))
        design(ask, {"v": {**BY_N, "reduce": "_count"}})

        answer = ask(
            "POST", "/shop/_design/d/_view/v/queries", {"queries": [{}, {"reduce": False, "key": 1}]}
        )

        first, second = answer.json()["results"]
        assert first["rows"] == [{"key": None, "value": 3}]
        assert [row["id"] for row in second["rows"]] == ["1"]

    @pytest.mark.parametrize(
        ("path", "status", "reason"),
        [
            ("/shop/_design/none/_view/v", 404, "missing"),
            ("/shop/_design/d/_view/none", 404, "missing_named_view"),
            ("/none/_design/d/_view/v", 404, "Database does not exist."),
        ],
    )
    def test_what_is_not_there_is_not_found(self, ask, path: str, status: int, reason: str):
        design(ask, {"v": BY_N})

        answer = ask("GET", path)

        assert (answer.status, answer.json()["reason"]) == (status, reason)

    def test_queries_have_their_own_resource(self, ask):
        design(ask, {"v": BY_N})

        assert ask("POST", "/shop/_design/d/_view/v", {"queries": []}).status == 400
        assert ask("POST", "/shop/_design/d/_view/v/queries", {}).status == 400
        assert ask("GET", "/shop/_design/d/_view/v/queries").status == 405

    def test_an_unknown_language_is_said_when_it_is_asked(self, ask):
        assert design(ask, {"v": {"map": "anything"}}, language="erlang").status == 201

        answer = ask("GET", "/shop/_design/d/_view/v")

        assert (answer.status, answer.json()["error"]) == (500, "unknown_query_language")

    def test_a_function_that_never_ends_changes_nothing(self, ask):
        fill(ask, {"_id": "a", "n": 1})
        design(ask, {"v": {"map": "doc => { throw ['fatal', 'too_bad', 'why'] }"}})

        answer = ask("GET", "/shop/_design/d/_view/v")

        assert (answer.status, answer.json()["error"]) == (500, "too_bad")
        assert rows(ask, update="false") == []
