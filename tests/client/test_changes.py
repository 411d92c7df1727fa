import pytest

from couchmapper.client import Client, Database
from couchmapper.exceptions import BadRequest
from couchmapper.messages import Response
from couchmapper.transport.mock import MockTransport, json_response


def database() -> Database:
    return Client(MockTransport(lambda _: json_response({}))).database("shop")


def test_a_changes_feed_takes_its_filter_from_its_argument():
    ask = database().changes.feed.request

    assert ask(doc_ids=["a"]).query == {"filter": "_doc_ids"}
    assert ask(selector={"a": 1}).query == {"filter": "_selector"}
    assert ask(filter="d/f", parameters={"name": "x"}).query == {"filter": "d/f", "name": "x"}


def test_a_changes_feed_has_one_filter():
    with pytest.raises(BadRequest, match="one filter, not 2: _doc_ids, _selector"):
        database().changes(doc_ids=[], selector={})


@pytest.mark.parametrize(
    ("options", "silence"),
    [({}, 60), ({"timeout": 5000}, 5), ({"timeout": 5000, "heartbeat": 2000}, 2)],
)
def test_a_longpoll_is_waited_for_longer_than_the_server_is_silent(options, silence):
    request = database().changes.feed.request(feed="longpoll", **options)

    assert request.query["feed"] == "longpoll"
    assert request.patience == silence


def test_a_normal_feed_has_the_patience_of_the_transport():
    assert database().changes.feed.request(timeout=5).patience == 0


LINES = b"""{"seq":"1-x","id":"a","changes":[]}

{"seq":null,"id":"b","changes":[]}
{"last_seq":"2-x","pending":0}
"""


def test_a_continuous_feed_has_the_answer_of_any_other():
    transport = MockTransport(lambda _: Response(status=200, body=LINES))

    answer = Client(transport).database("shop").changes.continuous(timeout=1)

    assert [row["id"] for row in answer["results"]] == ["a", "b"]
    assert (answer["last_seq"], answer["pending"]) == ("2-x", 0)


UPDATES = b'{"db_name":"shop","type":"created","seq":"1-x"}\n{"last_seq":"1-x"}\n'


def test_updates_of_databases_come_row_by_row():
    transport = MockTransport(lambda _: Response(status=200, body=UPDATES))

    rows = Client(transport).server.continuous_updates.rows(timeout=1)

    assert list(rows) == [{"db_name": "shop", "type": "created", "seq": "1-x"}]
    assert rows.members == {"last_seq": "1-x"}
