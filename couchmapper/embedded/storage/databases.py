"""The databases of a store, with the counters that `GET /{db}` shows."""

import sqlite3

import attrs

from couchmapper.embedded.storage.ranges import EVERYTHING, IdRange

__all__ = [
    "SCHEMA",
    "DatabaseRow",
    "count",
    "create",
    "drop",
    "find",
    "names",
    "update_seq",
]

SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS databases (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        uuid TEXT NOT NULL,
        created INTEGER NOT NULL,
        update_seq INTEGER NOT NULL DEFAULT 0,
        doc_count INTEGER NOT NULL DEFAULT 0,
        doc_del_count INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0,
        partitioned INTEGER NOT NULL DEFAULT 0
    )
    """,
)


@attrs.frozen
class DatabaseRow:
    """One database.

    Other tables refer to `number`, which is never used again. `uuid` tells a database from an earlier one of
    the same name, `created` is in seconds since 1970, `bytes` counts the stored bodies, old ones included.
    With `partitioned`, the id of each document begins with its partition.
    """

    number: int
    name: str
    uuid: str
    created: int
    update_seq: int
    doc_count: int
    doc_del_count: int
    bytes: int
    partitioned: bool = attrs.field(converter=bool)


def create(
    connection: sqlite3.Connection, name: str, *, uuid: str, created: int, partitioned: bool = False
) -> bool:
    """Add an empty database; false when the name is taken."""
    cursor = connection.execute(
        "INSERT INTO databases (name, uuid, created, partitioned) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (name) DO NOTHING",
        (name, uuid, created, partitioned),
    )
    return cursor.rowcount == 1


def drop(connection: sqlite3.Connection, name: str) -> bool:
    """Remove a database and, by their foreign keys, its rows in every table; false when there is none."""
    return connection.execute("DELETE FROM databases WHERE name = ?", (name,)).rowcount == 1


def find(connection: sqlite3.Connection, name: str) -> DatabaseRow | None:
    """Return the database of this name, or None."""
    row = connection.execute(
        "SELECT number, name, uuid, created, update_seq, doc_count, doc_del_count, bytes, partitioned"
        " FROM databases WHERE name = ?",
        (name,),
    ).fetchone()
    return DatabaseRow(*row) if row else None


def names(
    connection: sqlite3.Connection,
    within: IdRange = EVERYTHING,
    *,
    descending: bool = False,
    limit: int | None = None,
    skip: int = 0,
) -> list[str]:
    """Return the names of the databases of a range in byte order."""
    clause, arguments = within.clause("name")
    order = "DESC" if descending else "ASC"
    rows = connection.execute(
        f"SELECT name FROM databases WHERE true{clause} ORDER BY name {order} LIMIT ? OFFSET ?",  # noqa: S608  (the clause has only question marks)
        (*arguments, -1 if limit is None else limit, skip),
    )
    return [name for (name,) in rows]


def update_seq(connection: sqlite3.Connection, number: int) -> int | None:
    """Return how many edits the database has stored, or None when it is gone."""
    row = connection.execute("SELECT update_seq FROM databases WHERE number = ?", (number,)).fetchone()
    return int(row[0]) if row else None


def count(  # noqa: PLR0913  (one argument per counter)
    connection: sqlite3.Connection,
    number: int,
    *,
    update_seq: int,
    documents: int,
    deleted: int,
    size: int,
) -> None:
    """Move the update sequence to `update_seq`, and the other counters by what was added to them."""
    connection.execute(
        "UPDATE databases SET update_seq = ?, doc_count = doc_count + ?, doc_del_count = doc_del_count + ?,"
        " bytes = bytes + ? WHERE number = ?",
        (update_seq, documents, deleted, size, number),
    )
