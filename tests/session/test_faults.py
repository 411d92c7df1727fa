"""A commit over real sockets while things go wrong: what the session says agrees with what the store holds.

The store is the embedded one, and the CouchDB at `COUCHMAPPER_TEST_URL` when that is set.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from itertools import chain, count

import attrs
import pytest
from faulty_server import (
    FAULTS,
    OVERTAKEN,
    SILENCES,
    TWICE,
    Fault,
    FaultyServer,
    faulty_server,
    interruption,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from couchmapper.auth.urls import StoreURL
from couchmapper.connect import connect
from couchmapper.database import Client, Database
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.exceptions import DatabaseNotFound
from couchmapper.mapping import Document, Mapped, field
from couchmapper.messages import Timeout
from couchmapper.session import CommitError, CommitReport, Session
from couchmapper.session.commit import Pacing
from couchmapper.session.limits import Limits
from couchmapper.session.workspace import Workspace
from couchmapper.transport.http import HTTPTransport
from couchmapper.transport.retry import RetryPolicy

SERVER = os.environ.get("COUCHMAPPER_TEST_URL")
NAME = "couchmapper-faults" + os.environ.get("PYTEST_XDIST_WORKER", "")
NUMBERS = count()
BATCH = 5
CHANGED, NEW, DELETED = range(40), range(40, 80), range(80, 100)
PLACES = {"among changed documents": 3, "among new documents": 11, "among deletions": 17}
INTERRUPTIONS = {
    "interrupted before": interruption(stores=False),
    "interrupted after": interruption(stores=True),
}
PATIENT, HASTY = Timeout(connect=10, read=30), Timeout(connect=10, read=1)


class Stock(Document, id="stock:{number}"):
    number: Mapped[int]
    amount: Mapped[int] = field(default=1)
    place: Mapped[str] = field(default="")


class Counter(Document, id="counter:{number}"):
    number: Mapped[int]
    count: Mapped[int] = field(default=0, merge="add")


@attrs.frozen
class Shop:
    """A database behind a server that has faults, and the way round it."""

    server: FaultyServer
    client: Client
    direct: Database
    credentials: str

    def connect(self, stack: ExitStack, timeout: Timeout = PATIENT) -> Database:
        retry = RetryPolicy(attempts=3, base=0.001, cap=1)
        url = f"http://{self.credentials}{self.server.place}"
        return stack.enter_context(connect(url, timeout=timeout, retry=retry)).database(self.direct.name)

    def session(self, stack: ExitStack, timeout: Timeout = PATIENT, **options) -> Session:
        workspace = Workspace(self.connect(stack, timeout), (), Limits(documents=BATCH))
        pacing = Pacing(sleep=lambda _: None)
        return stack.enter_context(Session([workspace], pacing=pacing, **options))

    def fill(self) -> None:
        with self.direct.begin() as session:
            session.add_all(Stock(number=number) for number in (*CHANGED, *DELETED))

    def work(self, session: Session) -> list[Stock]:
        """Change, make and delete documents: twenty requests of five; return them all."""
        found = session.get_many(Stock, [f"stock:{number}" for number in (*CHANGED, *DELETED)])
        changed, deleted = found[: len(CHANGED)], found[len(CHANGED) :]
        for stock in changed:
            stock.amount += 1
        new = [Stock(number=number, amount=2) for number in NEW]
        session.add_all(new)
        for stock in deleted:
            session.delete(stock)
        return [*changed, *new, *deleted]

    def elsewhere(self, documents: Sequence[Document], **changes: object) -> None:
        """Change documents as somebody else does."""
        with self.direct.begin() as session:
            for document in session.get_many(type(documents[0]), [one.id for one in documents]):
                for name, value in changes.items():
                    setattr(document, name, value)

    def written(self) -> dict[str, str | None]:
        """Return what the store has of the work: ids with revisions, None for a deletion."""
        rows = self.direct.bulk.all_docs(include_docs=True, keys=[f"stock:{n}" for n in range(100)])["rows"]
        there = {row["key"]: row["value"] for row in rows if "value" in row}
        amounts = {row["key"]: (row.get("doc") or {}).get("amount") for row in rows}
        return {
            key: None if value.get("deleted") else value["rev"]
            for key, value in there.items()
            if value.get("deleted") or amounts[key] == 2
        }

    def writes(self) -> int:
        """Return how many revisions the store has taken."""
        return int(str(self.direct.information()["update_seq"]).partition("-")[0])

    def another(self, stack: ExitStack) -> "Shop":
        """Return an empty shop at the same server."""
        database = self.client.database(f"{NAME}-{next(NUMBERS)}", create=True)
        stack.callback(self.client.databases.delete, database.name)
        return attrs.evolve(self, direct=database)


@pytest.fixture(params=["embedded", *(["couchdb"] if SERVER else [])])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    with ExitStack() as stack:
        if request.param == "embedded":
            upstream, credentials = EmbeddedTransport(), ""
            client = stack.enter_context(Client(upstream))
        else:
            url = StoreURL.parse(SERVER or "")
            upstream, credentials = HTTPTransport(url.place), f"{url.username}:{url.password}@"
            client = stack.enter_context(connect(SERVER))
        stack.enter_context(closing(upstream))
        with suppress(DatabaseNotFound):
            client.databases.delete(NAME)
        database = client.database(NAME, create=True)
        stack.callback(client.databases.delete, NAME)
        yield Shop(stack.enter_context(faulty_server(upstream)), client, database, credentials)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def commit(session: Session) -> CommitReport:
    try:
        return session.commit()
    except CommitError as error:
        return error.report


def check(report: CommitReport, stocks: list[Stock], shop: Shop) -> None:
    """Compare what a commit tells of each document with what the store holds."""
    written = shop.written()
    refused = [one.document for one in report.rejected]
    told = [*report.saved, *report.deleted, *refused, *report.unanswered, *report.unsent]
    assert sorted(map(id, told)) == sorted(map(id, stocks)), "each document is told of, once"
    assert {stock.id: stock.rev for stock in report.saved}.items() <= written.items()
    assert {stock.id: None for stock in report.deleted}.items() <= written.items()
    assert not {stock.id for stock in (*refused, *report.unsent)} & written.keys()


def check_end(shop: Shop) -> None:
    """See that everything is written, and was written once."""
    generations = {key: rev and int(rev.partition("-")[0]) for key, rev in shop.written().items()}
    expected = {CHANGED: 2, NEW: 1, DELETED: None}
    assert generations == {f"stock:{n}": kind for numbers, kind in expected.items() for n in numbers}
    assert shop.writes() == len(CHANGED) + len(DELETED) + 100


def places(faults: dict[str, Fault]) -> list:
    """Let faults come at the several places of a commit in turn."""
    names = chain.from_iterable([*PLACES] for _ in faults)
    return [
        pytest.param(fault, PLACES[place], id=f"{name}, {place}")
        for (name, fault), place in zip(faults.items(), names, strict=False)
    ]


planned = st.lists(st.sampled_from((None, None, *FAULTS.values())), max_size=25)


@pytest.mark.parametrize(("fault", "place"), places({**FAULTS, "done twice": TWICE}))
def test_a_commit_goes_through_a_fault(shop: Shop, stack: ExitStack, fault: Fault, place: int):
    shop.fill()
    session = shop.session(stack)
    stocks = shop.work(session)
    shop.server.plan(*[None] * place, fault)

    report = commit(session)

    assert report
    check(report, stocks, shop)
    check_end(shop)
    assert str(session.commit()) == "nothing to write"


@pytest.mark.parametrize(("fault", "place"), places(FAULTS))
def test_when_the_server_is_gone_the_report_tells_what_is_known(
    shop: Shop, stack: ExitStack, fault: Fault, place: int
):
    shop.fill()
    session = shop.session(stack)
    stocks = shop.work(session)
    shop.server.plan(*[None] * place, fault, going=True)

    report = commit(session)

    unanswered = 0 if fault.answers else BATCH
    assert len(report.saved) + len(report.deleted) == place * BATCH
    assert (len(report.unanswered), len(report.unsent)) == (unanswered, (20 - place) * BATCH - unanswered)
    assert len(shop.written()) == (place + fault.stores) * BATCH
    check(report, stocks, shop)

    shop.server.start()
    assert session.commit()
    check_end(shop)


@pytest.mark.parametrize(
    "fault", [FAULTS[name] for name in ("reset before", "reset after", "cut in the body")]
)
def test_conflicts_are_told_apart_from_writes_without_an_answer(shop: Shop, stack: ExitStack, fault: Fault):
    shop.fill()
    session = shop.session(stack)
    stocks = shop.work(session)
    met = stocks[0:40:3]
    shop.elsewhere(met, place="somewhere else")
    shop.server.plan(None, fault, None, fault)

    report = commit(session)

    assert [conflict.document for conflict in report.conflicts] == met
    assert [conflict.theirs["place"] for conflict in report.conflicts] == ["somewhere else"] * len(met)
    assert len(report.saved) + len(report.deleted) == 100 - len(met)
    assert not report.unanswered
    assert not report.unsent
    assert shop.writes() == 60 + 100


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("going", [False, True], ids=["passing", "for some time"])
def test_what_is_merged_is_added_once(shop: Shop, stack: ExitStack, fault: Fault, *, going: bool):
    with shop.direct.begin() as other:
        other.add_all(Counter(number=number) for number in range(10))
    session = shop.session(stack, on_conflict="merge")
    counters = session.get_many(Counter, [f"counter:{number}" for number in range(10)])
    for counter in counters:
        counter.count += 1
    shop.elsewhere(counters, count=1000)
    shop.server.plan(None, None, None, fault, going=going)

    if going:
        assert not commit(session)
        shop.server.start()
    report = commit(session)

    assert report
    assert {counter.count for counter in counters} == {1001}
    with shop.direct.session() as other:
        assert [one.count for one in other.get_many(Counter, [one.id for one in counters])] == [1001] * 10
    assert shop.writes() == 30


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_lost_look_at_what_is_there_loses_nothing(shop: Shop, stack: ExitStack, fault: Fault):
    shop.fill()
    session = shop.session(stack)
    stocks = shop.work(session)
    shop.server.plan(None, FAULTS["reset after"])
    shop.server.plan(fault, at="_bulk_get")

    check(commit(session), stocks, shop)

    assert commit(session)
    check_end(shop)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("name", SILENCES)
def test_a_commit_goes_through_a_silence(shop: Shop, stack: ExitStack, name: str, place: int):
    shop.fill()
    session = shop.session(stack, HASTY)
    stocks = shop.work(session)
    shop.server.plan(*[None] * place, SILENCES[name])

    report = commit(session)
    shop.server.let_through()

    assert report
    check(report, stocks, shop)
    check_end(shop)
    assert str(session.commit()) == "nothing to write"


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_write_that_is_done_long_after_it_was_given_up_is_recognised(
    shop: Shop, stack: ExitStack, place: int
):
    shop.fill()
    session = shop.session(stack, HASTY)
    stocks = shop.work(session)
    shop.server.plan(*[None] * place, SILENCES["silent, and done late or never"], going=True)

    report = commit(session)

    assert (len(report.unanswered), len(report.unsent)) == (BATCH, (19 - place) * BATCH)
    check(report, stocks, shop)
    shop.server.let_through()
    assert len(shop.written()) == (place + 1) * BATCH
    shop.server.start()
    assert commit(session)
    check_end(shop)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_write_that_is_done_between_a_look_and_the_next_write_is_recognised(
    shop: Shop, stack: ExitStack, place: int
):
    shop.fill()
    session = shop.session(stack, HASTY)
    stocks = shop.work(session)
    shop.server.plan(*[None] * place, SILENCES["silent, and done late or never"])
    shop.server.plan(OVERTAKEN, at="_bulk_get")

    report = commit(session)

    assert report
    check(report, stocks, shop)
    check_end(shop)


def test_a_change_after_a_late_write_goes_on_top_of_it(shop: Shop, stack: ExitStack):
    shop.fill()
    session = shop.session(stack, HASTY)
    stock = session.get(Stock, "stock:1")
    stock.amount = 2
    shop.server.plan(SILENCES["silent, and done late or never"], going=True)
    assert commit(session).unanswered == (stock,)
    stock.amount = 3
    shop.server.plan()
    shop.server.plan(OVERTAKEN, at="_bulk_get")
    shop.server.start()

    assert session.commit().saved == (stock,)

    assert (stock.rev[:2], shop.direct.documents.get("stock:1")) == (
        "3-",
        {"_id": "stock:1", "_rev": stock.rev, "type": "stock", "number": 1, "amount": 3, "place": ""},
    )


def test_a_deletion_after_a_late_write_deletes_it(shop: Shop, stack: ExitStack):
    session = shop.session(stack, HASTY)
    stock = Stock(number=1)
    session.add(stock)
    shop.server.plan(SILENCES["silent, and done late or never"], going=True)
    assert commit(session).unanswered == (stock,)
    session.delete(stock)
    shop.server.let_through()
    shop.server.start()

    assert session.commit().deleted == (stock,)

    assert shop.direct.information()["doc_count"] == 0


@pytest.mark.parametrize("name", ["interrupted before", "interrupted after"])
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_commit_that_the_user_interrupts_is_completed_by_the_next_one(
    shop: Shop, stack: ExitStack, name: str, place: int
):
    shop.fill()
    session = shop.session(stack)
    shop.work(session)
    shop.server.plan(*[None] * place, INTERRUPTIONS[name])

    with pytest.raises(KeyboardInterrupt):
        session.commit()
    pending = {stock.id for stock in session.pending}

    assert len(pending) == (20 - place) * BATCH
    assert len(shop.written()) == (place + INTERRUPTIONS[name].stores) * BATCH
    assert session.commit()
    check_end(shop)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(plans=st.lists(planned, min_size=1, max_size=3), looks=planned)
def test_any_faults_leave_session_and_store_of_one_mind(shop: Shop, plans, looks):
    with ExitStack() as stack:
        shop = shop.another(stack)
        shop.fill()
        session = shop.session(stack)
        stocks = shop.work(session)
        settled: set[int] = set()
        for plan in plans:
            shop.server.plan(*plan)
            shop.server.plan(*looks, at="_bulk_get")
            report = commit(session)
            check(report, [stock for stock in stocks if id(stock) not in settled], shop)
            settled |= {id(stock) for stock in (*report.saved, *report.deleted)}
        shop.server.plan()
        shop.server.plan(at="_bulk_get")

        assert commit(session)
        check_end(shop)
