"""Cookie authentication (COUCHDB_SESSION): log in once, then send the cookie that the server gave."""

import math
import re
import threading
import time
from collections.abc import Callable, Generator
from email.utils import parsedate_to_datetime
from typing import Final

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import InvalidAnswer, InvalidJSON, Unauthorized
from couchmapper.messages import Request, Response

__all__ = ["SessionAuth"]

_UNAUTHORIZED: Final = 401
_PASSING: Final = frozenset((429, 500, 502, 503, 504))
_COOKIE: Final = re.compile(r"(?:^|,\s*)AuthSession=([^;,]*)((?:(?!,\s*[^;,\s=]+=).)*)", re.IGNORECASE)
_MAX_AGE: Final = re.compile(r";\s*Max-Age=(\d+)", re.IGNORECASE)
_EXPIRES: Final = re.compile(r";\s*Expires=([^;]*)", re.IGNORECASE)


@attrs.frozen
class _Cookie:
    """A session: the cookie's value, and when it ends by the clock of this machine."""

    value: str = attrs.field(repr=False)
    ends: float


class SessionAuth:
    """Logs in with POST /_session and sends the cookie that comes back, until it ends.

    A cookie that the server renews with any answer is followed, so a busy client logs in once. When the
    cookie has ended, or the server answers 401, one thread logs in again while the others wait for it, and
    the request is repeated once. One object serves any number of threads and clients of the same server.
    Raises `Unauthorized` when the server refuses the name or the password.
    https://docs.couchdb.org/en/stable/api/server/authn.html
    """

    def __init__(self, username: str, password: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.username = username
        self._login = Request(
            method="POST",
            path=("_session",),
            route="/_session",
            headers={"Content-Type": "application/json"},
            body=jsonio.dumps({"name": username, "password": password}),
            repeatable=True,
        )
        self._clock = clock
        self._cookie: _Cookie | None = None
        self._renewing = threading.Lock()
        self._tried = 0
        self._refusal: str | None = None

    def __repr__(self) -> str:
        return f"SessionAuth({self.username!r}, ...)"

    def flow(self, request: Request) -> Generator[Request, Response, None]:
        """Yield the request with the cookie, after a login where one is needed."""
        cookie = self._cookie
        if not self._valid(cookie):
            cookie = yield from self._renew(cookie)
        if cookie is None:
            return
        response = yield _signed(request, cookie)
        self._follow(response)
        if response.status != _UNAUTHORIZED:
            return
        cookie = yield from self._renew(cookie)
        if cookie is not None:
            self._follow((yield _signed(request, cookie)))

    def _renew(self, old: _Cookie | None) -> Generator[Request, Response, _Cookie | None]:
        """Log in, or use the result of the thread that did so while this one waited.

        None means that the server cannot log anybody in at this moment; its answer becomes the caller's.
        """
        before = self._tried
        with self._renewing:
            if self._cookie is not old and self._valid(self._cookie):
                return self._cookie
            if self._tried != before and self._refusal is not None:
                raise _refused(self._refusal)
            self._refusal = None
            response = yield self._login
            self._tried += 1
            if response.status in _PASSING:
                return None
            if response.status == _UNAUTHORIZED:
                self._cookie, self._refusal = None, _reason(response)
                raise _refused(self._refusal)
            fresh = _cookie_in(response, self._clock())
            if fresh is None or not fresh.value:
                raise InvalidAnswer(
                    f"POST /_session answered {response.status} without an AuthSession cookie: check that the"
                    " URL is a CouchDB server's, or use BasicAuth"
                )
            self._cookie = fresh
            return fresh

    def _valid(self, cookie: _Cookie | None) -> bool:
        return cookie is not None and self._clock() < cookie.ends

    def _follow(self, response: Response) -> None:
        """Take over the cookie that an answer sets; an empty one ends the session."""
        found = _cookie_in(response, self._clock())
        if found is not None:
            self._cookie = found if found.value else None


def _signed(request: Request, cookie: _Cookie) -> Request:
    return request.with_headers({"Cookie": f"AuthSession={cookie.value}"})


def _cookie_in(response: Response, now: float) -> _Cookie | None:
    """Read the session that an answer sets, if it sets one."""
    found = _COOKIE.search(response.headers.get("set-cookie", ""))
    return None if found is None else _Cookie(found[1], now + _life(found[2], response))


def _life(attributes: str, response: Response) -> float:
    """Return the seconds that a cookie lives, for ever when it does not say; a 401 ends it in any case."""
    age = _MAX_AGE.search(attributes)
    if age is not None:
        return float(age[1])
    expires = _EXPIRES.search(attributes)
    try:
        end = parsedate_to_datetime(expires[1] if expires else "")
        return (end - parsedate_to_datetime(response.headers.get("date", ""))).total_seconds()
    except (TypeError, ValueError):
        return math.inf


def _refused(reason: str) -> Unauthorized:
    return Unauthorized(reason, request="POST /_session")


def _reason(response: Response) -> str:
    try:
        body = response.json()
    except InvalidJSON:
        return ""
    return str(body.get("reason", "")) if isinstance(body, dict) else ""
