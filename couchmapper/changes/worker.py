"""Runs one hook: each change goes to the function, then the checkpoint moves on."""

import threading
from contextlib import suppress
from typing import Any

from couchmapper.changes.checkpoints import Checkpoint
from couchmapper.changes.follower import Batch, ChangesFollower
from couchmapper.exceptions import CouchMapperError
from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.mapping.hooks import Change, HookMark
from couchmapper.typing import JSONObject

__all__ = ["HookWorker"]


class HookWorker:
    """Feeds one hook with the changes of its documents, each at least once and in the order of the feed.

    The checkpoint moves at the end of each batch, past the changes for which the function has returned. When
    it raises, or the run is `stopping`, the next run begins with the first change that it has not acted on.
    """

    def __init__(
        self, hook: HookMark, follower: ChangesFollower, checkpoint: Checkpoint, stopping: threading.Event
    ) -> None:
        self.hook = hook
        self._follower = follower
        self._checkpoint = checkpoint
        self._stopping = stopping

    def run_until_idle(self) -> int:
        """Act on everything that has changed so far; return how many changes there were."""
        count = 0
        for batch in self._follower.catch_up():
            count += self.act(batch)
            if self._stopping.is_set():
                break
        return count

    def wait(self) -> Batch:
        """Wait for the next changes, without acting on them."""
        return self._follower.next_batch()

    def act(self, batch: Batch) -> int:
        """Call the hook for each change of a batch, note how far it came, and return for how many."""
        done: list[str] = []
        try:
            for row in batch.rows:
                if self._stopping.is_set():
                    break
                self._call(row)
                done.append(row["seq"])
        except BaseException:
            # What the hook raised matters more than a checkpoint: without it some changes come twice.
            with suppress(CouchMapperError):
                self._note(done[-1:])
            raise
        complete = len(done) == len(batch.rows)
        self._note([batch.last_seq] if complete else done[-1:])
        return len(done)

    def _call(self, row: JSONObject) -> None:
        """Call the hook for a change, unless it deleted the document, or another change did so since."""
        document = row.get("doc")
        if document is not None and not row.get("deleted"):
            self.hook.function(_change(self.hook.model, row, document))

    def _note(self, sequences: list[str]) -> None:
        for since in sequences:
            self._checkpoint.write(since)


def _change(model: type[Document], row: JSONObject, document: JSONObject) -> Change[Any]:
    rev = row["changes"][0]["rev"]
    return Change(id=row["id"], rev=rev, seq=row["seq"], document=mapper.load(model, document))
