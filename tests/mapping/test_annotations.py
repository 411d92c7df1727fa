"""What annotations stand for, also where a module has them all as text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, NewType, Optional, TypeVar

import pytest

from couchmapper.exceptions import ModelError
from couchmapper.mango.nodes import Condition
from couchmapper.mapping import Document, Embedded, Field, Mapped, field
from couchmapper.mapping.annotations import alternatives, container, element_type, embedded_classes, real_type
from couchmapper.mapping.expressions import EmbeddedField
from couchmapper.mapping.mapper import dump, load

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Line(Embedded):
    sku: Mapped[str]
    price: Mapped[Decimal] = field(default=Decimal(0), scale=2)
    parts: Mapped[list[Line]] = field(factory=list)


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    first: Mapped[Line | None] = field(default=None)
    placed: datetime = datetime(2026, 11, 23, tzinfo=UTC)
    lines: Mapped[list[Line]] = field(factory=list)
    prices: Mapped[dict[date, Decimal]] = field(factory=dict)


def test_a_module_may_have_its_annotations_as_text():
    order = Order(
        number=1,
        lines=[Line(sku="tea", parts=[Line(sku="leaf", price=Decimal("0.05"))])],
        prices={date(2026, 11, 23): Decimal("3.5")},
    )

    assert load(Order, dump(order)) == order
    assert dump(order)["lines"][0]["parts"] == [{"sku": "leaf", "price": 5, "parts": []}]


def test_fields_of_annotations_in_text_are_expressions():
    assert type(Order.first) is EmbeddedField
    assert type(Order.lines) is Field
    assert (Order.first.price == Decimal("0.05")) == Condition(("first", "price"), "$eq", 5)


def test_a_name_that_only_type_checkers_see_is_told():
    class Shelf(Document):
        books: Mapped[Sequence[str]]

    with pytest.raises(ModelError, match=r"^Shelf: name 'Sequence' is not defined"):
        dump(Shelf(books=[]))


class Box(Embedded, Generic[T]):
    content: Mapped[T]


def test_a_generic_class_may_be_filled_in_text_too():
    class Shelf(Document):
        box: Mapped[Box[date]]

    shelf = Shelf(box=Box(content=date(2026, 11, 23)))

    assert dump(shelf)["box"] == {"content": "2026-11-23"}
    assert load(Shelf, dump(shelf)) == shelf


Tags = NewType("Tags", list[str])


@pytest.mark.parametrize(
    ("annotation", "members"),
    [
        (int, (int,)),
        (int | None, (int,)),
        (Optional[int], (int,)),  # noqa: UP045 - the old spelling
        (int | str | None, (int, str)),
        (list[int], (list[int],)),
        (None, (type(None),)),
        (Tags, (list[str],)),
    ],
    ids=str,
)
def test_a_union_has_alternatives(annotation: Any, members: tuple[Any, ...]):
    assert alternatives(annotation) == members


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (list[int], (list, (int,))),
        (dict[str, int] | None, (dict, (str, int))),
        (tuple[int, str], (tuple, (int, str))),
        (Tags, (list, (str,))),
        (int | None, (None, ())),
        (Any, (None, ())),
    ],
    ids=str,
)
def test_a_container_is_found_inside_an_optional(annotation: Any, expected: Any):
    assert container(annotation) == expected


@pytest.mark.parametrize(
    ("annotation", "place", "expected"),
    [
        (list[int], None, int),
        (set[int] | None, 3, int),
        (dict[str, Line], "a", Line),
        (tuple[int, ...], 9, int),
        (tuple[int, str], 1, str),
        (tuple[int, str], 2, Any),
        (tuple[int, str], None, Any),
        (list, None, Any),
        (int, None, Any),
    ],
    ids=str,
)
def test_what_a_container_holds_has_a_type(annotation: Any, place: Any, expected: Any):
    assert element_type(annotation, place) is expected


def test_embedded_classes_are_those_that_a_value_may_be_of():
    assert embedded_classes(Line) == [Line]
    assert embedded_classes(Line | None) == [Line]
    assert embedded_classes(list[Line]) == []


def test_names_are_followed_to_their_ends():
    assert real_type(NewType("More", Tags)) == list[str]
