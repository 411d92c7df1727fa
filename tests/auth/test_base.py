from collections.abc import Generator

import pytest

from couchmapper.auth.base import AuthTransport, NoAuth
from couchmapper.exceptions import ConnectionFailed
from couchmapper.messages import Request, Response
from couchmapper.transport.mock import MockTransport, json_response

READ = Request(method="GET", path=("db",), route="/{db}")
TOKEN = Request(method="POST", path=("token",), route="/token")


class TokenAuth:
    """Fetches a token first and sends it along."""

    def __init__(self) -> None:
        self.finished = False

    def flow(self, request: Request) -> Generator[Request, Response, None]:
        try:
            token = yield TOKEN
            yield request.with_headers({"Authorization": token.json()})
        finally:
            self.finished = True


def offline(request: Request) -> Response:
    raise ConnectionFailed("offline")


def test_the_last_answer_is_the_callers():
    inner = MockTransport(lambda request: json_response(request.route))

    response = AuthTransport(inner, TokenAuth()).send(READ)

    assert response.json() == "/{db}"
    assert [request.path for request in inner.requests] == [("token",), ("db",)]


def test_an_answer_goes_into_the_next_request():
    inner = MockTransport(lambda request: json_response(request.route))

    AuthTransport(inner, TokenAuth()).send(READ)

    assert inner.requests[1].headers == {"Authorization": "/token"}


def test_a_failure_on_the_way_ends_the_flow():
    auth = TokenAuth()

    with pytest.raises(ConnectionFailed):
        AuthTransport(MockTransport(offline), auth).send(READ)

    assert auth.finished


def test_when_the_token_cannot_be_fetched_the_request_was_not_sent():
    with pytest.raises(ConnectionFailed) as caught:
        AuthTransport(MockTransport(offline), TokenAuth()).send(READ)

    assert caught.value.sent is False


def test_when_the_request_itself_breaks_it_may_have_been_done():
    with pytest.raises(ConnectionFailed) as caught:
        AuthTransport(MockTransport(offline), NoAuth()).send(READ)

    assert caught.value.sent is True


def test_no_authentication_changes_nothing():
    inner = MockTransport(lambda _: json_response({}))

    AuthTransport(inner, NoAuth()).send(READ)

    assert inner.requests == [READ]


class Fallible:
    """Asks for a token, and goes without one when nobody answers."""

    def flow(self, request: Request) -> Generator[Request, Response, None]:
        try:
            yield TOKEN
        except ConnectionFailed:
            yield request


class Replaced:
    """Gives the caller an answer of its own."""

    def flow(self, request: Request) -> Generator[Request, Response, Response]:
        yield request
        return json_response("instead")


def test_an_answer_that_does_not_come_is_an_error_inside_the_flow():
    inner = MockTransport(lambda request: offline(request) if request is TOKEN else json_response("here"))

    assert AuthTransport(inner, Fallible()).send(READ).json() == "here"


def test_what_a_flow_returns_takes_the_place_of_the_last_answer():
    inner = MockTransport(lambda _: json_response("last"))

    assert AuthTransport(inner, Replaced()).send(READ).json() == "instead"


def test_a_flow_that_sends_nothing_and_returns_nothing_is_a_mistake():
    class Silent:
        def flow(self, request: Request) -> Generator[Request, Response, None]:
            yield from () if request else [request]

    with pytest.raises(RuntimeError, match="yielded no request"):
        AuthTransport(MockTransport(lambda _: json_response({})), Silent()).send(READ)
