"""What lives as long as the engine runs: its store, its clock, its ids, and who waits for changes."""

import time
from collections.abc import Callable

import attrs

from couchmapper.embedded.storage.store import Store
from couchmapper.embedded.updates import Updates
from couchmapper.embedded.uuids import SequentialUUIDs

__all__ = ["Node"]


@attrs.frozen(kw_only=True)
class Node:
    """The parts that every answer may use.

    `now` gives seconds since 1970; `new_id` an id for a document that brings none.
    """

    store: Store
    updates: Updates = attrs.field(factory=Updates)
    now: Callable[[], float] = time.time
    new_id: Callable[[], str] = attrs.field(factory=SequentialUUIDs)

    def close(self) -> None:
        """Wake those who wait, and close the store."""
        self.updates.close()
        self.store.close()
