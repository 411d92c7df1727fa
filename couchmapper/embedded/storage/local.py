"""The local documents: no tree, no sequence; a counter is their revision."""

import sqlite3
from collections.abc import Iterator

__all__ = ["SCHEMA", "delete", "find", "save", "scan"]

SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS local_documents (
        database INTEGER NOT NULL REFERENCES databases (number) ON DELETE CASCADE,
        id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        content BLOB NOT NULL,
        PRIMARY KEY (database, id)
    ) WITHOUT ROWID
    """,
)


def find(connection: sqlite3.Connection, database: int, document_id: str) -> tuple[int, bytes] | None:
    """Return the revision counter and the body of `_local/…`, or None."""
    row = connection.execute(
        "SELECT revision, content FROM local_documents WHERE database = ? AND id = ?", (database, document_id)
    ).fetchone()
    return (int(row[0]), bytes(row[1])) if row else None


def scan(connection: sqlite3.Connection, database: int) -> Iterator[tuple[str, int, bytes]]:
    """Yield id, revision counter and body of every local document, by id."""
    yield from connection.execute(
        "SELECT id, revision, content FROM local_documents WHERE database = ? ORDER BY id", (database,)
    )


def save(
    connection: sqlite3.Connection, database: int, document_id: str, *, revision: int, content: bytes
) -> None:
    """Store a local document in place of what was there."""
    connection.execute(
        "INSERT OR REPLACE INTO local_documents (database, id, revision, content) VALUES (?, ?, ?, ?)",
        (database, document_id, revision, content),
    )


def delete(connection: sqlite3.Connection, database: int, document_id: str) -> bool:
    """Remove a local document; false when there is none."""
    cursor = connection.execute(
        "DELETE FROM local_documents WHERE database = ? AND id = ?", (database, document_id)
    )
    return cursor.rowcount == 1
