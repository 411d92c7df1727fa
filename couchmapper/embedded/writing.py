"""Storing the edits of one request: all in one transaction, each document with one sequence number."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence

import attrs

from couchmapper import jsonio
from couchmapper.embedded.checks import CHECKS
from couchmapper.embedded.engine import tree as trees
from couchmapper.embedded.engine.edits import Edit
from couchmapper.embedded.engine.tree import RevisionTree
from couchmapper.embedded.storage import bodies, databases, documents, local
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.embedded.validation import Validations
from couchmapper.exceptions import BadRequest, ResponseError, TooLarge
from couchmapper.revisions import parse_revision, revision_id

__all__ = ["Outcome", "save_edits", "save_replicated"]

_REVISIONS_LIMIT = 1000
_LARGEST_BODY = 8_000_000


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
        self._bodies: dict[int, bytes] = {}
        self._known = documents.find_many(connection, database.number, sorted(set(ids)), tree=True)
        self._states: dict[str, _State] = {}
        self._validations = Validations(connection, database)

    def edit(self, document_id: str, edit: Edit) -> str:
        """Add a revision by the rules for people who edit; returns its id."""
        state = self._state(document_id)
        named = edit.path[0] if edit.path else None
        parent = trees.parent_of_edit(state.tree, named, deleted=edit.deleted)
        made = revision_id(edit.body, parent=parent, deleted=edit.deleted)
        before = edit.path or (() if parent is None else (parent,))
        self._graft(document_id, state, (made, *before), edit, named=before)
        return made

    def merge(self, document_id: str, edit: Edit) -> str:
        """Add the revisions that were made elsewhere, as they are; returns the newest."""
        self._graft(document_id, self._state(document_id), edit.path, edit, named=edit.path)
        return edit.path[0]

    def local(self, document_id: str, edit: Edit) -> str:
        """Store a local document: it has no tree, and its revision only counts."""
        generation, count = parse_revision(edit.path[0] if edit.path else "0-0")
        if generation != 0 or not count.isdecimal():
            raise BadRequest("Invalid rev format")
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
        bodies.insert(self._connection, self._database.number, self._bodies.items())
        documents.save(self._connection, self._database.number, rows)
        befores = [state.before for _, state in changed]
        databases.count(
            self._connection,
            self._database.number,
            update_seq=rows[-1].seq,
            documents=_count(rows, deleted=False) - _count(befores, deleted=False),
            deleted=_count(rows, deleted=True) - _count(befores, deleted=True),
            size=sum(map(len, self._bodies.values())),
        )

    def _state(self, document_id: str) -> _State:
        found = self._states.get(document_id)
        if found is None:
            before = self._known.get(document_id)
            stored = trees.EMPTY if before is None else trees.decode(before.tree)
            found = self._states[document_id] = _State(before, stored, stored)
        return found

    def _graft(
        self, document_id: str, state: _State, path: Sequence[str], edit: Edit, *, named: Sequence[str]
    ) -> None:
        known = state.tree.nodes.get(path[0])
        if known is None or known.body is None:
            for check in CHECKS:
                check(self._connection, self._database, document_id, edit)
            self._validations.check(document_id, edit, state.tree, named)
            self._bodies[self._next_body] = _text(document_id, edit)
        grown = trees.graft(state.tree, path, deleted=edit.deleted, body=self._next_body)
        state.tree = trees.stem(grown, _REVISIONS_LIMIT)
        self._next_body += 1


def save_edits(
    connection: sqlite3.Connection, database: DatabaseRow, edits: Sequence[tuple[str, Edit]]
) -> list[Outcome]:
    """Store edits in their order, as `new_edits=true` asks: what does not fit the tree is a conflict."""
    writing = _Writing(connection, database, (document_id for document_id, _ in edits))
    return _save(writing, writing.edit, edits)


def save_replicated(
    connection: sqlite3.Connection, database: DatabaseRow, edits: Sequence[tuple[str, Edit]]
) -> list[Outcome]:
    """Store revisions that were made elsewhere, as `new_edits=false` asks: nothing conflicts."""
    if not all(edit.path for _, edit in edits):
        raise BadRequest("When `new_edits: false`, the document needs `_rev` or `_revisions` specified")
    writing = _Writing(connection, database, (document_id for document_id, _ in edits))
    return _save(writing, writing.merge, edits)


def _save(
    writing: _Writing, store: Callable[[str, Edit], str], edits: Sequence[tuple[str, Edit]]
) -> list[Outcome]:
    """Store what can be stored; only a document that is too large fails the whole request."""
    outcomes: list[Outcome] = []
    for document_id, edit in edits:
        into = writing.local if document_id.startswith("_local/") else store
        try:
            outcomes.append(Outcome(document_id, into(document_id, edit)))
        except TooLarge:
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
