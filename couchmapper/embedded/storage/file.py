"""A store in one SQLite file, which many threads and many processes may have open."""

import os
import sqlite3
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from couchmapper.embedded.storage import schema
from couchmapper.exceptions import ConfigurationError, ConnectionFailed

__all__ = ["FileStore"]

_BUSY_SECONDS = 30.0
_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    # With the write-ahead log, FULL syncs at each commit: what was answered survives a loss of power.
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -16384",
)


class FileStore:
    """Keeps everything in a file; implements `storage.store.Store`.

    Readers never wait: each block has a connection of its own and sees the file as it was at its beginning
    (https://www.sqlite.org/wal.html). Writers wait for each other, also those of other processes.
    """

    def __init__(self, path: str) -> None:
        self.shared = True
        self.path = path
        self._process = os.getpid()
        self._closed = False
        self._idle: deque[sqlite3.Connection] = deque()
        self._turn = threading.RLock()
        try:
            self._writer = self._connect()
            self._prepare()
        except sqlite3.Error as error:
            raise ConfigurationError(f"cannot open {path!r} as a SQLite file: {error}") from error
        # Who forgets a store closes it: Python 3.13 warns of connections that nobody closed.
        weakref.finalize(self, _close, self._process, self._writer, self._idle)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Open a block that only reads, beside any others."""
        self._check()
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            self._give_back(connection)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Open a block that writes; it waits for its turn, also among processes."""
        with self._turn:
            self._check()
            is_inside = self._writer.in_transaction
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                self._writer.execute("COMMIT")
            finally:
                # After some errors, as a full disk, SQLite has undone the transaction by itself.
                if self._writer.in_transaction and not is_inside:
                    self._writer.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file; blocks that are open end first or keep their own connection until they do."""
        self._closed = True
        with self._turn:
            _close(self._process, self._writer, self._idle)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self) -> None:
        try:
            self._write_ahead()
            with self.write() as connection:
                schema.prepare(connection)
        except BaseException:
            self._writer.close()
            raise

    def _write_ahead(self) -> None:
        """Switch the file to the write-ahead log; SQLite does not wait when two processes do it at once."""
        end = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._writer.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.01)
            else:
                return

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        self._idle.append(connection)
        if self._closed:
            self.close()

    def _check(self) -> None:
        if self._closed:
            raise ConnectionFailed(f"the store {self.path!r} was closed")
        if os.getpid() != self._process:
            raise ConnectionFailed(f"the store {self.path!r} was opened before a fork: open it in the child")


def _close(process: int, writer: sqlite3.Connection, idle: deque[sqlite3.Connection]) -> None:
    """Close connections where they were opened: in a forked child that would take the parent's locks away."""
    if os.getpid() == process:
        writer.close()
        while idle:
            idle.pop().close()
