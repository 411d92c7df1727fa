"""What type checkers see of generic models. Checked, never run."""

from decimal import Decimal
from typing import Generic, TypeVar, assert_type

from couchmapper import Document, Embedded, Mapped, field
from couchmapper.mapping.expressions import EmbeddedField, Field

T = TypeVar("T")


class Box(Embedded, Generic[T]):
    value: Mapped[T]


class Page(Document, Generic[T], abstract=True):
    items: Mapped[list[T]] = field(factory=list)


class Prices(Page[Decimal]):
    box: Mapped[Box[int]]


prices = Prices(items=[Decimal(1)], box=Box(value=1))

assert_type(prices.items, list[Decimal])
assert_type(prices.box, Box[int])
assert_type(prices.box.value, int)
# mypy finds a field of a type variable ambiguous on the class; it still knows its type.
assert_type(Prices.items, Field[list[Decimal]])  # type: ignore[misc]
assert_type(Prices.box, EmbeddedField[Box[int]])

Prices(items=["1"], box=Box(value=1))  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
