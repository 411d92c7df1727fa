"""What is true of the whole SQLite file: the engine's format and the server's uuid."""

import sqlite3
import uuid

__all__ = ["FORMAT", "SCHEMA", "format_of", "server_uuid", "set_format"]

FORMAT = 3
"""The number of this schema; a file with a higher one was written by a newer couchmapper."""

SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS meta (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)


def format_of(connection: sqlite3.Connection) -> int:
    """Return the number of the file's schema, 0 for a new file."""
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    return int(number)


def set_format(connection: sqlite3.Connection) -> None:
    """Mark the file with this schema's number; part of the transaction that made the tables."""
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def server_uuid(connection: sqlite3.Connection) -> str:
    """Return the uuid that `GET /` shows; asked for in a write, it is made the first time."""
    found = connection.execute("SELECT value FROM meta WHERE name = 'uuid'").fetchone()
    if found is not None:
        return str(found[0])
    made = uuid.uuid4().hex
    connection.execute("INSERT INTO meta (name, value) VALUES ('uuid', ?)", (made,))
    return made
