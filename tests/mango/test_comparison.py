"""The two orders of Mango agree with their keys, whatever way a comparison takes."""

import operator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from couchmapper.mango.comparison import COLLATED, RAW, Ordering, erlang_term

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(2**53 - 2, 2**53 + 2),
    st.floats(-3, 3),
    st.text(alphabet="aAbé\u0301\u00ad\0 _1", max_size=3),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=3,
)
operators = st.sampled_from(
    [
        ("$lt", operator.lt),
        ("$lte", operator.le),
        ("$eq", operator.eq),
        ("$ne", operator.ne),
        ("$gte", operator.ge),
        ("$gt", operator.gt),
    ]
)


@pytest.mark.parametrize("ordering", [COLLATED, RAW], ids=["collated", "raw"])
@given(named=operators, value=values, argument=values)
@example(named=("$eq", operator.eq), value="a\u00ad", argument="a")
@example(named=("$ne", operator.ne), value="a", argument="a\0")
@example(named=("$gt", operator.gt), value=2**53 + 1, argument=2.0**53)
@example(named=("$lt", operator.lt), value=False, argument=True)
def test_a_comparison_is_the_comparison_of_keys(ordering: Ordering, named: Any, value: Any, argument: Any):
    name, decide = named

    assert ordering.compile(name, argument)(value) == decide(ordering.key(value), ordering.key(argument))


def test_erlang_orders_types_and_bytes():
    ascending = [
        -1,
        0.5,
        2,
        False,
        None,
        True,
        {},
        {"a": 1},
        {"b": 0},
        [],
        [1],
        [1, 0],
        ["a"],
        "",
        "B",
        "a",
        "é",
    ]

    descending = ascending[::-1]

    assert sorted(descending, key=erlang_term) == ascending


@pytest.mark.parametrize(
    ("left", "right"), [(1, 1.0), ([1], [1.0]), ({"a": 1}, {"a": 1.0}), (1, True), ("é", "e\u0301")]
)
def test_exact_terms_tell_apart_what_only_looks_equal(left, right):
    assert erlang_term(left, exact=True) != erlang_term(right, exact=True)


def test_inexact_terms_take_numbers_by_value():
    assert erlang_term([1, {"a": 0.0}]) == erlang_term([1.0, {"a": -0.0}])
