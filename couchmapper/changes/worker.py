"""Runs one hook: each change goes to the function, then the checkpoint moves on."""

from typing import Any

from couchmapper.changes.checkpoints import Checkpoint
from couchmapper.changes.follower import Batch, ChangesFollower
from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.mapping.hooks import Change, HookMark
from couchmapper.typing import JSONObject

__all__ = ["HookWorker"]


class HookWorker:
    """Feeds one hook with the changes of its documents, each at least once and in order.

    The checkpoint moves after the function has returned. When it raises, the checkpoint stays before that
    change, so that the next run begins with it.
    """

    def __init__(self, hook: HookMark, follower: ChangesFollower, checkpoint: Checkpoint) -> None:
        self.hook = hook
        self._follower = follower
        self._checkpoint = checkpoint

    def run_until_idle(self) -> int:
        """Act on everything that has changed so far; return how many changes there were."""
        return sum(self.act(batch) for batch in self._follower.catch_up())

    def wait(self) -> Batch:
        """Wait for the next changes, without acting on them."""
        return self._follower.next_batch()

    def act(self, batch: Batch) -> int:
        """Call the hook for each change of a batch and note how far it came."""
        done: str | None = None
        try:
            for row in batch.rows:
                if not row.get("deleted"):
                    self.hook.function(_change(self.hook.model, row))
                done = row["seq"]
            done = batch.last_seq
        finally:
            if done is not None:
                self._checkpoint.write(done)
        return len(batch.rows)


def _change(model: type[Document], row: JSONObject) -> Change[Any]:
    document = mapper.load(model, row["doc"])
    return Change(id=row["id"], rev=row["changes"][0]["rev"], seq=row["seq"], document=document)
