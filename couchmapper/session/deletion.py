"""Deletes documents with all their branches, so that no loser comes back in the place of the winner."""

from collections.abc import Iterable, Sequence

import attrs

from couchmapper.client.errors import failure
from couchmapper.session.leaves import is_tombstone, leaves
from couchmapper.session.resolution import Clashed, Stored, resolve
from couchmapper.session.settlement import Settlement
from couchmapper.session.unit_of_work import Write
from couchmapper.typing import JSONObject

__all__ = ["WholeDeletion"]


@attrs.define
class WholeDeletion:
    """Writes a tombstone on every leaf that lives, all of them in one request."""

    settlement: Settlement
    _begun: set[str] = attrs.field(factory=set, init=False)

    def run(self, writes: Sequence[Write]) -> list[Write]:
        """Delete every branch there is now; return the writes of which it must be looked at again.

        A winner that somebody else wrote after the session read it is a conflict, at the first look.
        """
        database = self.settlement.workspace.database
        found = leaves(database, [write.id for write in writes])
        left = [write for write in writes if self._goes_on(write, found[write.id])]
        tombstones = [stone for write in left for stone in _tombstones(found[write.id])]
        self._begun.update(write.id for write in left)
        if tombstones:
            self._check(left, database.bulk.docs.results(tombstones))
        return [write for write in left if self.settlement.tally.is_open(write.document)]

    def _goes_on(self, write: Write, held: Sequence[JSONObject]) -> bool:
        """Tell whether there is something to delete; settle the document where there is not."""
        if not _tombstones(held):
            self.settlement.settle(Stored(write, write.json, held[0]["_rev"] if held else ""))
            return False
        was_read = write.base is not None and write.base["_rev"] in [leaf["_rev"] for leaf in held]
        if was_read or write.id in self._begun or write.id in self.settlement.workspace.attempts:
            return True
        outcome = resolve(write, held, attempts=(), strategy="raise")
        if isinstance(outcome, Clashed):
            self.settlement.settle(outcome)
        return not isinstance(outcome, Clashed)

    def _check(self, writes: Sequence[Write], results: Iterable[JSONObject]) -> None:
        """Reject what the server refuses; another writer's revision is deleted at the next look."""
        refused = {one["id"]: one for one in results if one.get("error", "conflict") != "conflict"}
        for write in writes:
            if write.id in refused:
                error = failure(refused[write.id], f"POST /{{db}}/_bulk_docs, {write.id!r}")
                self.settlement.tally.reject(write, error)


def _tombstones(held: Sequence[JSONObject]) -> list[JSONObject]:
    return [
        {"_id": leaf["_id"], "_rev": leaf["_rev"], "_deleted": True}
        for leaf in held
        if not is_tombstone(leaf)
    ]
