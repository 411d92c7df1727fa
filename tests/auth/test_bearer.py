from http import HTTPStatus

import pytest

from couchmapper.auth.base import AuthTransport
from couchmapper.auth.bearer import BearerAuth
from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request, Response
from couchmapper.streams import Upload
from couchmapper.transport.mock import MockTransport, json_response

READ = Request(method="GET", path=("db",), route="/{db}")


def store(good: str) -> MockTransport:
    def judge(request: Request) -> Response:
        fine = request.headers["Authorization"] == f"Bearer {good}"
        return json_response({}, status=200 if fine else 401)

    return MockTransport(judge)


def test_a_token_goes_with_every_request():
    inner = store("abc")

    assert AuthTransport(inner, BearerAuth("abc")).send(READ).status == HTTPStatus.OK


def test_a_function_is_asked_for_each_request():
    inner, tokens = store("two"), iter(["one-is-old", "two", "two"])
    transport = AuthTransport(inner, BearerAuth(lambda: next(tokens)))

    transport.send(READ)

    assert [request.headers["Authorization"] for request in inner.requests] == [
        "Bearer one-is-old",
        "Bearer two",
    ]


def test_after_a_401_the_same_token_is_not_sent_again():
    for auth in (BearerAuth("old"), BearerAuth(lambda: "old")):
        inner = store("new")

        assert AuthTransport(inner, auth).send(READ).status == HTTPStatus.UNAUTHORIZED
        assert len(inner.requests) == 1


def test_a_body_that_was_read_away_is_not_sent_again():
    def store(request: Request) -> Response:
        list(request.body or ())  # type: ignore[arg-type]
        return json_response({}, status=401)

    inner, tokens = MockTransport(store), iter(["one", "two"])
    upload = Request(method="PUT", path=("db", "d", "a"), route="/{db}", body=Upload(iter([b"bytes"])))

    response = AuthTransport(inner, BearerAuth(lambda: next(tokens))).send(upload)

    assert "cannot go back" in response.remark


@pytest.mark.parametrize("token", [None, "", "two words", "abc\n", "größe", 5], ids=repr)
def test_a_token_that_no_header_can_hold_is_refused_by_name(token):
    with pytest.raises(ConfigurationError, match=r"^token "):
        BearerAuth(token)


@pytest.mark.parametrize("token", [None, "", "abc\n"], ids=repr)
def test_so_is_one_that_a_function_returns(token):
    with pytest.raises(ConfigurationError, match="the function that gives the token returned none: token"):
        AuthTransport(store("x"), BearerAuth(lambda: token)).send(READ)


def test_the_token_is_not_shown():
    assert repr(BearerAuth("hidden")) == "BearerAuth(...)"
