import pytest

from couchmapper.exceptions import (
    BadRequest,
    DocumentConflict,
    DocumentNotFound,
    IllegalDocumentId,
    ResponseError,
)

FIRST_OF_EMPTY = "1-967a00dff5e02add41819138abb3284d"
UNKNOWN_REV = "1-00000000000000000000000000000000"


def test_a_document_comes_back_as_it_was_stored(database):
    values = {"text": "Jürgen 👋 \u0000", "none": None, "flags": [True, False], "nested": {"a": {"b": []}}}

    database.documents.put({"_id": "a", **values})
    document = database.documents.get("a")

    assert {name: document[name] for name in values} == values
    assert document["_id"] == "a"


def test_members_keep_their_order(database):
    database.documents.put({"_id": "a", "z": 1, "a": {"y": 1, "b": 2}, "m": 3})

    document = database.documents.get("a")

    assert list(document) == ["_id", "_rev", "z", "a", "m"]
    assert list(document["a"]) == ["y", "b"]


@pytest.mark.parametrize(
    "number", [0, -1, 2**53 + 1, 2**64, -(10**40), 1.5, 1.0, 100.0, 1e-7, 1e21, 1.7976931348623157e308]
)
def test_a_number_comes_back_exactly(database, number):
    database.documents.put({"_id": "a", "number": number})

    stored = database.documents.get("a")["number"]

    assert (stored, type(stored)) == (number, type(number))


@pytest.mark.parametrize("id", ["a/b", "a b", "a+b", "ä", "%41", "a?b#c", "order:1", "👋", "...", "-", "a_"])
def test_any_text_is_an_id(database, id):
    stored = database.documents.put({"_id": id})

    assert stored["id"] == id
    assert database.documents.get(id)["_id"] == id
    assert database.documents.head(id) == stored["rev"]


@pytest.mark.parametrize("id", ["", ".", "..", "_a", None, 7])
def test_what_is_no_id_is_refused(database, id):
    with pytest.raises(IllegalDocumentId):
        database.documents.put({"_id": id})
    with pytest.raises(IllegalDocumentId):
        database.documents.get(id)


@pytest.mark.parametrize("id", ["", "_a", 7])
def test_the_store_refuses_an_id_in_a_posted_document(database, id):
    with pytest.raises(IllegalDocumentId) as caught:
        database.documents.post({"_id": id})

    assert caught.value.status == 400


def test_the_revision_follows_from_the_content(database):
    assert database.documents.put({"_id": "a"})["rev"] == FIRST_OF_EMPTY
    assert database.documents.put({"_id": "b"})["rev"] == FIRST_OF_EMPTY
    assert database.documents.put({"_id": "c", "x": 1})["rev"] != FIRST_OF_EMPTY


def test_a_document_that_is_not_there_is_missing(database):
    with pytest.raises(DocumentNotFound) as caught:
        database.documents.get("a")

    assert (caught.value.error, caught.value.reason) == ("not_found", "missing")
    with pytest.raises(DocumentNotFound):
        database.documents.head("a")


def test_an_update_names_the_revision_that_it_changes(database):
    first = database.documents.put({"_id": "a", "n": 1})

    second = database.documents.put({"_id": "a", "_rev": first["rev"], "n": 2})

    assert second["rev"].startswith("2-")
    assert database.documents.get("a") == {"_id": "a", "_rev": second["rev"], "n": 2}


def test_an_update_without_the_revision_is_a_conflict(database):
    database.documents.put({"_id": "a"})

    with pytest.raises(DocumentConflict) as caught:
        database.documents.put({"_id": "a", "n": 2})

    assert (caught.value.status, caught.value.error) == (409, "conflict")


def test_an_update_of_an_older_revision_is_a_conflict(database):
    first = database.documents.put({"_id": "a", "n": 1})
    database.documents.put({"_id": "a", "_rev": first["rev"], "n": 2})

    with pytest.raises(DocumentConflict):
        database.documents.put({"_id": "a", "_rev": first["rev"], "n": 3})


def test_a_broken_revision_is_a_bad_request(database):
    with pytest.raises(BadRequest):
        database.documents.put({"_id": "a", "_rev": "broken"})


def test_an_unknown_member_with_an_underscore_is_refused(database):
    with pytest.raises(BadRequest) as caught:
        database.documents.put({"_id": "a", "_unknown": 1})

    assert caught.value.error == "doc_validation"


def test_a_posted_document_gets_an_id(database):
    stored = database.documents.post({"n": 1})

    assert stored["id"]
    assert database.documents.get(stored["id"])["n"] == 1


def test_a_posted_document_keeps_its_id(database):
    assert database.documents.post({"_id": "a"}) == {"ok": True, "id": "a", "rev": FIRST_OF_EMPTY}


def test_a_deleted_document_says_that_it_was_deleted(database):
    stored = database.documents.put({"_id": "a"})

    deleted = database.documents.delete("a", rev=stored["rev"])

    assert deleted == {"ok": True, "id": "a", "rev": "2-eec205a9d413992850a6e32678485900"}
    with pytest.raises(DocumentNotFound) as caught:
        database.documents.get("a")
    assert caught.value.reason == "deleted"


def test_deleting_an_older_revision_is_a_conflict(database):
    first = database.documents.put({"_id": "a"})
    database.documents.put({"_id": "a", "_rev": first["rev"], "n": 2})

    with pytest.raises(DocumentConflict):
        database.documents.delete("a", rev=first["rev"])


def test_deleting_what_is_not_there_is_refused(database):
    with pytest.raises(DocumentNotFound):
        database.documents.delete("a", rev=UNKNOWN_REV)


def test_a_deleted_document_can_be_written_again(database):
    stored = database.documents.put({"_id": "a"})
    database.documents.delete("a", rev=stored["rev"])

    again = database.documents.put({"_id": "a", "n": 1})

    assert again["rev"].startswith("3-")


def test_a_tombstone_can_keep_members(database):
    stored = database.documents.put({"_id": "a", "n": 1})

    deleted = database.documents.put({"_id": "a", "_rev": stored["rev"], "_deleted": True, "by": "ann"})

    tombstone = database.documents.get("a", rev=deleted["rev"])
    assert tombstone == {"_id": "a", "_rev": deleted["rev"], "by": "ann", "_deleted": True}


def test_an_older_revision_can_be_read(database):
    first = database.documents.put({"_id": "a", "n": 1})
    database.documents.put({"_id": "a", "_rev": first["rev"], "n": 2})

    assert database.documents.get("a", rev=first["rev"])["n"] == 1


def test_an_unknown_revision_is_missing(database):
    database.documents.put({"_id": "a"})

    with pytest.raises(DocumentNotFound):
        database.documents.get("a", rev=UNKNOWN_REV)


def test_the_history_of_revisions_can_be_asked_for(database):
    first = database.documents.put({"_id": "a", "n": 1})
    second = database.documents.put({"_id": "a", "_rev": first["rev"], "n": 2})

    document = database.documents.get("a", revs=True, revs_info=True)

    ids = [rev.partition("-")[2] for rev in (second["rev"], first["rev"])]
    assert document["_revisions"] == {"start": 2, "ids": ids}
    assert [row["rev"] for row in document["_revs_info"]] == [second["rev"], first["rev"]]
    assert [row["status"] for row in document["_revs_info"]] == ["available", "available"]


def test_revisions_from_elsewhere_are_stored_as_given(database):
    database.documents.put(
        {"_id": "a", "_rev": "3-c", "_revisions": {"start": 3, "ids": ["c", "b", "a"]}}, new_edits=False
    )

    document = database.documents.get("a", revs=True)

    assert document["_rev"] == "3-c"
    assert document["_revisions"] == {"start": 3, "ids": ["c", "b", "a"]}


def test_two_branches_are_a_conflict_with_one_winner(database):
    database.documents.put({"_id": "a", "_rev": "1-aaa", "from": "here"}, new_edits=False)
    database.documents.put({"_id": "a", "_rev": "1-bbb", "from": "there"}, new_edits=False)

    document = database.documents.get("a", conflicts=True)

    assert (document["_rev"], document["_conflicts"]) == ("1-bbb", ["1-aaa"])


def test_a_deleted_branch_is_no_conflict_and_no_winner(database):
    database.documents.put({"_id": "a", "_rev": "1-aaa"}, new_edits=False)
    database.documents.put({"_id": "a", "_rev": "1-bbb"}, new_edits=False)
    deleted = database.documents.delete("a", rev="1-bbb")

    document = database.documents.get("a", conflicts=True, deleted_conflicts=True)

    assert document["_rev"] == "1-aaa"
    assert "_conflicts" not in document
    assert document["_deleted_conflicts"] == [deleted["rev"]]


def test_all_leaves_can_be_read(database):
    database.documents.put({"_id": "a", "_rev": "1-aaa", "from": "here"}, new_edits=False)
    database.documents.put({"_id": "a", "_rev": "1-bbb", "from": "there"}, new_edits=False)
    deleted = database.documents.delete("a", rev="1-bbb")

    leaves = {leaf["_rev"]: leaf for leaf in database.documents.leaves("a")}

    assert leaves.keys() == {"1-aaa", deleted["rev"]}
    assert leaves["1-aaa"]["from"] == "here"
    assert leaves[deleted["rev"]]["_deleted"] is True


def test_the_leaves_of_an_unknown_document_are_missing(database):
    with pytest.raises(DocumentNotFound):
        database.documents.leaves("a")


def test_latest_follows_a_revision_to_its_leaf(database):
    first = database.documents.put({"_id": "a", "n": 1})
    second = database.documents.put({"_id": "a", "_rev": first["rev"], "n": 2})

    assert database.documents.get("a", rev=first["rev"], latest=True)["_rev"] == second["rev"]


@pytest.mark.parametrize("rev", ["", "1", "x-y"])
def test_a_revision_that_is_none_is_refused(database, rev):
    database.documents.put({"_id": "a"})

    with pytest.raises(ResponseError):
        database.documents.get("a", rev=rev)


def test_a_design_document_has_its_own_place(database):
    stored = database.design.put({"_id": "_design/orders", "language": "javascript"})

    assert stored["id"] == "_design/orders"
    assert database.design.get("orders") == database.design.get("_design/orders")
    assert database.design.head("orders") == stored["rev"]
    assert [row["id"] for row in database.design.list()["rows"]] == ["_design/orders"]


def test_a_deleted_design_document_is_gone(database):
    stored = database.design.put({"_id": "_design/orders"})

    database.design.delete("orders", rev=stored["rev"])

    with pytest.raises(DocumentNotFound):
        database.design.get("orders")
    assert database.design.list()["rows"] == []


def test_a_design_documents_name_may_have_a_slash(database):
    database.design.put({"_id": "_design/a/b"})

    assert database.design.get("a/b")["_id"] == "_design/a/b"
