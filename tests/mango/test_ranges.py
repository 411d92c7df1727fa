"""The ranges that a selector leaves to single fields."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.collation import compare
from couchmapper.mango.match import compile_match
from couchmapper.mango.normalize import normalize
from couchmapper.mango.parse import parse
from couchmapper.mango.ranges import (
    Bound,
    FieldRange,
    KeyRange,
    field_range,
    indexable_fields,
    key_range,
    named_fields,
    pins,
    requires,
)

A, B = ("a",), ("b",)


def normal(selector: dict[str, Any]) -> Any:
    return normalize(parse(selector))


@pytest.mark.parametrize(
    ("selector", "low", "high"),
    [
        ({"a": 5}, Bound(5, True), Bound(5, True)),
        ({"a": {"$gt": 1, "$lte": 5}}, Bound(1, False), Bound(5, True)),
        ({"a": {"$gt": 1, "$gte": 1}}, Bound(1, False), None),
        ({"a": {"$lt": 9}, "$and": [{"a": {"$lte": 9}}]}, None, Bound(9, False)),
        ({"a": {"$beginsWith": "x"}}, Bound("x", True), Bound("x\uffff", True)),
        ({"a": {"$exists": True}}, None, None),
        ({"a": {"$in": [1, 2]}}, None, None),
        ({"$not": {"a": {"$gt": 5}}}, None, Bound(5, True)),
        ({"$or": [{"a": 1}, {"a": 2}]}, None, None),
    ],
)
def test_conditions_that_are_joined_narrow_a_field(selector: dict[str, Any], low: Any, high: Any):
    assert field_range(normal(selector), A) == FieldRange(low=low, high=high)


@pytest.mark.parametrize(
    "selector",
    [{"a": {"$gt": 5, "$lt": 1}}, {"a": {"$gt": 5, "$lte": 5}}, {"a": {"$eq": "x", "$gt": "x"}}],
)
def test_conditions_that_contradict_leave_nothing(selector: dict[str, Any]):
    assert field_range(normal(selector), A) is None


@pytest.mark.parametrize(
    ("selector", "start", "end"),
    [
        ({"a": 1, "b": {"$gt": 2}}, (1, 2), (1,)),
        ({"a": {"$gte": 1}, "b": 2}, (1, 2), ()),
        ({"a": {"$lt": 1}, "b": {"$lt": 2}}, (), (1, 2)),
        ({"b": 2}, (), ()),
        ({"a": {"$exists": True}, "b": 2}, (), ()),
    ],
)
def test_keys_are_bounded_as_far_as_each_field_before_is(selector: dict[str, Any], start: Any, end: Any):
    assert key_range(normal(selector), [A, B]) == KeyRange(start, end)


def test_fields_that_only_a_scan_can_answer_are_not_indexable():
    selector = {"a": 1, "b": {"$regex": "x"}, "c.d": {"$gt": 1}, "$or": [{"e": 1}, {"f": 1}]}

    assert indexable_fields(normal(selector)) == {("a",), ("c", "d")}
    assert named_fields(normal(selector)) == {("a",), ("b",), ("c", "d"), ("e",), ("f",)}


def test_a_field_is_required_when_every_way_to_match_names_it():
    assert requires(normal({"$or": [{"a": 1}, {"a": {"$ne": 2}, "b": 1}]}), A)
    assert not requires(normal({"$or": [{"a": 1}, {"b": 1}]}), A)
    assert not requires(normal({"a": {"$exists": False}}), A)
    assert requires(normal({"a": {"$not": {"$regex": "x"}}}), A)


def test_only_equality_pins_a_field():
    assert pins(normal({"a": 1, "b": 2}), A)
    assert not pins(normal({"a": {"$gte": 1, "$lte": 1}}), A)
    assert not pins(normal({"$or": [{"a": 1}, {"a": 2}]}), A)


values = st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from(["", "a", "A", "b"]))
comparisons = st.dictionaries(st.sampled_from(["$lt", "$lte", "$eq", "$gte", "$gt"]), values, min_size=1)


@given(comparisons, values)
def test_the_range_is_what_the_conditions_say(conditions: dict[str, Any], value: Any):
    expression = normal({"a": conditions})
    found = field_range(expression, A)

    matches = compile_match(expression)({"_id": "x", "a": value})

    within = found is not None
    if found is not None and found.low is not None:
        within &= compare(value, found.low.value) >= (0 if found.low.included else 1)
    if found is not None and found.high is not None:
        within &= compare(value, found.high.value) <= (0 if found.high.included else -1)
    # What is false for every value is FALSE in the normal form and bounds nothing.
    assert matches == within or indexable_fields(expression) == frozenset()
