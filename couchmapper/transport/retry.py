"""Repeat a request that failed, when that cannot write twice: a policy decides, a transport repeats."""

import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeAlias

import attrs

from couchmapper.exceptions import InvalidAnswer, TLSFailed, TransportError
from couchmapper.messages import Request, Response
from couchmapper.streams import Upload
from couchmapper.transport.base import Transport, TransportWrapper

__all__ = ["Outcome", "RetryPolicy", "RetryTransport"]

Outcome: TypeAlias = Response | TransportError
"""What became of one attempt: the server's answer, or the reason why there is none."""

_TOO_MANY_REQUESTS = 429
_LASTING = (TLSFailed, InvalidAnswer)
_CONSUMED = "not sent again: its body was read from a source that cannot go back; give bytes or a file"


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """Decides whether a request is sent again and after how many seconds; it does nothing itself.

    At most `attempts` requests are sent. The n-th pause is a random part of `min(cap, base * 2 ** (n - 1))`
    seconds, so that many clients do not come back at the same moment. A `Retry-After` of at most `cap`
    seconds is waited for as it is; a longer one ends the attempts, as does a pause that would pass
    `deadline`, counted in seconds from the first attempt. `statuses` are the answers worth repeating.
    """

    attempts: int = 5
    base: float = 0.1
    cap: float = 20.0
    deadline: float = 60.0
    statuses: frozenset[int] = frozenset((429, 500, 502, 503, 504))

    def delay(
        self,
        request: Request,
        attempt: int,
        outcome: Outcome,
        *,
        elapsed: float,
        random: Callable[[], float],
    ) -> float | None:
        """Return the seconds to wait before the next attempt, or None to pass the outcome on.

        `attempt` counts those that were made, `random` returns a number from 0 to 1.
        """
        if attempt >= self.attempts or not self._repeatable(request, outcome):
            return None
        told = _retry_after(outcome) if isinstance(outcome, Response) else None
        # The exponent is bounded because a float overflows where `attempts` is meant as "for ever".
        pause = random() * min(self.cap, self.base * 2 ** min(attempt - 1, 60)) if told is None else told
        return pause if pause <= self.cap and elapsed + pause <= self.deadline else None

    def _repeatable(self, request: Request, outcome: Outcome) -> bool:
        """Tell whether a repetition may help and cannot write twice."""
        if isinstance(outcome, Response):
            safe = request.repeatable or outcome.status == _TOO_MANY_REQUESTS
            return safe and outcome.status in self.statuses
        return (request.repeatable or not outcome.sent) and not isinstance(outcome, _LASTING)


class RetryTransport(TransportWrapper):
    """Repeats requests as `policy` says; the last answer or error is passed on unchanged."""

    def __init__(
        self,
        inner: Transport,
        policy: RetryPolicy | None = None,
        *,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(inner)
        self.policy = policy if policy is not None else RetryPolicy()
        self._sleep = sleep
        self._clock = clock
        self._random = random

    def send(self, request: Request) -> Response:
        """Send the request, again and again while the policy gives a delay."""
        start = self._clock()
        attempt = 1
        while True:
            outcome = self._try(request)
            if isinstance(outcome, Response) and outcome.status not in self.policy.statuses:
                return outcome
            elapsed = self._clock() - start
            pause = self.policy.delay(request, attempt, outcome, elapsed=elapsed, random=self._random)
            if pause is None:
                return _conclude(outcome)
            if isinstance(request.body, Upload) and not request.body.rewind():
                return _conclude(_remarked(outcome))
            self._sleep(pause)
            attempt += 1

    def _try(self, request: Request) -> Outcome:
        try:
            return self.inner.send(request)
        except TransportError as error:
            return error


def _remarked(outcome: Outcome) -> Outcome:
    """Say why a request that could be repeated is not."""
    if isinstance(outcome, Response):
        return attrs.evolve(outcome, remark=_CONSUMED)
    error = type(outcome)(f"{outcome}; {_CONSUMED}", sent=outcome.sent)
    error.__cause__ = outcome
    return error


def _conclude(outcome: Outcome) -> Response:
    if isinstance(outcome, Response):
        return outcome
    raise outcome


def _retry_after(response: Response) -> float | None:
    """Read `Retry-After`: seconds, or a date, which is compared with the server's own `Date`."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
        now = parsedate_to_datetime(response.headers.get("date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None
