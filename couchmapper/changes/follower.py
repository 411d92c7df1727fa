"""Reads a changes feed in batches, from a sequence on."""

from collections.abc import Iterator
from typing import Literal

import attrs

from couchmapper.client.changes import Changes
from couchmapper.typing import JSONObject

__all__ = ["Batch", "ChangesFollower"]


@attrs.frozen(kw_only=True)
class Batch:
    """Some changes in order; `last_seq` also counts the changes that the filter left out."""

    rows: tuple[JSONObject, ...]
    last_seq: str


@attrs.define(kw_only=True)
class ChangesFollower:
    """Follows the changes of the documents that a selector matches, with their documents.

    `batch_size` is the most changes in one answer; `wait` is how many seconds a request waits for a change.
    """

    changes: Changes
    selector: JSONObject
    since: str
    batch_size: int = 200
    wait: float = 50.0

    def catch_up(self) -> Iterator[Batch]:
        """Yield what has changed since, up to now; ends when nothing is left."""
        while True:
            answer = self._read(feed="normal")
            yield self._batch(answer)
            if not answer["results"] or not answer.get("pending"):
                return

    def next_batch(self) -> Batch:
        """Wait for the next changes; an empty batch when there was none in `wait` seconds."""
        return self._batch(self._read(feed="longpoll"))

    def _read(self, *, feed: Literal["normal", "longpoll"]) -> JSONObject:
        return self.changes(
            since=self.since,
            feed=feed,
            limit=self.batch_size,
            timeout=int(self.wait * 1000) if feed == "longpoll" else None,
            include_docs=True,
            selector=self.selector,
        )

    def _batch(self, answer: JSONObject) -> Batch:
        self.since = answer["last_seq"]
        return Batch(rows=tuple(answer["results"]), last_seq=self.since)
