"""Lengths and remainders in expressions."""

from typing import Any

import pytest

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.match import match
from couchmapper.mapping.derived import FieldLength, FieldRemainder

length = FieldLength(("a",), is_always_list=True)
optional_length = FieldLength(("a",), is_always_list=False)
rest = FieldRemainder(("a",), 3)


def document(value: Any) -> dict[str, Any]:
    return {"_id": "x", "a": value}


def test_a_length_is_compared_for_equality():
    assert match(length == 2, document([1, 2]))
    assert match(length != 2, document([1]))
    assert not match(length != 2, document([1, 2]))


@pytest.mark.parametrize("other", [None, "ab", 2, {"a": 1}])
def test_what_is_no_list_has_no_other_length(other: Any):
    assert not match(optional_length != 2, document(other))
    assert not match(optional_length != 2, {"_id": "x"})


@pytest.mark.parametrize("other", [-1, 1.0, True, "2", None])
def test_a_length_is_compared_with_a_number_of_elements(other: Any):
    with pytest.raises(ExpressionError, match="a length is compared with an integer from 0 up"):
        _ = length == other


@pytest.mark.parametrize(
    "ask", [lambda: length > 2, lambda: length <= 2, lambda: length < 1, lambda: length.__ge__(3)]
)
def test_lengths_have_no_order(ask: Any):
    with pytest.raises(ExpressionError, match="compares lengths with == and != only; store the length"):
        ask()


@pytest.mark.parametrize(("number", "remainder"), [(7, 1), (-7, -1), (6, 0)])
def test_a_remainder_has_the_sign_of_the_value(number: int, remainder: int):
    assert match(rest == remainder, document(number))
    assert not match(rest != remainder, document(number))


def test_another_remainder():
    assert match(rest != 1, document(6))
    assert not match(rest != 1, {"_id": "x"})


@pytest.mark.parametrize("divisor", [0, 1.5, True, "2", None])
def test_a_divisor_is_an_integer(divisor: Any):
    with pytest.raises(ExpressionError, match="the divisor must be an integer other than 0"):
        FieldRemainder(("a",), divisor)


@pytest.mark.parametrize("other", [1.0, True, "1", None])
def test_a_remainder_is_an_integer(other: Any):
    with pytest.raises(ExpressionError, match="a remainder is compared with an integer"):
        _ = rest == other
