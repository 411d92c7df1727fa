"""What type checkers see of rows of some fields. Checked, never run."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_type

import attrs

from couchmapper import Document, Embedded, Mapped, Ref, connect, field
from couchmapper.query.explanation import Explanation
from couchmapper.query.selection import Selection
from couchmapper.query.shapes import Shape, shape_of

shop = connect("memory:").database("shop", create=True)


class Address(Embedded):
    city: Mapped[str]


class Customer(Document, database=shop):
    name: Mapped[str]


class Order(Document, database=shop, id="order:{number}"):
    number: Mapped[int]
    total: Mapped[Decimal]
    placed: Mapped[datetime | None] = field(default=None)
    tags: Mapped[list[str]] = field(factory=list)
    address: Mapped[Address]
    customer: Mapped[Ref[Customer]]


@attrs.frozen
class Summary:
    number: int
    city: str


with shop.session() as session:
    query = session.query(Order)
    one = query.select(Order.number)
    assert_type(one, Selection[tuple[int]])
    assert_type(one.scalars(), Selection[int])
    assert_type(one.scalars().all(), list[int])
    assert_type(query.select(Order.number, Order.total), Selection[tuple[int, Decimal]])
    assert_type(
        query.select(Order.id, Order.placed, Order.tags), Selection[tuple[str, datetime | None, list[str]]]
    )
    assert_type(
        query.select(Order.id, Order.number, Order.total, Order.tags),
        Selection[tuple[str, int, Decimal, list[str]]],
    )
    assert_type(query.select(Order.address, Order.customer), Selection[tuple[Address, Ref[Customer]]])
    assert_type(query.select(Order.address.city), Selection[tuple[Any]])
    assert_type(query.select(Order.tags[0], Order.number), Selection[tuple[str, int]])

    rows = query.select(Order.number, Order.total)
    assert_type(iter(rows), Iterator[tuple[int, Decimal]])
    assert_type(rows.all(), list[tuple[int, Decimal]])
    assert_type(rows.first(), tuple[int, Decimal] | None)
    assert_type(rows.one(), tuple[int, Decimal])
    assert_type(rows.one_or_none(), tuple[int, Decimal] | None)
    assert_type(rows.to_dicts(), list[dict[str, Any]])
    rows.scalars()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]

    summaries = query.select(Summary, city=Order.address.city)
    assert_type(summaries, Selection[Summary])
    assert_type(summaries.one().city, str)
    query.select("number")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    query.select(Summary, city="Ghent")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]

assert_type(
    shape_of(Order, Order.id, Order.number, Order.total, Order.tags, Order.address),
    Shape[tuple[str, int, Decimal, list[str], Address]],
)
assert_type(shape_of(Order, Summary), Shape[Summary])


def explained(explanation: Explanation) -> None:
    """Look at an explanation."""
    assert_type(explanation.index, str | None)
    assert_type(explanation.json, dict[str, Any] | None)
