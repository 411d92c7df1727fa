"""What type checkers see of sessions, queries, views and hooks. Checked, never run."""

from collections.abc import Iterator
from typing import Any, assert_type

from couchmapper import (
    Change,
    CommitReport,
    Conflict,
    Count,
    Database,
    Design,
    Document,
    Mapped,
    Query,
    Row,
    Session,
    View,
    ViewQuery,
    connect,
    field,
)
from couchmapper.session import Rejected
from couchmapper.session.pending import Pending

shop = connect("memory:").database("shop", create=True)


class Order(Document, database=shop, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[str]
    status: Mapped[str] = field(default="new")


class OrderViews(Design, model=Order):
    numbers = View(key=Order.customer, value=Order.number)
    per_status = View(key=Order.status, reduce=Count())
    by_both = View(key=(Order.customer, Order.number))


@Order.on_change(where=Order.status == "paid")
def invoice(change: Change[Order]) -> None:
    assert_type(change.document, Order)
    assert_type(change.document.customer, str)


assert_type(shop, Database)

with shop.begin() as session:
    assert_type(session, Session)
    assert_type(session.get(Order, "order:1"), Order | None)
    assert_type(session.get_one(Order, "order:1"), Order)
    assert_type(session.get_many(Order, ["order:1"]), list[Order | None])
    query = session.query(Order)
    assert_type(query, Query[Order])
    assert_type(query.where(Order.number > 5).order_by(Order.number.desc()).limit(3), Query[Order])
    assert_type(query.all(), list[Order])
    assert_type(query.first(), Order | None)
    assert_type(query.one(), Order)
    assert_type(iter(query), Iterator[Order])
    assert_type(session.view(OrderViews.numbers), ViewQuery[str, int, int])
    assert_type(iter(session.view(OrderViews.numbers)), Iterator[Row[str, int]])
    assert_type(session.view(OrderViews.per_status).group(), ViewQuery[str, int, None])
    assert_type(session.commit(), CommitReport)
    session.add(Order(number=1, customer="Ann"), after=query.all())
    session.delete(query.one(), after=query.one(), all_branches=True)
    session.add("order")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.where(True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def decide(conflict: Conflict) -> dict[str, Any] | None:
    assert_type(conflict.document, Document)
    assert_type(conflict.base, dict[str, Any] | None)
    return conflict.theirs


archive = connect("memory:").database("archive")

with shop.session(archive, on_conflict="merge", max_requests=5) as session:
    session.add(Order(number=1, customer="Ann"), after=Order(number=2, customer="Bob"))
    assert_type(session.modify(Order, "order:1", lambda order: order.number), Order)
    assert_type(session.pending, Pending)
    assert_type(session.pending.new, tuple[Document, ...])
    assert_type(iter(session.pending), Iterator[Document])
    assert_type(session.changes(Order(number=1, customer="Ann")), list[dict[str, Any]])
    report = session.commit(on_conflict=decide)
    assert_type(report.saved, tuple[Document, ...])
    assert_type(report.merged, tuple[Document, ...])
    assert_type(report.yielded, tuple[Document, ...])
    assert_type(report.resurrected, tuple[Document, ...])
    assert_type(report.accepted, tuple[Document, ...])
    assert_type(report.conflicts, tuple[Conflict, ...])
    assert_type(report.rejected, tuple[Rejected, ...])
    assert_type(report.unanswered, tuple[Document, ...])
    session.commit(on_conflict="ours")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    session.add(Order(number=1, customer="Ann"), after="order:2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    session.modify(Order, "order:1", print).customer.upper()
    session.modify(Order, "order:1", lambda order: order.missing)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownLambdaType, reportUnknownMemberType]

with shop.begin(archive, on_conflict=decide, max_requests=5) as session:
    assert_type(session, Session)
