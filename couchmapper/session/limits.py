"""How much goes into one request: what was decided, and what the server taught."""

from collections.abc import Iterator, Sequence

import attrs

from couchmapper.session.unit_of_work import Write

__all__ = ["Limits"]

_ENVELOPE = len(b'{"docs":[]}')


@attrs.define
class Limits:
    """The most documents, and bytes, that a database is sent at once; shared by its sessions.

    A server with a lower limit of its own says so with 413, and is not asked to take as much again.
    """

    documents: int = 500
    size: int = 8_000_000

    def batches(self, writes: Sequence[Write]) -> Iterator[Sequence[Write]]:
        """Yield the writes in groups within the limits as they are then; a larger one stays alone."""
        start = 0
        while start < len(writes):
            end, total = start + 1, _ENVELOPE + len(writes[start].text)
            while end < len(writes) and end - start < self.documents:
                total += len(writes[end].text) + 1
                if total > self.size:
                    break
                end += 1
            yield writes[start:end]
            start = end

    def learn(self, refused: Sequence[Write]) -> None:
        """Note that these were too large together, so that half of it is the most from now on."""
        total = sum(len(write.text) + 1 for write in refused)
        self.size = min(self.size, _ENVELOPE + total // 2)
