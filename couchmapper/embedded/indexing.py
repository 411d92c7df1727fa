"""Keeping the indexes of views up to date: what changed since the last time is mapped once more.

An index knows the update sequence that it has reached. All indexes of a design document catch up together, so
that each document is read and mapped once. They do so in stretches, each in a transaction of its own: others
can write in between, and what was mapped is not lost when the program ends.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from couchmapper import jsonio
from couchmapper.embedded.engine.indexes import MangoMaps
from couchmapper.embedded.engine.views import Definition
from couchmapper.embedded.queryserver.maps import Emitted, JavaScriptMaps, Maps
from couchmapper.embedded.reading import Shown, winner_text
from couchmapper.embedded.storage import databases, documents, views
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.embedded.storage.store import Store
from couchmapper.embedded.storage.views import Entry, IndexRow
from couchmapper.exceptions import DatabaseNotFound, ServerError
from couchmapper.mango.comparison import erlang_term

__all__ = ["catch_up", "is_current", "refresh"]

_BATCH: Final = 500
_STRETCH: Final = 10_000


def is_current(connection: sqlite3.Connection, database: DatabaseRow, definition: Definition) -> bool:
    """Tell whether the index of a definition holds all that is stored."""
    index = views.find(connection, database.number, definition.signature)
    return index is not None and index.seq >= database.update_seq


def refresh(store: Store, name: str, definitions: Iterable[Definition]) -> None:
    """Bring indexes of the database of this name up to what is stored at the beginning.

    Raises `ServerError` when a map function cannot go on; the indexes keep what they had reached.
    """
    wanted = list(definitions)
    target: int | None = None
    reached = -1
    while target is None or reached < target:
        with store.write() as connection:
            database = databases.find(connection, name)
            if database is None:
                raise DatabaseNotFound("Database does not exist.")
            target = database.update_seq if target is None else target
            reached = catch_up(connection, database, wanted)


def catch_up(
    connection: sqlite3.Connection,
    database: DatabaseRow,
    definitions: Iterable[Definition],
    *,
    limit: int = _STRETCH,
) -> int:
    """Move indexes on by at most `limit` documents, within a block that writes.

    Returns the update sequence that all of them have reached.
    """
    members: dict[int, list[_Member]] = {}
    for signature, definition in {definition.signature: definition for definition in definitions}.items():
        index = views.find(connection, database.number, signature) or views.create(
            connection, database.number, signature
        )
        members.setdefault(index.seq, []).append(_Member(definition, index))
    reached = database.update_seq
    for seq, together in members.items():
        if seq < database.update_seq:
            reached = min(reached, _Pass(connection, database, together).run(since=seq, limit=limit))
    return reached


class _Member:
    """One index on its way: `more` counts the rows that it has gained."""

    def __init__(self, definition: Definition, index: IndexRow) -> None:
        self.definition = definition
        self.index = index
        self.more = 0


class _Pass:
    """One way through what has changed, for indexes that stopped at the same place."""

    def __init__(
        self, connection: sqlite3.Connection, database: DatabaseRow, members: Sequence[_Member]
    ) -> None:
        self._connection = connection
        self._database = database
        self._members = members
        self._first = members[0].definition  # what is asked of it here is the same for all
        self._maps = _maps([member.definition for member in members])

    def run(self, *, since: int, limit: int) -> int:
        """Map the next documents that changed after `since`; returns how far that went."""
        changed = documents.changes(
            self._connection, self._database.number, since=since, limit=limit, tree=True, content=True
        )
        seen, seq = 0, since
        while batch := list(islice(changed, _BATCH)):
            if since:
                self._forget(batch)
            self._map([row for row in batch if self._is_mapped(row)])
            seen, seq = seen + len(batch), batch[-1].seq
        reached = seq if seen == limit else self._database.update_seq
        for member in self._members:
            views.advance(self._connection, member.index.number, seq=reached, rows=member.more)
        return reached

    def _is_mapped(self, row: DocumentRow) -> bool:
        return not row.deleted and (self._first.includes_design or not row.id.startswith("_design/"))

    def _forget(self, batch: Sequence[DocumentRow]) -> None:
        for member in self._members:
            ids = [row.id for row in batch]
            member.more -= views.remove(self._connection, member.index.number, ids)

    def _map(self, batch: Sequence[DocumentRow]) -> None:
        texts = [_text(row, local_seq=self._first.shows_sequence) for row in batch]
        entries: list[list[Entry]] = [[] for _ in self._members]
        for row, emitted in zip(batch, self._maps.map(texts), strict=True):
            for member, found, rows in zip(self._members, entries, emitted, strict=True):
                if rows:
                    found.extend(_entries(member.definition, row.id, rows))
        for member, found in zip(self._members, entries, strict=True):
            views.add(self._connection, member.index.number, found)
            member.more += len(found)


def _maps(definitions: Sequence[Definition]) -> Maps:
    """Prepare the map functions of definitions that share a design document."""
    first = definitions[0]
    sources = [definition.map for definition in definitions]
    if first.language == "query":
        return MangoMaps(sources)
    if first.language == "javascript":
        return JavaScriptMaps(sources, library=first.library)
    raise ServerError(first.language, error="unknown_query_language")


def _text(row: DocumentRow, *, local_seq: bool) -> bytes:
    """Write a document as map functions see it: with its conflicts, which need more than one revision."""
    single = row.tree.count(b"[") == 1
    if single and not local_seq:
        return winner_text(row)
    return winner_text(row, Shown(conflicts=True, deleted_conflicts=True, local_seq=local_seq))


def _entries(definition: Definition, document_id: str, rows: Sequence[Emitted]) -> Iterable[Entry]:
    """Give rows their keys; those of one document with one key stand in Erlang's order of their values."""
    order = definition.space_of(document_id).key
    if len(rows) == 1:
        ((key, value),) = rows
        return ((order(jsonio.loads(key)), document_id, 0, key, value),)
    read = [(jsonio.loads(key), jsonio.loads(value), key, value) for key, value in rows]
    read.sort(key=lambda row: (erlang_term(row[0]), erlang_term(row[1])))
    return [
        (order(key), document_id, place, key_text, value_text)
        for place, (key, _, key_text, value_text) in enumerate(read)
    ]
