"""Documents and their attachments in one request, and in one answer."""

import io

import pytest

from couchmapper.client.inline_attachments import inline
from couchmapper.exceptions import (
    BadRequest,
    DocumentConflict,
    DocumentNotFound,
    InvalidBody,
    NotFound,
    PartPassed,
    PreconditionFailed,
)
from couchmapper.multipart import Attachment
from couchmapper.streams import Upload

PLAIN, COMPRESSED = "image/png", "text/plain"
HOSTILE = b"\r\n--cut\r\n\r\n--cut--\r\n" * 3


def attachment(name="a", body=HOSTILE, content_type=PLAIN):
    return Attachment(name=name, content_type=content_type, body=body)


def put(database, document, *attachments, **options):
    return database.multipart.put(document, attachments, boundary="between", **options)["rev"]


def contents(document):
    return {attachment.name: attachment.read() for attachment in document}


def branches(database):
    """Store a document with two live leaves, of which one has an attachment, and a tombstone."""
    kept = {"_attachments": {"a": inline(HOSTILE, PLAIN)}}
    for name, members in (("b", kept), ("c", {}), ("d", {"_deleted": True})):
        history = {"_revisions": {"start": 2, "ids": [name, "a"]}}
        database.documents.put({"_id": "d", "_rev": f"2-{name}", **history, **members}, new_edits=False)


def test_a_document_and_its_attachments_are_stored_at_once(database):
    rev = put(
        database,
        {"_id": "d", "n": 1},
        attachment("a/ä \"'", HOSTILE),
        attachment("text", io.BytesIO(b"text" * 1000), COMPRESSED),
        attachment("json", Upload(iter([b"[", b"1]"]), length=3), "application/json"),
        attachment("empty", b""),
    )

    assert rev.startswith("1-")
    with database.multipart.get("d") as found:
        assert (found.document["n"], found.rev) == (1, rev)
        assert contents(found) == {
            "a/ä \"'": HOSTILE,
            "text": b"text" * 1000,
            "json": b"[1]",
            "empty": b"",
        }


def test_attachments_that_are_there_stay_beside_new_ones(database):
    put(database, {"_id": "d"}, attachment("a", b"a"))
    document = database.documents.get("d")

    put(database, document, attachment("b", b"b"))

    with database.multipart.get("d") as found:
        assert contents(found) == {"a": b"a", "b": b"b"}


def test_a_document_that_was_read_with_its_attachments_can_be_written(database):
    put(database, {"_id": "d"}, attachment("a", b"a"), attachment("b", b"b"))
    with database.multipart.get("d") as found:
        document = found.document

    put(database, {**document, "n": 1}, attachment("b", b"new"))

    with database.multipart.get("d") as found:
        assert contents(found) == {"a": b"a", "b": b"new"}


def test_a_design_document_has_its_attachments_beside_it(database):
    put(database, {"_id": "_design/d"}, attachment())

    with database.multipart.get("_design/d") as found:
        assert contents(found) == {"a": HOSTILE}


def test_an_edit_of_an_older_revision_is_a_conflict(database):
    rev = put(database, {"_id": "d"}, attachment())
    put(database, {"_id": "d"}, attachment(), rev=rev)

    with pytest.raises(DocumentConflict):
        put(database, {"_id": "d"}, attachment(), if_match=rev)


def test_a_stub_of_what_is_not_there_is_refused(database):
    with pytest.raises(PreconditionFailed) as caught:
        put(database, {"_id": "d", "_attachments": {"b": {"stub": True}}}, attachment())

    assert caught.value.error == "missing_stub"


def test_a_revision_from_elsewhere_is_stored_as_given(database):
    history = {"_rev": "3-c", "_revisions": {"start": 3, "ids": ["c", "b", "a"]}}

    put(database, {"_id": "d", **history}, attachment(), new_edits=False)

    with database.multipart.get("d", rev="3-c") as found:
        assert contents(found) == {"a": HOSTILE}


def test_a_document_without_an_attachment_is_not_sent(database):
    with pytest.raises(InvalidBody):
        put(database, {"_id": "d"})
    with pytest.raises(BadRequest):
        put(database, {"_id": "d"}, attachment("_a"))


def test_a_document_without_attachments_is_read_alike(database):
    rev = database.documents.put({"_id": "d", "n": 1})["rev"]

    with database.multipart.get("d") as found:
        assert (found.document["n"], found.rev, contents(found)) == (1, rev, {})
    with pytest.raises(DocumentNotFound):
        database.multipart.get("other")


def test_only_newer_attachments_follow(database):
    first = put(database, {"_id": "d"}, attachment("old", b"old"), attachment("other", b"other"))
    put(database, database.documents.get("d"), attachment("new", b"new"))

    with database.multipart.get("d", atts_since=[first]) as found:
        stubs = found.document["_attachments"]
        assert contents(found) == {"new": b"new"}
    assert [name for name, stub in stubs.items() if "stub" in stub] == ["old", "other"]
    with database.multipart.get("d", attachments=False) as found:
        assert contents(found) == {}


def test_attachments_are_read_in_their_order_or_not_at_all(database):
    put(database, {"_id": "d"}, *(attachment(name, name.encode() * 9) for name in "abc"))

    with database.multipart.get("d") as found:
        first, second, third = next(found), next(found), next(found)
        assert third.read() == b"c" * 9
        with pytest.raises(PartPassed):
            first.read()
        assert [one.name for one in (first, second, third)] == ["a", "b", "c"]
        assert next(found, None) is None


def test_every_leaf_is_read_with_its_attachments(database):
    branches(database)

    with database.multipart.leaves("d") as leaves:
        found = {leaf.rev: (leaf.document.get("_deleted", False), contents(leaf)) for leaf in leaves}

    assert found == {"2-b": (False, {"a": HOSTILE}), "2-c": (False, {}), "2-d": (True, {})}


def test_what_is_left_unread_of_a_leaf_is_skipped(database):
    branches(database)

    with database.multipart.leaves("d") as leaves:
        assert {leaf.rev for leaf in leaves} == {"2-b", "2-c", "2-d"}


def test_attachments_of_leaves_follow_when_they_are_newer(database):
    branches(database)

    with database.multipart.leaves("d", atts_since=["2-b"]) as leaves:
        assert [contents(leaf) for leaf in leaves] == [{}, {}, {}]


def test_revisions_are_read_as_far_as_they_are_there(database):
    database.documents.put({"_id": "d", "_rev": "1-b"}, new_edits=False)

    with database.multipart.leaves("d", open_revs=["1-b", "1-c"], revs=True) as leaves:
        found = {leaf.rev: leaf.error for leaf in leaves}

    assert found["1-b"] is None
    assert isinstance(found["1-c"], NotFound)
    with pytest.raises(BadRequest):
        database.multipart.leaves("d", open_revs=[])


def test_many_documents_are_read_with_their_attachments(database):
    put(database, {"_id": "a"}, attachment("x", b"x"), attachment("y", b"y" * 1000, COMPRESSED))
    rev = put(database, {"_id": "b"}, attachment("x", b"x"))
    database.documents.put({"_id": "c"})
    asked = [{"id": "a"}, {"id": "b", "rev": rev, "atts_since": [rev]}, {"id": "c"}]

    with database.multipart.bulk_get(asked) as documents:
        found = {document.document["_id"]: contents(document) for document in documents}

    assert found == {"a": {"x": b"x", "y": b"y" * 1000}, "b": {}, "c": {}}


def test_documents_that_are_not_there_have_an_error(database):
    database.documents.put({"_id": "a"})

    with database.multipart.bulk_get([{"id": "a"}, {"id": "b"}]) as documents:
        found = list(documents)

    assert [document.error is None for document in found] == [True, False]
    assert found[1].rev is None
    with pytest.raises(NotFound, match="'b'"):
        found[1].document  # noqa: B018 - reading it raises


def test_no_documents_are_none(database):
    with database.multipart.bulk_get([]) as documents:
        assert list(documents) == []
