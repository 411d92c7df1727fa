"""`include_docs` of views: the document of each row, or the one that the row's value names."""

import sqlite3
from collections.abc import Sequence

import attrs

from couchmapper import jsonio
from couchmapper.embedded.engine import tree as trees
from couchmapper.embedded.reading import Shown, revision_text, winner_text
from couchmapper.embedded.storage import documents
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.embedded.storage.views_rows import ViewRow

__all__ = ["documents_of_rows"]

_NULL = b"null"


@attrs.frozen
class _Wanted:
    """The document that a row asks for: `rev` is None for the winning revision, `id` for none at all."""

    id: str | None
    rev: str | None = None


def documents_of_rows(
    connection: sqlite3.Connection, database: int, rows: Sequence[ViewRow], shown: Shown
) -> list[bytes]:
    """Return the `doc` (JSON text) of each row, `null` for a document that is missing or deleted.

    An object with `_id` as the value names another document, and with `_rev` one of its revisions.
    """
    wanted = [_wanted(row) for row in rows]
    named = any(want.rev is not None for want in wanted)
    ids = sorted({want.id for want in wanted if want.id is not None})
    found = documents.find_many(connection, database, ids, tree=shown.conflicts or named, content=True)
    return [_text(connection, found.get(want.id or ""), want, shown) for want in wanted]


def _wanted(row: ViewRow) -> _Wanted:
    if row.value_text.startswith(b"{") and b'"_id"' in row.value_text:
        value = jsonio.loads(row.value_text)
        if "_id" in value:
            named, rev = value["_id"], value.get("_rev")
            return _Wanted(named if isinstance(named, str) else None, rev if isinstance(rev, str) else None)
    return _Wanted(row.id)


def _text(connection: sqlite3.Connection, row: DocumentRow | None, wanted: _Wanted, shown: Shown) -> bytes:
    if row is None:
        return _NULL
    if wanted.rev is not None:
        tree = trees.decode(row.tree)
        return revision_text(connection, row.id, tree, wanted.rev, attachments=shown.attachments) or _NULL
    return _NULL if row.deleted else winner_text(row, shown)
