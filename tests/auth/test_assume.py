import pytest

from couchmapper.auth.assume import IAMAssumeAuth
from couchmapper.auth.base import AuthTransport
from couchmapper.exceptions import ConfigurationError, TokenRefused
from couchmapper.messages import Request

READ = Request(method="GET", path=("db",), route="/{db}", repeatable=True)


def test_the_key_is_exchanged_twice(token_server):
    auth = IAMAssumeAuth(
        "the-key", profile_id="p1", url=token_server.url, client_id="id", client_secret="s", scope="s1"
    )

    response = AuthTransport(token_server.store, auth).send(READ)

    owner, profile = token_server.received
    assert owner.form["grant_type"].endswith(":apikey")
    assert owner.form["scope"] == "s1"
    assert owner.headers["authorization"].startswith("Basic ")
    assert profile.form == {
        "grant_type": "urn:ibm:params:oauth:grant-type:assume",
        "access_token": "token-1",
        "profile_id": "p1",
    }
    assert "authorization" not in profile.headers
    assert response.json() == {"token": "token-2"}


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        ({"profile_crn": "crn:1"}, {"profile_crn": "crn:1"}),
        ({"profile_name": "writer", "account_id": "a1"}, {"profile_name": "writer", "account": "a1"}),
    ],
)
def test_the_profile_has_other_names_too(token_server, arguments, sent):
    auth = IAMAssumeAuth("the-key", url=token_server.url, **arguments)

    AuthTransport(token_server.store, auth).send(READ)

    assert sent.items() <= token_server.received[1].form.items()


def test_the_owners_token_serves_until_it_ends(token_server, clock):
    token_server.extra = {"expires_in": 1000}
    auth = IAMAssumeAuth("the-key", profile_id="p1", url=token_server.url, clock=clock)
    transport = AuthTransport(token_server.store, auth)
    transport.send(READ)
    token_server.good.discard("token-2")
    transport.send(READ)
    clock.now += 1000

    transport.send(READ)

    kinds = [call.form["grant_type"].rpartition(":")[2] for call in token_server.received]
    assert kinds == ["apikey", "assume", "assume", "apikey", "assume"]


def test_an_owners_token_that_is_worth_nothing_any_more_is_replaced(token_server):
    auth = IAMAssumeAuth("the-key", profile_id="p1", url=token_server.url)
    transport = AuthTransport(token_server.store, auth)
    transport.send(READ)
    token_server.good.clear()

    assert transport.send(READ).json() == {"token": "token-4"}


def test_a_refusal_of_either_call_is_told(token_server):
    auth = IAMAssumeAuth("the-key", profile_id="p1", url=token_server.url)
    token_server.steps = [lambda _: token_server.grant(), 403]

    with pytest.raises(TokenRefused, match="403 BXNIM0999E"):
        AuthTransport(token_server.store, auth).send(READ)
    with pytest.raises(TokenRefused, match="400 BXNIM0415E"):
        AuthTransport(token_server.store, IAMAssumeAuth("other", profile_id="p1", url=token_server.url)).send(
            READ
        )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "profile_id, profile_crn, or profile_name with account_id"),
        ({"profile_id": "a", "profile_crn": "b"}, "only one of"),
        ({"profile_name": "a"}, "account_id"),
        ({"profile_id": "a", "account_id": "b"}, "account_id"),
        ({"profile_name": "a", "account_id": ""}, "account_id"),
        ({"profile_id": ""}, "profile_id"),
        ({"profile_id": "a", "client_id": "id"}, "client_secret"),
        ({"profile_id": "a", "apikey": ""}, "apikey"),
    ],
)
def test_arguments_are_checked_at_once_and_named(arguments, named):
    with pytest.raises(ConfigurationError, match=named):
        IAMAssumeAuth(**{"apikey": "the-key", **arguments})
