"""The bodies of revisions: JSON text without `_id` and `_rev`, as `jsonio.dumps` wrote it; never changed."""

import sqlite3
from collections.abc import Iterable

__all__ = ["SCHEMA", "insert", "next_number", "read"]

SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS bodies (
        number INTEGER PRIMARY KEY,
        database INTEGER NOT NULL REFERENCES databases (number) ON DELETE CASCADE,
        content BLOB NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS bodies_of_database ON bodies (database)",
)


def next_number(connection: sqlite3.Connection) -> int:
    """Return the first free number; it stays free until the end of this write transaction."""
    (highest,) = connection.execute("SELECT max(number) FROM bodies").fetchone()
    return (highest or 0) + 1


def insert(connection: sqlite3.Connection, database: int, contents: Iterable[tuple[int, bytes]]) -> None:
    """Store bodies under the numbers given."""
    connection.executemany(
        "INSERT INTO bodies (number, database, content) VALUES (?, ?, ?)",
        [(number, database, content) for number, content in contents],
    )


def read(connection: sqlite3.Connection, number: int) -> bytes:
    """Return one body; `KeyError` when there is none under this number."""
    row = connection.execute("SELECT content FROM bodies WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise KeyError(number)
    return bytes(row[0])
