import base64
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.auth.base import AuthTransport
from couchmapper.auth.iam import IAMAuth
from couchmapper.exceptions import ConfigurationError, InvalidAnswer, TokenRefused
from couchmapper.messages import Request
from couchmapper.transport.mock import MockTransport, json_response
from couchmapper.transport.retry import RetryPolicy

READ = Request(method="GET", path=("db",), route="/{db}", repeatable=True)


def test_a_key_is_exchanged_for_a_token(token_server):
    AuthTransport(token_server.store, IAMAuth("the-key", url=token_server.url)).send(READ)

    (call,) = token_server.received
    assert (call.method, call.path, call.query) == ("POST", "/identity/token", {})
    assert call.form == {
        "grant_type": "urn:ibm:params:oauth:grant-type:apikey",
        "apikey": "the-key",
        "response_type": "cloud_iam",
    }
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"
    assert call.headers["accept"] == "application/json"
    assert "authorization" not in call.headers


def test_a_client_and_a_scope_go_along(token_server):
    auth = IAMAuth("the-key", url=token_server.url, client_id="id", client_secret="s:ö", scope="s1 s2")

    AuthTransport(token_server.store, auth).send(READ)

    (call,) = token_server.received
    pair = call.headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(pair).decode() == "id:s:ö"
    assert call.form["scope"] == "s1 s2"


def test_headers_of_ones_own_do_not_replace_what_the_exchange_needs(token_server):
    more = {"x-trace": "7", "accept": "text/html", "content-type": "text/plain", "user-agent": "mine"}

    AuthTransport(token_server.store, IAMAuth("the-key", url=token_server.url, headers=more)).send(READ)

    (call,) = token_server.received
    assert (call.headers["x-trace"], call.headers["user-agent"]) == ("7", "mine")
    assert call.headers["accept"] == "application/json"


@pytest.mark.parametrize("end", ["", "/", "/identity/token", "/identity/token/"])
def test_the_url_of_the_tokens_means_that_of_the_server(token_server, end):
    AuthTransport(token_server.store, IAMAuth("the-key", url=token_server.url + end)).send(READ)

    assert [call.path for call in token_server.received] == ["/identity/token"]


def test_ibm_clouds_server_is_the_default():
    assert IAMAuth("the-key").url == "https://iam.cloud.ibm.com"


@given(key=st.text(min_size=1, alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Z"])))
def test_any_key_arrives(key):
    inner = MockTransport(lambda _: json_response({"access_token": "token"}))

    AuthTransport(MockTransport(lambda _: json_response({})), IAMAuth(key, transport=inner)).send(READ)

    assert parse_qs((inner.requests[0].body or b"").decode())["apikey"] == [key]


def test_a_wrong_key_is_refused_with_the_servers_words(token_server):
    auth = IAMAuth("another-key", url=token_server.url)

    with pytest.raises(
        TokenRefused, match=r"400 BXNIM0415E: Provided API key could not be found\."
    ) as caught:
        AuthTransport(token_server.store, auth).send(READ)

    assert "another-key" not in str(caught.value)
    assert caught.value.body["context"] == {"requestId": "r1"}
    assert len(token_server.received) == 1


def test_a_page_in_the_place_of_a_token_is_an_invalid_answer(token_server):
    token_server.steps = [b"<html>Welcome to this hotel</html>"]

    with pytest.raises(InvalidAnswer, match=r"without a usable access_token \(text/html, 34 bytes\)"):
        AuthTransport(token_server.store, IAMAuth("the-key", url=token_server.url)).send(READ)


def test_a_server_that_fails_for_good_is_told_with_its_status(token_server):
    token_server.steps = [503] * 3
    auth = IAMAuth("the-key", url=token_server.url, retry=RetryPolicy(attempts=3, base=0.001))

    with pytest.raises(TokenRefused, match="503 BXNIM0999E: planned 503"):
        AuthTransport(token_server.store, auth).send(READ)


def test_an_opaque_token_lives_as_the_answer_says(token_server, clock):
    token_server.extra = {"expires_in": 100}
    transport = AuthTransport(token_server.store, IAMAuth("the-key", url=token_server.url, clock=clock))
    transport.send(READ)
    clock.now += 95

    assert transport.send(READ).json() == {"token": "token-2"}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"apikey": None}, "apikey"),
        ({"apikey": ""}, "apikey"),
        ({"apikey": "the-key\n"}, "apikey"),
        ({"url": "iam.cloud.ibm.com"}, "url"),
        ({"url": None}, "url"),
        ({"client_id": "id"}, "client_secret"),
        ({"client_secret": "secret"}, "client_id"),
        ({"scope": ""}, "scope"),
        ({"headers": {"a b": "c"}}, "headers"),
        ({"verify": None}, "verify"),
        ({"proxy": ""}, "proxy"),
        ({"timeout": "soon"}, "timeout"),
        ({"retry": 3}, "retry"),
    ],
)
def test_arguments_are_checked_at_once_and_named(arguments, named):
    with pytest.raises(ConfigurationError, match=named) as caught:
        IAMAuth(**{"apikey": "the-key", **arguments})

    assert "the-key" not in str(caught.value)


@pytest.mark.parametrize("key", ["{key}", '"key"', 'k"'])
def test_a_key_may_begin_and_end_with_anything(key):
    IAMAuth(key)


def test_settings_of_the_connection_reach_the_server():
    auth = IAMAuth("the-key", verify=False, proxy="http://proxy:3128", timeout=(1, 2))

    server = auth._source._server
    assert (server.verify, server.proxy) == (False, "http://proxy:3128")
    assert (server.timeout.connect, server.timeout.read) == (1, 2)


def test_neither_key_nor_secret_is_shown():
    shown = repr(IAMAuth("the-key", client_id="id", client_secret="hidden"))

    assert shown == "IAMAuth(..., url='https://iam.cloud.ibm.com')"
