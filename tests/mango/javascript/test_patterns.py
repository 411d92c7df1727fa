"""Patterns and prefixes in JavaScript find what Python finds, and CouchDB with it."""

from typing import Any

import pytest
import quickjs
from hypothesis import assume, example, given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.mango.javascript.patterns import (
    reasons_of_pattern,
    reasons_of_prefix,
    write_pattern,
    write_prefix,
)
from couchmapper.mango.operators import compile_test
from couchmapper.mango.text_patterns import containing, ending, starting

SIGNS = [
    *("a", "é", "ß", "中", "😀", "😁", "\u0301", "\u200d", "\ud7ff", "\ue000", "\uffff", "\U0010ffff"),
    *("\r", "\n", "\0", "\t", "\x7f", "\u2028", "/", "\\", ".", "^", "$", '"', "'", "</"),
]

texts = st.one_of(st.lists(st.sampled_from(SIGNS), max_size=5).map("".join), st.text(max_size=5))


def decisions(test: str, values: list[Any]) -> list[bool]:
    """Run a test on values, as a query server does."""
    some = jsonio.dumps(jsonio.dumps(values).decode()).decode()
    function = f"function (value) {{ return {test}; }}"
    decided: list[bool] = jsonio.loads(
        quickjs.Context().eval(f"JSON.stringify(JSON.parse({some}).map({function}))")
    )
    return decided


def around(part: str, others: list[str]) -> list[str]:
    """Return texts that are like a part, and some that are not."""
    return [
        part,
        *others,
        *(part + one for one in others),
        *(one + part for one in others),
        part[1:],
        part[:-1],
    ]


@given(texts, st.lists(texts, max_size=3))
@example("😀", ["😁", "\U0001f601\U0001f600"])
@example("", ["", "a"])
@example("aa", ["a"])
@example("a\n", ["a"])
def test_javascript_looks_for_a_text_as_python_does(part: str, others: list[str]):
    values = around(part, others)

    assert decisions(write_pattern("value", starting(part)), values) == [
        one.startswith(part) for one in values
    ]
    assert decisions(write_pattern("value", ending(part)), values) == [one.endswith(part) for one in values]
    assert decisions(write_pattern("value", containing(part)), values) == [part in one for one in values]


@given(texts, st.lists(texts, max_size=3))
@example("a\n", ["\u0301"])
def test_javascript_begins_as_couchdb_does_or_refuses(prefix: str, others: list[str]):
    assume(not reasons_of_prefix(prefix))
    values = around(prefix, others)
    begins = compile_test("$beginsWith", prefix)

    assert decisions(write_prefix("value", prefix), values) == [begins(one) for one in values]


@pytest.mark.parametrize("pattern", ["^a", "a\\z", "a", "", "^", "\\z", "(?i)a"])
def test_what_is_no_text_is_not_found(pattern: str):
    assert decisions(write_pattern("value", pattern), [None, True, 5, ["a"], {"a": 1}]) == [False] * 5


@pytest.mark.parametrize(
    ("pattern", "test"),
    [
        ("^tea", 'typeof value === "string" && value.lastIndexOf("tea", 0) === 0'),
        ("tea", 'typeof value === "string" && value.indexOf("tea") !== -1'),
        ("tea\\z", 'typeof value === "string" && value.slice(-3) === "tea"'),
        ("😀\\z", 'typeof value === "string" && value.slice(-2) === "😀"'),
        ("^\\^\\x0a/\u2028</", 'typeof value === "string" && value.lastIndexOf("^\\n/\\u2028<\\/", 0) === 0'),
        ("\\z", 'typeof value === "string"'),
        ("^t.*a", 'typeof value === "string" && /^t[^\\n]*a/.test(value)'),
        ("tea$", 'typeof value === "string" && /tea(?=\\n?$)/.test(value)'),
    ],
)
def test_the_text_of_a_pattern(pattern: str, test: str):
    assert reasons_of_pattern(pattern) == []
    assert write_pattern("value", pattern) == test


def test_a_pattern_that_is_no_text_has_the_reasons_of_a_regular_expression():
    assert reasons_of_pattern("a.\\z") != []
    assert reasons_of_pattern("^\\xe9") == ["\\x is read in other ways"]


@pytest.mark.parametrize("prefix", ["", "\n", "a\n", "é\0", "\u2028"], ids=ascii)
def test_a_prefix_is_written_where_no_character_can_go_on(prefix: str):
    assert reasons_of_prefix(prefix) == []


@pytest.mark.parametrize("prefix", ["a", "é", "\r", "\u200d", "🇩🇪", "가"], ids=ascii)
def test_a_prefix_is_refused_where_a_character_can_go_on(prefix: str):
    assert len(reasons_of_prefix(prefix)) == 1
