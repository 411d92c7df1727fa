"""`Query.update` and `Query.delete`: every document that matches is changed once, whoever else is at work."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from couchmapper.database import Client, Database
from couchmapper.design import Design, Index
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.exceptions import ExpressionError
from couchmapper.mapping import Document, Mapped, field
from couchmapper.messages import Request, Response
from couchmapper.query.bulk_report import BulkReport
from couchmapper.session import CommitError, Session
from couchmapper.session.backoff import Backoff
from couchmapper.session.commit import Pacing
from couchmapper.session.limits import Limits
from couchmapper.session.workspace import Workspace
from couchmapper.transport.base import TransportWrapper


class Order(Document, id="order:{number:03}"):
    number: Mapped[int]
    rank: Mapped[int] = field(default=0)
    status: Mapped[str] = field(default="new")
    count: Mapped[int] = field(default=0)
    note: Mapped[str] = field(default="")


class Ranks(Design, model=Order):
    by_rank = Index(Order.rank)


class Ledger(Document, id=lambda _: "ledger"):
    total: Mapped[int] = field(default=0)


class Meddling(TransportWrapper):
    """Does something before requests to an endpoint are sent."""

    def __init__(self, wire) -> None:
        super().__init__(wire.inner)
        self.elsewhere = Client(wire.inner).database("shop")
        self._acts: dict[str, Iterator[Callable[[], object] | None]] = {}

    def before(self, endpoint: str, *acts: Callable[[], object] | None) -> None:
        self._acts[endpoint] = iter(acts)

    def send(self, request: Request) -> Response:
        act = next(self._acts.get(request.path[-1], iter(())), None)
        if act is not None:
            act()
        return super().send(request)

    def change(self, number: int, **values: object) -> None:
        """Change an order as somebody else does."""
        with self.elsewhere.begin() as session:
            order = session.get_one(Order, f"order:{number:03}")
            for name, value in values.items():
                setattr(order, name, value)

    def delete(self, number: int) -> None:
        with self.elsewhere.begin() as session:
            session.delete(session.get_one(Order, f"order:{number:03}"))


@pytest.fixture
def meddling(wire, database: Database) -> Meddling:
    del database  # it is there now
    wire.inner = Meddling(wire)
    return wire.inner


@pytest.fixture
def shop(database: Database, wire) -> Database:
    """Give a database with ten orders and an index."""
    Ranks.deploy(database)
    with database.begin() as session:
        session.add_all(Order(number=number, rank=number) for number in range(10))
    wire.requests.clear()
    return database


@pytest.fixture
def session(shop: Database) -> Iterator[Session]:
    pacing = Pacing(backoff=Backoff(limit=3), sleep=lambda _: None)
    with Session([Workspace(shop, (), Limits())], pacing=pacing, scans="allow") as session:
        yield session


def stored(database: Database, name: str = "count") -> dict[int, object]:
    rows = database.bulk.all_docs(include_docs=True)["rows"]
    return {row["doc"]["number"]: row["doc"].get(name) for row in rows if row["doc"].get("type") == "order"}


def increment(order: Order) -> None:
    order.count += 1


def told(wire) -> list[str]:
    return [request.path[-1] for request in wire.requests]


def adds_up(report: BulkReport) -> bool:
    return report.left == 0 and report.matched == report.written + report.unchanged + report.passed


# --- what is done


def test_every_document_is_changed_and_saved(session, shop: Database, wire):
    report = session.query(Order).update(increment)

    assert told(wire)[-3:] == ["_find", "_all_docs", "_bulk_docs"]
    assert report == BulkReport(matched=10, written=10)
    assert stored(shop) == dict.fromkeys(range(10), 1)
    assert not session.pending


def test_every_document_is_deleted(session, shop: Database):
    assert session.query(Order).where(Order.rank > 3).delete() == BulkReport(matched=6, written=6)
    assert [*stored(shop)] == [0, 1, 2, 3]


@pytest.mark.parametrize(("size", "writes"), [(1, 10), (3, 4), (5, 2), (10, 1), (11, 1)])
def test_so_many_are_sent_at_once(session, shop: Database, wire, size, writes):
    assert session.query(Order).update(increment, size=size) == BulkReport(matched=10, written=10)
    assert len(wire.bodies()) == writes
    assert stored(shop) == dict.fromkeys(range(10), 1)


@pytest.mark.parametrize("size", [0, -1, 1.5, True, None])
def test_a_request_has_a_document(session, size):
    with pytest.raises(ExpressionError):
        session.query(Order).update(increment, size=size)
    with pytest.raises(ExpressionError):
        session.query(Order).delete(size=size)


def test_what_the_function_leaves_as_it_is_is_not_written(session, shop: Database, wire):
    def change(order: Order) -> None:
        order.count = order.number % 2

    assert session.query(Order).update(change) == BulkReport(matched=10, written=5, unchanged=5)
    assert session.query(Order).update(change) == BulkReport(matched=10, unchanged=10)
    assert len(wire.bodies()) == 1


def test_nothing_found_is_nothing_done(session, wire):
    assert session.query(Order).where(Order.rank > 100).update(increment) == BulkReport()
    assert session.query(Order).where(Order.rank.in_([])).delete() == BulkReport()
    assert "_all_docs" not in told(wire)
    assert wire.bodies() == []


def test_order_limit_and_skip_tell_which(session, shop: Database):
    query = session.query(Order).order_by(Order.rank.desc()).skip(1).limit(3)

    assert query.update(increment, size=2).written == 3
    assert [number for number, count in stored(shop).items() if count] == [6, 7, 8]


@pytest.mark.parametrize("size", [1, 3, 500])
@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_what_moves_in_the_index_is_changed_once(session, shop: Database, size, page_size):
    def move(order: Order) -> None:
        order.rank += 5
        order.count += 1

    query = session.query(Order).where(Order.rank >= 0).order_by(Order.rank).page_size(page_size)

    assert query.update(move, size=size) == BulkReport(matched=10, written=10)
    assert stored(shop, "rank") == {number: number + 5 for number in range(10)}
    assert stored(shop) == dict.fromkeys(range(10), 1)


def test_what_no_longer_matches_by_its_change_is_changed_once(session, shop: Database):
    def pay(order: Order) -> None:
        order.status = "paid"
        order.count += 1

    query = session.query(Order).where(Order.status == "new")

    assert query.update(pay, size=3) == BulkReport(matched=10, written=10)
    assert query.update(pay, size=3) == BulkReport()
    assert stored(shop) == dict.fromkeys(range(10), 1)


def test_what_moves_while_it_is_looked_for_is_changed_once(session, shop: Database, meddling):
    query = session.query(Order).where(Order.rank >= 0).order_by(Order.rank).page_size(2)
    meddling.before("_find", None, lambda: meddling.change(1, rank=50))

    report = query.update(increment)

    assert adds_up(report)
    assert stored(shop) == dict.fromkeys(range(10), 1)


def test_the_documents_of_the_session_are_changed_themselves(session, shop: Database, meddling):
    held = [session.get(Order, "order:001"), session.get(Order, "order:002")]
    meddling.change(1, note="theirs")

    session.query(Order).update(increment)

    assert [(order.count, order.note) for order in held] == [(1, "theirs"), (1, "")]
    assert [order in session for order in held] == [True, True]
    assert held[0].rev == shop.documents.get("order:001")["_rev"]
    session.query(Order).delete()
    assert [order in session for order in held] == [False, False]


def test_hooks_are_called():
    class Hooked(Document, type="order", id="order:{number:03}"):
        number: Mapped[int]
        count: Mapped[int] = field(default=0)

    events: list[str] = []
    Hooked.after_load(lambda _: events.append("after_load"))
    Hooked.before_save(lambda one: events.append(f"before_save {one.count}"))
    Hooked.after_save(lambda one: events.append(f"after_save {one.rev[0]}"))
    Hooked.before_delete(lambda _: events.append("before_delete"))
    Hooked.after_delete(lambda _: events.append("after_delete"))

    with Client(EmbeddedTransport()) as client:
        database = client.database("shop", create=True)
        database.documents.put({"_id": "order:001", "type": "order", "number": 1})
        with database.session(scans="allow") as session:
            held = session.get(Hooked, "order:001")
            database.documents.put({**database.documents.get("order:001"), "count": 4})
            session.query(Hooked).update(lambda one: setattr(one, "count", one.count + 1))
            session.query(Hooked).delete()

    assert held.count == 5
    assert events == [
        *("after_load", "after_load", "before_save 5", "after_save 3"),
        *("before_delete", "after_delete"),
    ]


def test_a_loop_within_which_it_is_done_goes_on(session, shop: Database):
    met = []
    for order in session.query(Order).page_size(4):
        met.append(order.count)
        session.query(Order).where(Order.number > 7).update(increment)

    assert len(met) == 10
    assert stored(shop) == {**dict.fromkeys(range(8), 0), 8: 10, 9: 10}


def test_it_holds_few_documents(session, shop: Database):
    shop.bulk.docs({"_id": f"order:x{n}", "type": "order", "number": n} for n in range(10, 4010))

    assert session.query(Order).update(increment).written == 4010
    assert sum(len(one.identities) for one in session._workspaces) < 2500


# --- others at work


def test_what_was_changed_since_it_was_found_is_changed_on_top(session, shop: Database, meddling):
    meddling.before("_all_docs", lambda: meddling.change(3, count=100))

    assert session.query(Order).update(increment) == BulkReport(matched=10, written=10)
    assert stored(shop)[3] == 101


@pytest.mark.parametrize("size", [1, 500])
def test_what_no_longer_matches_when_it_is_its_turn_is_passed(session, shop: Database, meddling, size):
    def meddle() -> None:
        meddling.change(8, status="void")
        meddling.delete(9)

    meddling.before("_bulk_docs" if size == 1 else "_all_docs", meddle)

    report = session.query(Order).where(Order.status == "new").update(increment, size=size)

    assert report == BulkReport(matched=10, written=8, passed=2)
    assert stored(shop) == {**dict.fromkeys(range(8), 1), 8: 0}


@pytest.mark.parametrize("strategy", ["mine", "theirs", "merge", "raise"])
def test_what_is_changed_before_it_is_saved_is_changed_again(shop: Database, meddling, strategy):
    def meddle() -> None:
        meddling.change(3, count=100)
        meddling.change(4, note="theirs")
        meddling.change(5, status="void")
        meddling.delete(6)

    meddling.before("_bulk_docs", meddle)

    with shop.session(on_conflict=strategy, scans="allow") as session:
        report = session.query(Order).where(Order.status == "new").update(increment)

    assert report == BulkReport(matched=10, written=8, passed=2)
    assert stored(shop) == {**dict.fromkeys((0, 1, 2, 4, 7, 8, 9), 1), 3: 101, 5: 0}
    assert stored(shop, "note")[4] == "theirs"


@pytest.mark.parametrize("strategy", ["mine", "theirs", "merge", "raise"])
def test_what_is_changed_before_it_is_deleted_is_looked_at_again(shop: Database, meddling, strategy):
    def meddle() -> None:
        meddling.change(3, count=100)
        meddling.change(5, status="void")
        meddling.delete(6)

    meddling.before("_bulk_docs", meddle)

    with shop.session(on_conflict=strategy, scans="allow") as session:
        report = session.query(Order).where(Order.status == "new").delete()

    assert report == BulkReport(matched=10, written=9, passed=1), "what others delete as well is deleted"
    assert [*stored(shop)] == [5]


def test_it_is_given_up_when_others_are_faster_each_time(session, shop: Database, meddling):
    def change(order: Order) -> None:
        if order.number == 7:
            meddling.change(7, count=stored(shop)[7] + 10)
        order.count += 1

    with pytest.raises(CommitError) as caught:
        session.query(Order).update(change, size=5)

    assert caught.value.report.conflicts[0].theirs["count"] == 30
    assert "9 are written, 0 unchanged and 0 passed over; 1 are left" in caught.value.__notes__[0]
    assert [order.number for order in session.pending] == [7]
    assert stored(shop) == {**dict.fromkeys(range(10), 1), 7: 30}


ACTS = st.sampled_from(["count", "status", "delete", "back"])


@settings(max_examples=60, deadline=None)
@given(
    meddled=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9), ACTS), max_size=12),
    size=st.integers(1, 12),
    deletes=st.booleans(),
)
def test_whatever_others_do_everything_is_done_once_and_told(meddled, size, deletes):
    """Somebody changes, voids, deletes or renews orders whenever a request is sent."""
    with Client(EmbeddedTransport()) as client:
        database = client.database("shop", create=True)
        with database.begin() as session:
            session.add_all(Order(number=number) for number in range(10))

        class Busy(TransportWrapper):
            place = 0

            def send(self, request: Request) -> Response:
                for place, number, act in meddled:
                    if place == self.place:
                        meddle(number, act)
                self.place += 1
                return super().send(request)

        def meddle(number: int, act: str) -> None:
            with database.begin() as other:
                order = other.get(Order, f"order:{number:03}")
                if act == "back" and order is None:
                    other.add(Order(number=number, note="again"))
                elif act == "delete" and order is not None:
                    other.delete(order)
                elif order is not None:
                    order.status = "void" if act == "status" else "new"
                    order.note += "x"

        written = Client(Busy(client.transport)).database("shop")
        with written.session(scans="allow") as session:
            query = session.query(Order).where(Order.status == "new")
            report = query.delete(size=size) if deletes else query.update(increment, size=size)

            assert not session.pending
        assert adds_up(report)
        if not deletes:
            counts = stored(database)
            assert set(counts.values()) <= {0, 1}
            assert sum(counts.values()) <= report.written
        touched = {number for _, number, _ in meddled}
        expected = [] if deletes else [(number, 1) for number in range(10)]
        assert [one for one in stored(database).items() if one[0] not in touched] == [
            one for one in expected if one[0] not in touched
        ]
