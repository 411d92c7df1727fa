"""PCRE patterns in Python: where CouchDB and `re` differ, CouchDB is right."""

import pytest

from couchmapper.exceptions import InvalidSelector
from couchmapper.mango.regex import compile_regex


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        ("^.$", "é", False),
        ("^..$", "é", True),
        ("(*UTF8)^.$", "é", True),
        ("(*UTF)^.$", "😀", True),
        ("é", "née", True),
        ("^[é]$", "é", False),
        ("(?i)^É$", "é", False),
        ("(*UTF8)(?i)^É$", "é", True),
        ("(?i)ABC", "abc", True),
        ("(?i:A)b", "ab", True),
        ("a$", "a\n", True),
        ("a\\z", "a\n", False),
        ("a\\Z", "a\n", True),
        ("^a\\Z", "a\n\n", False),
        ("(?m)^b", "a\nb", True),
        ("(?m)^$", "a\n", False),
        ("a.b", "a\nb", False),
        ("(?s)a.b", "a\nb", True),
        ("a\\Nb", "a\nb", False),
        ("^a{,3}$", "a{,3}", True),
        ("^a{,3}$", "aa", False),
        ("^\\w$", "_", True),
        ("(*UTF8)^\\w$", "é", True),
        ("(*UTF8)^\\w$", "中", False),
        ("(*UTF8)^[\\w]+$", "Äé", True),
        ("^\\w+$", "é", False),
        ("^\\s$", "\x0b", True),
        ("(*UTF8)^\\s$", "\xa0", False),
        ("^\\d$", "٣", False),
        ("^\\D$", "1", False),
        ("^\\S\\W$", "a-", True),
        ("a\\b", "a b", True),
        ("a\\b", "ab", False),
        ("a\\B", "ab", True),
        ("[\\w-]+$", "a-b", True),
        ("^[\\d-z]$", "-", True),
        ("^[]a]$", "]", True),
        ("^[^]a]$", "]", False),
        ("^[[a]$", "[", True),
        ("^[a&&b]$", "&", True),
        ("^[a\\]]$", "]", True),
        ("^[\\b]$", "\b", True),
        ("^[\\x41-\\x43]$", "B", True),
        ("^[[:alpha:]_]+$", "a_B", True),
        ("^\\x41\\x{42}\\x4$", "AB\x04", True),
        ("^\\0101$", "\x081", True),
        ("^\\e$", "\x1b", True),
        ("^\\Qa.b\\E$", "a.b", True),
        ("^\\Qa.b\\E$", "axb", False),
        ("(a)\\1", "aa", True),
        ("(?<n>a)b", "ab", True),
        ("(?P<n>a)b", "ab", True),
        ("(?>a|ab)c", "abc", False),
        ("a++a", "aaa", False),
        ("(?#nothing)a", "a", True),
        ("(?<!a)b", "ab", False),
    ],
)
def test_a_pattern_finds_what_couchdb_finds(pattern, text, matches):
    assert compile_regex(pattern)(text) is matches


@pytest.mark.parametrize("pattern", ["(", "[a", "a)", "*", "a**", "^*", "\\b+", "[z-a]", "x{3,1}", "\\"])
def test_a_broken_pattern_is_a_bad_argument(pattern):
    with pytest.raises(InvalidSelector) as caught:
        compile_regex(pattern)

    assert caught.value.error == "bad_arg"


@pytest.mark.parametrize(
    "pattern",
    [
        "\\p{L}",
        "\\R",
        "\\h",
        "\\K",
        "\\101",
        "(?R)",
        "(?|a|b)",
        "(?x)a b",
        "a(?i)b",
        "(*UCP)a",
        "(?(1)a)",
        "[[:^alpha:]]",
        "(?i)[^\\W]",
        "(*UTF8)\\w+",
        "(*UTF8)(?i)[\\w]",
    ],
)
def test_what_only_pcre_knows_is_refused(pattern):
    with pytest.raises(InvalidSelector) as caught:
        compile_regex(pattern)

    assert caught.value.error == "not_supported"
