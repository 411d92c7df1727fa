import pytest

from couchmapper.client import Client, Database
from couchmapper.exceptions import IllegalDatabaseName, InvalidAnswer
from couchmapper.messages import Request, Response, Timeout
from couchmapper.transport.http import HTTPTransport
from couchmapper.transport.mock import MockTransport, json_response


def store_with(*names: str) -> MockTransport:
    """Return a store that holds these databases, and can create more."""
    known = set(names)

    def reply(request: Request) -> Response:
        (name,) = request.path
        if request.method == "HEAD":
            return Response(status=200 if name in known else 404)
        known.add(name)
        return json_response({"ok": True}, status=201)

    return MockTransport(reply)


def methods(transport: MockTransport) -> list[str]:
    return [request.method for request in transport.requests]


def test_opening_a_database_sends_nothing():
    transport = store_with()

    Client(transport).database("shop")

    assert transport.requests == []


def test_create_makes_a_database_that_is_not_there():
    transport = store_with()

    Client(transport).database("shop", create=True)

    assert methods(transport) == ["HEAD", "PUT"]


def test_create_leaves_a_database_that_is_there():
    transport = store_with("shop")

    Client(transport).database("shop", create=True)

    assert methods(transport) == ["HEAD"]


def test_ensure_lets_somebody_else_win_the_race():
    exists = {"error": "file_exists", "reason": "the file already exists."}
    transport = MockTransport(
        lambda request: (
            Response(status=404) if request.method == "HEAD" else json_response(exists, status=412)
        )
    )

    assert Client(transport).databases.ensure("shop") is False


def test_an_illegal_name_is_refused_before_anything_is_sent():
    transport = store_with()

    with pytest.raises(IllegalDatabaseName):
        Client(transport).database("..", create=True)

    assert transport.requests == []


def test_a_class_above_gives_its_own_databases():
    class Shop(Database):
        pass

    class Chain(Client):
        def database(self, name: str, *, create: bool = False) -> Shop:
            assert not create
            return Shop(self.transport, name)

    assert isinstance(Chain(store_with()).database("shop"), Shop)


def test_leaving_a_client_closes_its_transport():
    transport = store_with()

    with Client(transport):
        assert not transport.closed

    assert transport.closed


def test_representations_hold_places_and_no_credentials():
    client = Client(HTTPTransport("http://couchdb.test:5984"))

    assert repr(client) == "Client(HTTPTransport('http://couchdb.test:5984'))"
    assert repr(client.database("shop")) == "Database('shop')"
    assert repr(client.database("shop").documents) == "Documents('/shop')"


def test_a_web_page_in_the_place_of_couchdb_is_named():
    page = Response(status=200, headers={"content-type": "text/html"}, body=b"<html></html>")

    with pytest.raises(InvalidAnswer, match=r"GET /: the answer is not JSON but text/html"):
        Client(MockTransport(lambda _: page)).server.information()


def test_options_are_for_every_request_of_the_client_that_has_them():
    transport = MockTransport(lambda _: json_response({"ok": True}))
    client = Client(transport)

    client.with_options(timeout=5, headers={"X-Trace": "1"}).database("shop").information()
    client.database("shop").with_options(timeout=7).information()
    client.database("shop").information()

    first, second, third = transport.requests
    assert (first.timeout, first.headers["X-Trace"]) == (Timeout.of(5), "1")
    assert second.timeout == Timeout.of(7)
    assert (third.timeout, third.headers) == (None, {})


def test_a_client_with_options_leaves_the_connections_open():
    transport = MockTransport(lambda _: json_response({"ok": True}))

    with Client(transport).with_options(timeout=5) as client:
        client.server.up()

    assert not transport.closed
