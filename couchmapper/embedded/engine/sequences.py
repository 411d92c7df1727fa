"""Update sequences as clients see them: the number of the edit, and a mark of the database.

CouchDB's own are opaque beyond the number; like it, this engine begins at 0 when it is given the sequence of
another database, also of an earlier one with the same name.
"""

import re

from couchmapper.exceptions import BadRequest

__all__ = ["parse_since", "sequence"]

_WRITTEN = re.compile(r"([0-9]+)-([0-9a-f]{16})")


def sequence(number: int, uuid: str) -> str:
    """Write the sequence of the edit with this number in the database with this uuid."""
    return f"{number}-{uuid[:16]}"


def parse_since(text: str, *, uuid: str, update_seq: int) -> int:
    """Return the number that `since` means: `0`, `now`, or a sequence that `sequence` has written."""
    if text == "0":
        return 0
    if text == "now":
        return update_seq
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise BadRequest("Malformed sequence supplied in 'since' parameter.")
    return int(found[1]) if found[2] == uuid[:16] else 0
