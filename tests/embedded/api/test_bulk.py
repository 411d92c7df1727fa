"""Many documents at once, as a CouchDB 3.5.0 answers."""

import pytest

A1 = "1-23202479633c2b380f79507a776743d5"  # {"a": 1}
EMPTY = "1-967a00dff5e02add41819138abb3284d"


def bulk(ask, *documents: object, **members: object):
    return ask("POST", "/shop/_bulk_docs", {"docs": documents, **members})


def fill(ask, *ids: str) -> None:
    bulk(ask, *({"_id": document_id, "n": number} for number, document_id in enumerate(ids)))


class TestBulkDocs:
    def test_each_document_has_its_result_in_order(self, ask):
        answer = bulk(ask, {"_id": "b", "a": 1}, {"_id": "a"})

        assert answer.status == 201
        assert answer.json() == [{"ok": True, "id": "b", "rev": A1}, {"ok": True, "id": "a", "rev": EMPTY}]

    def test_documents_without_ids_get_some(self, ask):
        first, second = bulk(ask, {}, {}).json()

        assert len({first["id"], second["id"]}) == 2

    def test_a_conflict_concerns_only_its_document(self, ask):
        results = bulk(ask, {"_id": "a"}, {"_id": "a"}, {"_id": "b"}).json()

        assert [one.get("error") for one in results] == [None, "conflict", None]
        assert results[1] == {"id": "a", "error": "conflict", "reason": "Document update conflict."}

    def test_an_edit_may_follow_another_one_in_the_same_request(self, ask):
        results = bulk(ask, {"_id": "a", "a": 1}, {"_id": "a", "_rev": A1, "a": 3}).json()

        assert [one["rev"][:2] for one in results] == ["1-", "2-"]
        assert ask("GET", "/shop").json()["update_seq"].startswith("1-")

    def test_a_document_can_be_deleted_and_then_made_anew(self, ask):
        assert bulk(ask, {"_id": "a", "_deleted": True}).json()[0]["rev"].startswith("1-")
        assert bulk(ask, {"_id": "a", "_deleted": True}).json()[0]["error"] == "conflict"
        assert bulk(ask, {"_id": "a", "x": 1}).json()[0]["rev"].startswith("2-")

    def test_sequences_follow_the_order_of_ids(self, ask):
        bulk(ask, {"_id": "c"}, {"_id": "a"}, {"_id": "b"})

        assert [row["id"] for row in ask("GET", "/shop/_changes").json()["results"]] == ["a", "b", "c"]

    @pytest.mark.parametrize(
        ("document", "error"),
        [(1, "bad_request"), ({"_id": "_b"}, "illegal_docid"), ({"_foo": 1}, "doc_validation")],
    )
    def test_what_is_no_document_fails_the_whole_request(self, ask, document: object, error: str):
        answer = bulk(ask, {"_id": "a"}, document)

        assert (answer.status, answer.json()["error"]) == (400, error)
        assert ask("GET", "/shop/a").status == 404

    def test_a_document_that_is_too_large_fails_the_whole_request(self, ask):
        answer = bulk(ask, {"_id": "a"}, {"_id": "b", "x": "x" * 8_000_000})

        assert (answer.status, answer.json()["reason"]) == (413, "b")
        assert ask("GET", "/shop/a").status == 404

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({}, "POST body must include `docs` parameter."),
            ({"docs": 5}, "`docs` parameter must be an array."),
            ({"docs": [], "new_edits": "false"}, "`new_edits` parameter must be a boolean."),
            ([], "Request body must be a JSON object"),
        ],
    )
    def test_a_bad_body_is_refused(self, ask, body: object, reason: str):
        answer = ask("POST", "/shop/_bulk_docs", body)

        assert (answer.status, answer.json()["reason"]) == (400, reason)

    def test_the_body_must_be_sent_as_json(self, ask):
        answer = ask("POST", "/shop/_bulk_docs", {"docs": []}, headers={"content-type": "text/plain"})

        assert (answer.status, answer.json()["error"]) == (415, "bad_content_type")

    def test_all_or_nothing_is_refused_for_each(self, ask):
        answer = bulk(ask, {"_id": "a"}, all_or_nothing=True)

        assert answer.status == 417
        assert answer.json()[0]["error"] == "not_implemented"

    def test_revisions_made_elsewhere_never_conflict(self, ask):
        answer = bulk(ask, {"_id": "a", "_rev": "1-a"}, {"_id": "a", "_rev": "1-b"}, new_edits=False)

        assert (answer.status, answer.json()) == (201, [])
        assert ask("GET", "/shop/a", conflicts="true").json()["_conflicts"] == ["1-a"]

    def test_revisions_made_elsewhere_need_a_name(self, ask):
        answer = bulk(ask, {"_id": "a", "_rev": "1-a"}, {"_id": "b"}, new_edits=False)

        assert answer.status == 400
        assert ask("GET", "/shop/a").status == 404

    def test_local_documents_may_be_among_them(self, ask):
        first, second = bulk(ask, {"_id": "_local/a", "x": 1}, {"_id": "_local/b", "_rev": "1-x"}).json()

        assert first == {"ok": True, "id": "_local/a", "rev": "0-1"}
        assert second["reason"] == "Invalid rev format"
        assert ask("GET", "/shop").json()["doc_count"] == 0


class TestBulkGet:
    def test_a_document_comes_at_each_leaf_or_at_the_revision_named(self, ask):
        bulk(ask, {"_id": "a", "_rev": "1-a"}, {"_id": "a", "_rev": "2-b", "_deleted": True}, new_edits=False)

        both, one, none = ask(
            "POST", "/shop/_bulk_get", {"docs": [{"id": "a"}, {"id": "a", "rev": "1-a"}, {"id": "b"}]}
        ).json()["results"]

        live = {"ok": {"_id": "a", "_rev": "1-a"}}
        assert both == {"id": "a", "docs": [live, {"ok": {"_id": "a", "_rev": "2-b", "_deleted": True}}]}
        assert one == {"id": "a", "docs": [live]}
        assert none["docs"][0]["error"] == {
            "id": "b",
            "rev": "undefined",
            "error": "not_found",
            "reason": "missing",
        }

    def test_the_latest_come_with_their_history(self, ask):
        fill(ask, "a")
        first = ask("GET", "/shop/a").json()["_rev"]
        second = ask("PUT", "/shop/a", {"_rev": first}).json()["rev"]

        (result,) = ask(
            "POST", "/shop/_bulk_get", {"docs": [{"id": "a", "rev": first}]}, latest="true", revs="true"
        ).json()["results"]

        assert result["docs"][0]["ok"]["_revisions"] == {"start": 2, "ids": [second[2:], first[2:]]}

    @pytest.mark.parametrize(
        ("entry", "reason"),
        [
            (5, "document must be a JSON object"),
            ({"rev": "1-a"}, "document id missed"),
            ({"id": "_x"}, "Only reserved document ids may start with underscore."),
            ({"id": "a", "rev": "abc"}, "Invalid rev format"),
            ({"id": "a", "rev": 5}, "Invalid rev format"),
        ],
    )
    def test_a_bad_entry_fails_alone(self, ask, entry: object, reason: str):
        fill(ask, "a")

        bad, good = ask("POST", "/shop/_bulk_get", {"docs": [entry, {"id": "a"}]}).json()["results"]

        assert bad["docs"][0]["error"]["reason"] == reason
        assert "ok" in good["docs"][0]

    def test_a_list_is_needed(self, ask):
        assert ask("POST", "/shop/_bulk_get", {}).json()["reason"] == "Missing JSON list of 'docs'."


class TestAllDocs:
    def ids(self, ask, **query: str) -> list[str]:
        return [row["id"] for row in ask("GET", "/shop/_all_docs", **query).json()["rows"]]

    def test_documents_are_listed_by_id_in_byte_order(self, ask):
        fill(ask, "b", "a", "é", "B", "_design/d")

        assert self.ids(ask) == ["B", "_design/d", "a", "b", "é"]

    def test_a_row_has_the_revision_and_on_demand_the_document(self, ask):
        bulk(ask, {"_id": "a", "a": 1})

        assert ask("GET", "/shop/_all_docs").json() == {
            "total_rows": 1,
            "offset": 0,
            "rows": [{"id": "a", "key": "a", "value": {"rev": A1}}],
        }
        (row,) = ask("GET", "/shop/_all_docs", include_docs="true").json()["rows"]
        assert row["doc"] == {"_id": "a", "_rev": A1, "a": 1}

    def test_deleted_documents_are_not_listed(self, ask):
        fill(ask, "a")
        bulk(ask, {"_id": "b", "_deleted": True})

        assert self.ids(ask) == ["a"]

    @pytest.mark.parametrize(
        ("query", "ids", "offset"),
        [
            ({"startkey": '"b"'}, ["b", "c", "d"], 1),
            ({"endkey": '"b"'}, ["a", "b"], 0),
            ({"endkey": '"b"', "inclusive_end": "false"}, ["a"], 0),
            ({"startkey": '"b"', "endkey": '"c"'}, ["b", "c"], 1),
            ({"start_key": '"b"', "end_key": '"c"'}, ["b", "c"], 1),
            ({"key": '"c"'}, ["c"], 2),
            ({"descending": "true", "startkey": '"c"'}, ["c", "b", "a"], 1),
            ({"descending": "true", "endkey": '"c"', "inclusive_end": "false"}, ["d"], 0),
            ({"limit": "2", "skip": "1"}, ["b", "c"], 1),
            ({"startkey": '"b"', "skip": "1", "limit": "1"}, ["c"], 2),
            ({"skip": "9"}, [], 4),
            ({"limit": "0"}, [], 0),
            ({"startkey": '"z"', "endkey": '"a"'}, [], 4),
            ({"startkey": "5"}, ["a", "b", "c", "d"], 0),
            ({"endkey": "{}"}, [], 0),
            ({"key": "null"}, [], 0),
        ],
    )
    def test_a_range_bounds_the_list(self, ask, query: dict[str, str], ids: list[str], offset: int):
        fill(ask, "a", "b", "c", "d")

        answer = ask("GET", "/shop/_all_docs", **query).json()

        assert ([row["id"] for row in answer["rows"]], answer["offset"]) == (ids, offset)
        assert answer["total_rows"] == 4

    def test_keys_come_in_their_order_with_what_is_missing_or_deleted(self, ask):
        fill(ask, "a")
        gone = bulk(ask, {"_id": "g", "_deleted": True}).json()[0]["rev"]

        answer = ask(
            "POST", "/shop/_all_docs", {"keys": ["g", 5, "a", "z", "a"], "include_docs": True}
        ).json()

        assert answer["offset"] is None
        assert answer["rows"][:2] == [
            {"id": "g", "key": "g", "value": {"rev": gone, "deleted": True}, "doc": None},
            {"key": 5, "error": "not_found"},
        ]
        assert [row["key"] for row in answer["rows"]] == ["g", 5, "a", "z", "a"]

    def test_keys_can_be_cut_and_turned(self, ask):
        fill(ask, "a", "b", "c")

        assert self.ids(ask, keys='["a","b","c"]', descending="true", skip="1", limit="1") == ["b"]

    def test_the_query_counts_before_the_body(self, ask):
        fill(ask, "a", "b")

        answer = ask("POST", "/shop/_all_docs", {"limit": 2}, limit="1").json()

        assert len(answer["rows"]) == 1

    def test_conflicts_and_the_update_sequence_are_shown_on_demand(self, ask):
        bulk(ask, {"_id": "a", "_rev": "1-a"}, {"_id": "a", "_rev": "1-b"}, new_edits=False)

        answer = ask(
            "GET", "/shop/_all_docs", include_docs="true", conflicts="true", update_seq="true"
        ).json()

        assert answer["rows"][0]["doc"]["_conflicts"] == ["1-a"]
        assert answer["update_seq"] == ask("GET", "/shop").json()["update_seq"]

    @pytest.mark.parametrize(
        ("query", "error", "reason"),
        [
            ({"limit": "-1"}, "query_parse_error", 'Invalid value for positive integer: "-1"'),
            ({"skip": "abc"}, "query_parse_error", 'Invalid value for integer: "abc"'),
            ({"descending": "foo"}, "query_parse_error", 'Invalid boolean parameter: "foo"'),
            ({"key": "abc"}, "bad_request", "invalid UTF-8 JSON"),
            ({"keys": "5"}, "bad_request", "`keys` parameter must be an array."),
        ],
    )
    def test_a_bad_parameter_is_refused(self, ask, query: dict[str, str], error: str, reason: str):
        answer = ask("GET", "/shop/_all_docs", **query)

        assert answer.status == 400
        assert answer.json() == {"error": error, "reason": reason}

    def test_design_documents_have_a_list_of_their_own(self, ask):
        fill(ask, "_design/a", "_design/b", "a")

        answer = ask("GET", "/shop/_design_docs", startkey='"_design/b"').json()

        assert answer["total_rows"] == 2
        assert [row["id"] for row in answer["rows"]] == ["_design/b"]
        assert self.ids_of_keys(ask) == ["_design/a"]

    def ids_of_keys(self, ask) -> list[str]:
        answer = ask("GET", "/shop/_design_docs", keys='["a","_design/a"]').json()
        return [row["id"] for row in answer["rows"]]
