"""Operands are written as the values of their field."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any, Literal, NewType
from uuid import UUID

import pytest

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.nodes import And, Condition
from couchmapper.mapping import Document, Embedded, Field, Mapped, Ref, field
from couchmapper.mapping.converter import codec
from couchmapper.mapping.expressions import path_of
from couchmapper.mapping.operands import checked_collection, checked_text, written

Sku = NewType("Sku", str)


class Colour(Enum):
    GREEN = "green"


class Size(StrEnum):
    SMALL = "s"


class Level(IntEnum):
    LOW = 1


class Point(Embedded):
    x: Mapped[int]


class Thing(Document):
    colour: Mapped[Colour]
    size: Mapped[Size]
    level: Mapped[Level]
    at: Mapped[datetime]
    day: Mapped[date]
    hour: Mapped[time]
    lasts: Mapped[timedelta]
    exact: Mapped[Decimal]
    price: Mapped[Decimal] = field(scale=2)
    key: Mapped[UUID]
    data: Mapped[bytes]
    sku: Mapped[Sku]
    mode: Mapped[Literal["on", 1]]
    ratio: Mapped[float]
    note: Mapped[str | None]
    when: Mapped[date | str | None]
    point: Mapped[Point | None]
    pair: Mapped[tuple[str, date]]
    parent: Mapped["Ref[Thing] | None"]


PLUS_ONE = timezone(timedelta(hours=1))

KINDS: list[tuple[Field[Any], Any, Any, Any]] = [
    (Thing.colour, Colour.GREEN, "green", "green"),
    (Thing.size, Size.SMALL, "s", "s"),
    (Thing.level, Level.LOW, 1, 1),
    (Thing.at, datetime(2026, 11, 23, 1, tzinfo=PLUS_ONE), "2026-11-23T00:00:00.000000Z", date(2026, 1, 1)),
    (Thing.day, date(2026, 11, 23), "2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
    (Thing.hour, time(9, 30), "09:30:00.000000", "09:30"),
    (Thing.lasts, timedelta(minutes=1), 60_000_000, 60),
    (Thing.exact, Decimal("3.50"), "3.50", 3.5),
    (Thing.price, Decimal("3.50"), 350, 350),
    (Thing.key, UUID(int=7), "00000000-0000-0000-0000-000000000007", str(UUID(int=7))),
    (Thing.data, b"tea", "dGVh", "tea"),
    (Thing.sku, Sku("tea"), "tea", 5),
    (Thing.mode, "on", "on", "off"),
    (Thing.ratio, 1, 1.0, "1"),
    (Thing.note, "tea", "tea", 5),
    (Thing.when, date(2026, 11, 23), "2026-11-23", 2026),
    (Thing.when, "soon", "soon", "2026-11-23"),
    (Thing.point, Point(x=1), {"x": 1}, {"x": 1}),
    (Thing.pair, ("tea", date(2026, 11, 23)), ["tea", "2026-11-23"], ["tea", "2026-11-23"]),
    (Thing.parent, Ref("thing:1"), "thing:1", 1),
]  # fmt: skip

OPERATORS: dict[str, tuple[Callable[[Field[Any], Any], Any], Callable[[Any], Any]]] = {
    "==": (lambda asked, value: asked == value, lambda wire: wire),
    "!=": (lambda asked, value: asked != value, lambda wire: wire),
    "in_": (lambda asked, value: asked.in_([value]), lambda wire: [wire]),
    "not_in": (lambda asked, value: asked.not_in([value]), lambda wire: [wire]),
}


def asked_by(*operators: str, beside: set[str]) -> list[Any]:
    """Return each kind with each operator, but some fields."""
    return [
        pytest.param(*kind, operator, id=f"{path_of(kind[0])[0]} {operator} {str(kind[1])[:20]}")
        for kind in KINDS
        for operator in operators
        if path_of(kind[0])[0] not in beside
    ]


@pytest.mark.parametrize(
    ("asked", "value", "wire", "wrong", "operator"),
    [*asked_by("==", "!=", beside=set()), *asked_by("in_", "not_in", beside={"pair"})],
)
def test_an_operand_of_each_kind_is_written_as_its_field_is(
    asked: Field[Any], value: Any, wire: Any, wrong: Any, operator: str
):
    ask, expected = OPERATORS[operator]

    condition: Condition = ask(asked, value)

    assert condition.argument == expected(wire)
    assert type(condition.argument) is type(expected(wire))
    with pytest.raises(ExpressionError, match="cannot be compared with"):
        ask(asked, wrong)


@pytest.mark.parametrize(
    ("asked", "value", "wire", "wrong", "operator"), asked_by("between", beside={"exact", "data"})
)
def test_a_bound_of_each_kind_is_written_as_its_field_is(
    asked: Field[Any], value: Any, wire: Any, wrong: Any, operator: str
):
    bounds = (Condition(path_of(asked), "$gte", wire), Condition(path_of(asked), "$lte", wire))

    assert asked.between(value, value) == And(bounds)
    with pytest.raises(ExpressionError, match="cannot be compared with"):
        _ = asked < wrong


@pytest.mark.parametrize(
    ("ask", "value"),
    [(lambda: Thing.exact, Decimal(1)), (lambda: Thing.data, b"a")],
    ids=["Decimal", "bytes"],
)
def test_what_is_stored_in_another_order_has_no_bounds(ask: Any, value: Any):
    with pytest.raises(ExpressionError, match="is not stored in the order of its values"):
        _ = ask() < value


def test_an_operand_is_written_as_a_value_of_the_type():
    assert written(codec(list[int]), [1], "field") == [1]


def test_what_is_no_value_of_the_type_is_told_with_the_field():
    with pytest.raises(ExpressionError, match=r"^'field' cannot be compared with 'a': expected an integer"):
        written(codec(int), "a", "field")


@pytest.mark.parametrize("values", ["text", b"bytes", 5, None])
def test_a_collection_is_none_of_these(values):
    with pytest.raises(ExpressionError, match="expected a collection of values"):
        checked_collection(values)


def test_a_text_is_text():
    assert checked_text("a") == "a"
    with pytest.raises(ExpressionError, match="expected text"):
        checked_text(5)  # type: ignore[arg-type]
    with pytest.raises(ExpressionError, match="lone surrogate"):
        checked_text("\ud800")
