"""CouchDB's view order as bytes: compare two JSON values by comparing their keys.

`null < false < true < numbers < strings < arrays < objects`. Numbers compare by value, exactly at any size;
strings by ICU's root collation (tertiary strength); arrays element by element, then the shorter one first;
objects member by member in stored order, name before value, then the one with fewer members first. Values
that CouchDB takes for equal (`1` and `1.0`, composed and decomposed text) have the same key.

https://docs.couchdb.org/en/stable/ddocs/views/collation.html
"""

import struct
from functools import lru_cache
from typing import Final

import icu

from couchmapper.exceptions import InvalidJSON
from couchmapper.typing import JSON

__all__ = ["MAX_KEY", "compare", "sort_key", "text_key", "version"]

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
_double = struct.Struct(">d")
_unsigned = struct.Struct(">Q")

_collator = icu.Collator.createInstance(icu.Locale.getRoot())


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


@lru_cache(maxsize=16384)
def text_key(text: str) -> bytes:
    """Return the key of a text alone, without the mark that it is a string; ends itself."""
    return bytes(_collator.getSortKey(text))


def version() -> str:
    """Name what the string order comes from; keys of two versions must not be compared."""
    return f"icu-{icu.ICU_VERSION}"


def _rare_key(value: JSON) -> bytes:
    """Return the key of what is not a string, a plain number or a list."""
    match value:
        case None:
            return _NULL
        case bool():
            return _TRUE if value else _FALSE
        case dict():
            members = [text_key(name) + sort_key(item) for name, item in value.items()]
            return _OBJECT + b"".join([part for member in members for part in (_STRING, member)]) + _END
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
