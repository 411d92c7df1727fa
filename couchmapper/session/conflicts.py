"""A conflict as a value: what was read, what was to be written, and what somebody else wrote meanwhile."""

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

    advice = "see .conflict; session.refresh(document) takes theirs and drops mine"

    def __init__(self, conflict: Conflict) -> None:
        held = "deleted it" if conflict.theirs is None else f"saved revision {conflict.theirs['_rev']}"
        super().__init__(f"{conflict.document.id!r}: somebody else {held}")
        self.conflict = conflict
