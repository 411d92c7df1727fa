"""Between which keys of a view the texts lie that begin with a prefix.

CouchDB orders texts by ICU's collation: `abc < ABC < Äbc < abd`. Texts that begin alike lie together only as
far as their base letters go, so the bounds are those of these letters, and what is between them must still
be looked at. https://docs.couchdb.org/en/stable/ddocs/views/collation.html
"""

import unicodedata
from itertools import chain
from typing import Final

__all__ = ["text_bounds"]

_HIGHEST: Final = "\uffff"  # no character, and behind every one
_STEADY: Final = frozenset(
    chain(
        *(range(0x20, 0x7F), range(0xA0, 0xAD), range(0xAE, 0x2B0)),  # Latin
        *(range(0x370, 0x400), range(0x1E00, 0x2000)),  # Greek, and Latin again
        *(range(0x400, 0x483), range(0x48A, 0x500)),  # Cyrillic
        *(range(0x531, 0x590), range(0x5D0, 0x5EB), range(0x10A0, 0x1100)),  # Armenian, Hebrew, Georgian
        *(range(0x1100, 0x1113), range(0x1161, 0x1176), range(0x11A8, 0x11C3)),  # Hangul
        *(range(0x3041, 0x3097), range(0x309D, 0x3100), range(0x4E00, 0xA000)),  # Kana, Han
    )
)
"""Signs whose place in the order is the same whatever follows them, those in `_GROWING` aside."""

_MARKS: Final = frozenset(chain(range(0x300, 0x34F), range(0x350, 0x363), (0x3099, 0x309A)))
"""Marks that count only among texts whose letters are equal."""

_GROWING: Final = {"и": "й"}
"""A letter that is another one with a mark behind it, of which the prefix may know nothing."""


def text_bounds(prefix: str) -> tuple[str, str] | None:
    """Return two texts between which all lie that begin with `prefix`, others among them.

    None when there are no such bounds but those of all texts: the prefix begins with a sign that changes its
    place with what follows, as Thai vowels do, or with one that has none.
    """
    if not prefix:
        return "", _HIGHEST
    plain = ""
    signs = unicodedata.normalize("NFD", prefix)
    for place, sign in enumerate(signs):
        if ord(sign) in _MARKS:
            continue
        if ord(sign) not in _STEADY:
            break
        letter = sign.lower()
        if letter in _GROWING and not _ends(signs, place):
            return plain + letter, plain + _GROWING[letter] + _HIGHEST
        plain += letter
    return (plain, plain + _HIGHEST) if plain else None


def _ends(signs: str, place: int) -> bool:
    """Tell whether no mark can follow the letter at a place: the prefix goes on with another letter."""
    return place + 1 < len(signs) and unicodedata.combining(signs[place + 1]) == 0
