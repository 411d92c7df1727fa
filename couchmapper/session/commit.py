"""One commit: writes are sent, and what did not go through is looked up and decided."""

import random
import time
from collections.abc import Callable, Sequence
from itertools import chain, count

import attrs

from couchmapper.exceptions import CouchMapperError
from couchmapper.mapping.strategies import OnConflict
from couchmapper.session.backoff import Backoff
from couchmapper.session.deletion import WholeDeletion
from couchmapper.session.leaves import leaves
from couchmapper.session.precedence import Precedence
from couchmapper.session.report import CommitReport
from couchmapper.session.resolution import Again, resolve, unsettled
from couchmapper.session.sending import Sender
from couchmapper.session.settlement import Settlement
from couchmapper.session.tally import Tally
from couchmapper.session.unit_of_work import Plan, Write
from couchmapper.session.workspace import Workspace
from couchmapper.typing import JSONObject

__all__ = ["Commit", "Pacing"]


@attrs.frozen(kw_only=True)
class Pacing:
    """How a session repeats: after which pauses, and by which clock and chance."""

    backoff: Backoff = attrs.field(factory=Backoff)
    sleep: Callable[[float], object] = time.sleep
    random: Callable[[], float] = random.random

    def wait(self, number: int) -> None:
        """Wait before repetition `number`."""
        self.sleep(self.backoff.pause(number, self.random()))


@attrs.frozen
class Commit:
    """Writes what waits in all databases of a session, in the order that was asked for."""

    precedence: Precedence
    strategy: Callable[[Write], OnConflict]
    pacing: Pacing

    def run(self, plans: Sequence[tuple[Workspace, Plan]]) -> tuple[CommitReport, CouchMapperError | None]:
        """Write everything, or nothing when a document does not fit its model; return what ended it early.

        Raises `SessionError` before anything is sent when the order asked for is a circle.
        """
        writes = list(chain.from_iterable(plan.writes for _, plan in plans))
        waves, tally = self.precedence.waves(writes), Tally()
        tally.open(writes)
        for workspace, plan in plans:
            if workspace.attempts:
                tally.unheard.update(id(one.document) for one in plan.writes if one.id in workspace.attempts)
        tally.rejected += chain.from_iterable(plan.rejected for _, plan in plans)
        if tally.rejected:
            return tally.report(), None
        try:
            for wave in waves:
                for workspace, plan in plans:
                    ready = plan.writes if wave is writes else self._ready(plan, wave, tally)
                    DatabaseCommit(Settlement(workspace, tally), self.strategy, self.pacing).run(ready)
        except CouchMapperError as error:
            return tally.report(), error
        return tally.report(), None

    def _ready(self, plan: Plan, wave: Sequence[Write], tally: Tally) -> Sequence[Write]:
        """Return the writes of a wave to one database before which everything is done."""
        chosen = frozenset(wave)
        return [
            write
            for write in plan.writes
            if write in chosen and not any(map(tally.is_left, self.precedence.before(write.document)))
        ]


@attrs.frozen
class DatabaseCommit:
    """The writes to one database on their way: a document changes its state only when the server answered.

    What the server refused because of another revision, and what got no answer, is looked up: it is saved
    already, sent again, or a conflict, as `strategy` says for its write.
    """

    settlement: Settlement
    strategy: Callable[[Write], OnConflict]
    pacing: Pacing

    def run(self, writes: Sequence[Write]) -> None:
        """Write everything; raises what ends the commit, when nothing more can be sent."""
        sender, attempts = Sender(self.settlement), self.settlement.workspace.attempts
        whole = [write for write in writes if write.whole]
        single = [write for write in writes if not write.whole]
        unsure = [write for write in single if write.id in attempts] if attempts else []
        waiting = [write for write in single if write.id not in attempts] if attempts else single
        waiting += self._delete(sender, whole)
        waiting += self._look_up(sender, unsure)
        waiting = sender.send(waiting)
        for number in count(1):
            if not waiting:
                return
            waiting = self._repeat(sender, waiting, number)

    def _repeat(self, sender: Sender, writes: Sequence[Write], number: int) -> list[Write]:
        """Look up and send again, in smaller steps each time; return what still met another revision.

        The fewer are looked up and sent at once, the less time is between, and the fewer writers are faster.
        """
        is_last = number >= self.pacing.backoff.limit
        if not is_last:
            self.pacing.wait(number)
        most, left = self.settlement.workspace.limits.documents, []
        step = max(1, min(most, len(writes) >> (number - 1)))
        for start in range(0, len(writes), step):
            left += sender.send(self._look_up(sender, writes[start : start + step], is_last=is_last))
        return left

    def _delete(self, sender: Sender, writes: Sequence[Write]) -> list[Write]:
        """Delete documents with all their branches; return what is to be written instead."""
        deletion, left = WholeDeletion(sender, self.strategy), list(writes)
        for number in count(1):
            if not left:
                break
            left = deletion.run(left, is_last=number > self.pacing.backoff.limit)
            if left and number > 1:
                self.pacing.wait(number)
        return deletion.instead

    def _look_up(self, sender: Sender, writes: Sequence[Write], *, is_last: bool = False) -> list[Write]:
        """Read what the server holds of some documents and settle them; return those to be sent."""
        workspace = self.settlement.workspace
        found: dict[str, list[JSONObject]] = {}
        again: list[Write] = []
        for place, write in enumerate(writes):
            if write.id not in found:
                found = self._leaves(sender, writes[place : place + workspace.limits.documents])
            held, attempts = found[write.id], workspace.attempts.of(write.id)
            outcome = resolve(write, held, attempts=attempts, strategy=self.strategy(write))
            if not isinstance(outcome, Again):
                self.settlement.settle(outcome)
            elif is_last:
                self.settlement.settle(unsettled(outcome.write, held))
            else:
                again.append(outcome.write)
        return again

    def _leaves(self, sender: Sender, writes: Sequence[Write]) -> dict[str, list[JSONObject]]:
        """Read what the server holds; where it cannot be asked, the answer that was lost is the reason.

        Only a write without an answer is looked for among the revisions that led to a leaf.
        """
        workspace = self.settlement.workspace
        ids = [write.id for write in writes]
        try:
            return leaves(workspace.database, ids, revisions=any(one in workspace.attempts for one in ids))
        except CouchMapperError as error:
            raise (sender.lost or error) from error
