"""A revision as it is stored, for what is made out of it."""

import sqlite3

import attrs

from couchmapper.embedded.engine import tree as trees
from couchmapper.embedded.engine.attachments import StoredAttachment, decode
from couchmapper.embedded.storage import bodies, documents
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.exceptions import DocumentNotFound

__all__ = ["StoredRevision", "stored_revision"]


@attrs.frozen(kw_only=True)
class StoredRevision:
    """A revision that is stored; `content` is its body as JSON text."""

    deleted: bool
    content: bytes
    attachments: tuple[StoredAttachment, ...] = ()


def stored_revision(
    connection: sqlite3.Connection, database: DatabaseRow, document_id: str, rev: str | None
) -> StoredRevision:
    """Return a revision of a document, or without one its winner; raises `DocumentNotFound`."""
    row = documents.find(connection, database.number, document_id)
    if row is None:
        raise DocumentNotFound("missing")
    if rev is None and row.deleted:
        raise DocumentNotFound("deleted")
    node = trees.decode(row.tree).nodes.get(row.rev if rev is None else rev)
    if node is None or node.body is None:
        raise DocumentNotFound("missing")
    content, attachments = bodies.read(connection, node.body)
    return StoredRevision(deleted=node.deleted, content=content, attachments=decode(attachments))
