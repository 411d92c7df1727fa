"""Bearer authentication (BEARERTOKEN): a token that somebody else has got, with every request."""

from collections.abc import Callable, Generator
from http import HTTPStatus
from typing import Protocol

from couchmapper.auth.arguments import visible
from couchmapper.auth.base import rewound, unrepeated
from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request, Response

__all__ = ["BearerAuth", "TokenGiver", "bear"]


class TokenGiver(Protocol):
    """Gives the token to send; it is asked for each request, by many threads, so it should keep the token."""

    def __call__(self) -> str:
        """Return the token, without `Bearer`."""
        ...


class BearerAuth:
    """Sends `Authorization: Bearer ...` with a token, or with what a function returns for each request.

    After a 401 the function is asked again, and when it has another token by then, the request is sent once
    more with that. Raises `ConfigurationError` for a token with a character that a header cannot hold.
    """

    def __init__(self, token: str | TokenGiver) -> None:
        if not callable(token):
            visible("token", token)
        self._token = token

    def __repr__(self) -> str:
        return "BearerAuth(...)"

    def flow(self, request: Request) -> Generator[Request, Response, Response | None]:
        """Yield the request with its `Authorization` header."""
        return bear(request, self._text(), self._text if callable(self._token) else None)

    def _text(self) -> str:
        if not callable(self._token):
            return self._token
        try:
            return visible("token", self._token())
        except ConfigurationError as error:
            raise ConfigurationError(f"the function that gives the token returned none: {error}") from None


def bear(
    request: Request, token: str, newer: Callable[[], str] | None = None
) -> Generator[Request, Response, Response | None]:
    """Yield a request with a token, and after a 401 once more with a `newer` one, if there is another.

    A body that cannot be sent twice is not: then the 401 is returned with a remark that says so, and the
    newer token is there for the next request.
    """
    response = yield _signed(request, token)
    if response.status != HTTPStatus.UNAUTHORIZED or newer is None:
        return None
    other = newer()
    if other == token:
        return None
    if not rewound(request):
        return unrepeated(response)
    yield _signed(request, other)
    return None


def _signed(request: Request, token: str) -> Request:
    return request.with_headers({"Authorization": f"Bearer {token}"})
