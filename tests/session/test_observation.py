"""What a session writes while it goes through a query is what comes of it, whenever its page was read."""

from collections.abc import Iterator

import pytest
from order_pages import Order, fill, numbers, orders, pages, rests, take

from couchmapper.database import Database
from couchmapper.session import Session
from couchmapper.session.observation import Observation


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


# --- the notes


def test_what_was_written_after_a_moment_makes_what_was_read_then_old():
    written = Observation()
    before = written.now
    written.note("a")

    assert written.is_older(before, "a")
    assert not written.is_older(written.now, "a")
    assert not written.is_older(before, "b")


def test_the_last_of_several_writes_counts():
    written = Observation()
    written.note("a")
    between = written.now
    written.note("b")
    written.note("a")

    assert written.is_older(between, "a")
    assert written.is_older(between, "b")


def test_what_was_written_up_to_a_moment_is_forgotten():
    written = Observation()
    written.note("a")
    written.note("b")
    between = written.now
    written.note("a")
    written.note("c")

    written.forget(between)

    assert [one for one in "abc" if written.is_older(0, one)] == ["a", "c"]
    written.forget(written.now)
    assert not any(written.is_older(0, one) for one in "abc")


# --- what is written in the loop


@pytest.mark.parametrize("place", [20, 70, 99, 100, 150, 199, 200])
def test_what_is_committed_meanwhile_comes_as_it_was_written(session, place):
    """Before and after a place among documents that are made, read, read ahead, and not yet read."""
    found = orders(session)
    take(found, 60 if place >= 60 else 10)
    order = session.get(Order, f"order:{place:05}")
    order.status = "paid"
    session.commit()
    revision = order.rev
    session.expunge(order)
    del order

    met = next(order for order in found if order.number == place)

    assert (met.status, met.rev) == ("paid", revision)
    met.status = "sent"
    assert session.commit()


@pytest.mark.parametrize("place", [20, 70, 150])
def test_what_is_committed_twice_comes_as_it_was_written_last(session, place):
    found = orders(session)
    take(found, 60 if place >= 60 else 10)
    for status in ("paid", "sent"):

        def change(order: Order, status: str = status) -> None:
            order.status = status

        session.modify(Order, f"order:{place:05}", change)
    session.expunge(session.get(Order, f"order:{place:05}"))

    assert next(order for order in found if order.number == place).status == "sent"


@pytest.mark.parametrize("place", [20, 70, 150])
def test_what_another_object_wrote_meanwhile_comes_as_it_was_written(session, place):
    found = orders(session)
    take(found, 60 if place >= 60 else 10)
    session.expunge(session.get(Order, f"order:{place:05}"))
    session.get(Order, f"order:{place:05}").status = "paid"
    session.commit()
    session.expunge(session.get(Order, f"order:{place:05}"))

    assert next(order for order in found if order.number == place).status == "paid"


def test_every_query_that_is_gone_through_learns_what_was_written(session):
    several = [orders(session) for _ in range(3)]
    for found in several:
        take(found, 60)
    session.get(Order, "order:00150").status = "paid"
    session.commit()
    session.expunge(session.get(Order, "order:00150"))

    for found in several:
        met = next(order for order in found if order.number == 150)
        assert met.status == "paid"
        session.expunge(met)


@pytest.mark.parametrize("place", [20, 70, 150, 250])
def test_what_is_deleted_meanwhile_does_not_come(session, place):
    found = orders(session)
    first = take(found, 60 if place >= 60 else 10)
    session.delete(session.get(Order, f"order:{place:05}"))
    session.commit()

    rest = take(found, 400)

    assert first + rest == [number for number in range(320) if number != place]


@pytest.mark.parametrize("place", [20, 70, 150])
def test_what_is_made_anew_meanwhile_comes_anew(session, place):
    found = orders(session)
    take(found, 60 if place >= 60 else 10)
    order = session.get(Order, f"order:{place:05}")
    session.delete(order)
    session.commit()
    del order
    session.add(Order(number=place, status="again"))
    session.commit()

    assert [order.status for order in found if order.number == place] == ["again"]


def test_many_commits_in_a_loop_lose_nothing(session, shop: Database):
    """Each document is met before and after the session changed others ahead of it and behind it."""
    met = []
    for order in orders(session):
        met.append(order.status)
        order.status = "seen"
        if order.number % 7 == 0:
            ahead = session.get(Order, f"order:{(order.number + 110) % 320:05}")
            ahead.status = "ahead"
            session.commit()
            session.expunge(ahead)
            del ahead
    session.commit()

    expected = ["ahead" if number >= 110 and (number - 110) % 7 == 0 else "new" for number in range(320)]
    assert met == expected
    stored = [
        row["doc"]["status"]
        for row in shop.bulk.all_docs(include_docs=True)["rows"]
        if "number" in row["doc"]
    ]
    wrapped = {(number + 110) % 320 for number in range(0, 320, 7) if number + 110 >= 320}
    assert stored == ["ahead" if number in wrapped else "seen" for number in range(320)]


def test_what_is_not_committed_comes_as_it_is_held(session):
    found = orders(session)
    take(found, 60)
    order = session.get(Order, "order:00150")
    order.status = "mine"

    assert next(one for one in found if one.number == 150) is order


def test_what_is_rolled_back_comes_as_the_server_has_it(session):
    found = orders(session)
    take(found, 60)
    order = session.get(Order, "order:00070")
    order.status = "mine"
    session.rollback()

    assert next(one for one in found if one.number == 70).status == "new"


def test_a_loop_within_writes_for_the_loop_around_it(session):
    around = orders(session)
    take(around, 60)
    for order in orders(session):
        order.status = "within"
        if order.number % 100 == 99:
            session.commit()
    session.commit()

    assert {order.status for order in around} == {"within"}


# --- documents that wait for their deletion


def test_what_waits_for_its_deletion_is_left_out_on_all_pages(session, wire):
    hidden = [0, 49, 50, 99, 100, 150, 319]
    for number in hidden:
        session.delete(session.get(Order, f"order:{number:05}"))
    wire.requests.clear()
    shown = [number for number in range(320) if number not in hidden]

    assert take(orders(session), 400) == shown
    assert pages(wire) == 4
    assert take(orders(session, skip=45, limit=60), 400) == shown[45:105]
    assert take(orders(session, skip=45, limit=250), 400) == shown[45:295]
    assert take(orders(session, limit=0), 400) == []


def test_what_comes_to_wait_for_its_deletion_is_left_out_from_then_on(session):
    found = orders(session)
    first = take(found, 60)
    for number in (10, 61, 130, 250):
        session.delete(session.get(Order, f"order:{number:05}"))

    assert first + take(found, 400) == [number for number in range(320) if number not in (61, 130, 250)]


def test_what_is_to_stay_after_all_comes_again(session):
    order = session.get(Order, "order:00150")
    session.delete(order)
    found = orders(session)
    first = take(found, 60)
    session.add(order)

    assert first + take(found, 400) == numbers(range(320))
