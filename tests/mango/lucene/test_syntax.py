"""Lucene's syntax: what goes in comes out, by the rules of its parsers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucene_reader import read

from couchmapper.mango.lucene.syntax import between, escaped, number, prefixed, quoted, text_bound

SPECIAL = '+-&|!(){}[]^"~*?:\\/ <>=@'
TEXTS = st.text(
    st.one_of(st.sampled_from(SPECIAL + "aANDORTunu0159.eE\n\t\u3000é日😀"), st.characters(codec="utf-8"))
)
NAMES = st.text(st.sampled_from(SPECIAL + "abAND_.x"), min_size=1)


@given(TEXTS)
def test_a_quoted_text_is_one_term(text: str):
    assert read(f"name:{quoted(text)}")({"name": [text]})


@given(TEXTS, TEXTS)
def test_a_quoted_text_is_no_other_term(text: str, other: str):
    assert read(f"name:{quoted(text)}")({"name": [other]}) == (text == other)


@pytest.mark.parametrize("name", ["AND", "OR", "NOT", "TO", "fn", "a b", "a:b", "-a", "a.b", "$types", "*"])
def test_a_name_is_read_as_it_is(name: str):
    assert read(f"{escaped(name)}:{quoted('x')} AND NOT a:{quoted('y')}")({name: ["x"]})


@given(TEXTS.filter(bool), TEXTS)
def test_a_prefix_finds_what_begins_with_it(prefix: str, rest: str):
    assert read(f"name:{prefixed(prefix)}")({"name": [prefix + rest]})


@given(TEXTS.filter(bool), TEXTS)
def test_a_prefix_finds_nothing_else(prefix: str, text: str):
    assert read(f"name:{prefixed(prefix)}")({"name": [text]}) == text.startswith(prefix)


@pytest.mark.parametrize(
    ("prefix", "query"),
    [
        ("An", "An*"),
        ("a b", r"a\ b*"),
        ("OR", "OR*"),
        ("12", "12*"),
        ("a*", r'["a\*" TO "a+"}'),
        ("?", '["?" TO "@"}'),
        ("*\ud7ff", '["\\*\ud7ff" TO "\\*\ue000"}'),
        ("*\U0010ffff", '["\\*\U0010ffff" TO "+"}'),
    ],
)
def test_a_star_in_a_prefix_makes_it_a_range(prefix: str, query: str):
    assert prefixed(prefix) == query


@given(TEXTS.filter(bool), TEXTS)
def test_a_text_above_a_bound_is_in_its_range(bound: str, text: str):
    query = f"name:{between(text_bound(bound), None, ends=(True, True), is_text=True)}"

    assert read(query)({"name": [text]}) == (text.encode() >= bound.encode())


@given(TEXTS.filter(bool), TEXTS.filter(bool))
def test_a_text_below_a_bound_is_in_its_range(bound: str, text: str):
    query = f"name:{between(None, text_bound(bound), ends=(True, False), is_text=True)}"

    assert read(query)({"name": [text]}) == (b"\0" <= text.encode() < bound.encode())


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (5, "5"),
        (-5, "-5"),
        (2.5, "2.5"),
        (1e-7, "0.0000001"),
        (1.5e15, "1500000000000000.0"),
        (-0.0, "0"),
        (0.0, "0"),
    ],
)
def test_a_number_is_written_without_exponent_and_sign_of_zero(value: float, written: str):
    assert number(value) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_the_same_when_it_is_read(value: float):
    assert float(number(value)) == value


@pytest.mark.parametrize(
    ("low", "high", "ends", "query"),
    [
        ("1", "2", (True, True), "[1 TO 2]"),
        ("1", "2", (False, False), "{1 TO 2}"),
        (None, "2", (False, False), "[* TO 2}"),
        ("1", None, (False, False), "{1 TO *]"),
    ],
)
def test_the_ends_of_a_range_are_in_it_or_not(
    low: str | None, high: str | None, ends: tuple[bool, bool], query: str
):
    assert between(low, high, ends=ends, is_text=False) == query
