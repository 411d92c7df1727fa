"""The header `Range`, read as CouchDB reads it.

https://docs.couchdb.org/en/stable/api/document/attachments.html#http-range-requests
"""

import re
from typing import Final

from couchmapper.exceptions import RangeNotSatisfiable

__all__ = ["read_ranges"]

_UNIT: Final = "bytes="
_RANGE: Final = re.compile(r"([0-9]*)-([0-9]*)")


def read_ranges(header: str | None, length: int) -> list[tuple[int, int]]:
    """Return the first and the last position of each range; none where the whole is to be sent.

    That is so for what is no range of bytes, and for one that begins with the first byte and has no end.
    Raises `RangeNotSatisfiable` when a range has no bytes among these `length`.
    """
    if header is None or not header.startswith(_UNIT):
        return []
    matches = [_RANGE.fullmatch(text.strip()) for text in header.removeprefix(_UNIT).split(",") if text]
    found: list[tuple[int, int]] = []
    for match in matches:
        if match is None or match[0] == "-":
            return []
    for match in filter(None, matches):
        first, last = match.groups()
        if first == "0" * len(first) and first and not last:
            return []
        found.append(_positions(first, last, length))
    return found


def _positions(first: str, last: str, length: int) -> tuple[int, int]:
    # CouchDB never gives the first byte for "the last ones", however many they are.
    start = int(first) if first else max(1, length - int(last))
    end = min(int(last), length - 1) if first and last else length - 1
    if start > end:
        raise RangeNotSatisfiable("Requested range not satisfiable")
    return start, end
