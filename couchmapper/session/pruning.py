"""Ends the branches of a document: what is to stay is written first, and only then do the others go.

A bulk write is not atomic: were the tombstones sent along with a result that the server then refuses, what
the losing branches hold would be gone without it.
"""

from collections.abc import Iterable, Sequence
from typing import Self

import attrs

from couchmapper.client.database import Database
from couchmapper.client.errors import failure
from couchmapper.client.failures import BulkFailed
from couchmapper.exceptions import DocumentConflict
from couchmapper.mapping.attachment_changes import AttachmentChanges
from couchmapper.session.attempts import Attempt
from couchmapper.session.delivery import send_with_attachments
from couchmapper.session.leaves import ancestry, is_tombstone, leaves
from couchmapper.session.results import REQUEST, confirmed
from couchmapper.typing import JSONObject

__all__ = ["LeafMoved", "Resolution", "end_branches", "write_result"]

_NO_CHANGES = AttachmentChanges()


@attrs.frozen(kw_only=True)
class Resolution:
    """What became of a stored conflict.

    `rev` is the revision that stays, None where none does; `ended` are the leaves whose branches are deleted
    now, `moved` those that somebody else changed since they were read: they are as they were left.
    """

    id: str
    rev: str | None
    ended: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()


class LeafMoved(DocumentConflict):
    """A leaf was changed since the conflict was read; `resolution` says what was done, and what was not."""

    advice = "read it again: database.conflicts(model).get(id)"

    def __init__(self, resolution: Resolution) -> None:
        moved = ", ".join(resolution.moved)
        super().__init__(f"{resolution.id!r}: somebody else changed the branch of revision {moved}")
        self.resolution = resolution

    def __reduce__(self) -> tuple[type[Self], tuple[Resolution]]:
        """Travel between processes with what was done."""
        return type(self), (self.resolution,)


def write_result(
    database: Database,
    result: JSONObject,
    *,
    changes: AttachmentChanges = _NO_CHANGES,
    earlier: Sequence[JSONObject] = (),
) -> str:
    """Store a document over the revision that it names and return the new one.

    `result` is the document as the server is to hold it, `changes` has the bytes of new attachments. One that
    is stored already, by a call whose answer was lost, counts as stored; where one of the `earlier` results
    was stored, this one goes on top of it. Raises `LeafMoved` when somebody else changed it, the server's
    error when it refuses.
    """
    told = _stored(database, result, changes)
    if "error" not in told:
        return str(told["rev"])
    if told["error"] != "conflict":
        raise failure(told, _place(result))
    found = leaves(database, [result["_id"]])[result["_id"]]
    made = _made(result, found)
    if made is not None:
        return made
    for leaf in found:
        if not is_tombstone(leaf) and any(Attempt.of(one, one).made(leaf) for one in earlier):
            return write_result(database, {**result, "_rev": leaf["_rev"]}, changes=changes)
    raise LeafMoved(Resolution(id=result["_id"], rev=None, moved=(result["_rev"],)))


def _stored(database: Database, result: JSONObject, changes: AttachmentChanges) -> JSONObject:
    """Send a result, large attachments beside it, and return what the server said of it."""
    written, beside = changes.written(result), changes.beside(result)
    if beside:
        return send_with_attachments(database, written, beside)[0]
    (told,) = _sent(database, [written])
    return told


def _made(result: JSONObject, found: Iterable[JSONObject]) -> str | None:
    """Return the revision that the server made of a result; None when it has not got it."""
    attempt = Attempt.of(result, result)
    for leaf in found:
        if attempt.made(leaf):
            return str(leaf["_rev"])
        if attempt.is_in(leaf):
            return attempt.revision
    return None


def end_branches(database: Database, id: str, revisions: Sequence[str], *, rev: str | None) -> Resolution:
    """Delete the branches that end with some leaves, in one request; `rev` is what stays of the document.

    A branch that was deleted already counts as ended. Raises `LeafMoved` when one has grown instead, and
    `BulkFailed` when the server refuses a deletion; the other branches are deleted all the same.
    """
    tombstones = [{"_id": id, "_rev": revision, "_deleted": True} for revision in revisions]
    results = _sent(database, tombstones) if tombstones else []
    clashed = [r for r, told in zip(revisions, results, strict=True) if told.get("error") == "conflict"]
    moved = _grown(database, id, clashed) if clashed else ()
    refused = [
        failure(told, _place(tombstone))
        for tombstone, told in zip(tombstones, results, strict=True)
        if "error" in told and (told["error"] != "conflict" or tombstone["_rev"] in moved)
    ]
    if len(refused) > len(moved):
        raise BulkFailed(refused, results)
    ended = tuple(revision for revision in revisions if revision not in moved)
    resolution = Resolution(id=id, rev=rev, ended=ended, moved=moved)
    if moved:
        raise LeafMoved(resolution)
    return resolution


def _sent(database: Database, documents: Sequence[JSONObject]) -> list[JSONObject]:
    """Send a bulk write and return its results; raises `InvalidAnswer` when they are not those."""
    results = database.bulk.docs.results(documents)
    return confirmed(results, [document["_id"] for document in documents])


def _grown(database: Database, id: str, revisions: Iterable[str]) -> tuple[str, ...]:
    """Return those revisions from which a living branch has grown on."""
    alive = {
        revision
        for leaf in leaves(database, [id])[id]
        if not is_tombstone(leaf)
        for revision in ancestry(leaf)
    }
    return tuple(revision for revision in revisions if revision in alive)


def _place(document: JSONObject) -> str:
    return f"{REQUEST}, {document['_id']!r} at revision {document['_rev']}"
