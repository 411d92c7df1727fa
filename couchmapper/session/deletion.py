"""Deletes documents with all their branches, so that no loser comes back in the place of the winner."""

from collections.abc import Callable, Sequence
from typing import Final

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import CouchMapperError
from couchmapper.mapping.strategies import OnConflict
from couchmapper.session.attempts import landed
from couchmapper.session.leaves import is_tombstone, leaves
from couchmapper.session.resolution import Again, Outcome, Stored, resolve, unsettled
from couchmapper.session.sending import Sender
from couchmapper.session.unit_of_work import Write
from couchmapper.typing import JSONObject

__all__ = ["WholeDeletion"]

_MET: Final = "conflict"


@attrs.define
class WholeDeletion:
    """Writes a tombstone on every leaf that lives, all of them in one request.

    `instead` are the documents that the strategy decided to write and not to delete.
    """

    sender: Sender
    strategy: Callable[[Write], OnConflict]
    instead: list[Write] = attrs.field(factory=list, init=False)
    _seen: dict[str, set[str]] = attrs.field(factory=dict, init=False)

    def run(self, writes: Sequence[Write], *, is_last: bool = False) -> list[Write]:
        """Delete every branch there is now; return the writes of which it must be looked at again.

        A winner that the session has not read, and did not meet at the look before, is a conflict. The last
        time nothing is deleted any more, and what still lives is one as well.
        """
        found = self._leaves(writes)
        going = [write for write in writes if self._goes_on(write, found[write.id], is_last=is_last)]
        stones = [stone for write in going for stone in _tombstones(write, found[write.id])]
        for batch in self.sender.settlement.workspace.limits.batches(stones):
            self._send(batch)
        return [write for write in going if self.sender.settlement.tally.is_open(write.document)]

    def _leaves(self, writes: Sequence[Write]) -> dict[str, list[JSONObject]]:
        try:
            return leaves(self.sender.settlement.workspace.database, [write.id for write in writes])
        except CouchMapperError as error:
            raise (self.sender.lost or error) from error

    def _goes_on(self, write: Write, held: Sequence[JSONObject], *, is_last: bool) -> bool:
        """Tell whether there is something to delete; settle the document where there is not."""
        living = {leaf["_rev"] for leaf in held if not is_tombstone(leaf)}
        if not living:
            self.sender.settlement.settle(Stored(write, write.json, held[0]["_rev"] if held else ""))
        elif is_last:
            self.sender.settlement.settle(unsettled(write, held))
        elif self._is_known(write, living, held[0]["_rev"]):
            self._seen[write.id] = living
            return True
        else:
            return self._is_decided(write, held, living)
        return False

    def _is_known(self, write: Write, living: set[str], winner: str) -> bool:
        """Tell whether what is to be deleted was seen: by the session, later at the look before."""
        if write.id in self._seen:
            return winner in self._seen[write.id]
        return write.base is not None and write.base["_rev"] in living

    def _is_decided(self, write: Write, held: Sequence[JSONObject], living: set[str]) -> bool:
        """Let the strategy decide about somebody else's revision; tell whether it is deleted."""
        match self._outcome(write, held):
            case Again(again) if again.deleted:
                self._seen[write.id] = living
                return True
            case Again(again):
                self.instead.append(again)
            case outcome:
                self.sender.settlement.settle(outcome)
        return False

    def _outcome(self, write: Write, held: Sequence[JSONObject]) -> Outcome:
        attempts = self.sender.settlement.workspace.attempts.of(write.id)
        if landed(attempts, held) and not landed(attempts, held[:1]):
            return Again(write)  # a deletion of ours got no answer, and a loser came back in its place
        own = [one for one in attempts if one.made(held[0])]
        return resolve(write, held, attempts=own, strategy=self.strategy(write))

    def _send(self, stones: Sequence[Write]) -> None:
        """Send tombstones; one that meets another revision, or gets no answer, is looked at again."""
        try:
            results = self.sender.post(stones)
        except CouchMapperError as error:
            self.sender.endure(error)
            return
        for stone, result in zip(stones, results, strict=True):
            if result.get("error", _MET) != _MET:
                self.sender.refuse(stone, result)


def _tombstones(write: Write, held: Sequence[JSONObject]) -> list[Write]:
    stones = [
        {"_id": leaf["_id"], "_rev": leaf["_rev"], "_deleted": True}
        for leaf in held
        if not is_tombstone(leaf)
    ]
    return [attrs.evolve(write, json=stone, text=jsonio.dumps(stone)) for stone in stones]
