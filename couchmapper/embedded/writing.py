"""Storing the edits of one request: all in one transaction, each document with one sequence number."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence

import attrs

from couchmapper import jsonio
from couchmapper.embedded.checks import CHECKS
from couchmapper.embedded.engine import tree as trees
from couchmapper.embedded.engine.attachments import StoredAttachment, decode, digest_of, encode
from couchmapper.embedded.engine.attachments_given import NewAttachment, resolve
from couchmapper.embedded.engine.edits import Edit
from couchmapper.embedded.engine.partitions import check_partitioned_id
from couchmapper.embedded.engine.tree import RevisionTree
from couchmapper.embedded.storage import attachments, bodies, databases, documents, local
from couchmapper.embedded.storage.bodies import Body
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.embedded.validation import Validations
from couchmapper.exceptions import BadRequest, PreconditionFailed, ResponseError, TooLarge
from couchmapper.revisions import parse_revision, revision_id

__all__ = ["Outcome", "save_edits", "save_replicated"]

_REVISIONS_LIMIT = 1000
_LARGEST_BODY = 8_000_000
_LARGEST_ATTACHMENT = 999_000_000  # SQLite's rows end at 10⁹ bytes, CouchDB's attachments at 2³⁰


@attrs.frozen
class Outcome:
    """What became of an edit: `rev` is the revision that it made, or with an `error` the one it named."""

    id: str
    rev: str
    error: ResponseError | None = None


@attrs.define
class _State:
    """A document between the first and the last edit of a request."""

    before: DocumentRow | None
    stored: RevisionTree
    tree: RevisionTree


class _Writing:
    """The edits of a request on their way into the tables."""

    def __init__(self, connection: sqlite3.Connection, database: DatabaseRow, ids: Iterable[str]) -> None:
        self._connection = connection
        self._database = database
        self._next_body = bodies.next_number(connection)
        self._bodies: dict[int, Body] = {}
        self._size = 0
        self._known = documents.find_many(connection, database.number, sorted(set(ids)), tree=True)
        self._states: dict[str, _State] = {}
        self._validations = Validations(connection, database)

    def edit(self, document_id: str, edit: Edit) -> str:
        """Add a revision by the rules for people who edit; returns its id."""
        state = self._state(document_id)
        named = edit.path[0] if edit.path else None
        parent = trees.parent_of_edit(state.tree, named, deleted=edit.deleted)
        # CouchDB counts from what is named, also for a document that is made anew from its tombstone. Of the
        # attachments of such a one it hashes nothing, so that different ones make one revision: not so here.
        generation = (0 if named is None else parse_revision(named)[0]) + 1 if edit.attachments else 0
        attached = self._resolve(document_id, state, edit, edit.path[:1], generation)
        made = revision_id(
            edit.body,
            parent=parent,
            deleted=edit.deleted,
            attachments=[attachment.hashed for attachment in attached],
        )
        before = edit.path or (() if parent is None else (parent,))
        self._graft(document_id, state, (made, *before), edit, attached, named=before)
        return made

    def merge(self, document_id: str, edit: Edit) -> str:
        """Add the revisions that were made elsewhere, as they are; returns the newest."""
        state = self._state(document_id)
        node = state.tree.nodes.get(edit.path[0])
        attached: tuple[StoredAttachment, ...] = ()
        if node is None or node.body is None:  # what is stored is not looked at again
            attached = self._resolve(document_id, state, edit, edit.path[1:], None)
        self._graft(document_id, state, edit.path, edit, attached, named=edit.path)
        return edit.path[0]

    def local(self, document_id: str, edit: Edit) -> str:
        """Store a local document: it has no tree, and its revision only counts."""
        generation, count = parse_revision(edit.path[0] if edit.path else "0-0")
        if generation != 0 or not count.isdecimal():
            raise BadRequest("Invalid rev format")
        if edit.attachments:
            raise BadRequest("_local documents do not accept attachments.")
        if edit.deleted:
            local.delete(self._connection, self._database.number, document_id)
            return "0-0"
        revision = int(count) + 1
        content = _text(document_id, edit)
        local.save(self._connection, self._database.number, document_id, revision=revision, content=content)
        return f"0-{revision}"

    def finish(self) -> None:
        """Write the bodies, the documents in the order of their ids, and the counters."""
        changed = [
            (document_id, state)
            for document_id, state in sorted(self._states.items())
            if state.tree is not state.stored
        ]
        if not changed:
            return
        first = self._database.update_seq + 1
        rows = [_row(document_id, state, seq) for seq, (document_id, state) in enumerate(changed, first)]
        self._flush()
        documents.save(self._connection, self._database.number, rows)
        befores = [state.before for _, state in changed]
        databases.count(
            self._connection,
            self._database.number,
            update_seq=rows[-1].seq,
            documents=_count(rows, deleted=False) - _count(befores, deleted=False),
            deleted=_count(rows, deleted=True) - _count(befores, deleted=True),
            size=self._size,
        )

    def _state(self, document_id: str) -> _State:
        found = self._states.get(document_id)
        if found is None:
            before = self._known.get(document_id)
            stored = trees.EMPTY if before is None else trees.decode(before.tree)
            found = self._states[document_id] = _State(before, stored, stored)
        elif found.tree is not found.stored:
            self._flush()  # what the request has made of this document is read by what it makes now
        return found

    def _resolve(
        self,
        document_id: str,
        state: _State,
        edit: Edit,
        before: Iterable[str],
        generation: int | None,
    ) -> tuple[StoredAttachment, ...]:
        """Return the attachments that an edit makes; it keeps those of the first stored one of `before`."""
        if not edit.attachments:
            return ()
        nodes = (state.tree.nodes.get(revision) for revision in before)
        number = next((node.body for node in nodes if node is not None and node.body is not None), None)
        kept = None if number is None else bodies.read(self._connection, number).attachments
        return resolve(document_id, edit.attachments, decode(kept), generation=generation)

    def _graft(  # noqa: PLR0913  (an edit with what was found out about it)
        self,
        document_id: str,
        state: _State,
        path: Sequence[str],
        edit: Edit,
        attached: Sequence[StoredAttachment],
        *,
        named: Sequence[str],
    ) -> None:
        known = state.tree.nodes.get(path[0])
        if known is None or known.body is None:
            for check in CHECKS:
                check(self._connection, self._database, document_id, edit)
            self._validations.check(document_id, edit, attached, state.tree, named)
            body = Body(_text(document_id, edit), encode(attached) if attached else None)
            if attached:
                self._keep(edit)
            self._bodies[self._next_body] = body
        grown = trees.graft(state.tree, path, deleted=edit.deleted, body=self._next_body)
        state.tree = trees.stem(grown, _REVISIONS_LIMIT)
        self._next_body += 1

    def _keep(self, edit: Edit) -> None:
        """Store the bytes that came with an edit."""
        for one in edit.attachments:
            if not isinstance(one, NewAttachment):
                continue
            if len(one.content) > _LARGEST_ATTACHMENT:
                raise TooLarge(one.name, error="attachment_too_large")
            digest = digest_of(one.content)
            try:
                added = attachments.insert(self._connection, self._database.number, digest, one.content)
            except ValueError as error:
                raise BadRequest(
                    f"the attachment {one.name} has the MD5 digest of other content that is stored"
                ) from error
            self._size += len(one.content) if added else 0

    def _flush(self) -> None:
        bodies.insert(self._connection, self._database.number, self._bodies.items())
        self._size += sum(len(body.content) for body in self._bodies.values())
        self._bodies.clear()


def save_edits(
    connection: sqlite3.Connection, database: DatabaseRow, edits: Sequence[tuple[str, Edit]]
) -> list[Outcome]:
    """Store edits in their order, as `new_edits=true` asks: what does not fit the tree is a conflict.

    An id that a partitioned database cannot have refuses them all.
    """
    writing = _begin(connection, database, edits)
    return _save(writing, writing.edit, edits)


def save_replicated(
    connection: sqlite3.Connection, database: DatabaseRow, edits: Sequence[tuple[str, Edit]]
) -> list[Outcome]:
    """Store revisions that were made elsewhere, as `new_edits=false` asks: nothing conflicts."""
    if not all(edit.path for _, edit in edits):
        raise BadRequest("When `new_edits: false`, the document needs `_rev` or `_revisions` specified")
    writing = _begin(connection, database, edits)
    return _save(writing, writing.merge, edits)


def _begin(
    connection: sqlite3.Connection, database: DatabaseRow, edits: Sequence[tuple[str, Edit]]
) -> _Writing:
    ids = [document_id for document_id, _ in edits]
    if database.partitioned:
        for document_id in ids:
            check_partitioned_id(document_id)
    return _Writing(connection, database, ids)


def _save(
    writing: _Writing, store: Callable[[str, Edit], str], edits: Sequence[tuple[str, Edit]]
) -> list[Outcome]:
    """Store what can be stored; only what is too large or has a stub of nothing fails the whole request."""
    outcomes: list[Outcome] = []
    for document_id, edit in edits:
        into = writing.local if document_id.startswith("_local/") else store
        try:
            outcomes.append(Outcome(document_id, into(document_id, edit)))
        except (PreconditionFailed, TooLarge):
            raise
        except ResponseError as error:
            outcomes.append(Outcome(document_id, edit.path[0] if edit.path else "", error))
    writing.finish()
    return outcomes


def _text(document_id: str, edit: Edit) -> bytes:
    text = jsonio.dumps(edit.body)
    if len(text) > _LARGEST_BODY:
        raise TooLarge(document_id, error="document_too_large")
    return text


def _row(document_id: str, state: _State, seq: int) -> DocumentRow:
    rev = trees.winner(state.tree)
    _, deleted, body = state.tree.nodes[rev]
    if body is None:
        raise ValueError(f"the leaf {rev} of {document_id!r} has no body")
    return DocumentRow(document_id, seq, rev, deleted, body, trees.encode(state.tree))


def _count(rows: Iterable[DocumentRow | None], *, deleted: bool) -> int:
    return sum(1 for row in rows if row is not None and row.deleted == deleted)
