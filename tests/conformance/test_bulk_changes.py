"""Queries are gone through, changed and deleted on every store, while others are at work."""

import threading
from collections.abc import Iterator

import pytest

from couchmapper.database import Client, Database
from couchmapper.design import Design, Index
from couchmapper.exceptions import Forbidden
from couchmapper.mapping import Document, Mapped, field
from couchmapper.query.bulk_report import BulkReport
from couchmapper.session import CommitError, Session


class Order(Document, id="order:{number:03}"):
    number: Mapped[int]
    rank: Mapped[int] = field(default=0)
    status: Mapped[str] = field(default="new")
    count: Mapped[int] = field(default=0)


class Ranks(Design, model=Order):
    by_rank = Index(Order.rank)


class Reading(Document, id="{number:02}", partition="sensor"):
    sensor: Mapped[str]
    number: Mapped[int]
    count: Mapped[int] = field(default=0)


class Animal(Document, id="{name}", abstract=True):
    name: Mapped[str]
    count: Mapped[int] = field(default=0)


class Dog(Animal):
    pass


class Cat(Animal):
    pass


@pytest.fixture
def shop(database: Database) -> Database:
    """Give a database with twelve orders and an index."""
    Ranks.deploy(database)
    with database.begin() as session:
        session.add_all(Order(number=number, rank=number) for number in range(12))
    return database


@pytest.fixture
def session(shop: Database) -> Iterator[Session]:
    with shop.session(scans="allow") as session:
        yield session


def increment(one) -> None:
    one.count += 1


def stored(database: Database, name: str = "count") -> dict[str, int]:
    rows = database.bulk.all_docs(include_docs=True)["rows"]
    return {row["id"]: row["doc"][name] for row in rows if name in row["doc"]}


def counts(database: Database) -> list[int]:
    return [*stored(database).values()]


def elsewhere(database: Database, number: int, **values: object) -> None:
    with database.begin() as other:
        order = other.get_one(Order, f"order:{number:03}")
        for name, value in values.items():
            setattr(order, name, value)


@pytest.mark.parametrize("size", [1, 5, 500])
def test_everything_is_changed_once(session, shop, size):
    assert session.query(Order).update(increment, size=size) == BulkReport(matched=12, written=12)
    assert counts(shop) == [1] * 12


@pytest.mark.parametrize("size", [1, 5, 500])
def test_everything_that_matches_is_deleted(session, shop, size):
    query = session.query(Order).where(Order.rank >= 4)

    assert query.delete(size=size) == BulkReport(matched=8, written=8)
    assert [*stored(shop)] == [f"order:{number:03}" for number in range(4)]
    assert query.delete(size=size) == BulkReport()


@pytest.mark.parametrize("page_size", [3, 1000])
def test_what_moves_in_the_index_is_changed_once(session, shop, page_size):
    def move(order: Order) -> None:
        order.rank += 7
        order.count += 1

    query = session.query(Order).where(Order.rank >= 0).order_by(Order.rank).page_size(page_size)

    assert query.update(move, size=3) == BulkReport(matched=12, written=12)
    assert counts(shop) == [1] * 12
    assert [*stored(shop, "rank").values()] == [*range(7, 19)]


def test_what_is_done_is_not_done_again(session, shop):
    def pay(order: Order) -> None:
        order.status = "paid"
        order.count += 1

    query = session.query(Order).where(Order.status == "new")

    assert query.limit(5).update(pay).written == 5
    assert query.update(pay, size=2) == BulkReport(matched=7, written=7)
    assert query.update(pay) == BulkReport()
    assert counts(shop) == [1] * 12


@pytest.mark.parametrize("strategy", ["raise", "mine", "theirs", "merge"])
def test_what_others_change_before_it_is_saved_is_changed_again(shop, strategy):
    seen: set[str] = set()

    def change(order: Order) -> None:
        if order.number in {3, 4, 5} and order.id not in seen:
            seen.add(order.id)
            if order.number == 3:
                elsewhere(shop, 3, count=100)
            elif order.number == 4:
                elsewhere(shop, 4, status="void")
            else:
                shop.documents.delete(order.id, rev=order.rev)
        order.count += 1

    with shop.session(on_conflict=strategy, scans="allow") as session:
        report = session.query(Order).where(Order.status == "new").update(change)

    assert report == BulkReport(matched=12, written=10, passed=2)
    assert counts(shop) == [1, 1, 1, 101, 0, *[1] * 6]


def test_what_the_database_forbids_is_told_with_what_is_written(session, shop):
    guard = "function (doc) { if (doc.number === 7 && doc.count > 0) throw({forbidden: 'no'}); }"
    shop.design.put({"_id": "_design/guard", "validate_doc_update": guard})

    with pytest.raises(CommitError) as caught:
        session.query(Order).update(increment, size=5)

    assert isinstance(caught.value.exceptions[0], Forbidden)
    assert [one.document.number for one in caught.value.report.rejected] == [7]
    (note,) = caught.value.__notes__
    assert "of 12 documents that matched the query, 9 are written" in note
    assert sum(counts(shop)) == 9


def test_a_partitioned_model_is_changed_in_its_partition(client: Client, database_name: str):
    client.databases.create(database_name, partitioned=True)
    database = client.database(database_name)
    with database.begin() as session:
        session.add_all(Reading(sensor=sensor, number=number) for sensor in "ab" for number in range(3))

    with database.session(scans="allow") as session:
        readings = session.query(Reading)
        assert readings.where(Reading.sensor == "a").update(increment, size=2).written == 3
        assert readings.across_partitions().update(increment) == BulkReport(matched=6, written=6)
        assert readings.where(Reading.sensor == "b", Reading.number > 0).delete().written == 2

    assert stored(database) == {"a:00": 2, "a:01": 2, "a:02": 2, "b:00": 1}


def test_a_base_class_changes_what_derives_from_it(database):
    with database.begin() as session:
        session.add_all([Dog(name="rex"), Cat(name="tom"), Order(number=1)])

    with database.session(scans="allow") as session:
        assert session.query(Animal).update(increment) == BulkReport(matched=2, written=2)
        assert session.query(Cat).delete() == BulkReport(matched=1, written=1)

    assert stored(database) == {"order:001": 0, "rex": 1}


# --- loops


def many(database: Database) -> None:
    with database.begin() as session:
        session.add_all(Order(number=number) for number in range(12, 150))


def rest() -> None:
    """Wait until nothing is read any more: the tape ends with the test."""
    for thread in threading.enumerate():
        if thread.name == "couchmapper-read-ahead":
            thread.join(20)


def test_a_loop_meets_what_its_session_writes(session, shop):
    """The second page is read while the first one is gone through."""
    many(shop)
    met = []
    for order in session.query(Order).order_by(Order.id).page_size(60):
        met.append(order.status)
        if order.number == 55:
            for number in (70, 71, 130):
                session.modify(Order, f"order:{number:03}", lambda one: setattr(one, "status", "paid"))
                session.expunge(session.get(Order, f"order:{number:03}"))
            session.delete(session.get(Order, "order:072"))
            session.commit()

    assert [number for number, status in enumerate(met) if status == "paid"] == [70, 71, 129]
    assert len(met) == 149


def test_a_loop_that_changes_everything_saves_it_once(session, shop):
    many(shop)
    for order in session.query(Order).order_by(Order.id).page_size(60):
        order.count += 1
        if order.number % 40 == 39:
            session.commit()
    session.commit()

    assert counts(shop) == [1] * 150


def test_a_loop_that_is_left_can_be_begun_again(session, shop):
    many(shop)
    for _ in range(3):
        for order in session.query(Order).order_by(Order.id).page_size(60):
            if order.number == 58:
                break
        rest()

    assert len(session.query(Order).all()) == 150
