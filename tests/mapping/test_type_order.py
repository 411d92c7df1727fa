"""CouchDB's order of types, and the guards of ranges."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.collation import compare
from couchmapper.mango.type_order import TYPE_ORDER, type_of
from couchmapper.mapping.type_order import guard_above, guard_below

EVERYTHING = frozenset(TYPE_ORDER)
SAMPLES = [None, False, True, -1.5, 10**30, "", "z", [], ["z"], {}, {"a": 1}]


@pytest.mark.parametrize("smaller", SAMPLES, ids=repr)
@pytest.mark.parametrize("larger", SAMPLES, ids=repr)
def test_the_order_of_types_is_that_of_views(smaller: Any, larger: Any):
    if TYPE_ORDER.index(type_of(smaller)) < TYPE_ORDER.index(type_of(larger)):
        assert compare(smaller, larger) < 0


@given(st.sampled_from(SAMPLES), st.sampled_from(SAMPLES))
def test_a_guard_keeps_out_exactly_the_other_types(bound: Any, value: Any):
    below, above = guard_below(EVERYTHING, bound), guard_above(EVERYTHING, bound)

    if below is not None:
        assert holds(value, *below) == (type_of(value) not in TYPE_ORDER[: TYPE_ORDER.index(type_of(bound))])
    if above is not None:
        assert holds(value, *above) == (
            type_of(value) not in TYPE_ORDER[TYPE_ORDER.index(type_of(bound)) + 1 :]
        )


def holds(value: Any, operator: str, argument: Any) -> bool:
    order = compare(value, argument)
    return {"$lt": order < 0, "$lte": order <= 0, "$gt": order > 0, "$gte": order >= 0}[operator]


def test_a_field_of_one_type_needs_no_guard():
    assert guard_below(frozenset({"number"}), 5) is None
    assert guard_above(frozenset({"number"}), 5) is None
    assert guard_above(frozenset({"number", "null"}), 5) is None
    assert guard_below(frozenset({"number", "null"}), 5) == ("$gt", True)
