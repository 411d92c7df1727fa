"""Single documents: read, write, delete."""

import sqlite3
from collections.abc import Sequence

import attrs

from couchmapper import jsonio
from couchmapper.embedded.answers import answer_json, answer_text, not_modified
from couchmapper.embedded.attachment_texts import STUBS, AttachmentsShown, contents_of, newer_generation
from couchmapper.embedded.call import Call
from couchmapper.embedded.engine import tree as trees
from couchmapper.embedded.engine.edits import Edit, canonical_revision, check_document_id, read_edit
from couchmapper.embedded.multipart_documents import (
    answer_document,
    answer_mixed,
    document_part,
    read_document,
)
from couchmapper.embedded.parameters import ABSENT, json_parameter
from couchmapper.embedded.reading import OpenRevision, Shown, open_revisions, winner_text
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage import documents
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.embedded.writing import Outcome, save_edits, save_replicated
from couchmapper.exceptions import BadRequest, DocumentNotFound
from couchmapper.messages import Response

__all__ = ["ROUTES", "put", "removed"]

_OF_ATTACHMENTS = frozenset({"att_encoding_info", "attachments", "atts_since"})


def get(call: Call) -> Response:
    """`GET /{db}/{doc_id}`: the winning revision, or those that are asked for.

    With `latest`, CouchDB answers with the winner whatever `rev` says. Attachments that are asked for stand
    inside the document, or follow it when the client takes `multipart/related`.
    """
    if call.query.get("open_revs", "[]") != "[]":
        return _get_open(call)
    with call.read() as (connection, database):
        row = documents.find(connection, database.number, call.document_id)
        if row is None:
            raise DocumentNotFound("missing")
        attachments = _attachments_shown(call, connection, database)
        if "rev" in call.query and not _asked(call, "latest"):
            opened = _at_revision(call, connection, row, attachments)
        elif row.deleted:
            raise DocumentNotFound("deleted")
        else:
            opened = _winner(call, row, attachments)
    etag = f'"{opened.rev}"'
    if call.header("if-none-match") == etag:
        return not_modified(etag)
    return answer_document(opened, headers={"etag": etag})


def put(call: Call) -> Response:
    """`PUT /{db}/{doc_id}`: store a document; the id in the path counts."""
    check_document_id(call.document_id)
    edit = _with_revision(call, read_document(call))
    with call.write() as (connection, database):
        save = save_replicated if call.query.get("new_edits") == "false" else save_edits
        (outcome,) = save(connection, database, [(call.document_id, edit)])
        if outcome.error is not None:
            raise outcome.error
    return _answer_written(call, outcome, status=200 if edit.deleted else 201)


def post(call: Call) -> Response:
    """`POST /{db}`: store a document, with a new id when it has none."""
    call.expect_json()
    edit = read_edit(call.json())
    with call.write() as (connection, database):
        (outcome,) = save_edits(connection, database, [(edit.id or call.node.new_id(), edit)])
        if outcome.error is not None:
            raise outcome.error
    return _answer_written(call, outcome, status=201)


def delete(call: Call) -> Response:
    """`DELETE /{db}/{doc_id}?rev=…`: store a tombstone."""
    edit = removed(call)
    with call.write() as (connection, database):
        known = documents.find_many(connection, database.number, [call.document_id]).get(call.document_id)
        if known is None or known.deleted:
            raise DocumentNotFound("missing" if known is None else "deleted")
        (outcome,) = save_edits(connection, database, [(call.document_id, edit)])
        if outcome.error is not None:
            raise outcome.error
    return _answer_written(call, outcome, status=200)


def removed(call: Call) -> Edit:
    """Make the edit that a `DELETE` asks for."""
    return _with_revision(call, Edit(id=None, path=(), deleted=True, body={}))


def _get_open(call: Call) -> Response:
    """Answer `open_revs`: a list, or the parts of `multipart/mixed`, which the attachments follow."""
    wanted, mixed = _wanted_revisions(call), call.accepts("multipart/mixed")
    with call.read() as (connection, database):
        row = documents.find(connection, database.number, call.document_id)
        if row is None and wanted is None:
            raise DocumentNotFound("missing")
        found = open_revisions(
            connection,
            row,
            wanted,
            latest=_asked(call, "latest"),
            revisions=_asked(call, "revs"),
            attachments=_attachments_shown(call, connection, database, mixed=mixed),
            since=_since(call) or (),
        )
    if mixed:
        return answer_mixed(document_part(one, _missing(one.rev)) for one in found)
    texts = (_missing(one.rev) if one.text is None else b'{"ok":' + one.text + b"}" for one in found)
    return answer_text(b"[" + b",".join(texts) + b"]")


def _missing(rev: str) -> bytes:
    return b'{"missing":' + jsonio.dumps(rev) + b"}"


def _wanted_revisions(call: Call) -> Sequence[str] | None:
    """Read `open_revs`: a list of revisions, or None for `all` leaves."""
    return None if call.query["open_revs"] == "all" else _revisions(call, "open_revs")


def _since(call: Call) -> Sequence[str] | None:
    """Read `atts_since`: the revisions whose attachments the client has, or None when it does not say."""
    return _revisions(call, "atts_since")


def _revisions(call: Call, name: str) -> Sequence[str] | None:
    wanted = json_parameter(call.query, name)
    if wanted is ABSENT:
        return None
    if not isinstance(wanted, list):
        raise BadRequest("Invalid list of revisions")
    return [canonical_revision(rev) for rev in wanted]


def _attachments_shown(
    call: Call, connection: sqlite3.Connection, database: DatabaseRow, *, mixed: bool = False
) -> AttachmentsShown:
    """Read what is asked of attachments; those that follow say how they are kept, and in parts all follow."""
    if not mixed and call.query.keys().isdisjoint(_OF_ATTACHMENTS):
        return STUBS
    asked = mixed or _asked(call, "attachments") or _since(call) is not None
    follows = mixed or call.accepts("multipart/related")
    return AttachmentsShown(
        encoding=_asked(call, "att_encoding_info") or (asked and follows),
        contents=contents_of(connection, database) if asked else None,
        follows=follows,
    )


def _winner(call: Call, row: DocumentRow, attachments: AttachmentsShown) -> OpenRevision:
    """Read the winning revision."""
    since = _since(call)
    if since:
        newer = newer_generation(trees.decode(row.tree), row.rev, since)
        attachments = attrs.evolve(attachments, newer_than=newer)
    text = winner_text(row, _shown(call, attachments))
    return OpenRevision(row.rev, text, attachments.parts(row.attachments))


def _at_revision(
    call: Call, connection: sqlite3.Connection, row: DocumentRow, attachments: AttachmentsShown
) -> OpenRevision:
    """Read the revision that `rev` names."""
    rev = canonical_revision(call.query["rev"])
    (opened,) = open_revisions(
        connection,
        row,
        [rev],
        revisions=_asked(call, "revs"),
        attachments=attachments,
        since=_since(call) or (),
    )
    if opened.text is None:
        raise DocumentNotFound("missing")
    return opened


def _shown(call: Call, attachments: AttachmentsShown) -> Shown:
    every = _asked(call, "meta")
    return Shown(
        revisions=_asked(call, "revs"),
        revisions_info=every or _asked(call, "revs_info"),
        conflicts=every or _asked(call, "conflicts"),
        deleted_conflicts=every or _asked(call, "deleted_conflicts"),
        local_seq=_asked(call, "local_seq"),
        attachments=attachments,
    )


def _asked(call: Call, name: str) -> bool:
    """Tell whether a parameter is `true`; CouchDB takes any other text for false here."""
    return call.query.get(name) == "true"


def _with_revision(call: Call, edit: Edit) -> Edit:
    """Add the revision that the request names beside the document; wherever one stands, it is the same."""
    rev = call.named_revision()
    if rev is None:
        return edit
    if edit.path and edit.path[0] != rev:
        raise BadRequest("Document rev from request body and query string have different values")
    return edit if edit.path else attrs.evolve(edit, path=(rev,))


def _answer_written(call: Call, outcome: Outcome, *, status: int) -> Response:
    if call.query.get("batch") == "ok":
        return answer_json({"ok": True, "id": outcome.id}, status=202)
    return answer_json(
        {"ok": True, "id": outcome.id, "rev": outcome.rev},
        status=status,
        headers={"etag": f'"{outcome.rev}"'},
    )


ROUTES = (
    Route("POST", "/{db}", post),
    *(
        route
        for pattern in ("/{db}/{doc_id}", "/{db}/_design/{design}")
        for route in (
            Route("DELETE", pattern, delete),
            Route("GET", pattern, get),
            Route("POST", pattern, None),
            Route("PUT", pattern, put),
        )
    ),
)
