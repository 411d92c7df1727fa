"""A conflict as a value: what was read, what was to be written, and what somebody else wrote meanwhile."""

from collections.abc import Sequence
from typing import Self

import attrs

from couchmapper.exceptions import DocumentConflict
from couchmapper.mapping.document import Document
from couchmapper.session.merge import Clash
from couchmapper.typing import JSONObject

__all__ = ["Conflict", "ConflictError"]


@attrs.frozen(kw_only=True)
class Conflict:
    """Two changes of one document that do not know of each other, as JSON objects.

    `base` is what this session had read (None for a new document), `mine` what it wanted to write (None to
    delete it), `theirs` what the server holds now (None when it is deleted there). `document` is the object
    in the session, unchanged and still to be saved. `clashes` are the places that both sides changed, each to
    another value: none when one of them deleted the document, or when fields could be merged. `reason` says
    why the strategy that was chosen did not settle it, if one was.
    """

    document: Document
    base: JSONObject | None = attrs.field(repr=False)
    mine: JSONObject | None = attrs.field(repr=False)
    theirs: JSONObject | None = attrs.field(repr=False)
    clashes: Sequence[Clash] = attrs.field(default=(), repr=False)
    reason: str = ""


class ConflictError(DocumentConflict):
    """A document of a commit was changed by somebody else; `conflict` holds the three versions."""

    advice = "see .conflict"

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(f"{conflict.document.id!r}: somebody else {_told(conflict)}")
        self.conflict = conflict

    def __reduce__(self) -> tuple[type[Self], tuple[Conflict]]:
        """Travel between processes with the conflict."""
        return type(self), (self.conflict,)


def _told(conflict: Conflict) -> str:
    reason = f" ({conflict.reason})" if conflict.reason else ""
    if conflict.theirs is None:
        return (
            f"deleted it{reason}; session.delete(document) agrees, and added again after that it is made anew"
        )
    places = ", ".join(clash.path for clash in conflict.clashes[:5])
    where = f", both sides changed {places}" if places else ""
    return (
        f"saved revision {conflict.theirs['_rev']}{where}{reason}; session.refresh(document) takes that, to"
        " change it again"
    )
