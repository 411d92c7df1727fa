"""The server that gives tokens: how it is reached, and what its answers mean."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, TypedDict

import attrs

from couchmapper.auth.arguments import is_visible, server_url, text
from couchmapper.auth.claims import read_claims
from couchmapper.exceptions import ConfigurationError, InvalidAnswer, InvalidJSON, TokenRefused
from couchmapper.messages import Request, Response, Timeout, TimeoutLike
from couchmapper.transport.base import Transport
from couchmapper.transport.logs import LoggingTransport
from couchmapper.transport.retry import RetryPolicy, RetryTransport
from couchmapper.typing import JSON, JSONObject

__all__ = ["PATIENCE", "IdentityServer", "ServerOptions", "granted", "life_of"]

PATIENCE: Final = Timeout(connect=10.0, read=60.0, total=120.0)
"""The limits of a call for a token, where nothing else is said."""

# Shorter than the client's own, since the caller waits; it does not repeat what was repeated here.
_POLICY: Final = RetryPolicy(deadline=20.0)


def _verify(value: object) -> bool | str:
    if not isinstance(value, bool | str):
        raise ConfigurationError(
            f"verify is True, False or the path of a CA bundle, not {type(value).__name__}"
        )
    return value


def _timeout(value: TimeoutLike) -> Timeout:
    return Timeout.of(value)


def _policy(value: object) -> RetryPolicy:
    if value is not None and not isinstance(value, RetryPolicy):
        raise ConfigurationError(f"retry is a RetryPolicy, not {type(value).__name__}")
    return _POLICY if value is None else value


class ServerOptions(TypedDict, total=False):
    """How an identity server is reached."""

    verify: bool | str
    """True, False or the path of a CA bundle."""
    proxy: str | None
    """The URL of a proxy; without it, the environment's."""
    timeout: TimeoutLike
    """The limits of each call; 10 s to connect, 60 s of silence and 120 s in all without it."""
    retry: RetryPolicy | None
    """What is repeated."""
    transport: Transport | None
    """Takes the place of all of these."""


@attrs.frozen
class IdentityServer:
    """Where tokens come from: its base URL and how to reach it.

    Each exchange has a connection of its own, since the next one follows an hour later. Calls that fail are
    repeated as `retry` says: asking for a token twice does no harm. `transport` takes the place of all that.
    """

    url: str = attrs.field(converter=server_url)
    verify: bool | str = attrs.field(default=True, converter=_verify, kw_only=True)
    proxy: str | None = attrs.field(default=None, kw_only=True, repr=False)
    timeout: Timeout = attrs.field(default=PATIENCE, converter=_timeout, kw_only=True)
    retry: RetryPolicy = attrs.field(default=_POLICY, converter=_policy, kw_only=True)
    transport: Transport | None = attrs.field(default=None, kw_only=True, repr=False)
    trust_environment: bool = attrs.field(default=True, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.proxy is not None:
            text("proxy", self.proxy)

    @contextmanager
    def opened(self) -> Iterator[Transport]:
        """Give a transport to the server for one exchange; one that was injected stays open."""
        if self.transport is not None:
            yield self.transport
            return
        from couchmapper.transport.http import HTTPTransport  # noqa: PLC0415 - requests is slow to import

        http = HTTPTransport(
            self.url,
            timeout=self.timeout,
            verify=self.verify,
            proxy=self.proxy,
            trust_environment=self.trust_environment,
            pool_size=1,
        )
        with LoggingTransport(RetryTransport(http, self.retry)) as transport:
            yield transport


def granted(request: Request, response: Response, *, secrets: Sequence[str] = ()) -> tuple[str, float | None]:
    """Return the token that an answer brings, and its life in seconds, None when nothing tells it.

    Raises `TokenRefused` for an error status, and `InvalidAnswer` for an answer without a token. `secrets`
    are texts of the request that no error may repeat, even if the server does.
    """
    place = f"{request.method} {request.route}"
    told = _parsed(response)
    if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        raise _refusal(place, response, _without(secrets, told))
    token = told.get("access_token") if isinstance(told, dict) else None
    if not isinstance(token, str) or not is_visible(token):
        raise InvalidAnswer(
            f"{place} answered {response.status} without a usable access_token ({response.described()}):"
            " check that the URL is the identity server's"
        )
    return token, life_of(token, told, response)


def life_of(token: str, told: JSONObject, response: Response) -> float | None:
    """Return for how many seconds from now on a token lives, by whatever tells it first.

    That is `expires_in` of the answer, its `expiration`, or the claims of a JWT. Times of the server are only
    compared with other times of the server, so its clock may differ from ours.
    """
    life = _number(told.get("expires_in"))
    if life is not None:
        return life
    claims = read_claims(token)
    issued, end = _number(claims.get("iat")), _number(claims.get("exp"))
    date, expiration = _date(response), _number(told.get("expiration"))
    for until, since in ((expiration, date), (end, issued), (end, date)):
        if until is not None and since is not None:
            return until - since
    return None


def _number(value: JSON) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return float(value)
    return float(value) if isinstance(value, int | float) else None


def _date(response: Response) -> float | None:
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return None


def _parsed(response: Response) -> JSON:
    try:
        return response.json()
    except InvalidJSON:
        return None


def _without(secrets: Sequence[str], value: JSON) -> JSON:
    """Return a JSON value with every secret in its texts blotted out."""
    match value:
        case str():
            for secret in secrets:
                value = value.replace(secret, "***")
            return value
        case list():
            return [_without(secrets, item) for item in value]
        case dict():
            return {name: _without(secrets, item) for name, item in value.items()}
    return value


def _refusal(place: str, response: Response, told: JSON) -> TokenRefused:
    """Find code and reason in what IAM (`errorCode`), VPC (`errors`) or OAuth (`error`) servers answer."""
    known = told if isinstance(told, dict) else {}
    inner = _first(known.get("errors"))
    code = known.get("errorCode") or inner.get("code") or known.get("error") or known.get("code")
    reason = known.get("errorMessage") or inner.get("message") or known.get("error_description")
    reason = reason or known.get("reason") or known.get("message") or known.get("errorDetails")
    if not reason and not known:
        reason = f"the answer is not an identity server's: {response.described()}"
    return TokenRefused(
        str(reason or ""),
        error=str(code or response.phrase()),
        status=response.status,
        request=place,
        body=told,
    )


def _first(errors: JSON) -> Mapping[str, JSON]:
    return errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
