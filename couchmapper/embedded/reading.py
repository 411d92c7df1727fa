"""Documents as readers see them: stored bodies become JSON text again without being parsed."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import attrs

from couchmapper import jsonio
from couchmapper.embedded.attachment_texts import STUBS, AttachmentsShown, newer_generation
from couchmapper.embedded.engine import tree as trees
from couchmapper.embedded.engine.tree import RevisionTree
from couchmapper.embedded.storage import bodies
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.multipart import PartToSend
from couchmapper.revisions import parse_revision
from couchmapper.typing import JSONObject

__all__ = [
    "NOTHING",
    "OpenRevision",
    "Shown",
    "document_text",
    "open_revision",
    "open_revisions",
    "revision_text",
    "winner_text",
]


@attrs.frozen(kw_only=True)
class Shown:
    """Which special members a reader asks for beside `_id`, `_rev` and `_deleted`."""

    revisions: bool = False
    revisions_info: bool = False
    conflicts: bool = False
    deleted_conflicts: bool = False
    local_seq: bool = False
    attachments: AttachmentsShown = STUBS

    @property
    def of_tree(self) -> bool:
        """Whether the revision tree is looked at."""
        return (
            self.revisions
            or self.revisions_info
            or self.conflicts
            or self.deleted_conflicts
            or self.local_seq
        )


NOTHING = Shown()
"""Only those that every reader sees: the three, and the stubs of attachments."""


class OpenRevision(NamedTuple):
    """A revision that was asked for: its document as text, None when it is not there, and what follows it."""

    rev: str
    text: bytes | None
    parts: tuple[PartToSend, ...] = ()


def document_text(  # noqa: PLR0913  (what a document consists of)
    document_id: str,
    rev: str,
    content: bytes,
    *,
    deleted: bool = False,
    special: JSONObject | None = None,
    attachments: bytes | None = None,
) -> bytes:
    """Write a document: `content` is its body as stored, `special` and `attachments` stand at the end."""
    parts = [b'{"_id":', jsonio.dumps(document_id), b',"_rev":', jsonio.dumps(rev)]
    if content != b"{}":
        parts += (b",", content[1:-1])
    if deleted:
        parts.append(b',"_deleted":true')
    if special:
        parts += (b",", jsonio.dumps(special)[1:-1])
    if attachments is not None:
        parts += (b',"_attachments":', attachments)
    parts.append(b"}")
    return b"".join(parts)


def winner_text(row: DocumentRow, shown: Shown = NOTHING) -> bytes:
    """Write a document at its winning revision; the row holds the body, and the tree if that is shown."""
    special = _special(row, shown) if shown is not NOTHING and shown.of_tree else None
    attached = None if row.attachments is None else shown.attachments.text(row.attachments)
    return document_text(
        row.id, row.rev, row.content, deleted=row.deleted, special=special, attachments=attached
    )


def revision_text(  # noqa: PLR0913  (which revision, and what is shown of it)
    connection: sqlite3.Connection,
    document_id: str,
    tree: RevisionTree,
    rev: str,
    *,
    revisions: bool = False,
    attachments: AttachmentsShown = STUBS,
) -> bytes | None:
    """Write a document at any revision; None when its body is not stored."""
    return open_revision(
        connection, document_id, tree, rev, revisions=revisions, attachments=attachments
    ).text


def open_revision(  # noqa: PLR0913  (which revision, and what is shown of it)
    connection: sqlite3.Connection,
    document_id: str,
    tree: RevisionTree,
    rev: str,
    *,
    revisions: bool = False,
    attachments: AttachmentsShown = STUBS,
) -> OpenRevision:
    """Read a document at any revision, with the parts that follow it."""
    node = tree.nodes.get(rev)
    if node is None or node.body is None:
        return OpenRevision(rev, None)
    content, stored = bodies.read(connection, node.body)
    text = document_text(
        document_id,
        rev,
        content,
        deleted=node.deleted,
        special={"_revisions": _revisions(tree, rev)} if revisions else None,
        attachments=None if stored is None else attachments.text(stored),
    )
    return OpenRevision(rev, text, attachments.parts(stored))


def open_revisions(  # noqa: PLR0913  (which revisions, and what is shown of them)
    connection: sqlite3.Connection,
    row: DocumentRow | None,
    wanted: Sequence[str] | None,
    *,
    latest: bool = False,
    revisions: bool = False,
    attachments: AttachmentsShown = STUBS,
    since: Sequence[str] = (),
) -> list[OpenRevision]:
    """Read a document at each wanted revision, or with None at each leaf, the oldest first.

    `latest` takes the leaves below a revision in its place. Attachments that a reader has who has the
    revisions `since` are stubs. Those without a body stand at the end, without a text.
    """
    tree = trees.EMPTY if row is None else trees.decode(row.tree)
    chosen = trees.leaves(tree) if wanted is None else wanted
    if latest:
        below = [trees.latest(tree, rev) if rev in tree.nodes else [rev] for rev in chosen]
        chosen = list(dict.fromkeys(rev for some in below for rev in some))

    def opened(rev: str) -> OpenRevision:
        if row is None or rev not in tree.nodes:
            return OpenRevision(rev, None)
        newer = newer_generation(tree, rev, since) if since else -1
        shown = attachments if newer < 0 else attrs.evolve(attachments, newer_than=newer)
        return open_revision(connection, row.id, tree, rev, revisions=revisions, attachments=shown)

    return sorted(map(opened, trees.oldest_first(chosen)), key=lambda found: found.text is None)


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
