import pytest

from couchmapper.exceptions import DatabaseNotFound

pytestmark = pytest.mark.stores("couchdb")


def test_a_new_database_is_for_admins(database):
    security = database.security.get()

    assert security["members"]["roles"] == ["_admin"]
    assert security["admins"]["roles"] == ["_admin"]


def test_what_is_put_replaces_the_whole(database):
    database.security.put(admins={"names": ["ann"], "roles": []})
    database.security.put(members={"names": [], "roles": ["staff"]})

    assert database.security.get() == {"members": {"names": [], "roles": ["staff"]}}


def test_what_was_read_is_put_back_with_a_member_replaced(database):
    database.security.put({"note": {"since": 0}, "members": {"names": ["ann"]}})
    read = database.security.get()

    database.security.put(read, members={"names": ["bob"]}, couchdb_auth_only=True)

    assert database.security.get() == {
        "note": {"since": 0},
        "members": {"names": ["bob"]},
        "couchdb_auth_only": True,
    }


def test_an_empty_object_opens_a_database_to_everybody(database):
    database.security.put()

    assert database.security.get() == {}


def test_a_database_that_is_not_there_has_no_security(client, database_name):
    with pytest.raises(DatabaseNotFound):
        client.database(database_name).security.get()
