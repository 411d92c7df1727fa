"""All texts that begin with a prefix lie between its bounds, in CouchDB's order of texts."""

import unicodedata

import pytest

from couchmapper.collation import TableCollator
from couchmapper.query.prefixes import _GROWING, _MARKS, _STEADY, text_bounds

ORDER = TableCollator()
LETTERS = sorted(chr(code) for code in _STEADY if unicodedata.normalize("NFD", chr(code)) == chr(code))
FOLLOWING = [
    "",
    "\0",
    "\u00ad",
    "a",
    "Z",
    "\u0301",
    "\u0323",
    "\u0308",
    "\u0306",
    "\u00b7",
    "1",
    "й",
    "เ",
    "中",
    "😀",
    "\ufffd",
]
PREFIXES = [
    *(
        "a",
        "A",
        "Ann",
        "AB c",
        "Ä",
        "Ärz",
        "a\u0323\u0301",
        "\u0301a",
        "É",
        "ß",
        "l",
        "L·",
        "Ünü",
        "1",
        "-",
        " ",
    ),
    *(
        "и",
        "И",
        "й",
        "ми",
        "Миш",
        "мйш",
        "ΆΣ",
        "שלום",
        "日本",
        "か",
        "が",
        "パー",
        "가",
        "각",
        "x\0y",
        "e\u0300\u0316z",
    ),
]


def lies_between(text: str, bounds: tuple[str, str]) -> bool:
    low, high = map(ORDER.key, bounds)
    return low <= ORDER.key(text) <= high


@pytest.mark.parametrize("prefix", PREFIXES)
def test_all_that_begins_with_a_prefix_lies_between_its_bounds(prefix: str):
    bounds = text_bounds(prefix)

    assert bounds is not None
    assert not [rest for rest in FOLLOWING if not lies_between(prefix + rest, bounds)]


@pytest.mark.parametrize(
    ("prefix", "bounds"),
    [
        ("Ann", ("ann", "ann\uffff")),
        ("Ärz", ("arz", "arz\uffff")),
        ("ми", ("ми", "мй\uffff")),
        ("aเ", ("a", "a\uffff")),
        ("a\u0363", ("a", "a\uffff")),
        ("", ("", "\uffff")),
    ],
)
def test_the_bounds_are_those_of_the_base_letters(prefix: str, bounds: tuple[str, str]):
    assert text_bounds(prefix) == bounds


@pytest.mark.parametrize("prefix", ["เก", "😀", "\0", "\u00ad"])
def test_what_has_no_place_of_its_own_has_no_bounds(prefix: str):
    assert text_bounds(prefix) is None


def test_a_steady_letter_begins_nothing_longer_that_lies_elsewhere():
    starting = ORDER._starts & set(LETTERS)

    assert {letter.lower() for letter in starting} - {"l"} == set(_GROWING)


def test_the_small_letter_lies_first_of_its_base_letter():
    moved = [
        letter
        for letter in LETTERS
        if letter.lower() != letter
        and (
            len(letter.lower()) != 1
            or ORDER._weights[letter.lower()][0] != ORDER._weights[letter][0]
            or ORDER.key(letter.lower()) > ORDER.key(letter)
        )
    ]

    assert not moved


def test_a_steady_letter_counts_and_a_mark_does_not():
    assert not [letter for letter in LETTERS if not ORDER._weights[letter][0]]
    assert not [mark for mark in _MARKS if not unicodedata.combining(chr(mark))]
    assert not [
        mark
        for mark in _MARKS
        if any(ORDER._weights[part][0] for part in unicodedata.normalize("NFD", chr(mark)))
    ]


def test_nothing_lies_behind_the_highest_text():
    assert not [
        sign
        for sign in [*LETTERS, "\ufffe", "\U0010ffff", "😀", "เ"]
        if ORDER.key(sign) >= ORDER.key("\uffff")
    ]
