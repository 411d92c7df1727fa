"""Every fault at once, each with its path."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from attrs import validators

from couchmapper.exceptions import DocumentInvalid
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.mapper import dump, load, validate

MOMENT = "a date and time with its zone, such as '2026-11-23T10:00:00.000000Z'"


class Line(Embedded):
    sku: Mapped[str]
    price: Mapped[Decimal] = field(default=Decimal(0))
    parts: Mapped[list["Line"]] = field(factory=list)


class Card(Embedded, type="card"):
    number: Mapped[str]


class Cash(Embedded, type="cash"):
    paid: Mapped[Decimal]


@attrs.define
class Point:
    x: int
    y: int


class Order(Document):
    number: Mapped[int]
    placed: Mapped[datetime | None] = field(default=None)
    lines: Mapped[list[Line]] = field(factory=list)
    by_name: Mapped[dict[str, Line]] = field(factory=dict, name="by-name")
    pair: Mapped[tuple[int, str]] = field(default=(1, "a"))
    pays: Mapped[list[Card | Cash]] = field(factory=list)
    point: Mapped[Point | None] = field(default=None)
    total: Mapped[Decimal | None] = field(default=None, scale=2)
    counts: Mapped[dict[int, int]] = field(factory=dict)
    more: Mapped[dict[str, Any]] = field(factory=dict)
    anything: Mapped[Any] = field(default=None)


def faults_of(document: dict[str, Any], model: type[Document] = Order) -> list[str]:
    with pytest.raises(DocumentInvalid) as caught:
        load(model, {"_id": "order:1", "type": model.__metadata__.type, **document})
    return [str(fault) for fault in caught.value.faults]


def faults_in(document: Document) -> list[str]:
    with pytest.raises(DocumentInvalid) as caught:
        dump(document)
    return [str(fault) for fault in caught.value.faults]


def test_all_faults_of_a_document_are_told_at_once():
    assert faults_of(
        {
            "placed": "yesterday",
            "lines": [{"sku": "a"}, {"sku": 5}, {"sku": "b", "price": 3.5, "parts": [{"price": None}]}],
            "by-name": {"x": {"sku": None}, "y": 7},
            "pair": [1, 2],
            "pays": [{"type": "card", "number": 5}, {"type": "cheque"}],
            "point": {"x": 1},
            "total": "3.50",
            "counts": {"1": "one", "2": 2},
        }
    ) == [
        "number: missing, and the field has no default",
        f"placed: expected {MOMENT}, got 'yesterday'",
        "lines[1].sku: expected text, got 5",
        "lines[2].price: expected a decimal string, got 3.5",
        "lines[2].parts[0].sku: missing, and the field has no default",
        "lines[2].parts[0].price: expected a decimal string, got None",
        "by-name.x.sku: expected text, got None",
        "by-name.y: expected an object (Line), got 7",
        "pair[1]: expected text, got 2",
        "pays[0].number: expected text, got 5",
        "pays[1]: expected Card (type 'card') or Cash (type 'cash'), got {'type': 'cheque'}",
        "point.y: missing, and the field has no default",
        "total: expected an integer (a decimal times 10^2), got '3.50'",
        "counts.1: expected an integer, got 'one'",
    ]


def test_all_faults_are_told_on_writing_too():
    order = Order(
        number="1",
        placed=datetime(2026, 11, 23),  # noqa: DTZ001 - this is the point
        lines=[Line(sku="a", price=3.5), Line(sku="b", parts=[Line(sku=None)]), "c"],
        by_name={"x": Line(sku=5), 7: Line(sku="d")},
        pair=(1, 2),
        pays=[Card(number=5), Line(sku="e")],
        point=Point(x=1, y="2"),
        total=Decimal("0.001"),
        counts={"1": 1},
        more={"a": [1, {"b": math.nan}], "c": datetime.now(UTC)},
        anything={"x": [math.inf]},
    )

    assert [fault.split(": ")[0] for fault in faults_in(order)] == [
        "number",
        "placed",
        "lines[0].price",
        "lines[1].parts[0].sku",
        "lines[2]",
        "by-name",
        "by-name.x.sku",
        "pair[1]",
        "pays[0].number",
        "pays[1]",
        "point.y",
        "total",
        "counts",
        "more.a[1].b",
        "more.c",
        "anything.x[0]",
    ]


def test_a_fault_says_what_was_expected():
    assert faults_in(Order(number=1, lines=[Line(sku="a"), Line(sku="b", price=3.5)])) == [
        "lines[1].price: expected a Decimal, got 3.5"
    ]


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_json_does_not_have_is_refused_with_its_path(number: float):
    advice = f"JSON has no {number}; store None or leave the field out"

    assert faults_in(Order(number=1, more={"a": [{"b": number}]})) == [f"more.a[0].b: {advice}"]
    assert faults_in(Order(number=1, anything=number)) == [f"anything: {advice}"]


def test_a_key_that_does_not_fit_is_told_at_its_map():
    assert faults_of({"number": 1, "counts": {"one": 1}}) == ["counts: expected an integer as key, got 'one'"]


def test_the_error_names_the_model_and_the_document():
    with pytest.raises(DocumentInvalid, match=r"^Order 'order:1' has 1 fault\(s\):\n  number: missing"):
        load(Order, {"_id": "order:1", "type": "order"})


def test_a_wrong_id_is_a_fault():
    assert faults_in(Order(id=5, number=1)) == ["_id: expected text, got 5"]


def test_a_value_that_contains_itself_is_refused():
    line = Line(sku="a")
    line.parts.append(line)

    assert faults_in(Order(number=1, lines=[line])) == ["a value contains itself, or is nested too deeply"]


# --- validators and converters of the application


def positive(_: Any, __: Any, value: int) -> None:
    if value <= 0:
        raise ValueError("must be more than 0")


def less_than_most(instance: Any, attribute: Any, value: int) -> None:
    if value > instance.most:
        raise ValueError(f"{attribute.name} must not exceed {instance.most}")


class Range(Embedded):
    least: Mapped[int] = field(validator=[positive, less_than_most])
    most: Mapped[int] = field(validator=positive)


class Limited(Document):
    least: Mapped[int] = field(validator=less_than_most)
    most: Mapped[int] = field(factory=lambda: 9)


class Plan(Document):
    name: Mapped[str] = field(converter=str.strip, validator=validators.max_len(3))
    ranges: Mapped[list[Range]] = field(factory=list)
    code: Mapped[str] = field(default="0", converter=lambda text: str(int(text)))


def test_what_validators_refuse_is_told_at_every_depth():
    assert faults_of(
        {"name": "long", "ranges": [{"least": 1, "most": 2}, {"least": 3, "most": 2}]}, Plan
    ) == [
        "name: Length of 'name' must be <= 3: 4",
        "ranges[1].least: least must not exceed 2",
    ]


def test_validators_see_what_converters_made():
    assert load(Plan, {"_id": "1", "type": "plan", "name": "  abc  "}).name == "abc"
    assert faults_of({"name": "  abc  ", "code": "x"}, Plan) == [
        "code: invalid literal for int() with base 10: 'x'"
    ]


def test_a_validator_that_needs_a_missing_field_is_not_asked():
    assert faults_of(
        {"name": "a", "ranges": [{"least": 1}, {"least": 1, "most": "2"}, {"least": -1}]}, Plan
    ) == [
        "ranges[0].most: missing, and the field has no default",
        "ranges[1].most: expected an integer, got '2'",
        "ranges[2].least: must be more than 0",
        "ranges[2].most: missing, and the field has no default",
    ]


def test_a_validator_may_look_at_a_default():
    assert faults_of({"least": 10}, Limited) == ["least: least must not exceed 9"]


def test_a_default_that_does_not_fit_is_told_at_its_field():
    class Odd(Document):
        number: Mapped[int] = field(factory=lambda: "x")

    assert faults_of({}, Odd) == ["number: the default does not fit: expected an integer, got 'x'"]


def test_a_default_that_needs_a_wrong_field_is_not_made():
    class Twice(Document):
        number: Mapped[int]
        double: Mapped[int] = attrs.field(default=attrs.Factory(lambda one: one.number * 2, takes_self=True))

    assert faults_of({"number": "x"}, Twice) == ["number: expected an integer, got 'x'"]
    assert load(Twice, {"_id": "1", "type": "twice", "number": 2}).double == 4


def test_faults_of_form_and_of_validators_are_told_together():
    assert faults_of({"name": 5, "ranges": [{"least": 3, "most": 2}]}, Plan) == [
        "name: expected text, got 5",
        "ranges[0].least: least must not exceed 2",
    ]


class Odd(Exception):
    pass


class Strict(Document):
    number: Mapped[int] = field(default=0)

    def __attrs_post_init__(self) -> None:
        if self.number == 13:
            raise Odd("thirteen")
        if self.number == 14:
            raise Odd


def test_any_error_of_the_application_makes_the_document_invalid():
    assert faults_of({"number": 13}, Strict) == ["thirteen"]
    assert faults_of({"number": 14}, Strict) == ["Odd"]


def test_the_first_error_is_the_cause():
    with pytest.raises(DocumentInvalid) as caught:
        load(Strict, {"_id": "1", "type": "strict", "number": 13})

    assert isinstance(caught.value.__cause__, Odd)


class Row(Embedded):
    cells: Mapped[list[int]] = field(factory=list, validator=validators.min_len(1))


@attrs.define
class Sheet:
    title: str = attrs.field(default="", validator=validators.max_len(3))
    rows: list[Row] = attrs.field(factory=list)


class Book(Document):
    tags: Mapped[list[str]] = field(factory=list, validator=validators.max_len(1))
    sheets: Mapped[dict[str, Sheet]] = field(factory=dict, name="by-name")
    number: Mapped[int] = field(default=0)


def test_validators_are_asked_about_what_was_changed_in_place():
    book = Book(sheets={"a": Sheet(rows=[Row(cells=[1]), Row(cells=[2])])})
    book.tags.extend(["x", "y"])
    book.sheets["a"].rows[1].cells.clear()

    with pytest.raises(DocumentInvalid) as caught:
        validate(book)

    assert [fault.path for fault in caught.value.faults] == ["tags", "by-name.a.rows[1].cells"]
    assert str(caught.value.faults[1]).endswith("Length of 'cells' must be >= 1: 0")


def test_what_validators_agree_with_can_be_written():
    validate(Book(sheets={"a": Sheet(rows=[Row(cells=[1])])}))
    validate(Order(number=1))


def test_validators_that_are_disabled_are_not_asked():
    book = Book()
    book.tags.extend(["x", "y"])

    with validators.disabled():
        validate(book)


def test_keys_and_values_that_do_not_fit_are_told_together():
    with pytest.raises(DocumentInvalid) as caught:
        load(Order, {"_id": "1", "type": "order", "number": 1, "counts": {"a": 1, "2": "b", "c": 3}})

    assert [str(fault) for fault in caught.value.faults] == [
        "counts: expected an integer as key, got 'a'",
        "counts: expected an integer as key, got 'c'",
        "counts.2: expected an integer, got 'b'",
    ]


class Wallet(Document):
    cards: Mapped[list[Card]]


def test_a_value_of_another_class_is_told_as_such_and_not_by_its_members():
    with pytest.raises(DocumentInvalid) as caught:
        load(Wallet, {"_id": "1", "type": "wallet", "cards": [{"type": "cash", "paid": 1}]})

    assert [str(fault) for fault in caught.value.faults] == [
        "cards[0]: expected type 'card' (Card), got 'cash'"
    ]


def test_a_value_that_was_deleted_is_told():
    wallet = Wallet(cards=[])
    del wallet.cards

    with pytest.raises(DocumentInvalid, match="cards: it was deleted; give it a value"):
        dump(wallet)
