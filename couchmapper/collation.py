"""CouchDB's view order as bytes: compare two JSON values by comparing their keys.

`null < false < true < numbers < strings < arrays < objects`. Numbers compare by value, exactly at any size;
strings by ICU's root collation (tertiary strength); arrays element by element, then the shorter one first;
objects member by member in stored order, name before value, then the one with fewer members first. Values
that CouchDB takes for equal (`1` and `1.0`, composed and decomposed text) have the same key.

https://docs.couchdb.org/en/stable/ddocs/views/collation.html
"""

import string
import struct
import sys
import unicodedata
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from couchmapper.exceptions import InvalidJSON
from couchmapper.typing import JSON

__all__ = [
    "MAX_KEY",
    "Collator",
    "ICUCollator",
    "TableCollator",
    "compare",
    "sort_key",
    "text_key",
    "version",
]

MAX_KEY: Final = b"\xff"
"""Greater than every key."""

_END: Final = b"\x01"
_NULL: Final = b"\x02"
_FALSE: Final = b"\x03"
_TRUE: Final = b"\x04"
_NUMBER: Final = b"\x05"
_STRING: Final = b"\x06"
_ARRAY: Final = b"\x07"
_OBJECT: Final = b"\x08"

_EXACT_LIMIT: Final = 2.0**53
_LONGEST_CACHED: Final = 64

_double = struct.Struct(">d")
_unsigned = struct.Struct(">Q")


def sort_key(value: JSON) -> bytes:
    """Return the key of a value: keys in byte order are values in CouchDB's view order.

    No key is the beginning of another one, so keys may be joined. Raises `InvalidJSON` for what is no JSON.
    """
    kind = type(value)
    if kind is str:
        return _STRING + text_key(value)
    if kind is int or kind is float:
        return _number_key(value)
    if kind is list:
        return _ARRAY + b"".join(map(sort_key, value)) + _END
    return _rare_key(value)


def compare(left: JSON, right: JSON) -> int:
    """Return -1, 0 or 1: whether `left` sorts before `right`, is equal to it, or sorts after it."""
    left_key = sort_key(left)
    right_key = sort_key(right)
    return (left_key > right_key) - (left_key < right_key)


def text_key(text: str) -> bytes:
    """Return the key of a text alone, without the mark that it is a string; ends itself."""
    return _short_text_key(text) if len(text) <= _LONGEST_CACHED else _collator().key(text)


def version() -> str:
    """Name what the string order comes from, `table-77.1`; keys of two versions must not be compared."""
    return _collator().version


def _rare_key(value: JSON) -> bytes:
    """Return the key of what is not a string, a plain number or a list."""
    match value:
        case None:
            return _NULL
        case bool():
            return _TRUE if value else _FALSE
        case dict():
            members = [_STRING + text_key(name) + sort_key(item) for name, item in value.items()]
            return _OBJECT + b"".join(members) + _END
        case str():
            return _STRING + text_key(str(value))
        case int() | float():
            return _number_key(value)
        case list() | tuple():
            return _ARRAY + b"".join(map(sort_key, value)) + _END
    raise InvalidJSON(f"JSON has no {type(value).__name__}")


@lru_cache(maxsize=16384)
def _number_key(number: float) -> bytes:
    """Order by the nearest double first, and beyond 2^53 by what the double leaves over.

    The cache may take 1 for 1.0, as they have the same key.
    """
    try:
        double = float(number)
    except OverflowError:
        double = float("inf") if number > 0 else float("-inf")
        return _NUMBER + _double_key(double) + _integer_key(int(number))
    if -_EXACT_LIMIT < double < _EXACT_LIMIT:
        return _NUMBER + _double_key(double)
    return _NUMBER + _double_key(double) + _integer_key(int(number) - int(double))


def _double_key(double: float) -> bytes:
    """Flip the bits so that doubles order as their bytes do; both zeros are one."""
    (bits,) = _unsigned.unpack(_double.pack(double + 0.0))
    return _unsigned.pack(bits ^ (0xFFFF_FFFF_FFFF_FFFF if bits >> 63 else 1 << 63))


def _integer_key(number: int) -> bytes:
    """Order integers of any size: sign, length, digits; those of a negative one inverted."""
    magnitude = abs(number)
    size = (magnitude.bit_length() + 7) // 8
    key = size.to_bytes(4, "big") + magnitude.to_bytes(size, "big")
    return b"\x01" + key if number >= 0 else b"\x00" + bytes(255 - byte for byte in key)


class Collator(Protocol):
    """Orders texts by ICU's root collation: `key` gives bytes to compare, `version` says whose bytes."""

    @property
    def version(self) -> str:
        """Name the collator and the release of ICU that its order is from."""
        ...

    def key(self, text: str) -> bytes:
        """Return the key of a text; no key is the beginning of another one."""
        ...


class ICUCollator:
    """The order from ICU itself, through PyICU; needs the extra `icu`."""

    def __init__(self) -> None:
        import icu  # noqa: PLC0415 (an optional extra)

        self._collator = icu.Collator.createInstance(icu.Locale.getRoot())  # pyright: ignore[reportAttributeAccessIssue]
        self.version: Final = f"icu-{icu.ICU_VERSION}"  # pyright: ignore[reportAttributeAccessIssue]

    def key(self, text: str) -> bytes:
        """Return ICU's sort key, which ends with its only zero."""
        return bytes(self._collator.getSortKey(text))


_Weights: TypeAlias = tuple[bytes, bytes, bytes]
"""What a text adds to the three levels of a key."""

_ASCII_ORDER: Final = "\t\n\v\f\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$" + string.digits + string.ascii_lowercase
_FIRST_LEAD: Final = 4
_HAN_LEAD: Final = b"\xf0"
_UNASSIGNED_LEAD: Final = b"\xf1"
_SPECIAL_LEAD: Final = b"\xf2"
_LEVEL_END: Final = b"\x00"
_COMMON_SECONDARY: Final = b"\x02"
_COMMON: Final = b"\x05"
_RAISED: Final = 0x40
_LAST_SHORT_RANK: Final = 0xFFFF
_LAST_SHORT_SECONDARY: Final = 0xEF

_HANGUL_FIRST, _HANGUL_LAST = 0xAC00, 0xD7A3

_ASCII_LETTERS: Final = _ASCII_ORDER + string.ascii_uppercase
_ASCII_IGNORED: Final = bytes(code for code in range(128) if chr(code) not in _ASCII_LETTERS)
_ASCII_PRIMARIES: Final = bytes.maketrans(
    _ASCII_LETTERS.encode(),
    bytes(_FIRST_LEAD + 2 * _ASCII_ORDER.index(sign.lower()) for sign in _ASCII_LETTERS),
)
_ASCII_TERTIARIES: Final = bytes.maketrans(
    _ASCII_LETTERS.encode(),
    _COMMON * len(_ASCII_ORDER) + bytes(0x20 if sign == "W" else 0x1C for sign in string.ascii_uppercase),
)


class TableCollator:
    """The order from a table made of ICU's data once; see `scripts/generate_collation` for the file.

    A key is the weights of the first level, those of the second and those of the third, as in ICU's sort
    keys; the most common weights at the end of a level are left out. Each ASCII character has one byte on the
    first level, and what sorts between two of them begins with the byte between.
    """

    def __init__(self) -> None:
        head, _, packed = Path(__file__).with_name("collation.bin").read_bytes().partition(b"\n")
        _, release, *counts = head.decode().split()
        entries, elements, contractions = map(int, counts)
        columns = _Columns(zlib.decompress(packed))
        self.version: Final = f"table-{release}"
        self._code_points = array("I", accumulate(columns.take("I", entries)))
        self._ends = array("I", accumulate(columns.take("B", entries + contractions)))
        self._ranks = array("i", accumulate(columns.take("i", elements)))
        self._secondaries = columns.take("H", elements)
        self._tertiaries = columns.take("B", elements)
        self._ascii_ranks = [self._rank(sign) for sign in _ASCII_ORDER]
        self._first_special = self._rank("\ufffd")
        pairs = zip(self._ranks, self._tertiaries, strict=True)
        self._small_letters = {rank for rank, tertiary in pairs if tertiary < _COMMON[0]}
        texts = columns.rest().decode().split("\0")
        self._weights = _Memory(self._find)
        self._weights.update(
            {text: self._row(row) for row, text in enumerate(texts, start=entries)},
        )
        self._contractions = frozenset(texts)
        self._starts = frozenset(text[0] for text in texts)

    def key(self, text: str) -> bytes:
        """Return the key of a text; ASCII does without the table."""
        if text.isascii():
            signs = text.encode()
            tertiary = signs.translate(_ASCII_TERTIARIES, _ASCII_IGNORED).rstrip(_COMMON)
            return signs.translate(_ASCII_PRIMARIES, _ASCII_IGNORED) + b"\x00\x00" + tertiary + _LEVEL_END
        parts = text if self._starts.isdisjoint(text) else self._contracted(text)
        primary, secondary, tertiary = map(b"".join, zip(*map(self._weights.__getitem__, parts), strict=True))
        return b"%b\0%b\0%b\0" % (
            primary,
            secondary.rstrip(_COMMON_SECONDARY),
            tertiary.rstrip(_COMMON),
        )

    def _contracted(self, text: str) -> list[str]:
        """Divide a text into contractions and single characters.

        https://www.unicode.org/reports/tr10/#S2.1
        """
        signs = list(text)
        parts: list[str] = []
        position = 0
        while position < len(signs):
            part = signs[position]
            position += 1
            if part in self._starts:
                while position < len(signs) and part + signs[position] in self._contractions:
                    part += signs[position]
                    position += 1
                part = self._with_marks(part, signs, position)
            parts.append(part)
        return parts

    def _with_marks(self, part: str, signs: list[str], position: int) -> str:
        """Take the marks out of `signs` that contract with `part` over other marks.

        As in ICU, a mark is out of reach behind one that is not of a lower combining class.
        """
        before = 0
        while position < len(signs) and (rank := unicodedata.combining(signs[position])):
            if rank > before and part + signs[position] in self._contractions:
                part += signs.pop(position)
            else:
                position += 1
            before = rank
        return part

    def _find(self, sign: str) -> _Weights:
        """Return the weights of one character."""
        code_point = ord(sign)
        row = bisect_left(self._code_points, code_point)
        if row < len(self._code_points) and self._code_points[row] == code_point:
            return self._row(row)
        if _HANGUL_FIRST <= code_point <= _HANGUL_LAST:
            letters = map(self._weights.__getitem__, unicodedata.normalize("NFD", sign))
            primary, secondary, tertiary = map(b"".join, zip(*letters, strict=True))
            return primary, secondary, tertiary
        return _UNASSIGNED_LEAD + code_point.to_bytes(3, "big"), _COMMON_SECONDARY, _COMMON

    def _row(self, row: int) -> _Weights:
        """Return the weights in a row of the table."""
        places = range(self._ends[row - 1] if row else 0, self._ends[row])
        ranks = [self._ranks[place] for place in places]
        return (
            b"".join(map(self._primary, ranks)),
            b"".join([_secondary(self._secondaries[place]) for place in places]),
            bytes(
                self._tertiaries[place] + (_RAISED if rank in self._small_letters else 0)
                for place, rank in zip(places, ranks, strict=True)
            ),
        )

    def _primary(self, rank: int) -> bytes:
        """Return the bytes of a primary weight: one for ASCII, three for scripts, four for Han."""
        if rank == 0:
            return b""
        if rank >= self._first_special:
            return _SPECIAL_LEAD + rank.to_bytes(3, "big")
        if rank > _LAST_SHORT_RANK:
            return _HAN_LEAD + rank.to_bytes(3, "big")
        place = bisect_left(self._ascii_ranks, rank)
        lead = _FIRST_LEAD + 2 * place
        if self._ascii_ranks[place : place + 1] == [rank]:
            return bytes([lead])
        return bytes([lead - 1]) + rank.to_bytes(2, "big")

    def _rank(self, sign: str) -> int:
        """Return the rank of the primary weight of a character that has one element."""
        return self._ranks[self._ends[bisect_left(self._code_points, ord(sign))] - 1]


def _secondary(rank: int) -> bytes:
    """Return the bytes of a secondary weight."""
    if rank == 0:
        return b""
    if rank <= _LAST_SHORT_SECONDARY:
        return bytes([rank + 1])
    return bytes([_LAST_SHORT_SECONDARY + 2, rank - _LAST_SHORT_SECONDARY + 2])


class _Memory(dict[str, _Weights]):
    """Remembers the weights of each character that was asked for."""

    def __init__(self, find: Callable[[str], _Weights]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, sign: str) -> _Weights:
        weights = self[sign] = self._find(sign)
        return weights


class _Columns:
    """The columns of the table, taken one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, kind: str, count: int) -> "array[int]":
        """Return the next column of so many numbers."""
        column = array(kind)
        end = self._position + count * column.itemsize
        column.frombytes(self._data[self._position : end])
        self._position = end
        if sys.byteorder == "big":
            column.byteswap()
        return column

    def rest(self) -> bytes:
        """Return what stands behind the columns."""
        return self._data[self._position :]


@cache
def _collator() -> Collator:
    """Take ICU where it is installed, and the table where it is not."""
    try:
        return ICUCollator()
    except ImportError:
        return TableCollator()


@lru_cache(maxsize=16384)
def _short_text_key(text: str) -> bytes:
    return _collator().key(text)
