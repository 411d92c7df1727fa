"""`Client` and `Database` as people use them."""

import pytest

from couchmapper.database import Client, Database
from couchmapper.exceptions import IllegalDatabaseName, ModelError
from couchmapper.mapping import Document, Embedded, Mapped
from couchmapper.messages import Timeout
from couchmapper.session import Session
from couchmapper.transport.mock import MockTransport, json_response


def silent() -> MockTransport:
    return MockTransport(lambda _: json_response({}))


def test_a_database_is_a_name_and_sends_nothing():
    transport = silent()

    assert isinstance(Client(transport).database("shop"), Database)
    assert transport.requests == []


def test_a_missing_database_is_created_when_that_is_asked_for():
    def answer(request):
        missing = request.method == "HEAD"
        return json_response(
            {"error": "not_found"} if missing else {"ok": True}, status=404 if missing else 201
        )

    transport = MockTransport(answer)

    Client(transport).database("shop", create=True)

    assert [request.method for request in transport.requests] == ["HEAD", "PUT"]


def test_a_database_that_is_there_is_left_as_it_is():
    transport = silent()

    Client(transport).database("shop", create=True)

    assert [request.method for request in transport.requests] == ["HEAD"]


@pytest.mark.parametrize("create", [True, False])
def test_a_name_that_is_none_is_refused_before_anything_is_sent(create: bool):  # noqa: FBT001
    transport = silent()

    with pytest.raises(IllegalDatabaseName):
        Client(transport).database("", create=create)
    assert transport.requests == []


def test_sessions_belong_to_their_database():
    database = Client(silent()).database("shop")

    with database.session() as session:
        assert isinstance(session, Session)
        assert session.database is database


def test_only_documents_live_in_a_database():
    class Address(Embedded):
        city: Mapped[str]

    with pytest.raises(ModelError, match="Address"):
        Client(silent()).database("shop").bind(Address)


def test_binding_a_model_twice_runs_its_hooks_once():
    class Order(Document, id="order:{number}"):
        number: Mapped[int]

    Order.on_change(name="mailer")(lambda _: None)
    database = Client(silent()).database("shop")
    database.bind(Order)
    database.bind(Order, Order)

    assert len(database.hooks._marks()) == 1


def test_closing_a_client_closes_its_transport():
    transport = silent()

    with Client(transport):
        assert not transport.closed

    assert transport.closed


def test_a_database_with_options_has_the_same_models():
    class Crate(Document):
        pass

    Crate.on_change(name="pack")(print)
    transport = MockTransport(lambda _: json_response({"results": [], "last_seq": "0", "rev": "0-1"}))
    shop = Client(transport).database("shop")
    hasty = shop.with_options(timeout=5)
    shop.bind(Crate)

    hasty.hooks.run(until_idle=True)

    assert ("shop", "_changes") in [request.path for request in transport.requests]
    assert {request.timeout for request in transport.requests} == {Timeout.of(5)}
