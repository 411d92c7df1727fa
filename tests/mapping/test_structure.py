"""Single values and JSON: each type has one form, and takes no other."""

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.structure import JSON_VALUE, SCALARS, choice_codec, scaled_decimal_codec


class Colour(Enum):
    RED = "red"


class Status(StrEnum):
    NEW = "new"


class Level(IntEnum):
    LOW = 1


class Name(str):
    __slots__ = ()


def dump(kind: type | None, value: Any) -> Any:
    return SCALARS[type(None) if kind is None else kind].dump(value)


def load(kind: type | None, value: Any) -> Any:
    return SCALARS[type(None) if kind is None else kind].load(value, kind)


FORMS: list[tuple[Any, Any, Any]] = [
    (bool, True, True),
    (int, 2**70, 2**70),
    (float, 1.5, 1.5),
    (str, "é中😀", "é中😀"),
    (type(None), None, None),
    (datetime, datetime(2026, 11, 23, 10, tzinfo=UTC), "2026-11-23T10:00:00.000000Z"),
    (date, date(2026, 11, 23), "2026-11-23"),
    (time, time(10, 0, 0, 5), "10:00:00.000005"),
    (timedelta, timedelta(days=-1, microseconds=1), -86_399_999_999),
    (Decimal, Decimal("3.50"), "3.50"),
    (UUID, UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (bytes, b"\x00\xff", "AP8="),
]


@pytest.mark.parametrize(("kind", "value", "form"), FORMS, ids=[kind.__name__ for kind, _, _ in FORMS])
def test_each_type_has_one_form(kind: type, value: Any, form: Any):
    assert jsonio.same(dump(kind, value), form)
    assert load(kind, form) == value
    assert type(load(kind, form)) is kind


WRITTEN: list[Any] = [
    None,
    True,
    1,
    1.5,
    "text",
    "2026-11-23T10:00:00.000000Z",
    "2026-11-23",
    "10:00:00",
    "3.50",
    [],
    {},
]
READABLE = {
    bool: [True],
    int: [1],
    float: [1, 1.5],
    str: [written for written in WRITTEN if isinstance(written, str)],
    type(None): [None],
    datetime: ["2026-11-23T10:00:00.000000Z"],
    date: ["2026-11-23"],
    time: ["10:00:00"],
    timedelta: [1],
    Decimal: ["3.50"],
    UUID: [],
    bytes: ["text"],
}


@pytest.mark.parametrize("kind", SCALARS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("written", WRITTEN, ids=repr)
def test_what_another_type_wrote_is_refused(kind: type, written: Any):
    if any(jsonio.same(written, fitting) for fitting in READABLE[kind]):
        load(kind, written)
    else:
        with pytest.raises(Misfit, match=r"^expected "):
            load(kind, written)


VALUES = [value for _, value, _ in FORMS]


@pytest.mark.parametrize("kind", SCALARS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("value", [*VALUES, 1, "5", Colour.RED, Status.NEW, Level.LOW, ...], ids=repr)
def test_values_of_another_type_are_refused(kind: type, value: Any):
    if type(value) is kind or (kind is float and type(value) is int):
        dump(kind, value)
    else:
        with pytest.raises(Misfit):
            dump(kind, value)


def test_a_fault_says_what_was_expected_and_what_came():
    with pytest.raises(Misfit, match=r"^expected a decimal string, got 3\.5$"):
        load(Decimal, 3.5)


def test_long_values_are_shown_by_their_ends():
    with pytest.raises(Misfit) as caught:
        load(int, "x" * 10_000)

    assert len(str(caught.value)) < 100


@given(st.integers())
def test_an_integer_is_a_float_only_when_no_digit_is_lost(number: int):
    try:
        loaded = load(float, number)
    except Misfit:
        assert abs(number) > 2**53
    else:
        assert type(loaded) is float
        assert loaded == number


@pytest.mark.parametrize("number", [2**53 + 1, 10**400])
def test_integers_that_no_float_holds_are_refused(number: int):
    with pytest.raises(Misfit, match="a number that a float holds exactly"):
        load(float, number)
    with pytest.raises(Misfit, match="a number that a float holds exactly"):
        dump(float, number)


def test_large_integers_that_a_float_holds_are_read_as_javascript_wrote_them():
    assert load(float, 10**17) == 1e17


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_floats_that_json_does_not_have_are_refused_with_advice(number: float):
    with pytest.raises(Misfit, match="store None or leave the field out"):
        dump(float, number)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "sNaN"])
def test_decimals_that_are_no_number_are_refused(number: str):
    with pytest.raises(Misfit, match="store None or leave the field out"):
        dump(Decimal, Decimal(number))
    with pytest.raises(Misfit, match="expected a decimal string"):
        load(Decimal, number)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_keep_every_digit_and_every_zero(number: Decimal):
    assert load(Decimal, dump(Decimal, number)).as_tuple() == number.as_tuple()


def test_text_of_a_subclass_is_written_as_plain_text():
    written = dump(str, Name("Ann"))

    assert written == "Ann"
    assert type(written) is str


def test_text_that_is_not_unicode_is_refused():
    with pytest.raises(Misfit, match="lone surrogate"):
        dump(str, "\ud800")


# --- decimals as integers


@pytest.mark.parametrize(
    ("value", "written"), [("3.50", 350), ("3.5", 350), ("-0.01", -1), ("0", 0), ("1E+3", 100_000)]
)
def test_a_scaled_decimal_is_an_integer(value: str, written: int):
    cents = scaled_decimal_codec(2)

    assert jsonio.same(cents.dump(Decimal(value)), written)
    assert cents.load(written, None) == Decimal(value)


def test_a_scaled_decimal_reads_with_its_places():
    assert str(scaled_decimal_codec(2).load(350, None)) == "3.50"


@given(st.integers(), st.integers(0, 40))
def test_scaled_decimals_keep_every_digit(number: int, scale: int):
    scaled = scaled_decimal_codec(scale)

    assert scaled.dump(scaled.load(number, None)) == number


def test_more_places_than_the_scale_are_refused_with_advice():
    with pytest.raises(Misfit, match=r"3\.505 has more than 2 decimal places; round it first"):
        scaled_decimal_codec(2).dump(Decimal("3.505"))


def test_a_scaled_decimal_has_no_more_digits_than_a_number_may_have():
    with pytest.raises(Misfit, match="too many digits"):
        scaled_decimal_codec(2).dump(Decimal("1E+999999999"))


@pytest.mark.parametrize("written", ["3.50", 3.5, True, None])
def test_a_scaled_decimal_is_read_from_integers_only(written: Any):
    with pytest.raises(Misfit, match=r"expected an integer \(a decimal times 10\^2\)"):
        scaled_decimal_codec(2).load(written, None)


@pytest.mark.parametrize("value", [3.5, 3, "3.50", Decimal("NaN"), None])
def test_only_finite_decimals_are_scaled(value: Any):
    with pytest.raises(Misfit, match="expected a finite Decimal"):
        scaled_decimal_codec(2).dump(value)


# --- choices, and JSON itself


def test_a_choice_reads_and_writes_its_values():
    codec = choice_codec([(Colour.RED, "red"), (Level.LOW, 1)], "a choice", frozenset({"string", "number"}))

    assert codec.load("red", None) is Colour.RED
    assert codec.dump(Level.LOW) == 1


@pytest.mark.parametrize("written", ["green", 1.0, True, None, [], {}])
def test_a_choice_refuses_everything_else(written: Any):
    codec = choice_codec([(Colour.RED, "red"), (Level.LOW, 1)], "a choice", frozenset())

    with pytest.raises(Misfit, match=r"^expected one of 'red', 1, got "):
        codec.load(written, None)
    with pytest.raises(Misfit, match=r"^expected a choice, got "):
        codec.dump(written)


def test_json_is_kept_as_it_is_and_not_shared():
    value = {"a": [1, 2.0, None], "b": {"c": "d"}}

    loaded = JSON_VALUE.load(value, None)
    loaded["a"].append(3)

    assert value == {"a": [1, 2.0, None], "b": {"c": "d"}}
    assert jsonio.same(JSON_VALUE.dump(value), value)
    assert JSON_VALUE.dump(value)["a"] is not value["a"]


@pytest.mark.parametrize("value", [datetime(2026, 11, 23, tzinfo=UTC), Decimal(1), {1, 2}, math.nan, {1: 2}])
def test_what_is_no_json_is_refused_in_json(value: Any):
    with pytest.raises(ValueError, match=r"^a\[0\]: "):
        JSON_VALUE.dump({"a": [value]})
