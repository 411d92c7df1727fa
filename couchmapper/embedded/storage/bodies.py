"""The bodies of revisions: JSON text without `_id` and `_rev`, as `jsonio.dumps` wrote it; never changed."""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["SCHEMA", "Body", "insert", "next_number", "read"]

SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS bodies (
        number INTEGER PRIMARY KEY,
        database INTEGER NOT NULL REFERENCES databases (number) ON DELETE CASCADE,
        content BLOB NOT NULL,
        attachments BLOB
    )
    """,
    "CREATE INDEX IF NOT EXISTS bodies_of_database ON bodies (database)",
)


class Body(NamedTuple):
    """The body of a revision, and what `engine.attachments` wrote of its attachments, None without any."""

    content: bytes
    attachments: bytes | None = None


def next_number(connection: sqlite3.Connection) -> int:
    """Return the first free number; it stays free until the end of this write transaction."""
    (highest,) = connection.execute("SELECT max(number) FROM bodies").fetchone()
    return (highest or 0) + 1


def insert(connection: sqlite3.Connection, database: int, contents: Iterable[tuple[int, Body]]) -> None:
    """Store bodies under the numbers given."""
    connection.executemany(
        "INSERT INTO bodies (number, database, content, attachments) VALUES (?, ?, ?, ?)",
        [(number, database, *body) for number, body in contents],
    )


def read(connection: sqlite3.Connection, number: int) -> Body:
    """Return one body; `KeyError` when there is none under this number."""
    row = connection.execute("SELECT content, attachments FROM bodies WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise KeyError(number)
    return Body(*row)
