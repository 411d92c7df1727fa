"""Cookie authentication (COUCHDB_SESSION): log in once, then send the cookie that the server gave."""

import re
import time
from collections.abc import Callable, Generator
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import attrs

from couchmapper import jsonio
from couchmapper.auth.arguments import text
from couchmapper.auth.base import rewound, unrepeated
from couchmapper.auth.flights import Flights
from couchmapper.exceptions import (
    BadRequest,
    Forbidden,
    InvalidAnswer,
    InvalidJSON,
    NotFound,
    ResponseError,
    Unauthorized,
)
from couchmapper.messages import Request, Response

__all__ = ["SessionAuth"]

_PASSING: Final = frozenset((429, 500, 502, 503, 504))
_REFUSALS: Final = {400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound}
_COOKIE: Final = re.compile(r"(?:^|,\s*)AuthSession=([^;,]*)((?:(?!,\s*[^;,\s=]+=).)*)", re.IGNORECASE)
_MAX_AGE: Final = re.compile(r";\s*Max-Age=(\d+)", re.IGNORECASE)
_EXPIRES: Final = re.compile(r";\s*Expires=([^;]*)", re.IGNORECASE)

# CouchDB's own `timeout`, for cookies that do not tell their end (`allow_persistent_cookies = false`).
_UNTOLD: Final = 600.0


@attrs.frozen
class _Cookie:
    """A session: the cookie's value, and when it is used no more by the clock of this machine."""

    value: str = attrs.field(repr=False)
    ends: float


class SessionAuth:
    """Logs in with POST /_session and sends the cookie that comes back, until shortly before it ends.

    A cookie that the server renews with any answer is followed, so a busy client logs in once. When the
    cookie has ended, or the server answers 401, one thread logs in again while the others wait for it, and
    the request is repeated once, unless its body is a stream that cannot go back. One object serves any
    number of threads and clients of the same server. Raises `Unauthorized` when the server refuses the name
    or the password, and the error of its status when it refuses for another reason.
    https://docs.couchdb.org/en/stable/api/server/authn.html
    """

    def __init__(self, username: str, password: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.username = text("username", username)
        self._login = Request(
            method="POST",
            path=("_session",),
            route="/_session",
            headers={"Content-Type": "application/json"},
            body=jsonio.dumps({"name": username, "password": text("password", password, empty=True)}),
            repeatable=True,
        )
        self._clock = clock
        self._cookie: _Cookie | None = None
        self._flights: Flights[_Cookie | Response] = Flights()

    def __repr__(self) -> str:
        return f"SessionAuth({self.username!r}, ...)"

    def flow(self, request: Request) -> Generator[Request, Response, Response | None]:
        """Yield the request with the cookie, after a login where one is needed.

        When the server cannot log anybody in at this moment, its answer is returned as the caller's.
        """
        cookie = self._usable() or (yield from self._renew())
        if isinstance(cookie, Response):
            return cookie
        response = yield from self._ask(request, cookie)
        if response.status != HTTPStatus.UNAUTHORIZED:
            return None
        if self._cookie is cookie:
            self._cookie = None
        if not rewound(request):
            return unrepeated(response)
        cookie = yield from self._renew()
        if isinstance(cookie, Response):
            return cookie
        yield from self._ask(request, cookie)
        return None

    def _renew(self) -> Generator[Request, Response, _Cookie | Response]:
        """Log in, or take what the thread got that did so while this one waited."""
        while True:
            flight, mine = self._flights.board(self._usable)
            if mine:
                with self._flights.making(flight) as end:
                    found = self._entered((yield self._login))
                    end(found)
                    return found
            landed = flight.result()
            if landed is not None:
                return landed

    def _entered(self, response: Response) -> _Cookie | Response:
        """Return the cookie of a login, or the answer of a server that is too busy for one."""
        if response.status in _PASSING:
            return response
        if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            raise _refusal(response)
        cookie = _cookie_in(response, self._clock())
        if cookie is None or not cookie.value:
            raise InvalidAnswer(
                f"POST /_session answered {response.status} without an AuthSession cookie: check that the"
                " URL is a CouchDB server's, or use BasicAuth"
            )
        self._cookie = cookie
        return cookie

    def _usable(self) -> _Cookie | None:
        cookie = self._cookie
        return cookie if cookie is not None and self._clock() < cookie.ends else None

    def _ask(self, request: Request, cookie: _Cookie) -> Generator[Request, Response, Response]:
        """Send a request with the cookie, and take over the one that the answer sets.

        An empty one ends the session, and one of a login under another name is not ours. While many requests
        are on their way, each answer may bring a new cookie; the first is followed.
        """
        response = yield request.with_headers({"Cookie": f"AuthSession={cookie.value}"})
        found = _cookie_in(response, self._clock())
        foreign = request.method == "POST" and request.path == self._login.path
        if found is not None and self._cookie is cookie and not foreign:
            self._cookie = found if found.value else None
        return response


def _cookie_in(response: Response, now: float) -> _Cookie | None:
    """Read the session that an answer sets, if it sets one.

    The server counts in whole seconds from before its answer arrived, so the cookie is used no more in its
    last 10 seconds, or in its last tenth: the server treats one that has ended as nobody's.
    """
    found = _COOKIE.search(response.headers.get("set-cookie", ""))
    if found is None:
        return None
    life = _life(found[2], response)
    return _Cookie(found[1], now + life - min(10.0, life / 10))


def _life(attributes: str, response: Response) -> float:
    """Return the seconds that a cookie lives, by `Max-Age` first."""
    age = _MAX_AGE.search(attributes)
    if age is not None:
        return float(age[1])
    expires = _EXPIRES.search(attributes)
    try:
        end = parsedate_to_datetime(expires[1] if expires else "")
        life = (end - parsedate_to_datetime(response.headers.get("date", ""))).total_seconds()
    except (TypeError, ValueError):
        return _UNTOLD
    return max(0.0, life)


def _refusal(response: Response) -> ResponseError:
    """Return the error that a login with an error status stands for."""
    try:
        body = response.json()
    except InvalidJSON:
        body = None
    told = body if isinstance(body, dict) else {}
    kind = _REFUSALS.get(response.status, ResponseError)
    foreign = f"the answer is not CouchDB's ({response.described()}); check the URL, or use BasicAuth"
    return kind(
        str(told.get("reason") or "") if told else foreign,
        error=str(told["error"]) if told.get("error") else None,
        status=response.status,
        request="POST /_session",
        body=body,
    )
