"""Dotted paths, their escapes, and the look-up in a document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import ExpressionError, InvalidSelector
from couchmapper.mango.paths import Absent, compile_path, join_path, look_up, parse_path

names = st.text(alphabet="ab.$_0é", min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("city", ("city",)),
        ("address.city", ("address", "city")),
        ("a\\.b", ("a.b",)),
        ("a\\.b.c", ("a.b", "c")),
        ("\\$q", ("$q",)),
        ("a.$q", ("a", "$q")),
        ("a\\b", ("ab",)),
    ],
)
def test_text_is_read_as_names(text, path):
    assert parse_path(text) == path


@pytest.mark.parametrize("text", ["a..b", ".", ".a", "a.", "a\\.b..c"])
def test_an_empty_name_is_refused(text):
    with pytest.raises(InvalidSelector) as caught:
        parse_path(text)

    assert caught.value.error == "invalid_field_name"


@given(st.lists(names, min_size=1, max_size=3).map(tuple))
def test_what_is_written_is_read_back(path):
    assert parse_path(join_path(path)) == path


@pytest.mark.parametrize("path", [("a\\b",), ("",), ("a", "")])
def test_a_name_that_no_selector_can_address_is_refused(path):
    with pytest.raises(ExpressionError, match="no selector can address"):
        join_path(path)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("a",), [1, {"b": None}]),
        (("a", "0"), 1),
        (("a", "+1", "b"), None),
        (("a", "-1"), Absent.BAD_PATH),
        (("a", "2"), Absent.BAD_PATH),
        (("a", "1_0"), Absent.BAD_PATH),
        (("a", "b"), Absent.BAD_PATH),
        (("a", "0", "b"), Absent.BAD_PATH),
        (("z",), Absent.MISSING),
        (("z", "y"), Absent.MISSING),
        ((), {"a": [1, {"b": None}]}),
    ],
)
def test_a_path_leads_to_a_value_or_says_why_not(path, found):
    document = {"a": [1, {"b": None}]}

    assert look_up(document, path) == found
    assert compile_path(path)(document) == found


def test_a_name_in_something_else_than_an_object_is_a_bad_path():
    assert compile_path(("a",))("text") is Absent.BAD_PATH
