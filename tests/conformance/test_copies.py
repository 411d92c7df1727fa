import pytest

from couchmapper.exceptions import DocumentConflict, DocumentNotFound


def test_a_copy_has_the_content_and_a_revision_of_its_own(database):
    database.documents.put({"_id": "a/b", "n": None})

    told = database.documents.copy("a/b", "c d/é")

    assert told["id"] == "c d/é"
    assert database.documents.get("c d/é") == {"_id": "c d/é", "_rev": told["rev"], "n": None}


def test_a_revision_can_be_copied(database):
    first = database.documents.put({"_id": "a", "n": 1})["rev"]
    database.documents.put({"_id": "a", "_rev": first, "n": 2})

    database.documents.copy("a", "b", rev=first)

    assert database.documents.get("b")["n"] == 1


def test_a_document_is_replaced_by_its_revision(database):
    database.documents.put({"_id": "a", "n": 1})
    current = database.documents.put({"_id": "b", "n": 2})["rev"]

    with pytest.raises(DocumentConflict):
        database.documents.copy("a", "b")
    told = database.documents.copy("a", "b", to_rev=current)

    assert told["rev"].startswith("2-")
    assert database.documents.get("b")["n"] == 1


def test_what_is_not_there_is_not_copied(database):
    with pytest.raises(DocumentNotFound):
        database.documents.copy("a", "b")


def test_a_copy_has_the_attachments(database):
    database.documents.put(
        {"_id": "a", "_attachments": {"f": {"content_type": "text/plain", "data": "aGFsbG8="}}}
    )

    database.documents.copy("a", "b")

    with database.attachments.get("b", "f") as attachment:
        assert attachment.read() == b"hallo"
