"""Ids for documents that bring none, made as CouchDB's algorithm `sequential` makes them.

https://docs.couchdb.org/en/stable/config/misc.html#uuids-algorithm
"""

import secrets
import threading

__all__ = ["SequentialUUIDs"]

_PREFIX_BYTES = 13
_END = 0xFFF000
_LONGEST_STEP = 0xFFE


class SequentialUUIDs:
    """Makes ids of 32 hex digits: 26 random ones that stay, 6 that grow by random steps.

    Ids that grow keep the tree of ids dense. When the last digits run out there is a new random beginning.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._begin()

    def __call__(self) -> str:
        """Return a new id."""
        with self._turn:
            made = f"{self._prefix}{self._count:06x}"
            self._count += 1 + secrets.randbelow(_LONGEST_STEP)
            if self._count >= _END:
                self._begin()
        return made

    def _begin(self) -> None:
        self._prefix = secrets.token_hex(_PREFIX_BYTES)
        self._count = secrets.randbelow(_LONGEST_STEP)
