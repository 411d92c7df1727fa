"""A text as a pattern finds itself, and nothing else."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from couchmapper.mango.operators import compile_test
from couchmapper.mango.regex import compile_regex
from couchmapper.mango.text_patterns import containing, ending, part_of, prefix_of, starting, suffix_of

WORDS = st.text("a.^$|?*+()[]{}\\\n\0\tzEQé̈€😀 -#/", max_size=6)
UNICODE = st.one_of(WORDS, st.text(max_size=4))
PATTERNS = st.text("a^\\.xz019fé$\n", max_size=5)


@given(UNICODE, UNICODE)
@example("a\n", "a")
@example("aé", "\xa9")
@example("tea", "")
def test_a_pattern_finds_what_python_finds(text: str, part: str):
    assert compile_regex(containing(part))(text) == (part in text)
    assert compile_regex(ending(part))(text) == text.endswith(part)
    assert compile_regex(starting(part))(text) == text.startswith(part)


@given(WORDS, WORDS, WORDS)
def test_a_text_is_found_in_a_longer_one(before: str, part: str, behind: str):
    assert compile_regex(containing(part))(before + part + behind)
    assert compile_regex(ending(part))(before + part)
    assert compile_regex(starting(part))(part + behind)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("tea", "tea"), ("3.50 (net)", r"3\.50 \(net\)"), ("a\0b\n", r"a\x00b\x0a"), ("(*UTF8)", r"\(\*UTF8\)")],
)
def test_a_pattern_stays_legible(text: str, pattern: str):
    assert containing(text) == pattern
    assert ending(text) == pattern + "\\z"
    assert starting(text) == "^" + pattern


@given(UNICODE)
def test_a_pattern_is_read_back(text: str):
    assert part_of(containing(text)) == text
    assert suffix_of(ending(text)) == text
    assert prefix_of(starting(text)) == text


@pytest.mark.parametrize("read", [part_of, suffix_of, prefix_of])
@pytest.mark.parametrize(
    "pattern",
    [
        *("a.b", "a*", "(a)", "[a]", "a|b", "a$", "(?i)a", "(*UTF)a", "a{2}"),  # patterns
        *(r"\d", r"\xe9", r"\x41", r"\x0", r"\0", "a\n", r"\Qa\E"),  # escapes
    ],
)
def test_what_is_more_than_a_text_is_not_read(read: Callable[[str], str | None], pattern: str):
    assert read(pattern) is None
    assert read("^" + pattern) is None
    assert read(pattern + "\\z") is None


@given(PATTERNS, st.lists(UNICODE, max_size=4))
@example(r"^\xe9", ["é", "\u9000"])
@example(r"a\\z", ["a", "a\\z"])
def test_what_is_read_as_a_text_means_what_the_pattern_means(pattern: str, texts: list[str]):
    for read, found in ((part_of, "in"), (suffix_of, "endswith"), (prefix_of, "startswith")):
        part = read(pattern)
        for text in [] if part is None else texts:
            expected = part in text if found == "in" else getattr(text, found)(part)
            assert compile_regex(pattern)(text) == expected
            assert compile_test("$regex", pattern)(text) == expected
