import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.auth.base import AuthTransport
from couchmapper.auth.proxy import ProxyAuth
from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request
from couchmapper.transport.mock import MockTransport, json_response

READ = Request(method="GET", path=("db",), route="/{db}")
WORDS = st.text(min_size=1, alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Z"]))


def headers(auth: ProxyAuth) -> dict[str, str]:
    inner = MockTransport(lambda _: json_response({}))
    AuthTransport(inner, auth).send(READ)
    return dict(inner.requests[0].headers)


def test_name_and_roles_go_with_every_request():
    assert headers(ProxyAuth("ann", ["reader", "writer"])) == {
        "X-Auth-CouchDB-UserName": "ann",
        "X-Auth-CouchDB-Roles": "reader,writer",
    }


def test_without_roles_there_is_no_header_for_them():
    assert headers(ProxyAuth("ann")) == {"X-Auth-CouchDB-UserName": "ann"}


@pytest.mark.parametrize(("algorithm", "digest"), [("sha256", hashlib.sha256), ("sha", hashlib.sha1)])
def test_a_secret_makes_a_token_of_the_name(algorithm, digest):
    sent = headers(ProxyAuth("ann", secret="hidden", algorithm=algorithm))

    assert sent["X-Auth-CouchDB-Token"] == hmac.new(b"hidden", b"ann", digest).hexdigest()


@given(username=WORDS, secret=st.text(min_size=1))
def test_any_name_arrives_as_utf_8_and_is_what_the_token_is_of(username, secret):
    sent = headers(ProxyAuth(username, secret=secret))

    on_the_wire = sent["X-Auth-CouchDB-UserName"].encode("latin-1")
    assert on_the_wire.decode() == username
    token = hmac.new(secret.encode(), on_the_wire, hashlib.sha256).hexdigest()
    assert sent["X-Auth-CouchDB-Token"] == token


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"username": None}, "username"),
        ({"username": ""}, "username"),
        ({"username": "ann\r\nX-Other: 1"}, "username"),
        ({"username": " ann"}, "username"),
        ({"roles": "reader"}, "roles"),
        ({"roles": ["a,b"]}, "roles"),
        ({"roles": [None]}, "roles"),
        ({"secret": ""}, "secret"),
        ({"algorithm": "md5"}, "algorithm"),
    ],
)
def test_arguments_are_checked_at_once_and_named(arguments, named):
    with pytest.raises(ConfigurationError, match=named):
        ProxyAuth(**{"username": "ann", **arguments})


def test_the_secret_is_not_shown():
    assert repr(ProxyAuth("ann", ["reader"], secret="hidden")) == "ProxyAuth('ann', ['reader'], ...)"
