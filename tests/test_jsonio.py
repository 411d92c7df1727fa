"""JSON text and values: exact, strict, and the place of each error is named."""

import math
from collections import OrderedDict
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import InvalidJSON
from couchmapper.jsonio import checked_copy, dumps, dumps_json, loads, same

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


class Colour(Enum):
    RED = "red"


class Name(str):
    __slots__ = ()


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@given(values)
def test_what_is_written_reads_back_as_the_same(value: Any):
    assert same(loads(dumps(value)), value)


def test_text_is_compact_and_keeps_the_order_of_members():
    assert dumps({"b": [1, 2], "a": {"z": None, "y": True}}) == b'{"b":[1,2],"a":{"z":null,"y":true}}'


@pytest.mark.parametrize("number", [2**53 + 1, 2**64, -(2**70), 10**400])
def test_integers_keep_every_digit(number: int):
    assert dumps(number) == str(number).encode()
    assert loads(str(number)) == number


def test_an_integral_float_stays_a_float():
    assert dumps(1.0) == b"1.0"
    assert type(loads("1.0")) is float


def test_text_beyond_ascii_is_written_as_it_is():
    assert dumps("é中😀") == '"é中😀"'.encode()


def test_a_tuple_is_written_as_an_array():
    assert dumps({"key": ("a", 1)}) == b'{"key":["a",1]}'


def test_a_subclass_of_dict_is_written_as_an_object():
    assert dumps(OrderedDict(b=1, a=2)) == b'{"b":1,"a":2}'


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_json_has_no_number_for_is_refused_with_its_path(number: float):
    with pytest.raises(InvalidJSON) as caught:
        dumps({"note": None, "lines": [{"price": 1.0}, {"price": number}]})

    assert caught.value.path == "lines[1].price"
    assert str(caught.value) == f"lines[1].price: JSON has no {number}; store None or leave the field out"


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 11, 23, tzinfo=UTC),
        date(2026, 11, 23),
        Decimal("1.5"),
        UUID(int=1),
        b"bytes",
        {1, 2},
        Colour.RED,
        Name("text of a class of its own"),
        object(),
    ],
)
def test_foreign_types_are_refused_with_their_path(value: object):
    with pytest.raises(InvalidJSON) as caught:
        dumps({"a": [1, {"b": value}]})

    assert caught.value.path == "a[1].b"
    assert type(value).__name__ in caught.value.message


def test_names_of_members_must_be_text():
    with pytest.raises(InvalidJSON, match=r"^a: the names of members are text, got 1$"):
        dumps({"a": {1: "one"}})


def test_a_lone_surrogate_is_refused_with_its_path():
    with pytest.raises(InvalidJSON) as caught:
        dumps({"a": "\ud800"})

    assert caught.value.path == "a"


def test_a_lone_surrogate_in_a_name_is_refused_in_a_message_that_can_be_printed():
    with pytest.raises(InvalidJSON) as caught:
        dumps({"a": {"\ud800": 1}})

    assert caught.value.path == "a"
    assert str(caught.value).isascii()


def test_a_value_that_contains_itself_is_refused():
    value: list[Any] = []
    value.append(value)

    with pytest.raises(InvalidJSON, match="contains itself, or is nested too deeply"):
        dumps(value)


def test_values_may_be_nested_deeply():
    assert dumps(nested(400)) == b"[" * 401 + b"]" * 401


@pytest.mark.parametrize(
    "text", ["", "{", "[1,]", "NaN", "1e400", "'a'", '"\ud800"', "[" * 100_000, b'"\xff"', "1" * 5000]
)
def test_text_that_is_no_json_is_refused(text: str | bytes):
    with pytest.raises(InvalidJSON, match="not valid JSON"):
        loads(text)


@pytest.mark.parametrize(
    ("left", "right"), [(1, 1.0), (1, True), (0, False), ([1], [1.0]), ({"a": 1}, {"a": True}), ("", None)]
)
def test_values_that_python_takes_for_equal_may_be_different_json(left: Any, right: Any):
    assert not same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [({"a": 1}, {"b": 1}), ({"a": 1}, {"a": 1, "b": 1}), ([1], [1, 2]), ([1, 2], [2, 1]), ("a", "b")],
)
def test_different_values_are_not_the_same(left: Any, right: Any):
    assert not same(left, right)


def test_the_order_of_members_does_not_count():
    assert same({"a": 1, "b": [{"c": 2, "d": 3}]}, {"b": [{"d": 3, "c": 2}], "a": 1})


@given(values)
def test_what_is_known_to_be_json_is_written_as_all_else(value: Any):
    assert dumps_json(value) == dumps(value)


@pytest.mark.parametrize("value", [10**5000, nested(5000), "\ud800"], ids=["digits", "depth", "surrogate"])
def test_what_no_text_can_hold_is_refused_also_where_the_value_was_checked(value: Any):
    with pytest.raises(InvalidJSON):
        dumps_json({"a": value})


@given(values)
def test_a_copy_is_the_same_and_shares_nothing(value: Any):
    copy = checked_copy(value)

    assert same(copy, value)
    assert copy is not value or not isinstance(value, (list, dict))


def test_a_copy_of_what_is_no_json_is_refused_with_its_path():
    with pytest.raises(InvalidJSON, match=r"^a: JSON has no nan"):
        checked_copy({"a": math.nan})


def test_a_number_of_too_many_digits_is_refused_with_its_path():
    with pytest.raises(InvalidJSON, match="too many digits") as caught:
        dumps({"a": [1, 10**5000]})

    assert caught.value.path == "a[1]"
