"""CouchDB's view order: of JSON values, and of texts by the table and by ICU."""

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from couchmapper.collation import (
    MAX_KEY,
    ICUCollator,
    TableCollator,
    compare,
    sort_key,
    text_key,
    version,
)
from couchmapper.exceptions import InvalidJSON

JSON = Any

TABLE = TableCollator()

# In the order of a real server's index, but for two integers beyond the doubles, which the server refuses.
ASCENDING: list[JSON] = [
    None,
    False,
    True,
    -(10**400),
    -1e300,
    -(2**53) - 1,
    -(2.0**53),
    -1.5,
    -1,
    0,
    1e-300,
    0.5,
    1,
    2**53,
    2**53 + 1,
    2.0**53 + 2,
    2**60,
    2**60 + 1,
    1e300,
    10**400,
    "",
    "_",
    "-",
    "[]",
    "😀",
    "1",
    "10",
    "a",
    "A",
    "ä",
    "a b",
    "a_b",
    "a-b",
    "aa",
    "ab",
    "aB",
    "Ab",
    "AB",
    "b",
    "B",
    "z",
    "Z",
    "中",
    "\uffff",
    [],
    [None],
    ["a"],
    ["a", "b"],
    ["b"],
    [[]],
    {},
    {"a": 1},
    {"a": 1, "b": 2},
    {"a": 2},
    {"b": 2},
    {"b": 2, "a": 1},
    {"b": 2, "c": 2},
]

# Every way in which characters add to a key: contractions, marks, ignorable ones, expansions, no entry.
HOSTILE = (
    "aAbBwWzZ09 _-.,'éßæŒﬁ½①ⓦ😀\0\u00ad\u200b\uffff\ufffe\ufffd\ue000\u0378\U0010ffff"
    "\u0300\u0301\u0306\u0308\u0323\u0346иИйเกแไລເກ\u0e34ཱྀྲླlL·かがヵカっッ\u3099ー〆〼ㇾ"
    "각가\u1100\u1161\u11a8㐀一丁龥\U00020000豈⼀㍿ﷺ𝔸𐑂\u0cc6\u0cd5\ufdd1"
)

hostile = st.text(alphabet=HOSTILE, max_size=6)
numbers = st.integers() | st.integers(2**53 - 2, 2**53 + 2) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | hostile,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile, inner, max_size=3),
    max_leaves=5,
)


def sign(number: float) -> int:
    return (number > 0) - (number < 0)


def compare_by_definition(left: JSON, right: JSON) -> int:
    """Compare as the documentation of CouchDB says it, one level after the other."""
    ranks = [
        [type(None), bool, float, str, list, dict].index(float if type(value) is int else type(value))
        for value in (left, right)
    ]
    if ranks[0] != ranks[1]:
        return sign(ranks[0] - ranks[1])
    match left:
        case None:
            return 0
        case bool() | int() | float():
            return (left > right) - (left < right)
        case str():
            return (text_key(left) > text_key(right)) - (text_key(left) < text_key(right))
        case dict():
            lists = [[part for member in value.items() for part in member] for value in (left, right)]
            return compare_by_definition(*lists)
    pairs = (compare_by_definition(*pair) for pair in zip(left, right, strict=False))
    return next(filter(None, pairs), sign(len(left) - len(right)))


def test_values_are_in_the_order_of_a_view():
    descending = ASCENDING[::-1]

    assert sorted(descending, key=sort_key) == ASCENDING


def test_the_table_alone_has_that_order_too():
    texts = [value for value in ASCENDING if isinstance(value, str)]
    descending = texts[::-1]

    assert sorted(descending, key=TABLE.key) == texts


@given(values, values)
@example(2**53 + 1, 2.0**53)
@example([1], [1.0])
@example(-0.0, 0)
@example({"a": 1, "b": 1}, {"b": 1, "a": 1})
def test_keys_compare_as_their_values(left: JSON, right: JSON):
    assert compare(left, right) == compare_by_definition(left, right)


@given(values, values)
def test_no_key_begins_another_one(left: JSON, right: JSON):
    first, second = sort_key(left), sort_key(right)

    assert first == second or not second.startswith(first)


@given(values)
def test_the_highest_key_is_above_every_other(value: JSON):
    assert sort_key(value) < MAX_KEY


@pytest.mark.parametrize(
    ("left", "right"),
    [(1, 1.0), ("á", "a\u0301"), ("a", "a\u00ad"), ("a", "a\0"), ("", "\u200b"), ([-0.0], [0])],
)
def test_what_couchdb_takes_for_equal_has_one_key(left: JSON, right: JSON):
    assert sort_key(left) == sort_key(right)


def test_what_is_no_json_is_refused():
    with pytest.raises(InvalidJSON, match="JSON has no set"):
        sort_key({1})


def test_values_of_derived_types_have_the_key_of_their_base():
    class Name(str):
        __slots__ = ()

    assert sort_key(Name("a")) == sort_key("a")
    assert sort_key((1, 2)) == sort_key([1, 2])


def test_the_version_names_the_source():
    assert version().split("-")[0] in {"icu", "table"}
    assert TABLE.version.startswith("table-")


@given(st.text(alphabet=[chr(code) for code in range(128)], max_size=8), hostile)
def test_ascii_has_the_same_place_with_the_table_and_without(text: str, other: str):
    alone, followed = TABLE.key(text), TABLE.key(text + "\u0378")

    assert followed > alone
    assert alone.split(b"\0")[0] == followed.split(b"\xf1")[0]
    assert (TABLE.key(other) > alone) == (TABLE.key(other + "\u200b") > TABLE.key(text + "\u200b"))


@given(st.lists(hostile, max_size=8))
@example(["ⓦ", "W", "w", "Ⓦ"])
@example(["И\u0308\u0323\u0306", "Й\u0308\u0346"])
@example(["เก", "กเ", "ก"])
@example(["っ", "つ", "づ", "ッ", "ヅ"])
def test_the_table_orders_texts_as_icu_does(texts: list[str]):
    pytest.importorskip("icu")
    collator = ICUCollator()

    assert sorted(texts, key=TABLE.key) == sorted(texts, key=collator.key)


def test_the_table_orders_all_characters_as_icu_does():
    pytest.importorskip("icu")
    key = ICUCollator().key
    characters = [chr(code) for code in range(0, 0x110000, 7) if unicodedata.category(chr(code)) != "Cs"]

    assert sorted(characters, key=TABLE.key) == sorted(characters, key=key)
