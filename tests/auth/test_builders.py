"""The `Auth` of each kind is made of its properties: what they say arrives at the identity server."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from couchmapper.auth.base import Auth
from couchmapper.auth.builders import BUILDERS, build
from couchmapper.auth.kinds import KINDS
from couchmapper.auth.properties import PROPERTIES, PropertyValue, Values
from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request

ASK = Request(method="GET", path=("db",), route="/{db}")

Seen = list[tuple[str, str, str]]


@contextmanager
def identity_server() -> Iterator[tuple[str, Seen]]:
    """Give a token to whoever asks; yield the server's URL, and what was asked."""
    seen: Seen = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            seen.append((self.path, self.headers.get("Authorization", ""), body))
            token = json.dumps({"access_token": "granted", "expires_in": 3600}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(token)))
            self.end_headers()
            self.wfile.write(token)

        def do_PUT(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


def made(kind: str, **texts: str) -> Auth:
    """Make the `Auth` of texts, as they stand in a source."""
    values: dict[str, PropertyValue] = {}
    for name, text in texts.items():
        value = PROPERTIES[name].form.parse(text)
        assert value is not None, name
        values[name] = value
    return build(kind, Values(values), {})


def signed(auth: Auth) -> dict[str, str]:
    return dict(next(auth.flow(ASK)).headers)


def form(body: str) -> dict[str, str]:
    return {name: texts[0] for name, texts in parse_qs(body).items()}


def test_every_kind_has_a_builder():
    assert BUILDERS.keys() == KINDS.keys()


def test_an_api_key_goes_to_the_identity_server_with_client_and_scope():
    with identity_server() as (url, seen):
        auth = made("IAM", APIKEY="k", AUTH_URL=url, CLIENT_ID="i", CLIENT_SECRET="s", SCOPE="a b")

        assert signed(auth) == {"Authorization": "Bearer granted"}

    ((path, authorization, body),) = seen
    assert path == "/identity/token"
    assert authorization == "Basic aTpz"
    assert form(body)["apikey"] == "k"
    assert form(body)["scope"] == "a b"


def test_the_token_of_a_container_comes_from_its_file(tmp_path: Path):
    (tmp_path / "token").write_text("mounted\n")
    with identity_server() as (url, seen):
        signed(
            made(
                "CONTAINER",
                IAM_PROFILE_ID="i",
                IAM_PROFILE_NAME="n",
                CR_TOKEN_FILENAME=str(tmp_path / "token"),
                AUTH_URL=url,
            )
        )

    found = form(seen[0][2])
    assert (found["cr_token"], found["profile_id"], found["profile_name"]) == ("mounted", "i", "n")


@pytest.mark.parametrize(
    ("profile", "sent"),
    [
        ({"IAM_PROFILE_ID": "i", "IAM_ACCOUNT_ID": "a"}, {"profile_id": "i"}),
        ({"IAM_PROFILE_CRN": "c"}, {"profile_crn": "c"}),
        ({"IAM_PROFILE_NAME": "n", "IAM_ACCOUNT_ID": "a"}, {"profile_name": "n", "account": "a"}),
    ],
)
def test_a_profile_is_assumed_as_it_is_named(profile: dict[str, str], sent: dict[str, str]):
    with identity_server() as (url, seen):
        signed(made("IAMASSUME", APIKEY="k", AUTH_URL=url, **profile))

    found = form(seen[1][2])
    assert {name: found.get(name) for name in ("profile_id", "profile_crn", "profile_name", "account")} == {
        "profile_id": None,
        "profile_crn": None,
        "profile_name": None,
        "account": None,
        **sent,
    }


def test_a_virtual_server_asks_for_its_profile():
    with identity_server() as (url, seen):
        signed(
            made("VPC", AUTH_URL=url, IAM_PROFILE_CRN="c", VPC_IMS_VERSION="2025-08-26", TOKEN_LIFETIME="60")
        )

    assert [path for path, _, _ in seen] == [
        "/identity/v1/token?version=2025-08-26",
        "/identity/v1/iam_tokens?version=2025-08-26",
    ]
    assert json.loads(seen[0][2]) == {"expires_in": 60}
    assert json.loads(seen[1][2]) == {"trusted_profile": {"crn": "c"}}


def test_a_proxy_says_who_the_user_is():
    headers = signed(made("PROXY", USERNAME="ann", ROLES="a, b ,", PROXY_SECRET="s"))

    assert headers["X-Auth-CouchDB-UserName"] == "ann"
    assert headers["X-Auth-CouchDB-Roles"] == "a,b"
    assert "X-Auth-CouchDB-Token" in headers


def test_a_key_may_stand_in_a_file(tmp_path: Path):
    (tmp_path / "key").write_text("secret\n")

    from_file = made("JWT", USERNAME="ann", JWT_KEY_FILE=str(tmp_path / "key"), TOKEN_LIFETIME="60")
    from_text = made("JWT", USERNAME="ann", JWT_KEY="secret", TOKEN_LIFETIME="60")

    assert (
        signed(from_file)["Authorization"].split(".")[0] == signed(from_text)["Authorization"].split(".")[0]
    )


def test_a_key_file_that_cannot_be_read_is_told():
    with pytest.raises(ConfigurationError, match="JWT_KEY_FILE names /absent, which cannot be read"):
        made("JWT", USERNAME="ann", JWT_KEY_FILE="/absent")


def test_a_bearer_token_is_sent_as_it_is():
    assert signed(made("BEARERTOKEN", BEARER_TOKEN="t")) == {"Authorization": "Bearer t"}


def test_a_bundle_and_a_proxy_hold_for_the_identity_server_too():
    values = Values({"APIKEY": "k"})

    auth = build("IAM", values, {"verify": "/ca.pem", "proxy": "http://proxy:1"})

    assert "/ca.pem" in repr(vars(auth)["_source"])


def test_each_server_has_its_own_switch_for_checking_certificates():
    unchecked = build("IAM", Values({"APIKEY": "k", "AUTH_DISABLE_SSL": True}), {"verify": "/ca.pem"})
    checked = build("IAM", Values({"APIKEY": "k"}), {"verify": False})

    assert "verify=False" in repr(vars(unchecked)["_source"])
    assert "verify=True" in repr(vars(checked)["_source"])
