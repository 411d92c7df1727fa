"""Design documents as the client reads and writes them, and the functions in them that write."""

import pytest

from couchmapper.exceptions import DocumentConflict, DocumentNotFound, NotFound

on_couchdb = pytest.mark.stores("couchdb")

VIEWS = {"all": {"map": "function (doc) { emit(doc._id, 1); }"}}
UPDATES = {
    "touch": """function (doc, request) {
        var by = request.query.by || null;
        if (doc === null) {
            doc = {_id: request.id || "new"};
        }
        doc.touched = by;
        return [doc, {headers: {"Content-Type": "text/plain"}, body: "touched " + doc._id}];
    }"""
}


def test_a_design_document_is_stored_and_read_by_its_bare_name(database):
    rev = database.design.put({"_id": "_design/d", "views": VIEWS})["rev"]

    assert database.design.get("d") == {"_id": "_design/d", "_rev": rev, "views": VIEWS}
    assert database.design.head("_design/d") == rev


def test_a_design_document_is_updated_by_its_revision(database):
    rev = database.design.put({}, name="d")["rev"]

    with pytest.raises(DocumentConflict):
        database.design.put({"views": VIEWS}, name="d")

    assert database.design.put({"views": VIEWS}, name="d", rev=rev)["rev"].startswith("2-")


def test_a_design_document_is_read_again_only_when_it_has_changed(database):
    rev = database.design.put({}, name="d")["rev"]

    assert not database.design.get("d", if_none_match=rev)


def test_a_deleted_design_document_is_not_found(database):
    rev = database.design.put({}, name="d")["rev"]

    database.design.delete("d", rev=rev)

    with pytest.raises(DocumentNotFound):
        database.design.get("d")


def test_the_index_of_a_design_document_has_a_signature(database):
    database.design.put({"_id": "_design/d", "views": VIEWS})

    information = database.design.information("d")

    assert information["name"] == "d"
    assert information["view_index"]["signature"]


def test_design_documents_are_listed_without_the_others(database):
    database.documents.put({"_id": "a"})
    database.design.put({}, name="d")
    database.design.put({}, name="e")

    assert [row["id"] for row in database.design.list(descending=True)["rows"]] == ["_design/e", "_design/d"]


@on_couchdb
def test_lists_of_design_documents_are_asked_for_together(database):
    database.design.put({}, name="d")

    told = database.design.queries([{"key": "_design/d"}, {"key": None}, {"limit": 0}])["results"]

    assert [len(each["rows"]) for each in told] == [1, 0, 0]


@on_couchdb
def test_an_update_function_makes_a_document(database):
    database.design.put({"_id": "_design/d", "updates": UPDATES})

    answer = database.design.update("d", "touch", parameters={"by": "ann"})

    assert (answer.status, answer.body) == (201, b"touched new")
    assert database.documents.get("new")["touched"] == "ann"


@on_couchdb
@pytest.mark.parametrize("id", ["a", "a/b"])
def test_an_update_function_changes_a_document(database, id):
    database.design.put({"_id": "_design/d", "updates": UPDATES})
    database.documents.put({"_id": id})

    answer = database.design.update("d", "touch", id=id, body={"n": 1})

    assert answer.body == f"touched {id}".encode()
    assert database.documents.get(id)["touched"] is None


@on_couchdb
def test_an_update_function_that_is_not_there_is_not_found(database):
    database.design.put({"_id": "_design/d", "updates": UPDATES})

    with pytest.raises(NotFound):
        database.design.update("d", "nothing")
