"""Repeat a request that failed, when that cannot write twice: a policy decides, a transport repeats."""

import logging
import math
import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol, TypeAlias

import attrs

from couchmapper.exceptions import ConfigurationError, InvalidAnswer, TLSFailed, TransportError
from couchmapper.messages import Request, Response
from couchmapper.streams import Upload
from couchmapper.transport.base import Transport, TransportWrapper

__all__ = ["Observer", "Outcome", "RetryPolicy", "RetryTransport"]

Outcome: TypeAlias = Response | TransportError
"""What became of one attempt: the server's answer, or the reason why there is none."""

_log = logging.getLogger("couchmapper.transport")

_TOO_MANY_REQUESTS = 429
_SHORTEST = 0.001
_LASTING = (TLSFailed, InvalidAnswer)
_CONSUMED = "not sent again: its body was read from a source that cannot go back; give bytes or a file"
_OWN_SUCCESS: Final = {"PUT": (409, 412), "POST": (409,), "COPY": (409,), "DELETE": (404, 409)}
_PERHAPS_DONE: Final = (
    "an earlier attempt got no answer, or a broken one, and may have been done: read what is there before you"
    " try again"
)


def _positive(policy: object, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    del policy
    least = 1 if attribute.name == "attempts" else 0
    kinds = {int} if attribute.name == "attempts" else {int, float}
    if type(value) not in kinds or not value >= least:
        raise ConfigurationError(f"retry: {attribute.name} is a number from {least} on, not {value!r}")


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """Decides whether a request is sent again and after how many seconds; it does nothing itself.

    At most `attempts` requests are sent. The n-th pause is a random part of `min(cap, base * 2 ** (n - 1))`
    seconds, so that many clients do not come back at the same moment. A `Retry-After` of at most `cap`
    seconds is waited for as it is; a longer one ends the attempts, as does a pause that would pass
    `deadline`: no attempt begins later than this many seconds after the first one began. An attempt that runs
    is not cut off by it, but it is by `Timeout(total=...)` and by the deadline of its request. A date in
    `Retry-After` is compared with the server's own `Date`, and without that it is left alone. `statuses` are
    the answers worth repeating.
    """

    attempts: int = attrs.field(default=5, validator=_positive)
    base: float = attrs.field(default=0.1, validator=_positive)
    cap: float = attrs.field(default=20.0, validator=_positive)
    deadline: float = attrs.field(default=60.0, validator=_positive)
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
        deadline = self.deadline if request.deadline is None else min(self.deadline, request.deadline)
        return pause if pause <= self.cap and elapsed + pause <= deadline else None

    def _repeatable(self, request: Request, outcome: Outcome) -> bool:
        """Tell whether a repetition may help and cannot write twice."""
        if isinstance(outcome, Response):
            safe = request.repeatable or outcome.status == _TOO_MANY_REQUESTS
            return safe and outcome.status in self.statuses
        lasting = outcome.final or isinstance(outcome, _LASTING)
        return (request.repeatable or not outcome.sent) and not lasting


class Observer(Protocol):
    """Is told of each repetition before the pause that precedes it."""

    def __call__(self, request: Request, attempt: int, outcome: Outcome, pause: float, /) -> object:
        """Note that `request` is sent again in `pause` seconds, since attempt `attempt` had this outcome."""
        ...


class RetryTransport(TransportWrapper):
    """Repeats requests as `policy` says; the last answer or error is passed on.

    Each repetition is logged at INFO, and told to `observe`. An answer gets a `remark` where the way to it
    matters: a write that was repeated and met what may be its own success, a `Retry-After` not waited for, a
    body that cannot be sent twice. An error is marked `final`, so that nobody else repeats it.
    """

    def __init__(  # noqa: PLR0913 - what is injected, a keyword each
        self,
        inner: Transport,
        policy: RetryPolicy | None = None,
        *,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
        observe: Observer | None = None,
    ) -> None:
        super().__init__(inner)
        self.policy = policy if policy is not None else RetryPolicy()
        self._sleep = sleep
        self._clock = clock
        self._random = random
        self._observe = observe

    def send(self, request: Request) -> Response:
        """Send the request, again and again while the policy gives a delay."""
        start = self._clock()
        attempt = 1
        perhaps_done = False
        while True:
            outcome = self._try(self._within_deadline(request, start))
            if isinstance(outcome, Response) and outcome.status not in self.policy.statuses:
                return _doubted(request, outcome) if perhaps_done else outcome
            elapsed = self._clock() - start
            pause = self.policy.delay(request, attempt, outcome, elapsed=elapsed, random=self._random)
            if pause is None:
                return _conclude(_told_to_wait(outcome))
            if isinstance(request.body, Upload) and not request.body.rewind():
                return _conclude(_remarked(outcome, _CONSUMED))
            self._announce(request, attempt, outcome, pause)
            self._sleep(pause)
            attempt += 1
            perhaps_done = perhaps_done or _may_be_done(outcome)

    def _within_deadline(self, request: Request, start: float) -> Request:
        """Return the request with what is left of its deadline."""
        if request.deadline is None:
            return request
        left = request.deadline - (self._clock() - start)
        return attrs.evolve(request, deadline=max(left, _SHORTEST))

    def _try(self, request: Request) -> Outcome:
        try:
            return self.inner.send(request)
        except TransportError as error:
            return error

    def _announce(self, request: Request, attempt: int, outcome: Outcome, pause: float) -> None:
        if _log.isEnabledFor(logging.INFO):
            what = outcome.status if isinstance(outcome, Response) else type(outcome).__name__
            told = (request.method, request.route, what, pause, attempt + 1, self.policy.attempts)
            _log.info("%s %s %s, again in %.1f s (attempt %d of %d)", *told)
        if self._observe is not None:
            self._observe(request, attempt, outcome, pause)


def _may_be_done(outcome: Outcome) -> bool:
    """Tell whether the server may have done what was asked although it did not say so."""
    if isinstance(outcome, Response):
        return outcome.status != _TOO_MANY_REQUESTS
    return outcome.sent


def _doubted(request: Request, response: Response) -> Response:
    """Say of a refusal that it may be due to this request's own earlier success."""
    own = response.status in _OWN_SUCCESS.get(request.method, ())
    return attrs.evolve(response, remark=_PERHAPS_DONE) if own else response


def _told_to_wait(outcome: Outcome) -> Outcome:
    """Say how long the server asked to wait, for the caller who may do so."""
    pause = _retry_after(outcome) if isinstance(outcome, Response) else None
    return outcome if pause is None else _remarked(outcome, f"the server asks to wait {_seconds(pause)}")


def _seconds(pause: float) -> str:
    return f"{pause:.0f} seconds" if math.isfinite(pause) else "for ever"


def _remarked(outcome: Outcome, remark: str) -> Outcome:
    """Say something about the way to an outcome."""
    if isinstance(outcome, Response):
        return attrs.evolve(outcome, remark=remark)
    error = type(outcome)(f"{outcome}; {remark}", sent=outcome.sent)
    error.__cause__ = outcome
    return error


def _conclude(outcome: Outcome) -> Response:
    if isinstance(outcome, Response):
        return outcome
    outcome.final = True
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
    except (ArithmeticError, IndexError, TypeError, ValueError):  # a date may be wrong in many ways
        return None
