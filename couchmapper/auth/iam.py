"""IBM Cloud's IAM authentication (IAM): an API key is exchanged for a token that lives for an hour."""

import base64
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Final, Unpack
from urllib.parse import urlencode

from couchmapper.auth.arguments import both_or_neither, header_fields, header_text, text
from couchmapper.auth.identity import IdentityServer, ServerOptions, granted
from couchmapper.auth.tokens import Token, TokenAuth, TokenSource
from couchmapper.messages import Request, Response

__all__ = ["IAM", "IAMAuth", "apikey_form", "ask_iam", "client_headers", "iam_url"]

IAM: Final = "https://iam.cloud.ibm.com"
"""IBM Cloud's public identity server."""

_PATH: Final = "/identity/token"
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class IAMAuth(TokenAuth):
    """Exchanges an IBM Cloud API key for a token with POST /identity/token, and keeps it fresh.

    `client_id` and `client_secret`, both or neither, become basic authentication of that call; `scope` says
    what the token is for; `headers` go with the call as well, and `ServerOptions` say how IAM is reached.
    Raises `TokenRefused` when a request needs a token and IAM gives none.
    https://cloud.ibm.com/apidocs/iam-identity-token-api#gettoken-apikey
    """

    def __init__(  # noqa: PLR0913 - one keyword for each setting of the exchange
        self,
        apikey: str,
        *,
        url: str = IAM,
        client_id: str | None = None,
        client_secret: str | None = None,
        scope: str | None = None,
        headers: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        **server: Unpack[ServerOptions],
    ) -> None:
        self.url = iam_url(url)
        form = apikey_form(apikey, scope)
        sent = client_headers(client_id, client_secret, headers)

        def exchange() -> Generator[Request, Response, Token]:
            return ask_iam(form, headers=sent, secrets=(apikey,), clock=clock)

        super().__init__(TokenSource(exchange, IdentityServer(self.url, **server), clock=clock))

    def __repr__(self) -> str:
        return f"IAMAuth(..., url={self.url!r})"


def ask_iam(
    form: Mapping[str, str],
    *,
    headers: Mapping[str, str],
    secrets: Sequence[str],
    clock: Callable[[], float],
) -> Generator[Request, Response, Token]:
    """Exchange a form for a token."""
    request = Request(
        method="POST",
        path=("identity", "token"),
        route=_PATH,
        headers=headers,
        body=urlencode(form).encode(),
        repeatable=True,
    )
    response = yield request
    token, life = granted(request, response, secrets=secrets)
    return Token.living(token, life, now=clock())


def apikey_form(apikey: str, scope: str | None) -> dict[str, str]:
    """Return what IAM wants to know for a token of an API key's owner."""
    form = {
        "grant_type": "urn:ibm:params:oauth:grant-type:apikey",
        "apikey": header_text("apikey", apikey),
        "response_type": "cloud_iam",
    }
    return form if scope is None else {**form, "scope": text("scope", scope)}


def client_headers(
    client_id: str | None, client_secret: str | None, headers: Mapping[str, str] | None
) -> dict[str, str]:
    """Return the headers of a call; those that are given do not replace what the exchange needs."""
    both_or_neither(client_id=client_id, client_secret=client_secret)
    found = {**header_fields("headers", headers), **_FORM}
    if client_id is not None and client_secret is not None:
        pair = f"{text('client_id', client_id)}:{text('client_secret', client_secret)}"
        found["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return found


def iam_url(url: str) -> str:
    """Return an identity server's base URL; people also configure the URL of its tokens."""
    return text("url", url).rstrip("/").removesuffix(_PATH)
