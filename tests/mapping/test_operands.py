"""Operands are written as the values of their field."""

import pytest

from couchmapper.exceptions import ExpressionError
from couchmapper.mapping.converter import codec
from couchmapper.mapping.operands import checked_collection, checked_text, written


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
