import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import (
    ConnectionFailed,
    InvalidAnswer,
    TLSFailed,
    TransportError,
    TransportTimeout,
)
from couchmapper.messages import Request, Response
from couchmapper.transport.http import HTTPTransport
from couchmapper.transport.mock import MockTransport
from couchmapper.transport.retry import Outcome, RetryPolicy, RetryTransport

READ = Request(method="GET", path=("db",), route="/{db}", repeatable=True)
WRITE = Request(method="POST", path=("db", "_bulk_docs"), route="/{db}/_bulk_docs", body=b"{}")
OK = Response(status=200)
BUSY = Response(status=503)
BROKEN = ConnectionFailed("reset")
REFUSED = ConnectionFailed("refused", sent=False)


def delay(
    policy: RetryPolicy, outcome: Outcome, *, request: Request = READ, attempt: int = 1, elapsed: float = 0
):
    return policy.delay(request, attempt, outcome, elapsed=elapsed, random=lambda: 1.0)


class Script:
    """Answers with one outcome after the other."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)

    def __call__(self, _request: Request, /) -> Response:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, TransportError):
            raise outcome
        return outcome


def retrying(inner: MockTransport, policy: RetryPolicy | None = None) -> tuple[RetryTransport, list[float]]:
    """Return a transport whose time only passes by its own sleeping, and the list of its pauses."""
    pauses: list[float] = []
    transport = RetryTransport(
        inner, policy, sleep=pauses.append, clock=lambda: sum(pauses), random=lambda: 1.0
    )
    return transport, pauses


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_read_is_repeated_on_a_busy_server(status):
    assert delay(RetryPolicy(), Response(status=status)) is not None


@pytest.mark.parametrize("status", [200, 304, 400, 401, 404, 409, 412, 413, 501])
def test_other_answers_are_final(status):
    assert delay(RetryPolicy(), Response(status=status)) is None


@pytest.mark.parametrize("outcome", [BROKEN, REFUSED, TransportTimeout("late")])
def test_a_read_is_repeated_without_an_answer(outcome):
    assert delay(RetryPolicy(), outcome) is not None


@pytest.mark.parametrize("outcome", [TLSFailed("certificate"), InvalidAnswer("redirect")])
def test_what_will_not_change_is_not_repeated(outcome):
    assert delay(RetryPolicy(), outcome) is None


@pytest.mark.parametrize("outcome", [BROKEN, TransportTimeout("late"), BUSY, Response(status=500)])
def test_a_write_that_may_have_been_done_is_not_repeated(outcome):
    assert delay(RetryPolicy(), outcome, request=WRITE) is None


@pytest.mark.parametrize("outcome", [REFUSED, TransportTimeout("connect", sent=False), Response(status=429)])
def test_a_write_that_was_not_done_is_repeated(outcome):
    assert delay(RetryPolicy(), outcome, request=WRITE) is not None


def test_the_longest_pause_doubles_up_to_the_cap():
    policy = RetryPolicy(attempts=100, base=1, cap=5, deadline=1000)

    pauses = [delay(policy, BUSY, attempt=attempt) for attempt in (1, 2, 3, 4, 99)]

    assert pauses == [1, 2, 4, 5, 5]


def test_the_pause_is_a_random_part_of_the_longest():
    policy = RetryPolicy(base=8)

    assert policy.delay(READ, 1, BUSY, elapsed=0, random=lambda: 0.25) == 2


@given(attempt=st.integers(1, 10**6), part=st.floats(0, 1), elapsed=st.floats(0, 100))
def test_a_pause_stays_within_cap_and_deadline(attempt, part, elapsed):
    policy = RetryPolicy(attempts=10**7, cap=7, deadline=50)

    pause = policy.delay(READ, attempt, BUSY, elapsed=elapsed, random=lambda: part)

    assert pause is None or (0 <= pause <= 7 and elapsed + pause <= 50)


def test_the_attempts_are_counted():
    assert delay(RetryPolicy(attempts=3), BUSY, attempt=2) is not None
    assert delay(RetryPolicy(attempts=3), BUSY, attempt=3) is None


def test_retry_after_seconds_are_waited_for_as_they_are():
    told = Response(status=429, headers={"retry-after": "7"})

    assert delay(RetryPolicy(base=0.001), told) == 7


def test_retry_after_may_be_a_date_which_is_compared_with_the_servers_own():
    headers = {"retry-after": "Mon, 23 Nov 2026 10:00:09 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}

    assert delay(RetryPolicy(), Response(status=503, headers=headers)) == 9


def test_retry_after_in_the_past_is_now():
    headers = {"retry-after": "Mon, 23 Nov 2026 09:00:00 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}

    assert delay(RetryPolicy(), Response(status=503, headers=headers)) == 0


@pytest.mark.parametrize("text", ["", "soon", "-1", "1.5", "٣"])
def test_an_unreadable_retry_after_is_left_alone(text):
    told = Response(status=503, headers={"retry-after": text})

    assert delay(RetryPolicy(base=0.5), told) == 0.5


def test_a_retry_after_beyond_the_cap_ends_the_attempts():
    assert delay(RetryPolicy(cap=20), Response(status=429, headers={"retry-after": "3600"})) is None


def test_success_after_failures_is_success():
    inner = MockTransport(Script(BROKEN, BUSY, OK))
    transport, pauses = retrying(inner, RetryPolicy(base=1))

    assert transport.send(READ) is OK
    assert pauses == [1, 2]
    assert inner.requests == [READ, READ, READ]


def test_the_last_answer_is_passed_on_unchanged():
    last = Response(status=503, body=b"the last")
    transport, pauses = retrying(MockTransport(Script(BUSY, last)), RetryPolicy(attempts=2))

    assert transport.send(READ) is last
    assert len(pauses) == 1


def test_the_last_error_is_passed_on_unchanged():
    last = ConnectionFailed("the last")
    transport, _ = retrying(MockTransport(Script(BROKEN, last)), RetryPolicy(attempts=2))

    with pytest.raises(ConnectionFailed) as caught:
        transport.send(READ)

    assert caught.value is last


def test_the_deadline_counts_from_the_first_attempt():
    inner = MockTransport(Script(*[BUSY] * 100))
    transport, pauses = retrying(inner, RetryPolicy(attempts=100, base=4, cap=4, deadline=10))

    assert transport.send(READ) is BUSY
    assert pauses == [4, 4]


def test_a_write_with_a_lost_answer_is_sent_once():
    inner = MockTransport(Script(BROKEN))
    transport, _ = retrying(inner)

    with pytest.raises(ConnectionFailed):
        transport.send(WRITE)

    assert inner.requests == [WRITE]


def test_a_server_that_comes_back_is_met_by_the_next_attempt(loopback):
    server = loopback(loopback.reset, loopback.answer(status="503 Busy", Retry_After="0"), loopback.answer())
    transport = RetryTransport(HTTPTransport(server.url), RetryPolicy(base=0.001))

    assert transport.send(READ).status == 200
    assert len(server.received) == 3
