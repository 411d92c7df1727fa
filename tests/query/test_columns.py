"""Where a field stands in a document, and what its column is called."""

from decimal import Decimal
from typing import Any

import pytest

from couchmapper import Document, Embedded, Mapped, field
from couchmapper.exceptions import ExpressionError
from couchmapper.mapping.expressions import path_of
from couchmapper.query.columns import Column, column_of, joined, outermost, reader_of


class Address(Embedded):
    city: Mapped[str] = field(name="town")
    country: Mapped[str] = field(default="BE")


class Order(Document):
    total: Mapped[Decimal | None] = field(default=None, scale=2)
    billing: Mapped[Address] = field(name="bill")
    shipping: Mapped[Address | None] = field(default=None)
    tags: Mapped[list[str]] = field(factory=list)
    sizes: Mapped[dict[int, float]] = field(factory=dict)
    pair: Mapped[tuple[int, str]]
    names: Mapped[set[str]] = field(factory=set)
    data: Mapped[Any] = field(default=None)


COLUMNS = [
    (Order.id, Column(name="id", annotation=str)),
    (Order.total, Column(name="total", annotation=Decimal | None, scale=2)),
    (Order.billing.city, Column(name="billing.city", annotation=str)),
    (Order.shipping.city, Column(name="shipping.city", annotation=str, is_nullable=True)),
    (Order.tags[3], Column(name="tags[3]", annotation=str)),
    (Order.sizes[5], Column(name="sizes[5]", annotation=float)),
    (Order.pair[1], Column(name="pair[1]", annotation=str)),
    (Order.data["a"], Column(name="data['a']", annotation=Any, is_nullable=True)),
]


@pytest.mark.parametrize(("selected", "column"), COLUMNS, ids=[column.name for _, column in COLUMNS])
def test_a_column_is_called_as_in_python_and_typed_as_the_field(selected: Any, column: Column):
    assert column_of(Order, path_of(selected)) == column


@pytest.mark.parametrize(
    ("selected", "path", "inner"),
    [
        (Order.total, ("total",), ()),
        (Order.billing.city, ("bill", "town"), ()),
        (Order.billing.country, ("bill",), ("country",)),
        (Order.shipping.city, ("shipping",), ("town",)),
        (Order.tags[3], ("tags",), (3,)),
        (Order.sizes[5], ("sizes",), (5,)),
        (Order.data["a"][0], ("data",), ("a", "0")),
    ],
    ids=["field", "nested", "nested-with-default", "in-an-optional", "element", "member", "json"],
)
def test_no_less_is_asked_for_than_tells_what_is_missing(selected: Any, path: Any, inner: Any):
    reader = reader_of(Order, path_of(selected))

    assert (reader.path, reader.inner) == (path, inner)


@pytest.mark.parametrize(
    "path",
    [("nothing",), ("bill", "nothing"), ("names", "0"), ("total", "x")],
    ids=".".join,
)
def test_what_is_no_field_has_no_column(path: Any):
    with pytest.raises(ExpressionError):
        column_of(Order, path)


def test_paths_inside_of_others_are_left_out():
    paths = [("_id",), ("a", "b"), ("c", "0"), ("c",), ("a", "bc"), ("a", "b", "c"), ("_id",)]

    assert outermost(paths) == (("_id",), ("a", "b"), ("c",), ("a", "bc"))


def test_columns_of_several_classes_are_one_that_has_room_for_all():
    scaled = Column(name="x", annotation=Decimal, scale=2)

    assert joined([scaled, Column(name="x", annotation=Decimal, scale=3)]).scale == 3
    assert joined([scaled, Column(name="x", annotation=Decimal)]).scale is None
    assert joined([scaled, Column(name="x", annotation=int, is_nullable=True)]) == Column(
        name="x", annotation=Decimal | int, scale=None, is_nullable=True
    )
