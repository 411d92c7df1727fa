"""What a query may ask of a database: the operations, as the client offers them."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import attrs

from couchmapper.query.indexes import KnownIndex, stored_indexes
from couchmapper.typing import JSONObject

__all__ = ["Ask", "ServerNotes", "Source"]

_SECONDS: Final = 60.0


class Ask(Protocol):
    """An operation with a JSON answer, such as `POST /{db}/_find`."""

    def __call__(self, *args: Any, **options: Any) -> JSONObject:
        """Send the request and return the answer."""
        ...


@attrs.define(kw_only=True)
class ServerNotes:
    """What was learnt of a database: its indexes, for a minute, and what its server does not know yet.

    `knows_fallback` is whether it can be told to use no other index than the one that is named (CouchDB 3.5).
    """

    clock: Callable[[], float] = time.monotonic
    knows_fallback: bool = True
    _indexes: tuple[KnownIndex, ...] | None = None
    _read_at: float = 0.0

    @property
    def indexes(self) -> tuple[KnownIndex, ...] | None:
        """The JSON indexes; None when they were not asked for in the last minute."""
        return self._indexes if self.clock() - self._read_at < _SECONDS else None

    def note_indexes(self, told: Sequence[JSONObject]) -> tuple[KnownIndex, ...]:
        """Note what `GET /{db}/_index` answered, and return the JSON indexes."""
        self._indexes = tuple(stored_indexes(told))
        self._read_at = self.clock()
        return self._indexes

    def forget_indexes(self) -> None:
        """Forget the indexes, since one is not as it was."""
        self._indexes = None


@attrs.frozen(kw_only=True)
class Source:
    """One database, or with `partition` a part of one, as queries ask it."""

    find: Ask
    explain: Ask
    all_docs: Ask
    document: Callable[[str], JSONObject]
    design: Callable[[str], JSONObject]
    view: Ask
    indexes: Callable[[], Sequence[JSONObject]]
    partition: "Callable[[str], Source]"
    notes: ServerNotes

    def at(self, partition: str | None) -> "Source":
        """Return the part of it that a plan is for."""
        return self if partition is None else self.partition(partition)

    def known_indexes(self, *, anew: bool = False) -> tuple[KnownIndex, ...]:
        """Return the JSON indexes of the database, as they were in the last minute, or `anew`."""
        known = None if anew else self.notes.indexes
        return self.notes.note_indexes(self.indexes()) if known is None else known
