"""The bytes of attachments, each kept once in a database, however many revisions have it; never changed."""

import sqlite3

__all__ = ["SCHEMA", "insert", "read"]

SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS attachments (
        number INTEGER PRIMARY KEY,
        database INTEGER NOT NULL REFERENCES databases (number) ON DELETE CASCADE,
        digest BLOB NOT NULL,
        content BLOB NOT NULL,
        UNIQUE (database, digest)
    )
    """,
)


def insert(connection: sqlite3.Connection, database: int, digest: bytes, content: bytes) -> bool:
    """Store bytes under their digest; false when they are there already.

    Raises `ValueError` when other bytes have this digest: MD5 can be made to agree.
    """
    cursor = connection.execute(
        "INSERT INTO attachments (database, digest, content) VALUES (?, ?, ?)"
        " ON CONFLICT (database, digest) DO NOTHING",
        (database, digest, content),
    )
    if cursor.rowcount == 1:
        return True
    (same,) = connection.execute(
        "SELECT content = ? FROM attachments WHERE database = ? AND digest = ?", (content, database, digest)
    ).fetchone()
    if not same:
        raise ValueError("other bytes are stored under this digest")
    return False


def read(connection: sqlite3.Connection, database: int, digest: bytes) -> bytes:
    """Return the bytes with this digest; `KeyError` when there are none."""
    row = connection.execute(
        "SELECT content FROM attachments WHERE database = ? AND digest = ?", (database, digest)
    ).fetchone()
    if row is None:
        raise KeyError(digest)
    return bytes(row[0])
