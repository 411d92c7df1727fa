"""Copying a document to another id within its database.

https://docs.couchdb.org/en/stable/api/document/common.html#copy--db-docid
"""

import sqlite3
from urllib.parse import unquote_plus, urlsplit

from couchmapper import jsonio
from couchmapper.embedded.answers import answer_json
from couchmapper.embedded.call import Call
from couchmapper.embedded.engine.edits import Edit, canonical_revision, check_document_id
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage import local
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.stored_revision import StoredRevision, stored_revision
from couchmapper.embedded.writing import save_edits
from couchmapper.exceptions import BadRequest, DocumentNotFound
from couchmapper.messages import Response

__all__ = ["ROUTES"]

_LOCAL = "_local/"


def copy(call: Call) -> Response:
    """`COPY /{db}/{doc_id}`: store the document, or its revision `rev`, under the id of `Destination`.

    A document that is there needs its revision: `Destination: {id}?rev={rev}`.
    """
    rev = canonical_revision(call.query["rev"]) if "rev" in call.query else None
    document_id, path = _destination(call)
    with call.write() as (connection, database):
        source = _source(call, connection, database, rev)
        edit = Edit(
            id=None,
            path=path,
            deleted=source.deleted,
            body=jsonio.loads(source.content),
            attachments=() if document_id.startswith(_LOCAL) else source.attachments,
        )
        (outcome,) = save_edits(connection, database, [(document_id, edit)])
        if outcome.error is not None:
            raise outcome.error
    return answer_json(
        {"ok": True, "id": outcome.id, "rev": outcome.rev},
        status=201,
        headers={"etag": f'"{outcome.rev}"'},
    )


def _destination(call: Call) -> tuple[str, tuple[str, ...]]:
    """Read where the copy goes: its id, and the revision that it replaces if there is one."""
    given = call.header("destination")
    if given is None:
        raise BadRequest("Destination header is mandatory for COPY.")
    if urlsplit(given).netloc:
        raise BadRequest("Destination URL must be relative.")
    name, mark, query = given.partition("?")
    document_id = unquote_plus(name)
    check_document_id(document_id)
    if not mark:
        return document_id, ()
    if not query.startswith("rev="):
        raise BadRequest("Invalid rev format")
    return document_id, (canonical_revision(query.removeprefix("rev=")),)


def _source(
    call: Call, connection: sqlite3.Connection, database: DatabaseRow, rev: str | None
) -> StoredRevision:
    if "local" not in call.segments:
        return stored_revision(connection, database, call.document_id, rev)
    found = local.find(connection, database.number, call.document_id)
    if found is None or rev is not None:
        raise DocumentNotFound("missing")
    return StoredRevision(deleted=False, content=found[1])


ROUTES = tuple(
    Route("COPY", pattern, copy)
    for pattern in ("/{db}/{doc_id}", "/{db}/_design/{design}", "/{db}/_local/{local}")
)
