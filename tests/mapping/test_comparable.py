"""What a value in an expression can do, be it a field, an element or a key."""

from typing import Any

import pytest

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.nodes import Condition, Or
from couchmapper.mapping.comparable import Comparable
from couchmapper.mapping.converter import codec

number: Comparable[Any] = Comparable(("box", "number"), int, codec(int))
element: Comparable[Any] = Comparable((), int, codec(int))


def test_a_field_shows_its_place_and_an_element_that_it_is_one():
    assert repr(number) == "<field box.number>"
    assert repr(element) == "<element>"


def test_an_element_is_compared_where_it_stands():
    assert (element == 5) == Condition((), "$eq", 5)


def test_a_condition_holds_also_where_the_field_is_missing():
    missing = Condition(("box", "number"), "$exists", False)

    assert number.or_missing(lambda same: same == 5) == Or((number == 5, missing))
    assert number.or_missing(number == 5) == Or((number == 5, missing))


@pytest.mark.parametrize(
    "condition",
    [5, None, number, lambda _: True, lambda same: same],
    ids=["number", "None", "field", "true", "same"],
)
def test_what_is_no_condition_is_refused(condition: Any):
    with pytest.raises(ExpressionError, match=r"expected an expression about <field box\.number>"):
        number.or_missing(condition)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: number == element,
        lambda: number != element,
        lambda: number < element,
        lambda: number.between(1, element),
        lambda: number.in_([element]),
    ],
)
def test_two_fields_are_not_compared(ask: Any):
    with pytest.raises(ExpressionError, match="CouchDB compares a field with a value, and no two fields"):
        ask()


@pytest.mark.parametrize("expression", [element == 5, number.asc()], ids=["condition", "sort term"])
def test_a_part_of_an_expression_is_no_value(expression: Any):
    with pytest.raises(ExpressionError, match=r"put each comparison in parentheses"):
        _ = number == expression
