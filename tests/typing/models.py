"""What type checkers see of a model: values on an instance, expressions on the class. Checked, never run."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import assert_type

from couchmapper import Document, Embedded, Mapped, field
from couchmapper.mango.nodes import Condition, Expression
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping.expressions import EmbeddedField, Field


class Address(Embedded):
    city: Mapped[str]
    country: Mapped[str | None] = field(default=None)


class Line(Embedded):
    sku: Mapped[str]
    price: Mapped[Decimal]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    placed: Mapped[datetime] = field(factory=lambda: datetime.now(UTC))
    note: Mapped[str | None] = field(default=None)
    address: Mapped[Address] = field(factory=lambda: Address(city="Ghent"))
    sent_to: Mapped[Address | None] = field(default=None)
    lines: Mapped[list[Line]] = field(factory=list)


order = Order(number=1, lines=[Line(sku="tea", price=Decimal("3.50"))])

assert_type(order.id, str)
assert_type(order.rev, str | None)
assert_type(order.number, int)
assert_type(order.status, str)
assert_type(order.placed, datetime)
assert_type(order.note, str | None)
assert_type(order.address, Address)
assert_type(order.sent_to, Address | None)
assert_type(order.address.city, str)
assert_type(order.lines, list[Line])
assert_type(order.lines[0].price, Decimal)

assert_type(Order.status, Field[str])
assert_type(Order.lines, Field[list[Line]])
assert_type(Order.address, EmbeddedField[Address])

assert_type(Order.status == "paid", Condition)
assert_type(Order.note == None, Condition)  # noqa: E711 - an expression, and this is its spelling
assert_type(Order.number > 5, Expression)
assert_type(Order.number.between(1, 9), Expression)
assert_type(Order.status.in_(["new", "paid"]), Condition)
assert_type(Order.status.startswith("p"), Condition)
assert_type(Order.note.startswith("p"), Condition)
assert_type(Order.note.is_missing(), Condition)
assert_type(Order.address.city == "Ghent", Condition)
assert_type(Order.sent_to.city == "Ghent", Condition)
assert_type(Order.lines.any(Line.sku == "tea"), Expression)
assert_type(Order.lines.len() == 2, Condition)
assert_type(Order.placed.desc(), SortTerm)

order.status = "paid"
order.status = 5  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
Order(number="1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Order(status="new")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Order(number=1, colour="red")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
_ = Order.number > "5"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
Order.number.startswith("5")  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
