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
