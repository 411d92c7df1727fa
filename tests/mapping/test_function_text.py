"""Functions that are written as text."""

import traceback

import pytest

from couchmapper.mapping.function_text import FunctionText


def test_a_function_is_made_of_lines():
    text = FunctionText("double", "value")
    text.write("if value:")
    text.write("return value * 2", depth=2)

    double = text.compile("of a number")

    assert str(text) == "def double(value):\n    if value:\n        return value * 2\n"
    assert (double(4), double(0)) == (8, None)


def test_values_stand_behind_names_of_their_own():
    text = FunctionText("both")
    one, other = text.bind("part", [1]), text.bind("part", [2])
    text.write(f"return {one} + {other}")

    assert one != other
    assert text.compile("of two")() == [1, 2]


def test_a_traceback_shows_the_line():
    text = FunctionText("fail")
    text.write("raise ValueError('here')")
    fail = text.compile("of a class")

    with pytest.raises(ValueError, match="here") as caught:
        fail()

    shown = "".join(traceback.format_exception(caught.value))
    assert '"<couchmapper fail of a class>", line 2, in fail' in shown
    assert "    raise ValueError('here')\n" in shown
