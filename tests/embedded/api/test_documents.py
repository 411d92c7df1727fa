"""Single documents, as a CouchDB 3.5.0 answers."""

import pytest

from couchmapper.messages import Request

EMPTY = "1-967a00dff5e02add41819138abb3284d"
TOMBSTONE = "2-eec205a9d413992850a6e32678485900"
BULK = "/shop/_bulk_docs"


def replicate(ask, *documents: dict) -> None:
    assert ask("POST", BULK, {"docs": documents, "new_edits": False}).json() == []


def error_of(answer) -> tuple[int, str, str]:
    return answer.status, answer.json()["error"], answer.json()["reason"]


def test_a_document_is_read_as_it_was_written(ask):
    ask("PUT", "/shop/a", {"z": 1, "a": [1.0, 12345678901234567890], "é": None})

    assert (
        ask("GET", "/shop/a").body
        == (
            '{"_id":"a","_rev":"1-407ebe41f251d85b873bef4bd6715557","z":1,"a":[1.0,12345678901234567890],"é":null}\n'
        ).encode()
    )


def test_a_write_answers_with_the_revision_that_couchdb_would_give(ask):
    answer = ask("PUT", "/shop/a", {})

    assert (answer.status, answer.json()) == (201, {"ok": True, "id": "a", "rev": EMPTY})
    assert answer.headers["etag"] == f'"{EMPTY}"'


def test_an_edit_names_the_revision_that_it_was_made_from(ask):
    ask("PUT", "/shop/a", {})

    assert ask("PUT", "/shop/a", {"_rev": EMPTY, "n": 1}).status == 201
    assert ask("GET", "/shop/a").json()["n"] == 1


@pytest.mark.parametrize("rev", [{}, {"_rev": "1-abc"}])
def test_an_edit_of_anything_else_conflicts(ask, rev: dict):
    ask("PUT", "/shop/a", {})

    assert error_of(ask("PUT", "/shop/a", rev)) == (409, "conflict", "Document update conflict.")


def test_the_revision_may_stand_in_the_query_or_in_a_header(ask):
    ask("PUT", "/shop/a", {})
    second = ask("PUT", "/shop/a", {"n": 1}, rev=EMPTY).json()["rev"]

    assert ask("PUT", "/shop/a", {"n": 2}, headers={"If-Match": f'"{second}"'}).status == 201


@pytest.mark.parametrize(
    ("document", "headers", "query", "reason"),
    [
        ({"_rev": "1-a"}, {}, {"rev": "1-b"}, "Document rev from request body and query string have"),
        ({}, {"If-Match": "1-a"}, {"rev": "1-b"}, "Document rev and etag have different values"),
        ({}, {}, {"rev": ""}, "Invalid rev format"),
        ({"_rev": "abc"}, {}, {}, "Invalid rev format"),
    ],
)
def test_one_request_names_one_revision(ask, document, headers, query, reason):
    status, error, told = error_of(ask("PUT", "/shop/a", document, headers=headers, **query))

    assert (status, error) == (400, "bad_request")
    assert told.startswith(reason)


def test_a_new_document_may_name_any_revision(ask):
    answer = ask("PUT", "/shop/a", {"_rev": "1-abc"})

    assert answer.json()["rev"] == "2-4a197020586a4dd9ea6eb97053f996e4"
    assert ask("GET", "/shop/a", revs_info="true").json()["_revs_info"][1] == {
        "rev": "1-abc",
        "status": "missing",
    }


def test_an_unknown_document_is_missing_and_a_deleted_one_deleted(ask):
    assert error_of(ask("GET", "/shop/a")) == (404, "not_found", "missing")
    ask("PUT", "/shop/a", {})
    assert ask("DELETE", "/shop/a", rev=EMPTY).json() == {"ok": True, "id": "a", "rev": TOMBSTONE}
    assert error_of(ask("GET", "/shop/a")) == (404, "not_found", "deleted")


def test_deleting_needs_a_revision_and_a_document(ask):
    assert error_of(ask("DELETE", "/shop/a")) == (404, "not_found", "missing")
    ask("PUT", "/shop/a", {})
    assert error_of(ask("DELETE", "/shop/a"))[0] == 409
    ask("DELETE", "/shop/a", rev=EMPTY)
    assert error_of(ask("DELETE", "/shop/a", rev=TOMBSTONE)) == (404, "not_found", "deleted")


def test_a_tombstone_keeps_what_was_left_in_it(ask):
    answer = ask("PUT", "/shop/a", {"_deleted": True, "why": "void"})

    assert answer.status == 200
    assert ask("GET", "/shop/a", rev=answer.json()["rev"]).json() == {
        "_id": "a",
        "_rev": answer.json()["rev"],
        "why": "void",
        "_deleted": True,
    }


def test_a_deleted_document_is_made_anew_without_a_revision(ask):
    ask("PUT", "/shop/a", {})
    ask("DELETE", "/shop/a", rev=EMPTY)

    assert ask("PUT", "/shop/a", {"_rev": TOMBSTONE}).status == 409
    assert ask("PUT", "/shop/a", {"n": 1}).json()["rev"].startswith("3-")


def test_an_old_revision_can_be_read(ask):
    ask("PUT", "/shop/a", {})
    ask("PUT", "/shop/a", {"_rev": EMPTY, "n": 1})

    assert ask("GET", "/shop/a", rev=EMPTY, revs="true").json() == {
        "_id": "a",
        "_rev": EMPTY,
        "_revisions": {"start": 1, "ids": [EMPTY[2:]]},
    }
    assert "n" in ask("GET", "/shop/a", rev=EMPTY, latest="true").json()
    assert error_of(ask("GET", "/shop/a", rev="9-x")) == (404, "not_found", "missing")


def test_a_reader_may_ask_for_every_special_member(ask):
    replicate(
        ask,
        {"_id": "a", "_revisions": {"start": 2, "ids": ["b", "a"]}, "v": 1},
        {"_id": "a", "_rev": "1-z", "v": 2},
        {"_id": "a", "_rev": "3-x", "_deleted": True},
    )

    assert ask("GET", "/shop/a", meta="true", revs="true", local_seq="true").json() == {
        "_id": "a",
        "_rev": "2-b",
        "v": 1,
        "_revisions": {"start": 2, "ids": ["b", "a"]},
        "_revs_info": [{"rev": "2-b", "status": "available"}, {"rev": "1-a", "status": "missing"}],
        "_conflicts": ["1-z"],
        "_deleted_conflicts": ["3-x"],
        "_local_seq": 1,
    }


def test_a_losing_leaf_can_be_edited_and_deleted(ask):
    replicate(ask, {"_id": "a", "_rev": "1-b"}, {"_id": "a", "_rev": "1-a"})

    assert ask("DELETE", "/shop/a", rev="1-a").status == 200
    shown = ask("GET", "/shop/a", conflicts="true").json()
    assert (shown["_rev"], "_conflicts" in shown) == ("1-b", False)


def test_all_leaves_can_be_opened(ask):
    replicate(ask, {"_id": "a", "_rev": "1-b", "v": 1}, {"_id": "a", "_rev": "3-x", "_deleted": True})

    assert ask("GET", "/shop/a", open_revs="all").json() == [
        {"ok": {"_id": "a", "_rev": "1-b", "v": 1}},
        {"ok": {"_id": "a", "_rev": "3-x", "_deleted": True}},
    ]
    assert ask("GET", "/shop/b", open_revs="all").status == 404


def test_named_revisions_can_be_opened_and_missing_ones_stand_last(ask):
    replicate(ask, {"_id": "a", "_revisions": {"start": 2, "ids": ["b", "a"]}}, {"_id": "a", "_rev": "1-z"})

    opened = ask("GET", "/shop/a", open_revs='["9-x","1-a","1-z"]').json()
    assert opened == [{"ok": {"_id": "a", "_rev": "1-z"}}, {"missing": "1-a"}, {"missing": "9-x"}]
    latest = ask("GET", "/shop/a", open_revs='["1-a"]', latest="true", revs="true").json()
    assert latest == [{"ok": {"_id": "a", "_rev": "2-b", "_revisions": {"start": 2, "ids": ["b", "a"]}}}]


@pytest.mark.parametrize(
    ("open_revs", "reason"),
    [("abc", "invalid UTF-8 JSON"), ('["abc"]', "Invalid rev format"), ("5", "Invalid list of revisions")],
)
def test_bad_lists_of_revisions_are_refused(ask, open_revs: str, reason: str):
    assert error_of(ask("GET", "/shop/a", open_revs=open_revs)) == (400, "bad_request", reason)


def test_a_reader_who_has_the_revision_is_told_so(ask):
    ask("PUT", "/shop/a", {})

    answer = ask("GET", "/shop/a", headers={"If-None-Match": f'"{EMPTY}"'})

    assert (answer.status, answer.body) == (304, b"")


def test_a_posted_document_gets_an_id(ask):
    answer = ask("POST", "/shop", {"n": 1})

    assert answer.status == 201
    assert len(answer.json()["id"]) == 32
    assert ask("GET", "/shop/" + answer.json()["id"]).json()["n"] == 1


def test_a_batch_is_accepted_without_a_revision(ask):
    answer = ask("PUT", "/shop/a", {}, batch="ok")

    assert (answer.status, answer.json()) == (202, {"ok": True, "id": "a"})


def test_revisions_made_elsewhere_are_kept(ask):
    answer = ask("PUT", "/shop/a", {"_rev": "7-abc"}, new_edits="false")

    assert (answer.status, answer.json()["rev"]) == (201, "7-abc")
    assert ask("PUT", "/shop/a", {}, new_edits="false").status == 400


def test_the_body_of_a_known_revision_is_not_replaced(ask):
    ask("PUT", "/shop/a", {"_rev": "7-abc", "n": 1}, new_edits="false")
    before = ask("GET", "/shop").json()["update_seq"]

    assert ask("PUT", "/shop/a", {"_rev": "7-abc", "n": 2}, new_edits="false").status == 201
    assert ask("GET", "/shop/a").json()["n"] == 1
    assert ask("GET", "/shop").json()["update_seq"] == before


@pytest.mark.parametrize(
    ("text", "error", "reason"),
    [
        (b"", "bad_request", "Missing request body"),
        (b"nope", "bad_request", "invalid UTF-8 JSON"),
        (b'{"a":NaN}', "bad_request", "invalid UTF-8 JSON"),
        (b'{"a":1e400}', "bad_request", "invalid UTF-8 JSON"),
        (b'{"a":"\\ud800"}', "bad_request", "invalid UTF-8 JSON"),
        (b'{"a":"\xff"}', "bad_request", "invalid UTF-8 JSON"),
        (b'{"a":01}', "bad_request", "invalid UTF-8 JSON"),
        (b"[1]", "bad_request", "Document must be a JSON object"),
        (b'{"_foo":1}', "doc_validation", "Bad special document member: _foo"),
        (b'{"_id":""}', "illegal_docid", "Document id must not be empty"),
        (b'{"_id":5}', "illegal_docid", "Document id must be a string"),
    ],
)
def test_a_bad_body_is_refused(ask, text: bytes, error: str, reason: str):
    assert error_of(ask("PUT", "/shop/a", text=text)) == (400, error, reason)


def test_the_id_in_the_path_counts(ask):
    assert ask("PUT", "/shop/a", {"_id": "other"}).json()["id"] == "a"


def test_an_id_may_hold_any_text(transport, ask):
    for document_id in ("a/b", " ", "é\0", "+"):
        request = Request(method="PUT", path=("shop", document_id), route="/{db}/{doc_id}", body=b"{}")

        assert transport.send(request).json()["id"] == document_id


def test_a_reserved_id_is_refused(ask):
    assert error_of(ask("PUT", "/shop/_foo", {}))[:2] == (400, "illegal_docid")
    assert error_of(ask("GET", "/shop/_foo"))[:2] == (404, "not_found")


def test_a_design_document_may_come_as_one_segment_or_two(transport, ask):
    ask("PUT", "/shop/_design/x", {"a": 1})
    request = Request(method="GET", path=("shop", "_design/x"), route="/{db}/_design/{design}")

    assert transport.send(request).json()["_id"] == "_design/x"


def test_a_document_that_is_too_large_is_refused(ask):
    answer = ask("PUT", "/shop/a", {"a": "x" * 8_000_000})

    assert error_of(answer) == (413, "document_too_large", "a")


def test_a_document_keeps_its_last_thousand_revisions(ask):
    rev = ask("PUT", "/shop/a", {}).json()["rev"]
    for _ in range(1004):
        rev = ask("PUT", "/shop/a", {"_rev": rev}).json()["rev"]

    shown = ask("GET", "/shop/a", revs="true").json()["_revisions"]

    assert (shown["start"], len(shown["ids"])) == (1005, 1000)
