"""Documents as readers see them: stored bodies become JSON text again without being parsed."""

import sqlite3
from collections.abc import Sequence

import attrs

from couchmapper import jsonio
from couchmapper.embedded.engine import tree as trees
from couchmapper.embedded.engine.tree import RevisionTree
from couchmapper.embedded.storage import bodies
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.revisions import parse_revision
from couchmapper.typing import JSONObject

__all__ = ["NOTHING", "Shown", "document_text", "open_revisions", "revision_text", "winner_text"]


@attrs.frozen(kw_only=True)
class Shown:
    """Which special members a reader asks for beside `_id`, `_rev` and `_deleted`."""

    revisions: bool = False
    revisions_info: bool = False
    conflicts: bool = False
    deleted_conflicts: bool = False
    local_seq: bool = False


NOTHING = Shown()
"""Only the three that every reader sees."""


def document_text(
    document_id: str, rev: str, content: bytes, *, deleted: bool = False, special: JSONObject | None = None
) -> bytes:
    """Write a document: `content` is its body as stored, `special` stands at the end."""
    parts = [b'{"_id":', jsonio.dumps(document_id), b',"_rev":', jsonio.dumps(rev)]
    if content != b"{}":
        parts += (b",", content[1:-1])
    if deleted:
        parts.append(b',"_deleted":true')
    if special:
        parts += (b",", jsonio.dumps(special)[1:-1])
    parts.append(b"}")
    return b"".join(parts)


def winner_text(row: DocumentRow, shown: Shown = NOTHING) -> bytes:
    """Write a document at its winning revision; the row holds the body, and the tree if anything is shown."""
    special = None if shown == NOTHING else _special(row, shown)
    return document_text(row.id, row.rev, row.content, deleted=row.deleted, special=special)


def revision_text(
    connection: sqlite3.Connection,
    document_id: str,
    tree: RevisionTree,
    rev: str,
    *,
    revisions: bool = False,
) -> bytes | None:
    """Write a document at any revision; None when its body is not stored."""
    node = tree.nodes.get(rev)
    if node is None or node.body is None:
        return None
    content = bodies.read(connection, node.body)
    special = {"_revisions": _revisions(tree, rev)} if revisions else None
    return document_text(document_id, rev, content, deleted=node.deleted, special=special)


def open_revisions(
    connection: sqlite3.Connection,
    row: DocumentRow | None,
    wanted: Sequence[str] | None,
    *,
    latest: bool = False,
    revisions: bool = False,
) -> list[tuple[str, bytes | None]]:
    """Write a document at each wanted revision, or with None at each leaf, the oldest first.

    `latest` takes the leaves below a revision in its place. Those without a body stand at the end, with None.
    """
    tree = trees.EMPTY if row is None else trees.decode(row.tree)
    chosen = trees.leaves(tree) if wanted is None else wanted
    if latest:
        below = [trees.latest(tree, rev) if rev in tree.nodes else [rev] for rev in chosen]
        chosen = list(dict.fromkeys(rev for some in below for rev in some))
    found = [
        (rev, None if row is None else revision_text(connection, row.id, tree, rev, revisions=revisions))
        for rev in trees.oldest_first(chosen)
    ]
    return sorted(found, key=lambda one: one[1] is None)


def _revisions(tree: RevisionTree, rev: str) -> JSONObject:
    """Return `_revisions`: the generation of a revision, and the digests back to the first that is known."""
    path = [parse_revision(revision) for revision in trees.ancestry(tree, rev)]
    return {"start": path[0][0], "ids": [digest for _, digest in path]}


def _special(row: DocumentRow, shown: Shown) -> JSONObject:
    """Return the special members of the winning revision, in CouchDB's order."""
    tree = trees.decode(row.tree)
    found: JSONObject = {}
    if shown.revisions:
        found["_revisions"] = _revisions(tree, row.rev)
    if shown.revisions_info:
        found["_revs_info"] = [
            {"rev": revision, "status": trees.status(tree.nodes[revision])}
            for revision in trees.ancestry(tree, row.rev)
        ]
    if shown.conflicts and (alive := trees.conflicts(tree)):
        found["_conflicts"] = alive
    if shown.deleted_conflicts and (dead := trees.conflicts(tree, deleted=True)):
        found["_deleted_conflicts"] = dead
    if shown.local_seq:
        found["_local_seq"] = row.seq
    return found
