"""What type checkers see of sessions, queries, views and hooks. Checked, never run."""

from collections.abc import Iterator
from typing import assert_type

from couchmapper import (
    Change,
    CommitReport,
    Count,
    Database,
    Design,
    Document,
    Mapped,
    Query,
    Row,
    Session,
    View,
    connect,
    field,
)

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
    assert_type(session.get_many(Order, ["order:1"]), list[Order | None])
    query = session.query(Order)
    assert_type(query, Query[Order])
    assert_type(query.where(Order.number > 5).order_by(Order.number.desc()).limit(3), Query[Order])
    assert_type(query.all(), list[Order])
    assert_type(query.first(), Order | None)
    assert_type(query.one(), Order)
    assert_type(iter(query), Iterator[Order])
    assert_type(session.view(OrderViews.numbers), Iterator[Row[str, int]])
    assert_type(session.view(OrderViews.per_status, group=True), Iterator[Row[str, int]])
    assert_type(session.commit(), CommitReport)
    session.add("order")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.where(True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
