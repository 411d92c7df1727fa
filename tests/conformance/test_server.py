import re

import pytest

from couchmapper.exceptions import BadRequest


def test_the_server_says_that_it_is_couchdb(client):
    information = client.server.information()

    assert information["couchdb"] == "Welcome"
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", information["version"])
    assert isinstance(information["features"], list)
    assert isinstance(information["vendor"]["name"], str)


def test_the_server_is_up(client):
    assert client.server.up()["status"] == "ok"


def test_one_id_is_made_by_default(client):
    (made,) = client.server.uuids()

    assert re.fullmatch(r"[0-9a-f]{32}", made)


def test_ids_that_are_made_differ(client):
    made = client.server.uuids(100)

    assert len(made) == len(set(made)) == 100


def test_no_ids_may_be_asked_for(client):
    assert client.server.uuids(0) == []


@pytest.mark.parametrize("count", [1001, -1])
def test_a_count_of_ids_has_limits(client, count):
    with pytest.raises(BadRequest):
        client.server.uuids(count)


on_couchdb = pytest.mark.stores("couchdb")


@on_couchdb
def test_what_runs_is_a_list(client):
    assert all("type" in task for task in client.server.active_tasks())


@on_couchdb
def test_the_processes_that_run_javascript_are_started_anew(client, database):
    database.design.put({"_id": "_design/d", "views": {"v": {"map": "function (doc) { emit(1); }"}}})
    client.server.reload_query_servers()
    database.documents.put({"_id": "a"})

    assert len(database.views.query("d", "v")["rows"]) == 1


@pytest.fixture
def updates(client):
    """Give the position before all that a test does; a server with this database keeps updates."""
    kept_before = client.databases.exists("_global_changes")
    client.databases.ensure("_global_changes")
    yield client.server.updates(since="now")["last_seq"]
    if not kept_before:
        client.databases.delete("_global_changes")


@on_couchdb
def test_a_server_tells_which_databases_were_updated(client, updates, database, wait_for):
    def told():
        rows = client.server.updates(since=updates, feed="longpoll", timeout=5000)["results"]
        return [row["type"] for row in rows if row["db_name"] == database.name]

    assert wait_for(told) == ["created"]


@on_couchdb
def test_updates_are_told_row_by_row_until_the_time_is_over(client, updates, database, wait_for):
    def told():
        with client.server.continuous_updates.rows(since=updates, timeout=1500) as rows:
            return [row["type"] for row in rows if row["db_name"] == database.name]

    assert wait_for(told) == ["created"]
