"""What the engine asks of its store: blocks that read and blocks that write."""

import sqlite3
from contextlib import AbstractContextManager
from typing import Protocol

from couchmapper.embedded.storage.file import FileStore
from couchmapper.embedded.storage.memory import MemoryStore

__all__ = ["Store", "open_store"]


class Store(Protocol):
    """Hands out connections: `with store.read() as connection`, `with store.write() as connection`.

    Within a block the store is seen as it was at its beginning. A write is committed when its block ends well
    and undone when it raises; there is one at a time. Blocks do not nest. Any thread may use a store. After
    `close`, both raise `ConnectionFailed`.
    """

    @property
    def shared(self) -> bool:
        """Whether other processes may write to this store."""
        ...

    def read(self) -> AbstractContextManager[sqlite3.Connection]:
        """Open a block that only reads."""
        ...

    def write(self) -> AbstractContextManager[sqlite3.Connection]:
        """Open a block that writes."""
        ...

    def close(self) -> None:
        """Release the file; closing twice is fine."""
        ...


def open_store(path: str | None) -> Store:
    """Open the SQLite file at `path`, made when it is not there, or with None a new store in memory.

    Raises `ConfigurationError` when the file cannot be opened, or is not one of this engine.
    """
    return MemoryStore() if path is None else FileStore(path)
