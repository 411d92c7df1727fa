"""A store in memory: one connection, one block at a time, gone when it is closed."""

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from couchmapper.embedded.storage import schema
from couchmapper.exceptions import ConnectionFailed

__all__ = ["MemoryStore"]


class MemoryStore:
    """Keeps everything in memory of this process; implements `storage.store.Store`."""

    def __init__(self) -> None:
        self.shared = False
        # A plain lock would let a block that nests wait for itself; this one lets SQLite refuse it.
        self._turn = threading.RLock()
        self._closed = False
        self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        # Who forgets a store closes it: Python 3.13 warns of connections that nobody closed.
        weakref.finalize(self, self._connection.close)
        self._connection.execute("PRAGMA foreign_keys = ON")
        with self.write() as connection:
            schema.prepare(connection)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Open a block that only reads; others wait until it ends."""
        with self._turn:
            yield self._open_connection()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Open a block that writes; others wait until it ends."""
        with self._turn:
            connection = self._open_connection()
            is_inside = connection.in_transaction
            try:
                connection.execute("BEGIN")
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction and not is_inside:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        """Forget everything."""
        with self._turn:
            self._closed = True
            self._connection.close()

    def _open_connection(self) -> sqlite3.Connection:
        if self._closed:
            raise ConnectionFailed("the store in memory was closed")
        return self._connection
