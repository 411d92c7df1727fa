"""A conflict as a value: what was read, what was to be written, and what somebody else wrote meanwhile."""

from typing import Self

import attrs

from couchmapper.exceptions import DocumentConflict
from couchmapper.mapping.document import Document
from couchmapper.typing import JSONObject

__all__ = ["Conflict", "ConflictError"]


@attrs.frozen(kw_only=True)
class Conflict:
    """Two changes of one document that do not know of each other, as JSON objects.

    `base` is what this session had read (None for a new document), `mine` what it wanted to write (None to
    delete it), `theirs` what the server holds now (None when it is deleted there). `document` is the object
    in the session, unchanged and still to be saved.
    """

    document: Document
    base: JSONObject | None = attrs.field(repr=False)
    mine: JSONObject | None = attrs.field(repr=False)
    theirs: JSONObject | None = attrs.field(repr=False)


class ConflictError(DocumentConflict):
    """A document of a commit was changed by somebody else; `conflict` holds the three versions."""

    advice = "see .conflict"

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(f"{conflict.document.id!r}: somebody else {_told(conflict.theirs)}")
        self.conflict = conflict

    def __reduce__(self) -> tuple[type[Self], tuple[Conflict]]:
        """Travel between processes with the conflict."""
        return type(self), (self.conflict,)


def _told(theirs: JSONObject | None) -> str:
    if theirs is None:
        return "deleted it; session.delete(document) agrees, and added again after that it is made anew"
    return f"saved revision {theirs['_rev']}; session.refresh(document) takes that, to change it again"
