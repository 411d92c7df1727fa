import copy
import logging
from contextlib import suppress
from email.utils import format_datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.client.errors import check
from couchmapper.exceptions import (
    ConnectionFailed,
    CouchMapperError,
    DocumentConflict,
    TooManyRequests,
    TransportError,
    TransportTimeout,
)
from couchmapper.messages import Request, Response
from couchmapper.streams import Upload
from couchmapper.transport.http import HTTPTransport
from couchmapper.transport.mock import MockTransport, json_response
from couchmapper.transport.retry import Outcome, RetryPolicy, RetryTransport

READ = Request(method="GET", path=("db",), route="/{db}", repeatable=True)
WRITE = Request(method="POST", path=("db", "_bulk_docs"), route="/{db}/_bulk_docs", body=b"{}")
OK = Response(status=200)
BUSY = Response(status=503)
BROKEN = ConnectionFailed("reset")
REFUSED = ConnectionFailed("refused", sent=False)


class Script:
    """Answers with one outcome after the other."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)

    def __call__(self, _request: Request, /) -> Response:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, TransportError):
            raise copy.copy(outcome)  # what is raised gets marks; the constants above stay as they are
        return outcome


def retrying(inner: MockTransport, policy: RetryPolicy | None = None) -> tuple[RetryTransport, list[float]]:
    """Return a transport whose time only passes by its own sleeping, and the list of its pauses."""
    pauses: list[float] = []
    transport = RetryTransport(
        inner, policy, sleep=pauses.append, clock=lambda: sum(pauses), random=lambda: 1.0
    )
    return transport, pauses


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

    def fail(_: Request, /) -> Response:
        raise last

    transport, _ = retrying(MockTransport(fail), RetryPolicy(attempts=2))

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


@given(policy=POLICIES, outcomes=st.lists(ANSWERS | ERRORS, min_size=50, max_size=50), part=st.floats(0, 1))
def test_whatever_comes_attempts_and_time_are_limited(policy, outcomes, part):
    pauses: list[float] = []
    inner = MockTransport(Script(*outcomes))
    transport = RetryTransport(
        inner, policy, sleep=pauses.append, clock=lambda: sum(pauses), random=lambda: part
    )

    with suppress(TransportError):
        transport.send(READ)

    count = len(inner.requests)
    assert count <= policy.attempts
    assert len(pauses) == count - 1
    assert sum(pauses) <= policy.deadline


@given(outcomes=st.lists(ANSWERS | ERRORS, min_size=50, max_size=50))
def test_whatever_comes_a_write_is_never_sent_again_when_it_may_have_been_done(outcomes):
    inner = MockTransport(Script(*outcomes))
    transport = RetryTransport(inner, RetryPolicy(attempts=50), sleep=lambda _: None, clock=lambda: 0.0)

    with suppress(TransportError):
        transport.send(WRITE)

    for outcome in outcomes[: len(inner.requests) - 1]:
        assert outcome.status == 429 if isinstance(outcome, Response) else not outcome.sent


def test_the_final_error_says_how_long_the_server_asks_to_wait():
    told = json_response(
        {"error": "too_many_requests", "reason": "slow down"}, status=429, headers={"retry-after": "3600"}
    )
    transport, pauses = retrying(MockTransport(Script(told)))

    response = transport.send(READ)

    with pytest.raises(
        TooManyRequests, match=r"slow down \(the server asks to wait 3600 seconds\)"
    ) as caught:
        check(READ, response)
    assert (caught.value.headers["retry-after"], pauses) == ("3600", [])


@pytest.mark.parametrize("lost", [BROKEN, TransportTimeout("late"), BUSY, Response(status=500)])
@pytest.mark.parametrize(
    ("method", "status"),
    [("PUT", 409), ("PUT", 412), ("POST", 409), ("COPY", 409), ("DELETE", 404), ("DELETE", 409)],
)
def test_a_refused_repetition_says_that_the_write_may_have_been_done(lost, method, status):
    refused = json_response({"error": "conflict", "reason": "Document update conflict."}, status=status)
    transport, _ = retrying(MockTransport(Script(lost, refused)))
    write = Request(method=method, path=("db", "a"), route="/{db}/{doc_id}", repeatable=True)

    response = transport.send(write)

    with pytest.raises(CouchMapperError, match=r"earlier attempt got no answer.*read what is there"):
        check(write, response)


@pytest.mark.parametrize(
    ("method", "first", "status"),
    [
        ("PUT", Response(status=429), 409),
        ("PUT", REFUSED, 409),
        ("PUT", BROKEN, 400),
        ("PUT", BROKEN, 404),
        ("DELETE", BROKEN, 403),
        ("GET", BROKEN, 404),
        ("POST", BROKEN, 404),
    ],
)
def test_a_refusal_that_has_another_reason_is_left_alone(method, first, status):
    refused = Response(status=status)
    transport, _ = retrying(MockTransport(Script(first, refused)))

    assert transport.send(Request(method=method, path=("db",), route="/{db}", repeatable=True)).remark == ""


def test_a_conflict_of_the_first_attempt_is_just_a_conflict():
    refused = json_response({"error": "conflict", "reason": "Document update conflict."}, status=409)
    transport, _ = retrying(MockTransport(Script(refused)))
    write = Request(method="PUT", path=("db", "a"), route="/{db}/{doc_id}", repeatable=True)

    with pytest.raises(DocumentConflict, match=r"^PUT /db/a: 409 conflict: (?!.*earlier)"):
        check(write, transport.send(write))


def consumed() -> Request:
    """Return a write whose body was read and cannot go back."""
    body = Upload(iter([b"a", b"b"]))
    list(body)
    return Request(method="PUT", path=("db", "a", "f"), route="/", body=body, repeatable=True)


@pytest.mark.parametrize("status", [429, 503])
def test_a_body_that_cannot_go_back_is_sent_once_and_the_answer_says_so(status):
    transport, pauses = retrying(MockTransport(Script(Response(status=status))))

    answer = transport.send(consumed())

    assert (answer.status, pauses) == (status, [])
    assert "not sent again: its body was read from a source that cannot go back" in answer.remark


def test_a_body_that_cannot_go_back_is_sent_once_and_the_error_says_so():
    transport, pauses = retrying(MockTransport(Script(BROKEN)))

    with pytest.raises(ConnectionFailed, match="reset; not sent again: its body") as caught:
        transport.send(consumed())

    assert str(caught.value.__cause__) == "reset"
    assert pauses == []


def test_a_body_that_was_not_touched_is_sent_although_it_cannot_go_back():
    transport, _ = retrying(MockTransport(Script(REFUSED, OK)))

    body = Upload(iter([b"a"]))

    assert transport.send(Request(method="PUT", path=("db",), route="/", body=body)) is OK


def test_a_request_that_was_repeated_already_is_not_repeated_around_it():
    inner = MockTransport(Script(*[ConnectionFailed("refused", sent=False) for _ in range(9)]))
    nearer, pauses = retrying(inner, RetryPolicy(attempts=3))
    transport, _ = retrying(nearer, RetryPolicy(attempts=3))

    with pytest.raises(ConnectionFailed) as caught:
        transport.send(READ)

    assert caught.value.final
    assert (len(inner.requests), len(pauses)) == (3, 2)


def test_an_interruption_of_a_pause_passes():
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    inner = MockTransport(Script(BUSY, OK))
    with pytest.raises(KeyboardInterrupt):
        RetryTransport(inner, sleep=interrupted).send(READ)

    assert inner.requests == [READ]


def test_each_repetition_is_logged_and_told(caplog):
    caplog.set_level(logging.INFO, "couchmapper.transport")
    told = []
    transport = RetryTransport(
        MockTransport(Script(BUSY, BROKEN, OK)),
        RetryPolicy(base=0.4),
        sleep=lambda _: None,
        random=lambda: 1.0,
        observe=lambda *repetition: told.append(repetition),
    )

    transport.send(READ)

    assert caplog.messages == [
        "GET /{db} 503, again in 0.4 s (attempt 2 of 5)",
        "GET /{db} ConnectionFailed, again in 0.8 s (attempt 3 of 5)",
    ]
    assert [(attempt, str(outcome), pause) for _, attempt, outcome, pause in told] == [
        (1, str(BUSY), 0.4),
        (2, "reset", 0.8),
    ]


def test_a_long_attempt_is_not_cut_off_and_is_the_last_one():
    times = iter([0.0, 61.0])
    inner = MockTransport(Script(BUSY))

    transport = RetryTransport(inner, RetryPolicy(deadline=60), clock=lambda: next(times))

    assert transport.send(READ) is BUSY


def test_a_deadline_limits_all_attempts_together():
    inner = MockTransport(Script(BUSY, BUSY, Response(status=200)))
    transport, pauses = retrying(inner, RetryPolicy(base=2.0))

    answer = transport.send(attrs.evolve(READ, deadline=5.0))

    assert (answer.status, pauses) == (503, [2.0])
    assert [request.deadline for request in inner.requests] == [5.0, 3.0]
