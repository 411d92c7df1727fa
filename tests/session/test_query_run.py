"""Going through a query: the next page is read meanwhile, and a loop may end anywhere."""

import gc
import os
import threading
import time
import tracemalloc
from collections.abc import Iterator
from itertools import islice

import pytest
from faulty_server import SILENCES, faulty_server
from order_pages import Order, fill, numbers, orders, pages, rests, take

from couchmapper.connect import connect
from couchmapper.database import Database
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.exceptions import (
    BudgetExceeded,
    ConnectionFailed,
    SessionBusy,
    SessionClosed,
    SessionForked,
)
from couchmapper.messages import Request, Response, Timeout
from couchmapper.session import Session
from couchmapper.transport.base import TransportWrapper
from couchmapper.transport.retry import RetryPolicy


@pytest.fixture
def shop(database: Database, wire) -> Database:
    """Give a database with three pages of a hundred orders, and a part of one; its indexes are known."""
    fill(database, 320)
    with database.session() as session:
        session.query(Order).scans("allow").page_size(100).all()
    wire.requests.clear()
    return database


@pytest.fixture
def session(shop: Database) -> Iterator[Session]:
    with shop.session() as session:
        yield session


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """See that no test leaves a thread."""
    yield
    assert rests()


# --- what is asked, and when


def test_everything_comes_once_and_in_order(session, wire):
    assert [order.number for order in orders(session)] == numbers(range(320))
    assert pages(wire) == 4


def test_the_next_page_is_asked_for_when_fifty_documents_were_taken(session, wire):
    found = orders(session)

    assert take(found, 50) == numbers(range(50))
    assert pages(wire) == 1
    take(found, 1)
    assert pages(wire) == 2


def test_only_one_page_is_read_ahead(session, wire):
    found = orders(session)

    take(found, 100)
    assert pages(wire) == 2
    take(found, 50)
    assert pages(wire) == 2
    take(found, 1)
    assert pages(wire) == 3


def test_a_page_that_may_be_the_last_is_not_looked_behind(session, wire):
    assert take(orders(session, skip=300), 20) == numbers(range(300, 320))
    assert pages(wire) == 1


def test_a_limit_that_fills_its_page_asks_no_further(session, wire):
    assert take(orders(session, limit=100), 101) == numbers(range(100))
    assert pages(wire) == 1


def test_what_is_included_does_not_make_it_read_further(session, wire):
    found = iter(session.query(Order).page_size(100).include(Order.customer))

    take(found, 50)
    assert pages(wire) == 2, "one of them for the customer"
    take(found, 1)
    assert pages(wire) == 3


def test_small_pages_are_read_when_they_are_asked_for(session, wire):
    found = orders(session, 40)

    take(found, 40)
    assert pages(wire) == 1
    take(found, 1)
    assert pages(wire) == 2


# --- how it ends early


def test_a_loop_that_is_left_leaves_nothing_behind(session, wire):
    for order in orders(session):
        if order.number == 60:
            break
    assert pages(wire) == 2
    take(orders(session), 10)

    assert pages(wire) == 3


def test_a_loop_is_left_while_the_server_is_silent():
    upstream = EmbeddedTransport()
    with faulty_server(upstream) as server:
        url = f"http://{server.place}"
        with connect(url, timeout=Timeout(connect=5, read=2), retry=RetryPolicy(attempts=1)) as client:
            database = client.database("shop", create=True)
            fill(database, 120)
            with database.session() as session:
                session.query(Order).scans("allow").count()  # which makes the indexes known
            server.plan(None, SILENCES["silent, and done before"], at="_find")
            begun = time.monotonic()
            with database.session() as session:
                for order in orders(session):
                    if order.number == 60:
                        break

        assert time.monotonic() - begun < 2
        assert rests()
    upstream.close()


@pytest.mark.parametrize("ways", ["deleted", "in a circle"])
def test_a_query_that_is_let_go_of_leaves_nothing_behind(session, wire, ways):
    def named() -> Iterator[str]:
        for order in orders(session):
            yield order.status

    found = [named()]
    found.append(found)  # type: ignore[arg-type]  # so that only the garbage collector can find it
    for _ in range(60):
        next(found[0])
    if ways == "deleted":
        found.pop(0)
    del found
    gc.collect()

    assert not session._workspaces[0]._queries
    assert pages(wire) == 2


def test_a_lost_page_is_told_when_it_is_its_turn(session, wire):
    wire.breaks("passes", "unsent", at="_find")
    found = orders(session)

    assert take(found, 100) == numbers(range(100))
    with pytest.raises(ConnectionFailed, match="no route"):
        next(found)
    assert take(orders(session), 1) == [0]


def test_a_page_beyond_the_budget_is_told_when_it_is_its_turn(shop: Database):
    with shop.session(max_requests=2) as session:
        found = orders(session)

        assert take(found, 200) == numbers(range(200))
        with pytest.raises(BudgetExceeded, match="_find would be request 3 of a session that may make 2"):
            next(found)


def test_a_page_beyond_the_budget_that_is_not_wanted_is_not_told(shop: Database):
    with shop.session(max_requests=1) as session:
        assert take(orders(session), 80) == numbers(range(80))


def test_nothing_comes_of_a_session_that_is_closed(shop: Database):
    session = shop.session()
    several = [orders(session), iter(session.query(Order).include(Order.customer)), orders(session)]
    take(several[0], 60)
    take(several[1], 1)
    session.close()

    for found in several:
        with pytest.raises(SessionClosed):
            next(found)


def test_another_thread_is_refused_while_a_page_is_read(shop: Database, wire):
    gate, refused, inner = threading.Event(), [], wire.inner
    session = shop.session()

    def meddle() -> None:
        try:
            session.get(Order, "order:00001")
        except SessionBusy as error:
            refused.append(error)
        gate.set()

    class Slow(TransportWrapper):
        def send(self, request: Request) -> Response:
            if request.path[-1] == "_find":
                threading.Thread(target=meddle).start()
                assert gate.wait(10)
            return super().send(request)

    wire.inner = Slow(inner)
    take(orders(session), 1)

    assert len(refused) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_does_not_wait_for_a_page_that_its_parent_reads(session):
    found = orders(session)
    take(found, 99)

    child = os.fork()
    if child == 0:
        verdict = 1
        try:
            list(found)
        except SessionForked:
            verdict = 0
        finally:
            os._exit(verdict)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert take(found, 300) == numbers(range(99, 320))


# --- several at once


def test_queries_within_queries_do_not_disturb_each_other(session):
    met = 0
    for order in islice(orders(session), 0, 320, 40):
        within = [one.number for one in orders(session)]
        assert within == numbers(range(320))
        met += order.number

    assert met == sum(range(0, 320, 40))


def test_queries_side_by_side_give_the_same_objects(session):
    both = zip(orders(session), orders(session, 60), strict=True)

    assert all(left is right for left, right in both)


# --- memory


def test_a_loop_needs_the_memory_of_a_page(database: Database):
    fill(database, 6200)
    used = []
    tracemalloc.start()
    try:
        with database.session() as session:
            for number, _ in enumerate(orders(session, 200)):
                if number in {1080, 6080}:  # as many went since the session has looked at them
                    assert rests()
                    gc.collect()
                    used.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()

    assert used[1] - used[0] < 300_000
