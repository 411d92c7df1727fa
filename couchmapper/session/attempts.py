"""Writes that got no answer: what the server made of them is found out by the revision they would have."""

from collections.abc import Sequence

import attrs

from couchmapper.jsonio import same
from couchmapper.revisions import edit_revision
from couchmapper.session.delivery import same_attachments
from couchmapper.session.leaves import ancestry, is_tombstone
from couchmapper.typing import JSONObject

__all__ = ["Attempt", "Attempts", "content", "landed", "says_the_same"]


@attrs.frozen(kw_only=True)
class Attempt:
    """A document as it was sent, and what the session had then: the two differ when it was merged.

    `mine` is None for a deletion. `revision` is what storing it makes, None when that cannot be told.
    """

    json: JSONObject
    mine: JSONObject | None
    revision: str | None

    @classmethod
    def of(cls, json: JSONObject, mine: JSONObject | None) -> "Attempt":
        """Note a document that was sent."""
        return cls(json=json, mine=mine, revision=edit_revision(json))

    def is_in(self, leaf: JSONObject) -> bool:
        """Tell whether this write made a leaf, or one of the revisions before it."""
        return self.made(leaf) or self.revision in ancestry(leaf)

    def made(self, leaf: JSONObject) -> bool:
        """Tell whether this write made a leaf: by its revision, or by its content and the one before it.

        The second is for a server that makes its revisions by another rule, and for a new document, which
        may have come to lie on a tombstone.
        """
        if leaf["_rev"] == self.revision:
            return True
        parent = self.json.get("_rev")
        return (
            (parent is None or ancestry(leaf)[1:2] == (parent,))
            and is_tombstone(leaf) == is_tombstone(self.json)
            and same(content(leaf), content(self.json))
            and same_attachments(self.json, leaf)
        )

    def is_still(self, mine: JSONObject | None) -> bool:
        """Tell whether the session has now what it had when it sent this."""
        return says_the_same(mine, self.mine)


class Attempts:
    """What a session has sent, by document, without learning what became of it."""

    def __init__(self) -> None:
        self._sent: dict[str, list[Attempt]] = {}

    def __len__(self) -> int:
        return len(self._sent)

    def __contains__(self, document_id: object) -> bool:
        """Tell whether a write of this document is without an answer."""
        return document_id in self._sent

    def note(self, document_id: str, json: JSONObject, mine: JSONObject | None) -> None:
        """Note a write that was sent; the server may or may not have it."""
        self._sent.setdefault(document_id, []).append(Attempt.of(json, mine))

    def of(self, document_id: str) -> Sequence[Attempt]:
        """Return the writes of a document that are without an answer, the last one first."""
        return self._sent.get(document_id, [])[::-1]

    def forget(self, document_id: str) -> None:
        """Forget the attempts of a document, since what the server holds is known."""
        self._sent.pop(document_id, None)

    def clear(self) -> None:
        """Forget all attempts."""
        self._sent.clear()


def landed(attempts: Sequence[Attempt], leaves: Sequence[JSONObject]) -> Attempt | None:
    """Return the attempt that the server has: of several on one leaf the last, of leaves the first."""
    return next((one for leaf in leaves for one in attempts if one.is_in(leaf)), None)


def says_the_same(one: JSONObject | None, other: JSONObject | None) -> bool:
    """Tell whether two versions differ in their revision at most; None is a deletion."""
    if one is None or other is None:
        return one is other
    return one is other or same(_unrevised(one), _unrevised(other))


def _unrevised(json: JSONObject) -> JSONObject:
    return {name: value for name, value in json.items() if name != "_rev"}


def content(json: JSONObject) -> JSONObject:
    """Return what a document says, without its id, its revision and what belongs to these."""
    return {name: value for name, value in json.items() if not name.startswith("_")}
