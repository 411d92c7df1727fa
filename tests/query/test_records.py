"""Whole documents as dicts of plain values, and as rows."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any

import attrs

from couchmapper import Document, Embedded, Mapped, Ref, field
from couchmapper.mapping import mapper
from couchmapper.query.columns import Column
from couchmapper.query.records import columns_of, plain, record_of, values_of


class Colour(Enum):
    GREEN = "green"


class Line(Embedded):
    sku: Mapped[str]
    product: Mapped[Ref["Product"] | None] = field(default=None)


class Product(Document):
    name: Mapped[str]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    colour: Mapped[Colour] = field(default=Colour.GREEN, name="c")
    placed: Mapped[datetime | None] = field(default=None)
    lines: Mapped[list[Line]] = field(factory=list)
    by_sku: Mapped[dict[str, Line]] = field(factory=dict)


class Animal(Document, abstract=True):
    name: Mapped[str]


class Dog(Animal):
    legs: Mapped[int]


class Snake(Animal):
    legs: Mapped[None] = field(default=None)
    length: Mapped[float] = field(default=1.0)


@attrs.frozen
class Point:
    x: int


def test_a_record_has_the_id_the_revision_and_the_fields_by_their_names_in_python():
    placed = datetime(2026, 11, 23, tzinfo=UTC)
    order = mapper.load(
        Order,
        {
            "_id": "order:1",
            "_rev": "1-a",
            "type": "order",
            "number": 1,
            "c": "green",
            "placed": "2026-11-23T00:00:00.000000Z",
            "lines": [{"sku": "tea", "product": "product:tea"}],
            "by_sku": {"tea": {"sku": "tea"}},
            "unknown": 5,
        },
    )

    assert record_of(order) == {
        "id": "order:1",
        "rev": "1-a",
        "number": 1,
        "colour": Colour.GREEN,
        "placed": placed,
        "lines": [{"sku": "tea", "product": "product:tea"}],
        "by_sku": {"tea": {"sku": "tea", "product": None}},
    }
    assert list(record_of(order))[:2] == ["id", "rev"]


def test_a_record_shares_nothing_that_can_change():
    order = Order(number=1, lines=[Line(sku="tea")])

    record_of(order)["lines"].clear()

    assert order.lines


def test_values_of_python_stay_what_they_are():
    values: list[Any] = [None, True, 5, "text", b"bytes", Colour.GREEN, (1, 2), {3}, frozenset({4})]

    assert plain(values) == values


def test_instances_of_attrs_classes_are_dicts_also_in_collections():
    assert plain((Point(1), [Point(2)], {"a": Point(3)})) == ({"x": 1}, [{"x": 2}], {"a": {"x": 3}})
    assert plain({Point(1)}) == [{"x": 1}]


def test_columns_are_the_id_the_revision_and_the_fields():
    assert columns_of(Order) == (
        Column(name="id", annotation=str),
        Column(name="rev", annotation=str | None),
        Column(name="number", annotation=int),
        Column(name="colour", annotation=Colour),
        Column(name="placed", annotation=datetime | None),
        Column(name="lines", annotation=list[Line]),
        Column(name="by_sku", annotation=dict[str, Line]),
    )


def test_the_columns_of_a_family_are_those_of_all_its_classes():
    assert columns_of(Animal) == (
        Column(name="id", annotation=str),
        Column(name="rev", annotation=str | None),
        Column(name="name", annotation=str),
        Column(name="legs", annotation=int | None),
        Column(name="length", annotation=float, is_nullable=True),
    )


def test_a_document_of_a_family_has_none_in_the_columns_of_the_others():
    assert values_of(columns_of(Animal))(Dog(id="1", name="Rex", legs=4)) == ("1", None, "Rex", 4, None)
