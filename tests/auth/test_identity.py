import pickle
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.auth.claims import segment
from couchmapper.auth.identity import IdentityServer, granted
from couchmapper.exceptions import ConfigurationError, InvalidAnswer, TokenRefused, TransportTimeout
from couchmapper.messages import Request, Response, Timeout
from couchmapper.transport.mock import MockTransport, json_response
from couchmapper.transport.retry import RetryPolicy

CALL = Request(method="POST", path=("identity", "token"), route="/identity/token", repeatable=True)


def jwt(**claims: object) -> str:
    return ".".join(segment(jsonio.dumps(part)) for part in ({"alg": "RS256"}, claims, "signature"))


def dated(seconds: int) -> dict[str, str]:
    return {"date": format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)}


@pytest.mark.parametrize(
    ("answer", "life"),
    [
        ({"access_token": "opaque", "expires_in": 3600}, 3600),
        ({"access_token": "opaque", "expires_in": "3600"}, 3600),
        ({"access_token": jwt(iat=10, exp=20), "expires_in": 3600}, 3600),
        ({"access_token": jwt(iat=10, exp=20)}, 10),
        ({"access_token": jwt(iat="ten", exp=20)}, None),
        ({"access_token": jwt(sub="ann")}, None),
        ({"access_token": "opaque"}, None),
        ({"access_token": "opaque", "expires_in": None}, None),
        ({"access_token": "opaque", "expires_in": True}, None),
        ({"access_token": "opaque", "expiration": 5000}, None),
    ],
)
def test_a_life_is_told_by_the_answer_first_and_the_token_second(answer, life):
    assert granted(CALL, json_response(answer)) == (answer["access_token"], life)


@given(skew=st.integers(min_value=0, max_value=10**9), life=st.integers(min_value=1, max_value=10**6))
def test_the_servers_clock_is_compared_with_itself_only(skew, life):
    end = skew + life
    answers = [
        json_response({"access_token": "opaque", "expiration": end}, headers=dated(skew)),
        json_response({"access_token": jwt(iat=skew, exp=end)}),
        json_response({"access_token": jwt(exp=end)}, headers=dated(skew)),
    ]

    assert [granted(CALL, answer)[1] for answer in answers] == [life] * 3


@pytest.mark.parametrize(
    "response",
    [
        json_response({}),
        json_response({"access_token": ""}),
        json_response({"access_token": 5}),
        json_response({"access_token": "two\nlines"}),
        json_response(["access_token"]),
        Response(status=200, headers={"content-type": "text/html"}, body=b"<html>Welcome</html>"),
        Response(status=204),
    ],
)
def test_an_answer_without_a_token_is_an_invalid_answer(response):
    with pytest.raises(InvalidAnswer, match="without a usable access_token"):
        granted(CALL, response)


@pytest.mark.parametrize(
    ("body", "error", "reason"),
    [
        (
            {"errorCode": "BXNIM0415E", "errorMessage": "No key.", "errorDetails": "d"},
            "BXNIM0415E",
            "No key.",
        ),
        ({"errors": [{"code": "not_authorized", "message": "No."}]}, "not_authorized", "No."),
        ({"error": "invalid_grant", "error_description": "No."}, "invalid_grant", "No."),
        ({"error": "unauthorized", "reason": "No."}, "unauthorized", "No."),
        ({"errors": ["No."], "message": "Why not."}, "bad_request", "Why not."),
        ({"unknown": 1}, "bad_request", ""),
    ],
)
def test_a_refusal_has_the_servers_code_and_reason(body, error, reason):
    with pytest.raises(TokenRefused) as caught:
        granted(CALL, json_response(body, status=400))

    assert (caught.value.status, caught.value.error, caught.value.reason) == (400, error, reason)
    assert caught.value.body == body
    assert str(caught.value).startswith("POST /identity/token: 400 ")
    assert "check the API key" in str(caught.value)


def test_a_refusal_that_is_a_page_says_so_and_does_not_show_it():
    page = Response(status=599, headers={"content-type": "text/html"}, body=b"<html>secret</html>")

    with pytest.raises(TokenRefused, match=r"599 unknown_status: .* text/html, 19 bytes") as caught:
        granted(CALL, page)

    assert caught.value.body is None


def test_a_refusal_never_repeats_a_secret_even_if_the_server_does():
    body = {"errorMessage": "no key 12-34-56", "sent": [{"apikey": "12-34-56"}]}

    with pytest.raises(TokenRefused) as caught:
        granted(CALL, json_response(body, status=400), secrets=("12-34-56",))

    assert caught.value.reason == "no key ***"
    assert b"12-34-56" not in pickle.dumps(caught.value)


def test_a_server_is_reached_over_http_only_while_it_is_asked(token_server):
    server = IdentityServer(token_server.url)
    call = Request(method="GET", path=("nothing",), route="/nothing")

    with server.opened() as first:
        assert first.send(call).status == 404
    with server.opened() as second:
        assert second.send(call).status == 404


def test_a_call_has_limits_of_time(token_server):
    token_server.gate.clear()
    server = IdentityServer(token_server.url, timeout=(5, 0.05), retry=RetryPolicy(attempts=1))

    with server.opened() as transport, pytest.raises(TransportTimeout):
        transport.send(CALL)


def test_the_limits_are_a_minute_where_nobody_says_otherwise():
    limits = IdentityServer("https://iam.example").timeout

    assert limits == Timeout(connect=10, read=60, total=120)


def test_calls_are_repeated_for_twenty_seconds_where_nobody_says_otherwise():
    for server in (IdentityServer("https://iam.example"), IdentityServer("https://iam.example", retry=None)):
        assert server.retry == RetryPolicy(deadline=20.0)


def test_an_injected_transport_stays_open():
    inner = MockTransport(lambda _: json_response({}))

    with IdentityServer("https://iam.example", transport=inner).opened() as transport:
        assert transport is inner
    assert not inner.closed


@pytest.mark.parametrize(
    ("argument", "value"),
    [("verify", None), ("proxy", ""), ("timeout", "soon"), ("timeout", -1), ("retry", 3), ("url", "host")],
)
def test_arguments_are_checked_at_once_and_named(argument, value):
    with pytest.raises(ConfigurationError, match=argument):
        IdentityServer(**{"url": "https://iam.example", argument: value})


def test_a_proxys_password_is_not_shown():
    assert "pw" not in repr(IdentityServer("https://iam.example", proxy="http://u:pw@proxy:3128"))
