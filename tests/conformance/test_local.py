import pytest

from couchmapper.exceptions import DocumentNotFound, IllegalDocumentId


def test_a_local_document_comes_back(database):
    stored = database.local.put({"_id": "_local/checkpoint", "seq": 7})

    assert stored == {"ok": True, "id": "_local/checkpoint", "rev": "0-1"}
    assert database.local.get("checkpoint") == {"_id": "_local/checkpoint", "_rev": "0-1", "seq": 7}


def test_a_name_may_have_the_prefix_and_slashes(database):
    database.local.put({"_id": "_local/a/b c"})

    assert database.local.get("_local/a/b c") == database.local.get("a/b c")


def test_the_revision_counts_the_updates(database):
    first = database.local.put({"_id": "_local/a", "n": 1})
    second = database.local.put({"_id": "_local/a", "_rev": first["rev"], "n": 2})

    assert second["rev"] == "0-2"
    assert database.local.get("a")["n"] == 2


def test_an_update_without_a_revision_is_not_refused(database):
    database.local.put({"_id": "_local/a", "n": 1})
    database.local.put({"_id": "_local/a", "n": 2})

    assert database.local.get("a")["n"] == 2


def test_a_local_document_that_is_not_there_is_missing(database):
    with pytest.raises(DocumentNotFound) as caught:
        database.local.get("a")

    assert caught.value.reason == "missing"


def test_a_deleted_local_document_is_missing(database):
    stored = database.local.put({"_id": "_local/a"})

    assert database.local.delete("a", rev=stored["rev"])["rev"] == "0-0"
    with pytest.raises(DocumentNotFound) as caught:
        database.local.get("a")
    assert caught.value.reason == "missing"


def test_deleting_what_is_not_there_is_refused(database):
    with pytest.raises(DocumentNotFound):
        database.local.delete("a")


def test_local_documents_are_in_no_listing_and_no_feed(database):
    database.local.put({"_id": "_local/a"})

    assert database.bulk.all_docs()["rows"] == []
    assert database.changes()["results"] == []
    assert database.information()["doc_count"] == 0


@pytest.mark.parametrize("name", ["", ".", "..", "_local/", "_local/.."])
def test_what_is_no_name_is_refused(database, name):
    with pytest.raises(IllegalDocumentId):
        database.local.get(name)


on_couchdb = pytest.mark.stores("couchdb")


@on_couchdb
def test_local_documents_are_listed_without_the_others(database):
    database.documents.put({"_id": "a"})
    for name in ("a/b", "c"):
        database.local.put({"_id": f"_local/{name}"})

    told = database.local.list()

    assert [row["id"] for row in told["rows"]] == ["_local/a/b", "_local/c"]
    assert [row["id"] for row in database.local.list.rows(limit=1)] == ["_local/a/b"]


@on_couchdb
def test_lists_of_local_documents_are_asked_for_together(database):
    database.local.put({"_id": "_local/a"})

    told = database.local.queries([{"key": "_local/a"}, {"limit": 0}])["results"]

    assert [len(each["rows"]) for each in told] == [1, 0]
