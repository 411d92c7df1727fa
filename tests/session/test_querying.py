"""What a session asks for queries, request by request, and what they may read."""

import warnings
from collections.abc import Callable, Iterator

import pytest

from couchmapper.database import Database
from couchmapper.design import Count, Design, Index, View
from couchmapper.exceptions import (
    ExpressionError,
    FullScanRefused,
    FullScanWarning,
    MultipleResultsFound,
    NoResultFound,
    SessionClosed,
)
from couchmapper.mapping import Document, Mapped, Ref, field
from couchmapper.query import Query
from couchmapper.session import Session


class Customer(Document, id="customer:{name}"):
    name: Mapped[str]


class Order(Document, id="order:{number:02}"):
    number: Mapped[int]
    rank: Mapped[int]
    status: Mapped[str] = field(default="new")
    customer: Mapped[Ref[Customer] | None] = field(default=None)


class Orders(Design, model=Order):
    by_rank = Index(Order.rank)
    per_status = View(key=Order.status, reduce=Count())


@pytest.fixture
def shop(database: Database, wire) -> Database:
    """Give a database with ten orders and an index, of which nothing is known yet."""
    Orders.deploy(database)
    with database.begin() as session:
        session.add(Customer(name="ann"))
        session.add_all(Order(number=n, rank=n, customer=Ref("customer:ann")) for n in range(10))
    wire.requests.clear()
    return database


@pytest.fixture
def session(shop: Database) -> Iterator[Session]:
    with shop.session() as session:
        yield session


def asked(wire) -> list[str]:
    """Return what was asked of the database since this was asked last; of views, that it was one."""
    told = ["_view" if "_view" in request.path else "/".join(request.path[1:]) for request in wire.requests]
    wire.requests.clear()
    return told


def change(order: Order) -> None:
    order.status = "paid"


TABLE: dict[str, tuple[Callable[[Query[Order]], object], list[str], list[str]]] = {
    "all": (lambda query: query.all(), ["_find"], ["_find"]),
    "all by an index": (lambda query: query.where(Order.rank > 3).all(), ["_find"], ["_find"]),
    "first": (lambda query: query.first(), ["_find"], ["_find"]),
    "first by an index": (lambda query: query.order_by(Order.rank).first(), ["_find"], ["_find"]),
    "one": (lambda query: query.where(Order.rank == 3).one(), ["_find"], ["_find"]),
    "exists": (lambda query: query.where(Order.rank == 3).exists(), ["_find"], ["_find"]),
    "a count of what a view groups": (
        lambda query: query.where(Order.status == "new").count(),
        ["_index", "_design/orders", "_view"],
        ["_index", "_design/orders", "_view"],
    ),
    "a count that reads": (
        lambda query: query.scans("allow").where(Order.status != "new").count(),
        ["_index", "_find"],
        ["_index", "_find"],
    ),
    "a count by an index": (
        lambda query: query.where(Order.rank > 3).count(),
        ["_index", "_view"],
        ["_index", "_view"],
    ),
    "one id": (lambda query: query.where(Order.id == "order:03").one(), ["order:03"], ["order:03"]),
    "some ids": (
        lambda query: query.where(Order.id.in_(["order:03", "x"])).all(),
        ["_all_docs"],
        ["_all_docs"],
    ),
    "ids that begin so": (
        lambda query: query.where(Order.id.startswith("order:0")).all(),
        ["_all_docs"],
        ["_all_docs"],
    ),
    "nothing": (lambda query: query.where(Order.rank.in_([])).all(), [], []),
    "at most none": (lambda query: query.limit(0).all(), [], []),
    "some fields": (lambda query: [*query.where(Order.rank > 3).select(Order.rank)], ["_find"], ["_find"]),
    "with what is included": (
        lambda query: query.where(Order.rank > 3).include(Order.customer).all(),
        ["_find", "_all_docs"],
        ["_find"],
    ),
    "update": (
        lambda query: query.where(Order.rank > 3).update(change),
        ["_find", "_all_docs", "_bulk_docs"],
        ["_find", "_all_docs"],
    ),
    "update of nothing": (lambda query: query.where(Order.rank > 30).update(change), ["_find"], ["_find"]),
    "delete": (
        lambda query: query.where(Order.rank > 3).delete(),
        ["_find", "_all_docs", "_bulk_docs"],
        ["_find"],
    ),
    "a query that may not scan": (
        lambda query: query.scans("forbid").where(Order.rank > 3).all(),
        ["_index", "_find"],
        ["_find"],
    ),
    "advice": (lambda query: query.where(Order.status == "x").advise(), [], []),
    "explanation": (
        lambda query: query.where(Order.rank > 3).explain(),
        ["_index", "_explain"],
        ["_index", "_explain"],
    ),
}
"""Questions with what is asked for them the first time, and the second time, when the indexes are known."""


@pytest.mark.parametrize("name", TABLE)
def test_a_query_makes_no_more_requests_than_it_needs(session, wire, name):
    ask, first, second = TABLE[name]

    ask(session.query(Order))
    assert asked(wire) == first
    ask(session.query(Order))
    assert asked(wire) == second


# --- one document, or whether there is one


def test_one_document_comes_as_the_session_holds_it(session):
    held = session.get(Order, "order:03")
    held.status = "mine"
    query = session.query(Order).where(Order.rank == 3)

    assert query.one() is query.one_or_none() is query.first() is held


def test_what_waits_for_its_deletion_is_not_the_one(session):
    session.delete(session.get(Order, "order:03"))
    query = session.query(Order).where(Order.rank == 3)

    assert query.first() is None
    assert query.one_or_none() is None
    with pytest.raises(NoResultFound):
        query.one()
    assert session.query(Order).where(Order.rank.in_([3, 4])).scans("allow").one().number == 4


def test_several_are_not_the_one(session):
    with pytest.raises(MultipleResultsFound):
        session.query(Order).where(Order.rank > 7).one()


def test_what_is_counted_and_what_exists_is_on_the_server(session):
    query = session.query(Order).where(Order.rank >= 8)
    session.add(Order(number=99, rank=99))
    session.delete(session.get(Order, "order:08"))

    assert (query.count(), query.exists()) == (2, True)
    session.commit()
    assert (query.count(), query.exists()) == (2, True)
    query.delete()
    assert (query.count(), query.exists()) == (0, False)


def test_a_limit_counts(session):
    query = session.query(Order).where(Order.rank >= 0)

    assert query.limit(4).count() == 4
    assert query.skip(8).count() == 2
    assert query.skip(20).count() == 0
    assert query.skip(20).exists() is False
    assert query.limit(0).exists() is False


@pytest.mark.parametrize("ask", [Query.all, Query.first, Query.one_or_none, Query.count, Query.exists])
def test_a_session_that_is_closed_answers_nothing(shop: Database, ask):
    session = shop.session()
    query = session.query(Order).where(Order.rank == 3)
    session.close()

    with pytest.raises(SessionClosed):
        ask(query)


# --- scans

SCANS = {
    "all": lambda query: query.all(),
    "first": lambda query: query.first(),
    "exists": lambda query: query.exists(),
    "one": lambda query: query.one_or_none(),
    "select": lambda query: [*query.select(Order.rank)],
    "count": lambda query: query.count(),
    "update": lambda query: query.update(lambda _: None),
    "delete": lambda query: query.delete(),
}


def a_scan(session: Session) -> Query[Order]:
    return session.query(Order).where(Order.customer == "customer:zoe")


@pytest.mark.parametrize("name", SCANS)
def test_a_session_forbids_scans(shop: Database, wire, name):
    with shop.session(scans="forbid") as session, pytest.raises(FullScanRefused):
        SCANS[name](a_scan(session))

    assert "_find" not in asked(wire)


@pytest.mark.parametrize("name", SCANS)
def test_a_session_warns_of_scans(shop: Database, name):
    with shop.session(scans="warn") as session, pytest.warns(FullScanWarning) as told:
        SCANS[name](a_scan(session))

    assert [one.filename for one in told] == [__file__]


@pytest.mark.parametrize("name", SCANS)
def test_a_query_has_the_last_word(shop: Database, name):
    with shop.session(scans="forbid") as session, warnings.catch_warnings():
        warnings.simplefilter("error")
        SCANS[name](a_scan(session).scans("allow"))
    with shop.session(scans="allow") as session, pytest.raises(FullScanRefused):
        SCANS[name](a_scan(session).scans("forbid"))


def test_a_block_that_commits_may_forbid_scans_too(shop: Database):
    with shop.begin(scans="forbid") as session:
        with pytest.raises(FullScanRefused):
            a_scan(session).all()
        session.query(Order).where(Order.rank == 3).one().status = "paid"

    assert shop.documents.get("order:03")["status"] == "paid"


@pytest.mark.parametrize("word", ["never", "", True, 1])
def test_another_word_is_refused(shop: Database, word):
    with pytest.raises(ExpressionError, match="scans is one of 'allow', 'warn', 'forbid'"):
        shop.session(scans=word)
    with pytest.raises(ExpressionError), shop.begin(scans=word):
        pass
    with shop.session() as session, pytest.raises(ExpressionError):
        session.query(Order).scans(word)
