"""Single documents: read, write, delete."""

import sqlite3
from collections.abc import Sequence

import attrs

from couchmapper import jsonio
from couchmapper.embedded.answers import answer_json, answer_text, not_modified
from couchmapper.embedded.call import Call
from couchmapper.embedded.engine import tree as trees
from couchmapper.embedded.engine.edits import Edit, canonical_revision, check_document_id, read_edit
from couchmapper.embedded.parameters import json_parameter
from couchmapper.embedded.reading import Shown, open_revisions, revision_text, winner_text
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage import documents
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.embedded.writing import Outcome, save_edits, save_replicated
from couchmapper.exceptions import BadRequest, DocumentNotFound, NotImplementedByStore
from couchmapper.messages import Response

__all__ = ["ROUTES", "put", "removed"]


def get(call: Call) -> Response:
    """`GET /{db}/{doc_id}`: the winning revision, or those that are asked for.

    With `latest`, CouchDB answers with the winner whatever `rev` says.
    """
    if call.query.get("open_revs", "[]") != "[]":
        return _get_open(call)
    with call.read() as (connection, database):
        row = documents.find(connection, database.number, call.document_id)
        if row is None:
            raise DocumentNotFound("missing")
        if "rev" in call.query and not _asked(call, "latest"):
            rev, text = _at_revision(call, connection, row)
        elif row.deleted:
            raise DocumentNotFound("deleted")
        else:
            rev, text = row.rev, winner_text(row, _shown(call))
    etag = f'"{rev}"'
    if call.header("if-none-match") == etag:
        return not_modified(etag)
    return answer_text(text, headers={"etag": etag})


def put(call: Call) -> Response:
    """`PUT /{db}/{doc_id}`: store a document; the id in the path counts."""
    check_document_id(call.document_id)
    edit = _with_revision(call, read_edit(call.json()))
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


def attachment(call: Call) -> Response:
    """`/{db}/{doc_id}/{attachment}`, by any method."""
    raise NotImplementedByStore(
        f"{call.request.method} {call.request.route or 'of an attachment'}:"
        " attachments are not stored by the embedded engine yet"
    )


def _get_open(call: Call) -> Response:
    """Answer `open_revs`: a list, whatever `Accept` says."""
    wanted = _wanted_revisions(call)
    with call.read() as (connection, database):
        row = documents.find(connection, database.number, call.document_id)
        if row is None and wanted is None:
            raise DocumentNotFound("missing")
        found = open_revisions(
            connection, row, wanted, latest=_asked(call, "latest"), revisions=_asked(call, "revs")
        )
    texts = (
        b'{"missing":' + jsonio.dumps(rev) + b"}" if text is None else b'{"ok":' + text + b"}"
        for rev, text in found
    )
    return answer_text(b"[" + b",".join(texts) + b"]")


def _wanted_revisions(call: Call) -> Sequence[str] | None:
    """Read `open_revs`: a list of revisions, or None for `all` leaves."""
    if call.query["open_revs"] == "all":
        return None
    wanted = json_parameter(call.query, "open_revs")
    if not isinstance(wanted, list):
        raise BadRequest("Invalid list of revisions")
    return [canonical_revision(rev) for rev in wanted]


def _at_revision(call: Call, connection: sqlite3.Connection, row: DocumentRow) -> tuple[str, bytes]:
    """Return the revision that `rev` names, and the document there."""
    tree = trees.decode(row.tree)
    rev = canonical_revision(call.query["rev"])
    text = revision_text(connection, row.id, tree, rev, revisions=_asked(call, "revs"))
    if text is None:
        raise DocumentNotFound("missing")
    return rev, text


def _shown(call: Call) -> Shown:
    every = _asked(call, "meta")
    return Shown(
        revisions=_asked(call, "revs"),
        revisions_info=every or _asked(call, "revs_info"),
        conflicts=every or _asked(call, "conflicts"),
        deleted_conflicts=every or _asked(call, "deleted_conflicts"),
        local_seq=_asked(call, "local_seq"),
    )


def _asked(call: Call, name: str) -> bool:
    """Tell whether a parameter is `true`; CouchDB takes any other text for false here."""
    return call.query.get(name) == "true"


def _with_revision(call: Call, edit: Edit) -> Edit:
    """Add the revision that stands in the query or in `If-Match`; wherever one stands, it is the same."""
    asked, header = call.query.get("rev"), call.header("if-match")
    tag = None if header is None else header.strip('"')
    if asked is not None and tag is not None and asked != tag:
        raise BadRequest("Document rev and etag have different values")
    given = asked if asked is not None else tag
    if given is None:
        return edit
    rev = canonical_revision(given)
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
            Route("COPY", pattern, None),
        )
    ),
    Route("*", "/{db}/{doc_id}/{attachment*}", attachment),
    Route("*", "/{db}/_design/{design}/{attachment*}", attachment),
)
