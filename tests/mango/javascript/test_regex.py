"""Patterns in JavaScript find what PCRE finds on bytes, wherever they are not refused."""

import pytest
import quickjs
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.exceptions import InvalidSelector
from couchmapper.mango.javascript.regex import reasons_of_regex, write_regex
from couchmapper.mango.regex import compile_regex

# The Kelvin sign, the long s and the dotless i have cases in ASCII; others are line ends to JavaScript alone.
CHARACTERS = list("aAkKsSiI01-_/] .\n\r\t\x85\xa0éß\u017f\u0131\u212a中\u2028😀")


def finds(pattern: str, texts: list[str]) -> list[bool]:
    """Run a pattern on texts, as a query server does."""
    list_of_texts = jsonio.dumps(jsonio.dumps(texts).decode()).decode()
    function = f"function (text) {{ return {write_regex(pattern)}.test(text); }}"
    found: list[bool] = jsonio.loads(
        quickjs.Context().eval(f"JSON.stringify(JSON.parse({list_of_texts}).map({function}))")
    )
    return found


# --- the law

letters = ["a", "k", "S", "0", "-", "/", "é", "ß", "😀", "\\.", "\\n"]
sets = [".", "\\d", "\\D", "\\s", "\\S", "[a-k]", "[^a]", "[^\\n]", "[\\d_-]", "[K\\]]", "[\\s/]"]
atoms = st.sampled_from([*letters, *sets, "^", "$", "()"])
quantifiers = st.sampled_from(["", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,}", "{2,3}?"])
repeated = st.builds(str.__add__, atoms, quantifiers)


def grouped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=1, max_size=3)
    group = st.builds("{}{}){}".format, st.sampled_from(["(", "(?:"]), several.map("|".join), quantifiers)
    return st.one_of(several.map("".join), group)


bodies = st.recursive(repeated, grouped, max_leaves=6)
patterns = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "(?i)"]),
    st.sampled_from(["", "^"]),
    bodies,
    st.sampled_from(["", "$"]),
)
texts = st.lists(st.text(CHARACTERS, max_size=6), min_size=1, max_size=6)


@settings(max_examples=300)
@given(patterns, texts)
@example("^a.*b$", ["aéb", "a\nb", "a\u2028b", "ab\n", "ab\n\n"])
@example("^.+@.+\\..+$", ["a@b.c", "é@é.é", "@b.c", "😀@中.ß"])
@example("(?i)^[^s]*k$", ["\u017fK", "\u212a", "sk", "\u0131k"])
@example("^(?:.*a){2}$", ["aéa", "a", "éaéa"])
@example("^(a|é)+$", ["aé", "éé", "é\n", "\xc3"])
@example("", ["", "a"])
def test_javascript_finds_what_pcre_finds(pattern: str, some: list[str]):
    try:
        matches = compile_regex(pattern)
    except InvalidSelector:
        assume(False)
        return
    assume(not reasons_of_regex(pattern))

    assert finds(pattern, some) == [matches(text) for text in some]


# --- the text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^tea", "/^tea/"),
        ("(?i)tea", "/tea/i"),
        ("tea$", "/tea(?=\\n?$)/"),
        ("a.*b", "/a[^\\n]*b/"),
        ("(a|b)c", "/(?:a|b)c/"),
        ("\\d{2,3}", "/[0-9]{2,3}/"),
        ("\\S+", "/[^\\t-\\r ]+/"),
        ("[\\]a-c-]", "/[\\]a-c\\-]/"),
        ("[^\\d.]*?", "/[^0-9.]*?/"),
        ("</\\/", "/<\\/\\//"),
        ("\u2028\n", "/\\u2028\\n/"),
        ("", "/(?:)/"),
        ("(?i)", "/(?:)/i"),
        ("a}", "/a\\}/"),
    ],
)
def test_a_pattern_is_written(pattern: str, text: str):
    assert reasons_of_regex(pattern) == []
    assert write_regex(pattern) == text


# --- what is refused


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("a.b", ". takes one byte"),
        (".?", ". takes one byte"),
        (".{2}", ". takes one byte"),
        ("[^a]", "[^a] takes one byte"),
        ("(\\D)+", "\\D takes one byte"),
        (".+.+", "two repetitions by +"),
        (".+a?\\S+", "two repetitions by +"),
        ("(.+|a)+", "two repetitions by +"),
        ("(a|.+)(.+b)", "two repetitions by +"),
        ("(a*)+", "a repeated group that can be empty"),
        ("é+", "é is several bytes in CouchDB"),
        ("(?i)é", "(?i) with é"),
        ("[é]", "'é' in a class"),
        ("[a\x00]", "'\\x00' in a class"),
        ("\x07", "the control character '\\x07'"),
        ("[]a]", "] at the beginning of a class"),
        ("[[a]", "[ in a class"),
        ("[[:alpha:]]", "[ in a class"),
        ("[+-\\d]", "in a class; write the hyphen last"),
        ("a++", "+ that repeats nothing, or is possessive"),
        ("a{,3}", "{ that repeats nothing"),
        ("a{1000}", "{ that repeats nothing"),
        ("^*", "^ is repeated"),
        ("\\w", "\\w is read in other ways"),
        ("\\bx", "\\b is read in other ways"),
        ("\\_", "\\_ is read in other ways"),
        ("\\x41", "\\x is read in other ways"),
        ("(a)\\1", "\\1 is read in other ways"),
        ("\\Qa\\E", "\\Q is read in other ways"),
        ("a\\", "\\ is read in other ways"),
        ("(?=a)", "(?= is read in other ways"),
        ("(?<n>a)", "(?< is read in other ways"),
        ("a(?i)b", "(?i is read in other ways"),
        ("(?m)^a", "(?m is read in other ways"),
        ("(*UTF8)a", "(*U is read in other ways"),
        ("(a", "( without its end"),
        ("[a", "[ without its end"),
        ("a)", ") without its beginning"),
    ],
)
def test_what_is_read_in_two_ways_is_refused(pattern: str, reason: str):
    assert [told for told in reasons_of_regex(pattern) if reason in told]


def test_every_reason_is_told_once():
    assert reasons_of_regex("\\w\\w\\b") == ["\\w is read in other ways", "\\b is read in other ways"]
