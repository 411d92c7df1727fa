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
