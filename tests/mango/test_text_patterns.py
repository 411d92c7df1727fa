"""A text as a pattern finds itself, and nothing else."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from couchmapper.mango.regex import compile_regex
from couchmapper.mango.text_patterns import containing, ending

WORDS = st.text("a.^$|?*+()[]{}\\\n\0\tzEQé̈€😀 -#/", max_size=6)


@given(WORDS, WORDS)
@example("a\n", "a")
@example("aé", "\xa9")
@example("tea", "")
def test_a_pattern_finds_what_python_finds(text: str, part: str):
    assert compile_regex(containing(part))(text) == (part in text)
    assert compile_regex(ending(part))(text) == text.endswith(part)


@given(WORDS, WORDS, WORDS)
def test_a_text_is_found_in_a_longer_one(before: str, part: str, behind: str):
    assert compile_regex(containing(part))(before + part + behind)
    assert compile_regex(ending(part))(before + part)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("tea", "tea"), ("3.50 (net)", r"3\.50 \(net\)"), ("a\0b\n", r"a\x00b\x0a"), ("(*UTF8)", r"\(\*UTF8\)")],
)
def test_a_pattern_stays_legible(text: str, pattern: str):
    assert containing(text) == pattern
    assert ending(text) == pattern + "\\z"
