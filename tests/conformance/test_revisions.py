import pytest

from couchmapper.exceptions import BadRequest, DatabaseNotFound, DocumentNotFound, ResponseError

on_couchdb = pytest.mark.stores("couchdb")


def put(database, id: str, *contents: int) -> list[str]:
    """Store a document again and again; return its revisions."""
    revisions: list[str] = []
    for n in contents:
        document = {"_id": id, "n": n} | ({"_rev": revisions[-1]} if revisions else {})
        revisions.append(database.documents.put(document)["rev"])
    return revisions


def test_nothing_is_missing_of_what_is_there(database):
    revisions = put(database, "a", 1, 2)

    assert database.revisions.diff({"a": revisions}) == {}
    assert database.revisions.missing({"a": revisions}) == {}


def test_what_is_missing_is_told_with_what_it_may_come_from(database):
    (first,) = put(database, "a", 1)
    unknown = ["2-" + "0" * 32, "3-" + "1" * 32]

    told = database.revisions.diff({"a": [first, *unknown], "b": [unknown[0]]})

    assert sorted(told["a"]["missing"]) == unknown
    assert told["a"]["possible_ancestors"] == [first]
    assert told["b"] == {"missing": [unknown[0]]}


def test_missing_revisions_are_listed_by_document(database):
    (first,) = put(database, "a", 1)
    unknown = "2-" + "0" * 32

    assert database.revisions.missing({"a": [first, unknown], "b": [unknown]}) == {
        "a": [unknown],
        "b": [unknown],
    }


def test_nothing_asked_for_is_nothing_missing(database):
    assert database.revisions.diff({}) == {}
    assert database.revisions.missing({}) == {}


@pytest.mark.parametrize("revision", ["x", "1"])
def test_a_revision_that_is_none_is_refused(database, revision):
    with pytest.raises(ResponseError):
        database.revisions.diff({"a": [revision]})


def test_a_database_that_is_not_there_misses_itself(client, database_name):
    with pytest.raises(DatabaseNotFound):
        client.database(database_name).revisions.diff({"a": ["1-x"]})


@on_couchdb
def test_a_purged_document_leaves_nothing_behind(database):
    *_, leaf = put(database, "a", 1, 2)

    assert database.revisions.purge({"a": [leaf]}) == {"a": [leaf]}

    with pytest.raises(DocumentNotFound):
        database.documents.get("a", revs=True)
    assert database.information()["doc_del_count"] == 0
    assert database.revisions.purged() == [{"id": "a", "revs": [leaf]}]


@on_couchdb
def test_a_revision_that_is_no_leaf_is_not_purged(database):
    first, leaf = put(database, "a", 1, 2)

    assert database.revisions.purge({"a": [first]}, w=1) == {"a": []}
    assert database.documents.head("a") == leaf


@on_couchdb
def test_the_number_of_remembered_generations_can_be_set(database):
    assert database.revisions.limit() == 1000

    database.revisions.set_limit(2)

    assert database.revisions.limit() == 2
    put(database, "a", 1, 2, 3)
    assert len(database.documents.get("a", revs=True)["_revisions"]["ids"]) == 2


@on_couchdb
def test_the_number_of_remembered_purges_can_be_set(database):
    assert database.revisions.purged_limit() == 1000

    database.revisions.set_purged_limit(7)

    assert database.revisions.purged_limit() == 7


@on_couchdb
@pytest.mark.parametrize("limit", [0, -1])
def test_a_number_of_remembered_purges_is_positive(database, limit):
    with pytest.raises(BadRequest):
        database.revisions.set_purged_limit(limit)
