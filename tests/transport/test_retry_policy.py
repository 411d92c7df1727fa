import math
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from couchmapper.exceptions import (
    ConfigurationError,
    ConnectionFailed,
    InvalidAnswer,
    TLSFailed,
    TransportTimeout,
)
from couchmapper.messages import Request, Response
from couchmapper.transport.retry import Outcome, RetryPolicy

READ = Request(method="GET", path=("db",), route="/{db}", repeatable=True)
WRITE = Request(method="POST", path=("db", "_bulk_docs"), route="/{db}/_bulk_docs", body=b"{}")
BUSY = Response(status=503)
BROKEN = ConnectionFailed("reset")
REFUSED = ConnectionFailed("refused", sent=False)


def delay(
    policy: RetryPolicy, outcome: Outcome, *, request: Request = READ, attempt: int = 1, elapsed: float = 0
):
    return policy.delay(request, attempt, outcome, elapsed=elapsed, random=lambda: 1.0)


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


STATUSES = st.sampled_from([200, 400, 404, 409, 429, 500, 501, 502, 503, 504])
ERRORS = st.builds(ConnectionFailed, st.just("broken"), sent=st.booleans())
POLICIES = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 50),
    base=st.floats(0, 1e300),
    cap=st.floats(0, 1e6),
    deadline=st.floats(0, 1e6),
)
TIMES = st.datetimes().map(format_datetime)
HEADERS = st.fixed_dictionaries(
    {}, optional={"retry-after": st.one_of(TIMES, st.integers().map(str), st.text()), "date": TIMES}
)
ANSWERS = st.builds(Response, status=STATUSES, headers=HEADERS)


@given(policy=POLICIES, attempt=st.integers(1, 10**9), outcome=ANSWERS | ERRORS, elapsed=st.floats(0, 1e7))
@example(
    RetryPolicy(),
    1,
    Response(status=503, headers={"retry-after": "Mon, 1 Jan 2026 0:0:0 +99999999999999999999", "date": "x"}),
    0,
)
def test_whatever_comes_a_pause_is_possible_and_allowed(policy, attempt, outcome, elapsed):
    pause = policy.delay(READ, attempt, outcome, elapsed=elapsed, random=lambda: 0.9)

    assert pause is None or (
        attempt < policy.attempts and 0 <= pause <= policy.cap and elapsed + pause <= policy.deadline
    )


@given(parts=st.lists(st.floats(0, 1), min_size=2, unique=True), attempt=st.integers(1, 20))
def test_pauses_spread_over_the_whole_range(parts, attempt):
    policy = RetryPolicy(attempts=100, base=1, cap=16, deadline=1000)
    longest = min(16, 2 ** (attempt - 1))

    pauses = [policy.delay(READ, attempt, BUSY, elapsed=0, random=lambda part=part: part) for part in parts]

    assert pauses == [part * longest for part in parts]


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempts": 0},
        {"attempts": 2.5},
        {"attempts": True},
        {"base": -1},
        {"cap": -0.1},
        {"deadline": math.nan},
        {"deadline": "60"},
    ],
    ids=str,
)
def test_a_policy_that_has_no_meaning_is_refused(wrong):
    with pytest.raises(ConfigurationError, match=f"retry: {next(iter(wrong))} is a number from"):
        RetryPolicy(**wrong)


def test_a_date_without_the_servers_own_is_left_alone():
    told = Response(status=503, headers={"retry-after": "Mon, 23 Nov 2026 10:00:09 GMT"})

    assert delay(RetryPolicy(base=0.5), told) == 0.5


def test_an_endless_retry_after_ends_the_attempts():
    told = Response(status=503, headers={"retry-after": "9" * 400})

    assert delay(RetryPolicy(), told) is None
