import pytest

from couchmapper.exceptions import BadRequest, DatabaseExists, DatabaseNotFound, IllegalDatabaseName


def test_a_created_database_exists(client, database_name):
    client.databases.create(database_name)

    assert client.databases.exists(database_name) is True
    assert database_name in client.databases.list()


def test_a_database_that_was_not_created_does_not_exist(client, database_name):
    assert client.databases.exists(database_name) is False
    assert database_name not in client.databases.list()


def test_creating_a_database_twice_is_refused(client, database_name):
    client.databases.create(database_name)

    with pytest.raises(DatabaseExists) as caught:
        client.databases.create(database_name)

    assert (caught.value.status, caught.value.error) == (412, "file_exists")


def test_ensuring_a_database_creates_it_once(client, database_name):
    assert client.databases.ensure(database_name) is True
    assert client.databases.ensure(database_name) is False


def test_a_deleted_database_is_gone(client, database):
    client.databases.delete(database.name)

    assert database.exists() is False


def test_a_database_created_again_is_empty(client, database):
    database.documents.put({"_id": "a"})
    client.databases.delete(database.name)
    client.databases.create(database.name)

    assert database.information()["doc_count"] == 0


def test_deleting_a_database_that_is_not_there_is_refused(client, database_name):
    with pytest.raises(DatabaseNotFound) as caught:
        client.databases.delete(database_name)

    assert caught.value.status == 404


def test_information_about_a_database_that_is_not_there_is_refused(client, database_name):
    with pytest.raises(DatabaseNotFound):
        client.databases.information(database_name)


def test_an_operation_in_a_database_that_is_not_there_says_so(client, database_name):
    missing = client.database(database_name)

    with pytest.raises(DatabaseNotFound):
        missing.documents.get("a")
    with pytest.raises(DatabaseNotFound):
        missing.documents.put({"_id": "a"})
    with pytest.raises(DatabaseNotFound):
        missing.bulk.docs([{"_id": "a"}])
    with pytest.raises(DatabaseNotFound):
        missing.find({})
    with pytest.raises(DatabaseNotFound):
        missing.changes()


@pytest.mark.parametrize("name", ["Letters", "1a", "-a", "a b", "ä", "a.b", "a*"])
def test_a_name_outside_the_rule_is_refused(client, name):
    with pytest.raises(IllegalDatabaseName) as caught:
        client.databases.create(name)

    assert (caught.value.status, caught.value.error) == (400, "illegal_database_name")


def test_a_name_of_more_than_238_characters_is_refused(client):
    with pytest.raises(IllegalDatabaseName):
        client.databases.create("a" * 239)


def test_a_name_may_have_all_the_marks_of_the_rule(client, database_name):
    name = f"{database_name}/a_$()+-"

    try:
        client.databases.create(name)

        assert client.databases.information(name)["db_name"] == name
    finally:
        client.databases.delete(name)


def test_information_counts_documents_and_tombstones(database):
    database.documents.put({"_id": "a"})
    database.documents.put({"_id": "b"})
    gone = database.documents.put({"_id": "c"})
    database.documents.delete("c", rev=gone["rev"])
    database.design.put({"_id": "_design/d"})
    database.local.put({"_id": "_local/l"})

    information = database.information()

    assert information["db_name"] == database.name
    assert (information["doc_count"], information["doc_del_count"]) == (3, 1)
    assert information["update_seq"]
    assert information["sizes"].keys() >= {"file", "external", "active"}


def test_names_are_listed_in_order_and_within_bounds(client, database_name):
    names = [f"{database_name}-{letter}" for letter in "abc"]
    try:
        for name in reversed(names):
            client.databases.create(name)

        bounds = {"start_key": names[0], "end_key": names[2]}
        assert client.databases.list(**bounds) == names
        assert client.databases.list(start_key=names[2], end_key=names[0], descending=True) == names[::-1]
        assert client.databases.list(**bounds, skip=1, limit=1) == [names[1]]
    finally:
        for name in names:
            client.databases.delete(name)


def test_a_number_of_shards_has_to_be_positive(client, database_name):
    with pytest.raises(BadRequest):
        client.databases.create(database_name, shards=0)


def test_databases_are_looked_at_together(client, database):
    told = client.databases.information_of([database.name, f"{database.name}-not"])

    assert [each["key"] for each in told] == [database.name, f"{database.name}-not"]
    assert told[0]["info"]["doc_count"] == 0
    assert told[1]["error"] == "not_found"
