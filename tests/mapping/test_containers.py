"""Lists, sets, tuples, maps and unions of values, and JSON."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import attrs
import pytest

from couchmapper import jsonio
from couchmapper.exceptions import ModelError
from couchmapper.mapping import Embedded, Mapped, field
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.converter import codec


class Card(Embedded, type="card"):
    number: Mapped[str]


class Cash(Embedded, type="cash"):
    paid: Mapped[Decimal]


class Plain(Embedded):
    note: Mapped[str | None] = field(default=None)


@attrs.frozen
class Point:
    x: int
    y: int


ROUND_TRIPS: list[tuple[Any, Any, Any]] = [
    (list[int], [2, 1, 2], [2, 1, 2]),
    (list, [1, "a", None], [1, "a", None]),
    (list[None], [None], [None]),
    (list[list[date]], [[date(2026, 11, 23)], []], [["2026-11-23"], []]),
    (tuple[int, ...], (1, 2), [1, 2]),
    (tuple[int, str], (1, "a"), [1, "a"]),
    (set[str], {"a"}, ["a"]),
    (frozenset[Decimal], frozenset({Decimal(1)}), ["1"]),
    (dict[str, float], {"b": 1.0, "a": 2.0}, {"b": 1.0, "a": 2.0}),
    (dict, {"a": [1]}, {"a": [1]}),
    (dict[int, str], {-1: "a"}, {"-1": "a"}),
    (dict[UUID, int], {UUID(int=1): 1}, {"00000000-0000-0000-0000-000000000001": 1}),
    (int | None, None, None),
    (int | None, 1, 1),
    (list[Point], [Point(1, 2)], [{"x": 1, "y": 2}]),
    (int | float, 5, 5),
    (int | float, 5.0, 5.0),
    (float | int, 5, 5),
    (str | int | None, None, None),
    (date | str, date(2026, 11, 23), "2026-11-23"),
    (str | date, date(2026, 11, 23), "2026-11-23"),
    (datetime | date, datetime(2026, 11, 23, tzinfo=UTC), "2026-11-23T00:00:00.000000Z"),
    (date | datetime, datetime(2026, 11, 23, tzinfo=UTC), "2026-11-23T00:00:00.000000Z"),
    (Card | Cash, Cash(paid=Decimal(2)), {"type": "cash", "paid": "2"}),
    (list[Card | Cash], [Card(number="1")], [{"type": "card", "number": "1"}]),
    (Card | Plain, Plain(), {"note": None}),
    (Card | str, "card", "card"),
    (list[int] | dict[str, int], {"a": 1}, {"a": 1}),
    (Literal["a", 1] | None, 1, 1),
    (Any, {"a": [None, 2**70]}, {"a": [None, 2**70]}),
]


@pytest.mark.parametrize(("annotation", "value", "written"), ROUND_TRIPS, ids=lambda one: str(one)[:40])
def test_what_holds_values_round_trips(annotation: Any, value: Any, written: Any):
    assert jsonio.same(codec(annotation).dump(value), written)

    loaded = codec(annotation).load(written, annotation)

    assert loaded == value
    assert type(loaded) is type(value)


@pytest.mark.parametrize(
    ("annotation", "written"),
    [
        (list[int], ["1"]),
        (list[int], {"a": 1}),
        (list[int], "12"),
        (list[int], None),
        (set[int], {"a": 1}),
        (tuple[int, str], [1]),
        (tuple[int, str], [1, "a", "b"]),
        (tuple[int, str], ["a", 1]),
        (dict[str, int], {"a": "1"}),
        (dict[str, int], [["a", 1]]),
        (dict[int, str], {"01": "a"}),
        (dict[int, str], {"a": "a"}),
        (int | None, "1"),
        (int | str, 1.5),
        (Point, {"x": 1, "y": "2"}),
        (Point, [1, 2]),
        (Card | Cash, {"number": "1"}),
        (Card | Cash, {"type": "cheque", "number": "1"}),
        (Card | Cash, {"type": "card", "paid": "2"}),
        (Card, {"type": "cash", "number": "1"}),
        (Literal[1], True),
        (Literal["a"], "b"),
    ],
)
def test_reading_is_strict_at_every_depth(annotation: Any, written: Any):
    with pytest.raises((Misfit, KeyError)):
        codec(annotation).load(written, annotation)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (list[int], (1, 2)),
        (list[int], {1}),
        (list[int], "12"),
        (list[int], ["1"]),
        (tuple[int, ...], [1]),
        (tuple[int, str], (1,)),
        (tuple[int, str], [1, "a"]),
        (set[int], [1]),
        (set[int], frozenset({1})),
        (dict[str, int], [("a", 1)]),
        (dict[str, int], {1: 1}),
        (dict[int, str], {True: "a"}),
        (dict[int, str], {"1": "a"}),
        (Point, {"x": 1, "y": 2}),
        (Card | Cash, Plain()),
        (Literal[1], True),
        (int | str, 1.5),
    ],
)
def test_writing_is_strict_at_every_depth(annotation: Any, value: Any):
    with pytest.raises(Misfit):
        codec(annotation).dump(value)


def test_equal_sets_are_written_alike():
    one, other = set("abcdefgh"), set("hgfedcba")

    assert codec(set[str]).dump(one) == codec(set[str]).dump(other) == sorted("abcdefgh")


def test_two_keys_that_mean_the_same_are_refused():
    with pytest.raises(Misfit, match="mean the same"):
        codec(dict[date, int]).load({"2026-11-23": 1, "20261123": 2}, None)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [(date | str, "2026-11-23"), (Decimal | str, "1.5"), (bytes | str, "abcd"), (set[int] | list[int], [1])],
)
def test_a_value_that_would_come_back_as_another_type_is_refused(annotation: Any, value: Any):
    with pytest.raises(Misfit, match=r"would be read as another type of .* narrow the type"):
        codec(annotation).dump(value)


def test_a_union_names_its_members_and_their_tags():
    with pytest.raises(Misfit, match=r"^expected Card \(type 'card'\) or Cash \(type 'cash'\), got "):
        codec(Card | Cash).load({"number": "1"}, None)


def test_the_fault_of_a_tagged_member_is_its_own():
    with pytest.raises(Misfit, match="expected text, got 5"):
        codec(Card | Cash).load({"type": "card", "number": 5}, None)


def test_a_wrong_tag_is_refused():
    with pytest.raises(Misfit, match=r"^expected type 'card' \(Card\), got 'cash'$"):
        codec(Card).load({"type": "cash", "number": "1"}, None)


def test_a_missing_tag_is_no_fault_where_only_one_class_can_stand():
    assert codec(Card).load({"number": "1"}, None) == Card(number="1")


class Twin(Embedded, type="card"):
    number: Mapped[str]


class Other(Embedded):
    text: Mapped[str]


@pytest.mark.parametrize("annotation", [Plain | Other, Plain | Point, Card | Twin], ids=str)
def test_objects_that_json_cannot_tell_apart_are_refused(annotation: Any):
    with pytest.raises(ModelError, match=r"cannot be told apart in JSON; .* give each a type=\.\.\."):
        codec(annotation)


@pytest.mark.parametrize("annotation", [dict[float, int], dict[bool, int], dict[int | str, int]], ids=str)
def test_keys_must_be_written_as_text(annotation: Any):
    with pytest.raises(ModelError, match="the keys of a JSON object are text"):
        codec(annotation)


class Changing(Embedded):
    a: Mapped[int]


@pytest.mark.parametrize(
    "annotation",
    [
        set[list[int]],
        frozenset[dict[str, int]],
        set[Changing],
        set[tuple[int, list[int]]],
        set[int | set[int]],
    ],
    ids=str,
)
def test_what_can_change_is_no_element_of_a_set(annotation: Any):
    with pytest.raises(ModelError, match=r"cannot be an element of a set, .* hold them in a list, or freeze"):
        codec(annotation)


@attrs.frozen
class Fixed:
    a: int


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (set[Fixed], {Fixed(a=1)}),
        (set[tuple[int, ...]], {(1, 2)}),
        (set[frozenset[int]], {frozenset({1})}),
        (set[Literal["a", 1]], {"a", 1}),
        (set[Any], {1, "a"}),
    ],
    ids=lambda one: "" if isinstance(one, set) else str(one),  # the order of a set is not the same each time
)
def test_what_is_fixed_is_an_element_of_a_set(annotation: Any, value: Any):
    assert codec(annotation).load(codec(annotation).dump(value), annotation) == value


@pytest.mark.parametrize(
    ("annotation", "is_ordered"),
    [
        (list[int], True),
        (tuple[int, str], True),
        (set[int], False),
        (frozenset[str], False),
        (list[Decimal], False),
        (tuple[int, Decimal], False),
        (list[bytes] | None, False),
    ],
    ids=str,
)
def test_a_collection_has_the_order_of_its_elements_and_a_set_has_none(annotation: Any, *, is_ordered: bool):
    assert codec(annotation).is_ordered == is_ordered
