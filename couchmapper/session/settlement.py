"""Gives documents the state that the server has for them, and notes what became of each."""

import attrs

from couchmapper.exceptions import MappingError
from couchmapper.mapping import mapper
from couchmapper.mapping.attachment_changes import forget_sent
from couchmapper.session.attempts import says_the_same
from couchmapper.session.conflicts import Conflict
from couchmapper.session.resolution import Clashed, Stored, Yielded
from couchmapper.session.tally import Tally
from couchmapper.session.tombstones import bury
from couchmapper.session.unit_of_work import Write
from couchmapper.session.workspace import Workspace
from couchmapper.typing import JSONObject

__all__ = ["Settlement"]


@attrs.frozen
class Settlement:
    """Settles the writes to one database, each as soon as it is known what became of it."""

    workspace: Workspace
    tally: Tally

    def settle(self, outcome: Stored | Yielded | Clashed) -> None:
        """Let an outcome take effect."""
        match outcome:
            case Stored(write, json, revision):
                self.store(write, json, revision)
            case Yielded(write, theirs):
                self._yield(write, theirs)
            case Clashed(write, conflict):
                self._clash(write, conflict)

    def store(self, write: Write, json: JSONObject, revision: str) -> None:
        """Give a document the state that the server has for it now: `json` at `revision`."""
        document, tally = write.document, self.tally
        if "_rev" not in json and not revision.startswith("1-") and not json.get("_deleted"):
            tally.resurrected.append(document)  # it came to lie on a tombstone
        if json is write.mine and json is not write.base and write.attachments is None:  # nearly all of them
            mapper.refresh(document, json)
            json["_rev"] = revision  # it was made for this write alone
            tally.saved.append(document)
            tally.close(write)
            self.workspace.keep(document, write.id)
            return
        if json.get("_deleted") is True:
            bury(document, revision or None)
            tally.deleted.append(document)
        elif says_the_same(json, write.mine):
            mapper.refresh(document, write.held(json, revision))
            if write.attachments is not None:
                forget_sent(document, write.attachments, json)
            tally.saved.append(document)
        else:
            mapper.restore(document, write.held(json, revision))
            tally.merged.append(document)
        self._close(write)

    def _yield(self, write: Write, theirs: JSONObject | None) -> None:
        """Let somebody else's version take the place of ours."""
        try:
            if theirs is None:
                bury(write.document, None)
            else:
                mapper.restore(write.document, theirs)
        except MappingError as error:
            self.tally.reject(write, error)
            return
        self.tally.yielded.append(write.document)
        self._close(write)

    def _clash(self, write: Write, conflict: Conflict) -> None:
        self.tally.conflicts.append(conflict)
        self.tally.close(write)

    def _close(self, write: Write) -> None:
        self.tally.close(write)
        self.workspace.settle(write.document, write.id)
