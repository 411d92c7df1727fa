import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.auth.base import AuthTransport
from couchmapper.auth.basic import BasicAuth
from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request
from couchmapper.transport.mock import MockTransport, json_response

READ = Request(method="GET", path=("db",), route="/{db}")


@given(username=st.text().filter(lambda name: ":" not in name), password=st.text())
def test_any_name_and_password_arrive_as_utf_8(username, password):
    inner = MockTransport(lambda _: json_response({}))

    AuthTransport(inner, BasicAuth(username, password)).send(READ)

    kind, _, pair = inner.requests[0].headers["Authorization"].partition(" ")
    assert kind == "Basic"
    assert base64.b64decode(pair).decode() == f"{username}:{password}"


def test_a_name_with_a_colon_is_refused():
    with pytest.raises(ConfigurationError, match="':'"):
        BasicAuth("a:b", "hidden")


@pytest.mark.parametrize(
    ("username", "password", "named"),
    [
        (None, "p", "username"),
        (b"ann", "p", "username"),
        ("ann", None, "password"),
        ("ann", "\ud800", "password"),
    ],
)
def test_arguments_are_checked_at_once_and_named(username, password, named):
    with pytest.raises(ConfigurationError, match=named):
        BasicAuth(username, password)


def test_the_password_is_not_shown():
    assert repr(BasicAuth("ann", "hidden")) == "BasicAuth('ann', ...)"


def test_a_request_does_not_show_its_headers():
    inner = MockTransport(lambda _: json_response({}))

    AuthTransport(inner, BasicAuth("ann", "hidden")).send(READ)

    assert "Basic" not in repr(inner.requests[0])
