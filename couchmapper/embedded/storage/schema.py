"""The whole schema: each table is declared beside its SQL, and listed here."""

import sqlite3
from collections.abc import Mapping

from couchmapper.embedded.storage import attachments, bodies, databases, documents, local, meta, views
from couchmapper.exceptions import ConfigurationError

__all__ = ["STATEMENTS", "UPGRADES", "prepare"]

STATEMENTS: tuple[str, ...] = (
    *meta.SCHEMA,
    *databases.SCHEMA,
    *bodies.SCHEMA,
    *attachments.SCHEMA,
    *documents.SCHEMA,
    *local.SCHEMA,
    *views.SCHEMA,
)
"""Every statement can run again on a file that has its table; a table of one database's rows refers to
`databases (number)` with `ON DELETE CASCADE` and has an index on that column."""

UPGRADES: Mapping[int, tuple[str, ...]] = {
    1: ("ALTER TABLE bodies ADD COLUMN attachments BLOB",),
    2: ("ALTER TABLE databases ADD COLUMN partitioned INTEGER NOT NULL DEFAULT 0",),
}
"""What a file of each older format needs, beside the tables that are new, to have the next one."""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables that are not there yet, in the write transaction that the caller has open.

    A file of an older format keeps what is in it, and has this one afterwards; the version that wrote it does
    not open it any more. Raises `ConfigurationError` for a file with tables that this version does not know.
    """
    found = meta.format_of(connection)
    if found > meta.FORMAT:
        raise ConfigurationError(
            f"the file has format {found}, this couchmapper knows {meta.FORMAT}: install a newer couchmapper"
        )
    if found == 0 and connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise ConfigurationError(
            "the SQLite file holds the tables of another program: give a path of its own"
        )
    for statement in STATEMENTS:
        connection.execute(statement)
    if found == 0:
        meta.server_uuid(connection)
    else:
        for older in range(found, meta.FORMAT):
            for statement in UPGRADES[older]:
                connection.execute(statement)
    if found != meta.FORMAT:
        meta.set_format(connection)
