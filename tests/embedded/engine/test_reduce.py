"""The built-in reduce functions, over rows in the order of a query."""

import json
from typing import Any

import pytest

from couchmapper.collation import sort_key
from couchmapper.embedded.engine.reduce import check_built_in, reduce_function
from couchmapper.embedded.storage.views_rows import ViewRow
from couchmapper.exceptions import BadRequest, ServerError


def reduce(source: str, *values: Any, keys: list[Any] | None = None) -> Any:
    """Reduce one group of rows, whose keys count up unless others are given."""
    pairs = zip(keys or range(len(values)), values, strict=True)
    rows = [
        ViewRow(sort_key(key), "id", json.dumps(key).encode(), json.dumps(value).encode())
        for key, value in pairs
    ]
    (result,) = reduce_function(source).reduce([rows])
    return json.loads(result)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3.5], 6.5),
        ([2**70, 1], 2**70 + 1),
        ([[1, 2], 3], [4, 2]),
        ([3, [1, 2]], [4, 2]),
        ([[1], [1, 2, 3]], [2, 2, 3]),
        ([[]], [0]),
        ([[1, "kept"]], [1, "kept"]),
        ([{"b": 1, "a": 2}], {"b": 1, "a": 2}),
        ([{"b": 1, "a": 2}, {"c": 1, "a": 1}], {"a": 3, "b": 1, "c": 1}),
        ([{"a": {"x": 1}}, {"a": {"y": 2}}], {"a": {"x": 1, "y": 2}}),
        ([{"a": [1]}, {"a": 2}], {"a": [3]}),
    ],
)
def test_sum_adds_numbers_arrays_and_objects(values: list[Any], expected: Any):
    assert reduce("_sum", *values) == expected


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ([1, "x"], "x"),
        ([1, None], None),
        ([True], True),
        ([0, {"a": 1}], 0),
        ([[1, "x"], [1, "y"]], ["y"]),
        ([{"a": 1}, {"a": "x"}], 1),
    ],
)
def test_sum_puts_an_error_in_the_place_of_a_value_that_cannot_be_added(values: list[Any], cause: Any):
    result = reduce("_sum", *values)

    assert result["error"] == "builtin_reduce_error"
    assert result["caused_by"] == cause


def test_sum_refuses_what_hardly_shrinks():
    assert "must shrink" in reduce("_sum", {"a" * 6000: 1})["reason"]


def test_count_counts_rows():
    assert reduce("_count", None, "x", {}) == 3


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2], [3, 2, 1, 2, 5]),
        ([0.5, 2], [2.5, 2, 0.5, 2, 4.25]),
        ([{"sum": 1, "count": 2, "min": 3, "max": 4, "sumsqr": 5}, 7], [8, 3, 3, 7, 54]),
    ],
)
def test_stats_describe_numbers_and_earlier_stats(values: list[Any], expected: list[Any]):
    assert list(reduce("_stats", *values).values()) == expected


def test_stats_go_through_arrays_place_by_place():
    first, second = reduce("_stats", [1, 2], [3, 4])

    assert first == {"sum": 4, "count": 2, "min": 1, "max": 3, "sumsqr": 10}
    assert second["sumsqr"] == 20


@pytest.mark.parametrize(
    "values", [["x"], [1, "x"], [{"a": 1}], [None], [True], [1, [1]], [[1], 1], [[1], [1, 2]]]
)
def test_stats_of_anything_else_fail(values: list[Any]):
    with pytest.raises(ServerError) as caught:
        reduce("_stats", *values)

    assert caught.value.error == "invalid_value"


def test_different_keys_are_counted():
    assert reduce("_approx_count_distinct", 1, 1, 1, keys=["a", "b", "a"]) == 2


def test_first_and_last_follow_the_keys():
    assert (reduce("_first", "x", "y", "z"), reduce("_last", "x", "y", "z")) == ("x", "z")


def test_ranks_hold_each_value_once():
    values = (5, 5, 4, 1, "a", 4)

    assert reduce("_top_2", *values) == ["a", 5]
    assert reduce("_bottom_2", *values) == [1, 4]


def test_the_beginning_of_a_name_is_enough():
    assert reduce("_sums", 1, 2) == 3


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("_foo", "`_foo` is not a supported reduce function."),
        ("_top", "`_top` is not a supported reduce function."),
        ("_top_0", "rank value must be between 1 and 100"),
        ("_bottom_101", "rank value must be between 1 and 100"),
        ("_top_x", "invalid rank reducer"),
    ],
)
def test_other_names_are_refused(source: str, reason: str):
    with pytest.raises(BadRequest) as caught:
        check_built_in(source)

    assert (caught.value.error, caught.value.reason) == ("invalid_design_doc", reason)


def test_rows_of_one_document_with_one_key_are_folded_as_they_stand():
    rows = [
        ViewRow(sort_key(1), document, b"1", value)
        for document, value in [("a", b"1"), ("a", b"2"), ("b", b"3")]
    ]

    (seen,) = reduce_function("function (k, v, re) { return re ? v[0] : v }").reduce([rows])

    assert json.loads(seen) == [3, 1, 2]


def test_javascript_sees_the_rows_from_the_last_to_the_first():
    assert reduce("function (k, values, re) { return re ? values[0] : values }", 1, 2, 3) == [3, 2, 1]
