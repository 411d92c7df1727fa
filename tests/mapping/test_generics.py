"""Generic classes: what their type variables stand for, and what is read and written for it."""

from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

import attrs
import pytest

from couchmapper.exceptions import DocumentInvalid, ModelError
from couchmapper.mango.nodes import Condition
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.converter import codec
from couchmapper.mapping.generics import class_behind, filled, type_arguments
from couchmapper.mapping.mapper import dump, load
from couchmapper.mapping.metadata import type_hints

T = TypeVar("T")
U = TypeVar("U")
N = TypeVar("N", bound=int)
C = TypeVar("C", int, str)


class Box(Embedded, Generic[T]):
    value: Mapped[T]
    more: Mapped[list[T] | None] = field(default=None)


class DateBox(Box[date]):
    pass


@attrs.define
class Pair(Generic[T, U]):
    one: T
    other: U


class Page(Document, Generic[T], abstract=True):
    items: Mapped[list[T]] = field(factory=list)


class Labelled(Page[U], Generic[U, T], abstract=True):
    label: Mapped[T]


class Prices(Labelled[Decimal, int]):
    total: Mapped[Box[Decimal] | None] = field(default=None)


class Shelf(Document):
    box: Mapped[Box[int]]
    pairs: Mapped[list[Pair[int, date]]] = field(factory=list)
    pair: Mapped[Pair[Box[int], str] | None] = field(default=None)


def faults_of(model: type[Document], **members: Any) -> list[str]:
    with pytest.raises(DocumentInvalid) as caught:
        load(model, {"_id": "1", "type": model.__metadata__.type, **members})
    return [str(fault) for fault in caught.value.faults]


def test_a_class_fills_what_its_generic_base_leaves_open():
    prices = Prices(id="1", items=[Decimal("1.50")], label=5, total=Box(value=Decimal(2)))

    written = dump(prices)

    assert written["items"] == ["1.50"]
    assert written["total"] == {"value": "2", "more": None}
    assert load(Prices, written) == prices


def test_the_types_of_a_generic_base_are_strict():
    assert faults_of(Prices, items=["1.50", 2], label="x", total={"value": "1", "more": [1]}) == [
        "items[1]: expected a decimal string, got 2",
        "label: expected an integer, got 'x'",
        "total.more[0]: expected a decimal string, got 1",
    ]


def test_one_generic_class_may_be_filled_in_many_ways():
    shelf = Shelf(
        id="1",
        box=Box(value=1),
        pairs=[Pair(one=1, other=date(2026, 11, 23))],
        pair=Pair(one=Box(value=2, more=[3]), other="a"),
    )

    written = dump(shelf)

    assert written["pairs"] == [{"one": 1, "other": "2026-11-23"}]
    assert written["pair"] == {"one": {"value": 2, "more": [3]}, "other": "a"}
    assert load(Shelf, written) == shelf


def test_faults_inside_a_generic_value_are_named_where_they_are():
    assert faults_of(
        Shelf,
        box={"value": "x"},
        pairs=[{"one": 1, "other": "x"}],
        pair={"one": {"value": 1, "more": [None]}},
    ) == [
        "box.value: expected an integer, got 'x'",
        "pairs[0].other: expected a date such as '2026-11-23', got 'x'",
        "pair.one.more[0]: expected an integer, got None",
        "pair.other: missing, and the field has no default",
    ]


def test_faults_inside_a_generic_value_are_named_on_writing_too():
    with pytest.raises(DocumentInvalid) as caught:
        dump(Shelf(id="1", box=Box(value="x"), pairs=[Pair(one="1", other=date(2026, 1, 1))]))

    assert [fault.path for fault in caught.value.faults] == ["box.value", "pairs[0].one"]


def test_what_is_unknown_in_a_generic_value_stays():
    document = {"_id": "1", "type": "shelf", "box": {"x": 1, "value": 5}}
    shelf = load(Shelf, document)
    assert dump(shelf) is document

    shelf.box.value = 6

    assert dump(shelf)["box"] == {"x": 1, "value": 6}


def test_a_generic_field_is_compared_as_its_type_is_written():
    assert (Shelf.box.value == 5) == Condition(("box", "value"), "$eq", 5)
    assert (Prices.total.value == Decimal(2)) == Condition(("total", "value"), "$eq", "2")
    assert Prices.items.any(Decimal(1)) == Prices.items.any(Decimal(1))


def test_a_subclass_of_a_filled_class_is_a_class_as_any_other():
    assert codec(DateBox).dump(DateBox(value=date(2026, 1, 1))) == {"value": "2026-01-01", "more": None}


def test_a_generic_document_cannot_be_embedded():
    with pytest.raises(ModelError, match="is a Document of its own"):
        codec(Page[int])


def test_the_class_behind_an_alias_is_known():
    assert class_behind(Box[int]) is Box
    assert class_behind(Box) is Box
    assert class_behind(T) is T


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (T, int),
        (list[T], list[int]),
        (dict[str, T | None], dict[str, int | None]),
        (Box[T], Box[int]),
        (Box, Box),
        (str, str),
        (U, Any),
        (list[U], list[Any]),
        (N, int),
        (C, int | str),
    ],
    ids=str,
)
def test_type_variables_are_filled(annotation: Any, expected: Any):
    assert filled(annotation, {T: int}) == expected


def test_each_base_has_its_own_arguments():
    known = type_arguments(Prices)

    assert known[Labelled] == {U: Decimal, T: int}
    assert known[Page] == {T: Decimal}
    assert type_hints(Prices)["items"] == list[Decimal]


def test_a_generic_class_without_arguments_holds_any_json():
    assert type_hints(Box)["value"] is Any
    assert codec(Box).load({"value": [1]}, None).value == [1]


class Notes(Page["Note"]):
    held: Mapped[Box["Note"] | None] = field(default=None)


class Note(Embedded):
    text: Mapped[str]


def test_an_argument_may_be_the_name_of_a_class_that_comes_later():
    notes = Notes(id="1", items=[Note(text="a")], held=Box(value=Note(text="b")))

    assert dump(notes)["items"] == [{"text": "a"}]
    assert load(Notes, dump(notes)) == notes
    assert (Notes.held.value.text == "b") == Condition(("held", "value", "text"), "$eq", "b")
