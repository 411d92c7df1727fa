"""The indexes of views: what each map function emitted, in the order of the keys."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator

import attrs

from couchmapper.embedded.storage.views_rows import RowRange, ViewRow

__all__ = [
    "SCHEMA",
    "Entry",
    "IndexRow",
    "add",
    "advance",
    "count",
    "create",
    "drop_others",
    "find",
    "remove",
    "scan",
    "size",
]

SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS view_indexes (
        number INTEGER PRIMARY KEY,
        database INTEGER NOT NULL REFERENCES databases (number) ON DELETE CASCADE,
        signature TEXT NOT NULL,
        seq INTEGER NOT NULL DEFAULT 0,
        total INTEGER NOT NULL DEFAULT 0,
        UNIQUE (database, signature)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS view_rows (
        view INTEGER NOT NULL REFERENCES view_indexes (number) ON DELETE CASCADE,
        key BLOB NOT NULL,
        id TEXT NOT NULL,
        place INTEGER NOT NULL,
        key_text BLOB NOT NULL,
        value_text BLOB NOT NULL,
        PRIMARY KEY (view, key, id, place)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX IF NOT EXISTS view_rows_by_document ON view_rows (view, id)",
)

Entry = tuple[bytes, str, int, bytes, bytes]
"""One row to store: its key, the document's id, its place among that document's rows with this key, and the
JSON texts of key and value."""


@attrs.frozen
class IndexRow:
    """One index: it holds what was stored up to the update sequence `seq`, `total` rows."""

    number: int
    signature: str
    seq: int
    total: int


def find(connection: sqlite3.Connection, database: int, signature: str) -> IndexRow | None:
    """Return the index with this signature, or None."""
    row = connection.execute(
        "SELECT number, signature, seq, total FROM view_indexes WHERE database = ? AND signature = ?",
        (database, signature),
    ).fetchone()
    return IndexRow(*row) if row else None


def create(connection: sqlite3.Connection, database: int, signature: str) -> IndexRow:
    """Make an empty index."""
    cursor = connection.execute(
        "INSERT INTO view_indexes (database, signature) VALUES (?, ?)", (database, signature)
    )
    return IndexRow(int(cursor.lastrowid or 0), signature, 0, 0)


def remove(connection: sqlite3.Connection, index: int, ids: Iterable[str]) -> int:
    """Delete the rows of these documents; returns how many there were."""
    cursor = connection.executemany(
        "DELETE FROM view_rows WHERE view = ? AND id = ?", [(index, document) for document in ids]
    )
    return max(cursor.rowcount, 0)


def add(connection: sqlite3.Connection, index: int, entries: Collection[Entry]) -> None:
    """Store rows; they go in fastest in the order of their keys."""
    connection.executemany(
        "INSERT INTO view_rows (view, key, id, place, key_text, value_text) VALUES (?, ?, ?, ?, ?, ?)",
        [(index, *entry) for entry in sorted(entries)],
    )


def advance(connection: sqlite3.Connection, index: int, *, seq: int, rows: int) -> None:
    """Note that an index has reached an update sequence and has `rows` more rows."""
    connection.execute(
        "UPDATE view_indexes SET seq = ?, total = total + ? WHERE number = ?", (seq, rows, index)
    )


def scan(  # noqa: PLR0913  (the clauses of one SELECT)
    connection: sqlite3.Connection,
    index: int,
    rows: RowRange,
    *,
    descending: bool = False,
    limit: int | None = None,
    skip: int = 0,
) -> Iterator[ViewRow]:
    """Yield the rows of a range by key, then by document; a document's rows with one key keep their order."""
    clause, arguments = rows.clause()
    order = "key DESC, id DESC, place" if descending else "key, id, place"
    found = connection.execute(
        f"SELECT key, id, key_text, value_text FROM view_rows WHERE view = ?{clause}"  # noqa: S608  (question marks and fixed words)
        f" ORDER BY {order} LIMIT ? OFFSET ?",
        (index, *arguments, -1 if limit is None else limit, skip),
    )
    return map(ViewRow._make, found)


def count(connection: sqlite3.Connection, index: int, clause: str, arguments: Iterable[bytes | str]) -> int:
    """Count the rows that a clause of `RowRange` selects."""
    (number,) = connection.execute(
        f"SELECT count(*) FROM view_rows WHERE view = ?{clause}",  # noqa: S608  (the clause has only question marks)
        (index, *arguments),
    ).fetchone()
    return int(number)


def drop_others(connection: sqlite3.Connection, database: int, signatures: Collection[str]) -> None:
    """Delete the indexes of a database that have none of these signatures."""
    marks = ",".join("?" * len(signatures))
    connection.execute(
        f"DELETE FROM view_indexes WHERE database = ? AND signature NOT IN ({marks})",  # noqa: S608  (only question marks)
        (database, *signatures),
    )


def size(connection: sqlite3.Connection, index: int) -> int:
    """Return how many bytes the keys and values of an index take."""
    (found,) = connection.execute(
        "SELECT coalesce(sum(length(key_text) + length(value_text)), 0) FROM view_rows WHERE view = ?",
        (index,),
    ).fetchone()
    return int(found)
