"""Tokens that end: fetched by one thread for all, renewed ahead of their end, dropped when refused."""

import logging
import math
import threading
import time
from collections.abc import Callable, Generator
from typing import Protocol

import attrs

from couchmapper.auth.bearer import bear
from couchmapper.auth.flights import Flight, Flights
from couchmapper.auth.identity import IdentityServer
from couchmapper.exceptions import TransportError
from couchmapper.messages import Request, Response

__all__ = ["Exchange", "Token", "TokenAuth", "TokenSource"]

_log = logging.getLogger("couchmapper.auth")

_REFRESH = 0.8
_LARGEST_MARGIN = 10.0
_PAUSE = 10.0


@attrs.frozen(kw_only=True)
class Token:
    """A token, when it is to be renewed, and when it is used no more, a little ahead of its real end.

    Both are times of the clock that counts its life; a token that says nothing about its end has `inf`.
    """

    text: str = attrs.field(repr=False)
    refresh: float = math.inf
    ends: float = math.inf

    @classmethod
    def living(cls, text: str, life: float | None, *, now: float) -> "Token":
        """Return a token that was received at `now` and lives for `life` seconds; None is nobody knows.

        It is renewed at 80 % of its life, and no more used in its last 10 seconds, or in its last tenth when
        that is shorter.
        """
        if life is None:
            return cls(text=text)
        life = max(0.0, life)
        margin = min(_LARGEST_MARGIN, life / 10)
        return cls(text=text, refresh=now + _REFRESH * life, ends=now + life - margin)


class Exchange(Protocol):
    """Talks with an identity server without any I/O of its own: yields requests and is sent their answers."""

    def __call__(self) -> Generator[Request, Response, Token]:
        """Begin an exchange; the generator returns the token."""
        ...


class TokenSource:
    """Holds the token of one `Auth`, and fetches it when it is needed.

    On a cold start, and when the token has ended, one thread fetches while the others wait; all of them get
    its token or its error, and whoever comes later tries anew. From 80 % of its life on, the token is renewed
    in the background. When that fails, the one that is there is used until it ends, and the next attempt is
    made 10 seconds later at the earliest.
    """

    def __init__(
        self, exchange: Exchange, server: IdentityServer, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._exchange = exchange
        self._server = server
        self._clock = clock
        self._token: Token | None = None
        self._quiet_until = -math.inf
        self._flights: Flights[Token] = Flights()

    def __repr__(self) -> str:
        return f"TokenSource({self._server!r})"

    def current(self) -> Token:
        """Return a token that can be used now.

        Raises `TokenRefused` when the identity server gives none, and `TransportError` with `sent=False` when
        it does not answer.
        """
        token = self._token
        if token is None or self._clock() >= token.ends:
            return self._fetch()
        if self._unhurried() is None:
            self._refresh_in_background()
        return token

    def after(self, token: Token) -> Token:
        """Return another token than this one, which the service has refused; raises as `current` does."""
        if self._token is token:
            self._token = None
        return self.current()

    def _fetch(self) -> Token:
        while True:
            flight, mine = self._flights.board(self._usable)
            if mine:
                return self._make(flight)
            token = flight.result()
            if token is not None:
                return token

    def _refresh_in_background(self) -> None:
        flight, mine = self._flights.board(self._unhurried)
        if not mine:
            return
        thread = threading.Thread(target=self._refresh, args=(flight,), name="couchmapper-token", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads; the token is fetched when it has ended
            self._flights.give_up(flight)

    def _refresh(self, flight: Flight[Token]) -> None:
        try:
            self._make(flight)
        except Exception as error:  # noqa: BLE001 - nobody is there to catch it, and the token is still good
            _log.warning("a token was not renewed, the present one is used until it ends: %s", error)

    def _make(self, flight: Flight[Token]) -> Token:
        with self._flights.making(flight) as end:
            try:
                token = self._token = self._converse()
            except Exception:
                self._quiet_until = self._clock() + _PAUSE
                raise
            end(token)
            return token

    def _converse(self) -> Token:
        """Drive one exchange to its end."""
        exchange = self._exchange()
        with self._server.opened() as transport:
            try:
                request = next(exchange)
                while True:
                    request = exchange.send(transport.send(request))
            except StopIteration as end:
                token: Token = end.value
                return token
            except TransportError as error:
                error.sent = False  # what the caller asked for was not sent yet
                raise
            finally:
                exchange.close()

    def _usable(self) -> Token | None:
        token = self._token
        return token if token is not None and self._clock() < token.ends else None

    def _unhurried(self) -> Token | None:
        """Return the token if there is no need to renew it now."""
        token, now = self._token, self._clock()
        return token if token is not None and (now < token.refresh or now < self._quiet_until) else None


class TokenAuth:
    """Sends `Authorization: Bearer ...` with each request, with the token of a source.

    When the service answers 401, the token is dropped, another one fetched, and the request sent once more,
    unless its body is a stream that cannot go back.
    """

    def __init__(self, source: TokenSource) -> None:
        self._source = source

    def flow(self, request: Request) -> Generator[Request, Response, Response | None]:
        """Yield the request with a token, and once more with a new one after a 401."""
        token = self._source.current()
        return bear(request, token.text, lambda: self._source.after(token).text)
