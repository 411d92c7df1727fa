"""What type checkers see of expressions: the operand, the element, the key. Checked, never run.

`field == operand` of another type is no error in itself, since Python falls back on the `==` of the operand,
which is a bool; that a bool is no expression is told where it is used.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, NewType, assert_type

from couchmapper import Document, Embedded, Mapped, Ref, Session, field
from couchmapper.mango.nodes import Condition, Expression
from couchmapper.mapping.expressions import EmbeddedField, Field, ReferenceField
from couchmapper.typing import JSON

Sku = NewType("Sku", str)


class Status(Enum):
    NEW = "new"


class Address(Embedded):
    city: Mapped[str]


class Card(Embedded, type="card"):
    number: Mapped[str]


class Cash(Embedded, type="cash"):
    paid: Mapped[int]


class Customer(Document):
    name: Mapped[str]


class Order(Document):
    number: Mapped[int]
    name: Mapped[str]
    note: Mapped[str | None] = field(default=None)
    count: Mapped[int | None] = field(default=None)
    sku: Mapped[Sku] = field(default=Sku(""))
    kind: Mapped[Literal["a", "b"] | None] = field(default=None)
    status: Mapped[Status] = field(default=Status.NEW)
    placed: Mapped[datetime | None] = field(default=None)
    nothing: Mapped[None] = field(default=None)
    anything: Mapped[JSON] = field(default=None)
    address: Mapped[Address] = field(factory=lambda: Address(city=""))
    sent_to: Mapped[Address | None] = field(default=None)
    payment: Mapped[Card | Cash | None] = field(default=None)
    customer: Mapped[Ref[Customer] | None] = field(default=None)
    tags: Mapped[list[str]] = field(factory=list)
    days: Mapped[set[date]] = field(factory=set)
    perhaps: Mapped[list[int] | None] = field(default=None)
    addresses: Mapped[list[Address]] = field(factory=list)
    fixed: Mapped[tuple[Address, ...]] = field(default=())
    friends: Mapped[list[Ref[Customer]]] = field(factory=list)
    prices: Mapped[dict[str, Decimal]] = field(factory=dict)
    by_day: Mapped[dict[date, Address]] = field(factory=dict)
    by_name: Mapped[dict[str, Ref[Customer]] | None] = field(default=None)


# --- a field knows what it holds, also when it may be null

assert_type(Order.number, Field[int])
assert_type(Order.note, Field[str | None])
assert_type(Order.count, Field[int | None])
assert_type(Order.sku, Field[Sku])
assert_type(Order.kind, Field[Literal["a", "b"] | None])
assert_type(Order.placed, Field[datetime | None])
assert_type(Order.nothing, Field[None])
assert_type(Order.anything, Field[Any])
assert_type(Order.perhaps, Field[list[int] | None])
assert_type(Order.address, EmbeddedField[Address])
assert_type(Order.sent_to, EmbeddedField[Address | None])
assert_type(Order.payment, EmbeddedField[Card | Cash | None])
assert_type(Order.customer, ReferenceField[Customer])

# --- parts of a field

assert_type(Order.tags[0], Field[str])
assert_type(Order.addresses[0], EmbeddedField[Address])
assert_type(Order.fixed[0], EmbeddedField[Address])
assert_type(Order.friends[0], ReferenceField[Customer])
assert_type(Order.prices["tea"], Field[Decimal])
assert_type(Order.by_day[date(2026, 11, 23)], EmbeddedField[Address])
assert_type(Order.by_name["ann"], ReferenceField[Customer])
assert_type(Order.addresses[0].city == "Ghent", Condition)

# --- right operands

assert_type(Order.number == 5, Condition)
assert_type(Order.note == None, Condition)  # noqa: E711 - an expression, and this is its spelling
assert_type(Order.sent_to == Address(city="Ghent"), Condition)
assert_type(Order.note > "a", Expression)
assert_type(Order.number.between(1, 9), Expression)
assert_type(Order.note.in_(["a", None]), Condition)
assert_type(Order.kind.not_in({"a", "b"}), Condition)
assert_type(Order.placed >= datetime(2026, 11, 23, tzinfo=UTC), Expression)
assert_type(Order.note.contains("a"), Condition)
assert_type(Order.sku.endswith("a"), Condition)
assert_type(Order.kind.startswith("a"), Condition)
assert_type(Order.note.begins_with("a"), Condition)
assert_type(Order.count % 2 == 1, Condition)
assert_type(Order.note.or_missing(lambda note: note.startswith("a")), Expression)
assert_type(Order.sent_to.or_missing(lambda address: address.city == "Ghent"), Expression)
assert_type(Order.tags.len() == 2, Condition)
assert_type(Order.tags.any("a"), Expression)
assert_type(Order.tags.any(lambda tag: tag.startswith("a")), Expression)
assert_type(Order.days.all(date(2026, 11, 23)), Expression)
assert_type(Order.days.all_or_empty(lambda day: day > date(2026, 11, 23)), Expression)
assert_type(Order.perhaps.any(lambda number: number > 5), Expression)
assert_type(Order.perhaps.any_in([5]), Condition)
assert_type(Order.tags.has_all({"a"}), Expression)
assert_type(Order.addresses.any(Address.city == "Ghent"), Expression)
assert_type(Order.addresses.any(lambda address: address.city == "Ghent"), Expression)
assert_type(Order.fixed.all(Address(city="Ghent")), Expression)
assert_type(Order.friends.any("customer:ann"), Expression)
assert_type(Order.friends.any(lambda friend: friend == "customer:ann"), Expression)
assert_type(Order.friends.has_all([Customer(name="Ann"), "customer:bob"]), Expression)
assert_type(Order.prices.any_key("tea"), Expression)
assert_type(Order.prices.any_key(lambda key: key.startswith("t")), Expression)
assert_type(Order.by_day.any_key(lambda day: day > date(2026, 11, 23)), Expression)
assert_type(Order.anything.any(5), Expression)
assert_type(Order.anything.any(lambda value: value > 5), Expression)
assert_type(Order.anything.any_key("a"), Expression)
assert_type(Order.anything["a"] > 5, Expression)

# --- wrong operands

_: object = Order.number == 5 and Order.name == "a"  # told when it runs: neither checker sees it
assert_type(Order.number == "x", bool)
_ = Order.number > "x"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
_ = Order.note > 5  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
_ = Order.placed >= "2026"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
_ = Order.number > Order.count  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
_ = Order.name % 2  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
_ = (Order.number > 5) & (Order.number == "x")  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
Order.number.between(1, "9")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Order.number.in_(["x"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
Order.number.not_in(["x"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
Order.number.startswith("5")  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
Order.number.contains("5")  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
Order.placed.endswith("Z")  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
Order.number.len()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
Order.name.len()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
Order.name.any("a")  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
Order.tags.any(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Order.days.all(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Order.tags.all_or_empty(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Order.tags.any(lambda tag: tag > 5)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
Order.tags.any_in([5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
Order.days.any_in([5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
Order.tags.has_all([5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
Order.prices.any_key(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Order.tags.any_key("a")  # type: ignore[misc, arg-type]  # pyright: ignore[reportAttributeAccessIssue]
_ = Order.tags["a"]  # type: ignore[index]  # pyright: ignore[reportArgumentType]
_ = Order.prices[5]  # type: ignore[index]  # pyright: ignore[reportArgumentType]
_ = Order.number[0]  # type: ignore[misc]  # pyright: ignore[reportIndexIssue]

# --- unknown names

_ = Order.numbr  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
_ = Order.number.city  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
_ = Order.note.like  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
Order.number()  # type: ignore[operator]  # pyright: ignore[reportCallIssue]


def ask(session: Session) -> None:
    query = session.query(Order)
    query.where(Order.number == 5)
    query.where(Order.number == "x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.where(Order.customer == "customer:ann", Order.friends.any(Ref("customer:bob")))
