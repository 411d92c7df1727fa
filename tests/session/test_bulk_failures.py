"""What ends a change of all documents of a query early: it is told what is written, and nothing is twice."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from faulty_server import FAULTS, TWICE, Fault, faulty_server

from couchmapper.connect import connect
from couchmapper.database import Client, Database
from couchmapper.design import Design, Index
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.exceptions import (
    ConnectionFailed,
    CouchMapperError,
    DocumentInvalid,
    Forbidden,
    FullScanRefused,
    ServerError,
    SessionError,
)
from couchmapper.mapping import Document, Mapped, field
from couchmapper.messages import Timeout
from couchmapper.query.bulk_report import BulkReport
from couchmapper.session import CommitError, Session
from couchmapper.session.commit import Pacing
from couchmapper.session.limits import Limits
from couchmapper.session.workspace import Workspace
from couchmapper.transport.mock import json_response
from couchmapper.transport.retry import RetryPolicy


class Order(Document, id="order:{number:03}"):
    number: Mapped[int]
    count: Mapped[int] = field(default=0)
    tags: Mapped[list[str]] = field(factory=list)


class Ledger(Document, id="ledger:{name}"):
    name: Mapped[str]
    total: Mapped[int] = field(default=0)


class Counts(Design, model=Order):
    by_count = Index(Order.count)


def fill(database: Database) -> None:
    with database.begin() as session:
        session.add_all(Order(number=number) for number in range(10))


@pytest.fixture
def shop(database: Database, wire) -> Database:
    fill(database)
    wire.requests.clear()
    return database


@pytest.fixture
def session(shop: Database) -> Iterator[Session]:
    with Session([Workspace(shop, (), Limits())], pacing=Pacing(sleep=lambda _: None)) as session:
        yield session


def counts(database: Database) -> list[int]:
    return [row["doc"]["count"] for row in database.bulk.all_docs(include_docs=True)["rows"]]


def increment(order: Order) -> None:
    order.count += 1


def note(caught) -> str:
    (text,) = caught.value.__notes__
    return text


def said(written: int = 0, unchanged: int = 0, passed: int = 0, *, left: int) -> str:
    return (
        f"of 10 documents that matched the query, {written} are written, {unchanged} unchanged and"
        f" {passed} passed over; {left} are left"
    )


def is_clean(session: Session) -> bool:
    return not session.pending and not session.commit().saved


# --- before anything is done


@pytest.mark.parametrize("work", ["new", "changed", "deleted"])
def test_a_session_with_unsaved_changes_is_refused(session, wire, work):
    order = session.get(Order, "order:001")
    if work == "new":
        session.add(Order(number=99))
    elif work == "changed":
        order.count = 5
    else:
        session.delete(order)
    wire.requests.clear()

    for ask in (session.query(Order).delete, lambda: session.query(Order).update(increment)):
        with pytest.raises(SessionError, match="commit or rollback them first"):
            ask()

    assert wire.requests == []
    assert len(session.pending) == 1


def test_a_scan_that_is_forbidden_is_refused(shop: Database):
    with shop.begin(scans="forbid") as session:
        with pytest.raises(FullScanRefused):
            session.query(Order).where(Order.tags.any("a")).update(increment)
        assert session.query(Order).where(Order.tags.any("a")).scans("allow").delete() == BulkReport()

    assert counts(shop) == [0] * 10


# --- the function, and the hooks


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_the_function_raises_takes_its_batch_back(session, shop: Database, error):
    held = session.get(Order, "order:008")

    def change(order: Order) -> None:
        if order.number == 9:
            raise error("over")
        order.count += 1
        order.tags.append("x")

    with pytest.raises(error, match="over") as caught:
        session.query(Order).update(change, size=4)

    assert note(caught) == said(written=8, left=2)
    assert (held.count, held.tags) == (0, [])
    assert is_clean(session)
    assert counts(shop) == [1] * 8 + [0] * 2


def test_what_it_raises_at_once_leaves_everything(session, shop: Database):
    with pytest.raises(ZeroDivisionError) as caught:
        session.query(Order).update(lambda order: 1 // order.count)

    assert note(caught) == said(left=10)
    assert is_clean(session)


@pytest.mark.parametrize(("event", "written"), [("before_save", 5), ("after_save", 10)])
def test_what_a_hook_raises_is_told_with_what_is_written(session, shop: Database, event, written):
    class Hooked(Document, type="order", id="order:{number:03}"):
        number: Mapped[int]
        count: Mapped[int] = field(default=0)

    def check(order: Hooked) -> None:
        if order.number == 7:
            raise ValueError("not that one")

    getattr(Hooked, event)(check)

    with pytest.raises(ValueError, match="not that one") as caught:
        session.query(Hooked).update(lambda order: setattr(order, "count", 1), size=5)

    assert note(caught) == said(written=written, left=10 - written)
    assert is_clean(session)
    assert sum(counts(shop)) == written


def test_a_hook_that_raises_beside_a_conflict_is_told(session, shop: Database):
    class Hooked(Document, type="order", id="order:{number:03}"):
        number: Mapped[int]
        count: Mapped[int] = field(default=0)

    @Hooked.after_save
    def check(order: Hooked) -> None:
        raise ValueError(order.id)

    def change(order: Hooked) -> None:
        if order.count == 0 and order.number == 3:
            shop.documents.put({**shop.documents.get(order.id), "count": 100})
        order.count += 1

    with pytest.raises(CommitError) as caught:
        session.query(Hooked).update(change)

    assert isinstance(caught.value.__cause__, ValueError)
    assert note(caught) == said(written=9, left=1)


def test_a_document_that_does_not_fit_stops_it(session, shop: Database):
    shop.documents.put({**shop.documents.get("order:006"), "count": "many"})

    query = session.query(Order)

    with pytest.raises(DocumentInvalid, match="order:006") as caught:
        query.update(increment, size=3)
    assert note(caught) == said(written=6, left=4)
    assert is_clean(session)
    with pytest.raises(DocumentInvalid, match="order:006") as caught:
        query.delete(size=3)
    assert note(caught) == said(written=6, left=4)
    assert is_clean(session)
    assert [row["id"] for row in shop.bulk.all_docs()["rows"]] == [f"order:{n:03}" for n in range(6, 10)]


def test_a_change_that_does_not_fit_stops_it_and_waits(session, shop: Database):
    def change(order: Order) -> None:
        order.count += 1
        if order.number == 7:
            order.tags.append(5)  # type: ignore[arg-type]  # that is what does not fit

    with pytest.raises(CommitError) as caught:
        session.query(Order).update(change, size=5)

    assert [one.document.number for one in caught.value.report.rejected] == [7]
    assert note(caught) == said(written=5, left=5)
    assert counts(shop) == [1] * 5 + [0] * 5
    session.get(Order, "order:007").tags.clear()
    session.commit()
    assert counts(shop) == [1] * 10


def test_what_the_database_forbids_is_told(session, shop: Database):
    guard = "function (doc) { if (doc.number === 7 && doc.count > 0) throw({forbidden: 'no'}); }"
    shop.design.put({"_id": "_design/guard", "validate_doc_update": guard})

    with pytest.raises(CommitError) as caught:
        session.query(Order).update(increment, size=9)

    assert isinstance(caught.value.exceptions[0], Forbidden)
    assert note(caught) == said(written=8, left=2)
    assert [order.number for order in session.pending] == [7]


def test_what_the_function_changes_along_is_saved_and_not_counted(session, shop: Database):
    ledger = Ledger(name="a")
    session.add(ledger)
    session.commit()

    def change(order: Order) -> None:
        ledger.total += 1
        order.count += 1
        session.add(Ledger(name=f"b{order.number}"))

    assert session.query(Order).update(change, size=4) == BulkReport(matched=10, written=10)
    assert shop.documents.get("ledger:a")["total"] == 10
    assert shop.documents.get("ledger:b9")["total"] == 0


def test_a_conflict_of_what_the_function_changes_along_is_told(session, shop: Database):
    shop.documents.put({"_id": "ledger:a", "type": "ledger", "name": "a", "total": 5})

    def change(order: Order) -> None:
        order.count += 1
        if order.number == 3:
            session.add(Ledger(name="a"))

    with pytest.raises(CommitError) as caught:
        session.query(Order).update(change, size=5)

    assert [conflict.document.id for conflict in caught.value.report.conflicts] == ["ledger:a"]
    assert note(caught) == said(written=5, left=5)
    assert [one.id for one in session.pending] == ["ledger:a"]


def test_a_function_that_commits_itself_is_counted(session, shop: Database):
    def change(order: Order) -> None:
        order.count += 1
        if order.number in {2, 5, 9}:
            session.commit()

    assert session.query(Order).update(change, size=7) == BulkReport(matched=10, written=10)
    assert counts(shop) == [1] * 10


def test_what_a_function_committed_before_it_raised_is_told(session, shop: Database):
    def change(order: Order) -> None:
        order.count += 1
        if order.number == 5:
            session.commit()
        if order.number == 8:
            raise ValueError

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - it says nothing
        session.query(Order).update(change)

    assert note(caught) == said(written=6, left=4)
    assert is_clean(session)
    assert sum(counts(shop)) == 6


def test_a_function_may_delete_and_let_go(session, shop: Database):
    def change(order: Order) -> None:
        order.count += 1
        if order.number < 3:
            session.delete(order)
        elif order.number < 5:
            session.expunge(order)

    assert session.query(Order).update(change) == BulkReport(matched=10, written=8, unchanged=2)
    assert counts(shop) == [0, 0, 1, 1, 1, 1, 1]


def test_one_within_another_is_refused(session, shop: Database):
    def change(order: Order) -> None:
        order.count += 1
        session.query(Order).update(increment)

    with pytest.raises(SessionError, match="not saved") as caught:
        session.query(Order).update(change)

    assert note(caught) == said(left=10)
    assert is_clean(session)
    assert counts(shop) == [0] * 10


# --- the wire


def test_a_lost_answer_is_looked_up(session, shop: Database, wire):
    wire.breaks("passes", "unheard", "passes")

    assert session.query(Order).update(increment, size=4) == BulkReport(matched=10, written=10)
    assert counts(shop) == [1] * 10


def test_what_is_without_an_answer_waits_for_the_next_commit(session, shop: Database, wire):
    wire.breaks("passes", "unheard")
    wire.breaks("unsent", at="_bulk_get")

    with pytest.raises(CommitError) as caught:
        session.query(Order).update(increment, size=4)

    assert len(caught.value.report.unanswered) == 4
    assert isinstance(caught.value.exceptions[0], ConnectionFailed)
    assert note(caught) == said(written=4, left=6)
    with pytest.raises(SessionError, match="not saved"):
        session.query(Order).update(increment)
    assert len(session.commit().saved) == 4
    assert counts(shop) == [1] * 8 + [0] * 2


def test_what_is_interrupted_waits_for_the_next_commit(session, shop: Database, wire):
    wire.breaks("passes", "interrupted")

    with pytest.raises(KeyboardInterrupt) as caught:
        session.query(Order).update(increment, size=4)

    assert note(caught) == said(written=4, left=6)
    assert len(session.commit().saved) == 4
    assert counts(shop) == [1] * 8 + [0] * 2


def test_a_lost_page_of_documents_ends_it(session, shop: Database, wire):
    wire.breaks("passes", json_response({"error": "internal", "reason": "?"}, status=500), at="_all_docs")

    with pytest.raises(ServerError) as caught:
        session.query(Order).update(increment, size=4)

    assert note(caught) == said(written=4, left=6)
    assert is_clean(session)


def test_what_is_not_found_out_changes_nothing(session, shop: Database, wire):
    wire.breaks("unsent", at="_find")

    with pytest.raises(ConnectionFailed):
        session.query(Order).update(increment)

    assert counts(shop) == [0] * 10


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


OF_WRITES = {"results of something else", "no results"}
CASES = [
    pytest.param(endpoint, fault, id=f"{endpoint}, {name}")
    for endpoint in ("_find", "_all_docs", "_bulk_docs")
    for name, fault in {**FAULTS, "done twice": TWICE}.items()
    if endpoint == "_bulk_docs" or name not in OF_WRITES
]


@pytest.mark.parametrize(("endpoint", "fault"), CASES)
def test_whatever_goes_wrong_everything_is_counted_once(stack: ExitStack, endpoint: str, fault: Fault):
    """Each order is incremented where its count is still zero, and once more after an error."""
    upstream = EmbeddedTransport()
    stack.callback(upstream.close)
    direct = Client(upstream).database("shop", create=True)
    Counts.deploy(direct)
    fill(direct)
    server = stack.enter_context(faulty_server(upstream))
    retry = RetryPolicy(attempts=2, base=0.001, cap=0.01)
    timeout = Timeout(connect=10, read=10)
    client = stack.enter_context(connect(f"http://{server.place}", timeout=timeout, retry=retry))
    session = stack.enter_context(client.database("shop").session())
    query = session.query(Order).where(Order.count == 0)
    server.plan(*[None] * (endpoint != "_find"), fault, fault, fault, at=endpoint)

    written = 0
    try:
        written += query.update(increment, size=3).written
    except CouchMapperError as error:
        (told,) = getattr(error, "__notes__", ["0 are written"])
        written += int(told.partition(" are written")[0].rpartition(" ")[2])
        server.plan(at=endpoint)
        written += len(session.commit().saved)
        written += query.update(increment, size=3).written

    rows = direct.bulk.all_docs(include_docs=True, start_key="order", end_key="p")["rows"]
    assert [row["doc"]["count"] for row in rows] == [1] * 10
    assert [row["value"]["rev"][:2] for row in rows] == ["2-"] * 10
    assert written == 10
