"""What a document may say of itself."""

import pytest

from couchmapper.embedded.engine.edits import canonical_revision, check_document_id, read_edit
from couchmapper.exceptions import BadRequest, IllegalDocumentId


def test_a_document_without_special_members_is_all_body():
    edit = read_edit({"a": 1, "b_": 2})

    assert (edit.id, edit.path, edit.deleted, edit.body) == (None, (), False, {"a": 1, "b_": 2})


def test_special_members_are_taken_out_of_the_body():
    edit = read_edit({"_id": "x", "_rev": "1-a", "_deleted": True, "a": 1})

    assert (edit.id, edit.path, edit.deleted, edit.body) == ("x", ("1-a",), True, {"a": 1})


def test_what_a_reader_was_shown_may_come_back():
    shown = {"_revs_info": [], "_conflicts": ["1-a"], "_deleted_conflicts": [], "_local_seq": 3, "a": 1}

    assert read_edit(shown).body == {"a": 1}


def test_what_the_replicator_writes_stays_in_the_body():
    assert read_edit({"_replication_state": "completed"}).body == {"_replication_state": "completed"}


def test_a_history_counts_before_a_revision():
    edit = read_edit({"_rev": "2-x", "_revisions": {"start": 3, "ids": ["c", "b"]}})

    assert edit.path == ("3-c", "2-b")


@pytest.mark.parametrize("document", [[1], "x", 1, None])
def test_only_an_object_is_a_document(document: object):
    with pytest.raises(BadRequest, match="Document must be a JSON object"):
        read_edit(document)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"_foo": 1}, "Bad special document member: _foo"),
        ({"_": 1}, "Bad special document member: _"),
        ({"_replication_owner": 1}, "Bad special document member: _replication_owner"),
        ({"_deleted": 1}, "Bad special document member: _deleted"),
        ({"_deleted": None}, "Bad special document member: _deleted"),
        ({"_attachments": []}, "Bad special document member: _attachments"),
        ({"_revisions": 5}, "Bad special document member: _revisions"),
        ({"_revisions": {"start": "1", "ids": ["a"]}}, "_revisions.start isn't an integer."),
        ({"_revisions": {"start": 1, "ids": 5}}, "_revisions.ids isn't a array."),
        ({"_revisions": {"start": 1, "ids": [5]}}, "RevId isn't a string"),
        ({"_revisions": {"start": 1, "ids": []}}, "_revisions.ids holds from one up to"),
        ({"_revisions": {"start": 1, "ids": ["b", "a"]}}, "_revisions.ids holds from one up to"),
    ],
)
def test_a_bad_special_member_is_named(document: dict, reason: str):
    with pytest.raises(BadRequest, match=reason) as caught:
        read_edit(document)

    assert caught.value.error == "doc_validation"


@pytest.mark.parametrize("rev", ["abc", "", None, 1])
def test_a_bad_revision_is_refused(rev: object):
    with pytest.raises(BadRequest, match="Invalid rev format"):
        read_edit({"_rev": rev})


def test_attachments_come_in_the_order_of_the_document():
    edit = read_edit({"_attachments": {"b": {"data": "Yg=="}, "a": {"stub": True}}})

    assert [one.name for one in edit.attachments] == ["b", "a"]


def test_nothing_follows_a_document_that_comes_alone():
    follows = {"_attachments": {"a": {"follows": True, "length": 1}}}

    with pytest.raises(BadRequest, match="multipart/related"):
        read_edit(follows)
    assert [one.name for one in read_edit(follows, follows=True).attachments] == ["a"]


def test_no_attachments_are_no_reason_to_refuse():
    assert read_edit({"_attachments": {}}).body == {}


@pytest.mark.parametrize(
    ("document_id", "reason"),
    [
        (5, "Document id must be a string"),
        (None, "Document id must be a string"),
        ("", "Document id must not be empty"),
        ("_x", "Only reserved document ids may start with underscore."),
        ("_design/", "Illegal document id `_design/`"),
        ("_local/", "Illegal document id `_local/`"),
    ],
)
def test_a_bad_id_is_refused(document_id: object, reason: str):
    with pytest.raises(IllegalDocumentId, match=reason):
        check_document_id(document_id)


@pytest.mark.parametrize("document_id", ["a", "a/b", " ", "\0", "é", "_design/x", "_local/x"])
def test_any_other_text_is_an_id(document_id: str):
    check_document_id(document_id)


def test_a_revision_is_written_as_couchdb_shows_it():
    assert canonical_revision("01-" + "AB" * 16) == "1-" + "ab" * 16
