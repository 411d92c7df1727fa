import json

import pytest

from couchmapper.auth.base import AuthTransport
from couchmapper.auth.vpc import VPCAuth
from couchmapper.exceptions import ConfigurationError, TokenRefused
from couchmapper.messages import Request
from couchmapper.transport.retry import RetryPolicy

READ = Request(method="GET", path=("db",), route="/{db}", repeatable=True)


@pytest.mark.parametrize(
    ("version", "paths"),
    [
        ("2022-03-01", ["/instance_identity/v1/token", "/instance_identity/v1/iam_token"]),
        ("2025-08-26", ["/identity/v1/token", "/identity/v1/iam_tokens"]),
    ],
)
def test_the_servers_identity_is_exchanged_for_a_token(token_server, version, paths):
    auth = VPCAuth(url=token_server.url, version=version, lifetime=60)

    AuthTransport(token_server.store, auth).send(READ)

    identity, token = token_server.received
    assert [(identity.method, identity.path), (token.method, token.path)] == [
        ("PUT", paths[0]),
        ("POST", paths[1]),
    ]
    assert identity.query == token.query == {"version": version}
    assert identity.headers["metadata-flavor"] == token.headers["metadata-flavor"] == "ibm"
    assert identity.headers["content-type"] == token.headers["content-type"] == "application/json"
    assert json.loads(identity.body) == {"expires_in": 60}
    assert "authorization" not in identity.headers
    assert token.headers["authorization"] == "Bearer token-1"
    assert token.body == b""


@pytest.mark.parametrize("part", ["id", "crn", "name"])
def test_the_profile_is_named_by_one_of_three(token_server, part):
    auth = VPCAuth(url=token_server.url, version="2025-08-26", **{f"profile_{part}": "mine"})

    AuthTransport(token_server.store, auth).send(READ)

    assert json.loads(token_server.received[1].body) == {"trusted_profile": {part: "mine"}}


def test_the_identity_is_asked_for_anew_each_time(token_server, clock):
    transport = AuthTransport(token_server.store, VPCAuth(url=token_server.url, clock=clock))
    transport.send(READ)
    clock.now += 3600

    transport.send(READ)

    assert [call.method for call in token_server.received] == ["PUT", "POST"] * 2
    assert token_server.received[3].bearer == "token-3"


def test_a_refusal_of_the_second_call_names_it(token_server):
    auth = VPCAuth(url=token_server.url, retry=RetryPolicy(attempts=1))
    token_server.steps = [lambda _: token_server.grant(), 403]

    with pytest.raises(TokenRefused, match=r"POST /instance_identity/v1/iam_token: 403 BXNIM0999E"):
        AuthTransport(token_server.store, auth).send(READ)


def test_errors_of_the_metadata_service_are_understood(token_server):
    token_server.steps = [lambda _: token_server.grant()]
    transport = AuthTransport(token_server.store, VPCAuth(url=token_server.url))
    token_server.steps.append(lambda _: (401, {"errors": [{"code": "expired", "message": "Too late."}]}))

    with pytest.raises(TokenRefused, match="401 expired: Too late"):
        transport.send(READ)


def test_the_link_local_address_is_the_default_and_no_proxy_of_the_environment_is_asked():
    auth = VPCAuth()

    assert auth.url == "http://169.254.169.254"
    assert auth._source._server.trust_environment is False


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"profile_id": "a", "profile_crn": "b"}, "only one of profile_id, profile_crn, profile_name"),
        ({"profile_name": ""}, "profile_name"),
        ({"version": "2020-01-01"}, "version is one of 2022-03-01, 2025-08-26"),
        ({"lifetime": 0}, "lifetime"),
        ({"lifetime": True}, "lifetime"),
        ({"lifetime": "300"}, "lifetime"),
        ({"url": "host"}, "url"),
    ],
)
def test_arguments_are_checked_at_once_and_named(arguments, named):
    with pytest.raises(ConfigurationError, match=named):
        VPCAuth(**arguments)
