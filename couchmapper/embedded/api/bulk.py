"""Many documents in one request: `_bulk_docs`, `_bulk_get`, `_all_docs`, `_design_docs`."""

import sqlite3
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from couchmapper import jsonio
from couchmapper.embedded.answers import answer_json, answer_text
from couchmapper.embedded.attachment_texts import AttachmentsShown, contents_of
from couchmapper.embedded.call import Call
from couchmapper.embedded.engine.edits import canonical_revision, check_document_id, read_edit
from couchmapper.embedded.listing import DESIGN_DOCUMENTS, list_documents
from couchmapper.embedded.multipart_documents import answer_mixed, document_part
from couchmapper.embedded.reading import OpenRevision, open_revisions
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage import documents
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.embedded.writing import Outcome, save_edits, save_replicated
from couchmapper.exceptions import BadRequest, ResponseError
from couchmapper.messages import Response
from couchmapper.typing import JSON, JSONObject

__all__ = ["ROUTES"]

_MULTIPART: Final[Mapping[str, Literal["mixed", "related"]]] = {
    "multipart/mixed": "mixed",
    "multipart/related": "related",
}

_Found: TypeAlias = tuple[OpenRevision, bytes]
"""A revision, and what is told (JSON text) when it is not there."""


def bulk_docs(call: Call) -> Response:
    """`POST /{db}/_bulk_docs`: store `docs`; `new_edits=false` takes revisions that were made elsewhere.

    A document that cannot be one fails the whole request; a conflict only itself.
    """
    body = call.posted()
    given, new_edits = _read_bulk(body)
    edits = [read_edit(document) for document in given]
    named = [(edit.id or call.node.new_id(), edit) for edit in edits]
    if body.get("all_or_nothing") is True:
        return answer_json([_refused(document_id) for document_id, _ in named], status=417)
    with call.write() as (connection, database):
        if new_edits:
            outcomes = save_edits(connection, database, named)
        else:
            outcomes = save_replicated(connection, database, named)
    told = [_told(one, new_edits=new_edits) for one in outcomes if new_edits or one.error is not None]
    return answer_json(told, status=201)


def bulk_get(call: Call) -> Response:
    """`POST /{db}/_bulk_get`: each of `docs` at its revision, or at all its leaves.

    A client that says nothing but `multipart/mixed`, or `multipart/related`, gets parts.
    """
    accept = (call.header("accept") or "").strip()
    wanted = call.posted().get("docs")
    if not isinstance(wanted, list):
        raise BadRequest("Missing JSON list of 'docs'.")
    ids = [entry["id"] for entry in wanted if isinstance(entry, dict) and isinstance(entry.get("id"), str)]
    with call.read() as (connection, database):
        rows = documents.find_many(connection, database.number, ids, tree=True)
        follows = accept in _MULTIPART
        shown = AttachmentsShown(
            encoding=follows or call.query.get("att_encoding_info") == "true",
            contents=contents_of(connection, database)
            if follows or call.query.get("attachments") == "true"
            else None,
            follows=follows,
        )
        found = [(entry, _found(connection, rows, entry, call.query, shown)) for entry in wanted]
    if accept in _MULTIPART:
        return answer_mixed(
            (document_part(one, absent) for _, all_of_it in found for one, absent in all_of_it),
            subtype=_MULTIPART[accept],
        )
    results = (_result(entry, all_of_it) for entry, all_of_it in found)
    return answer_text(b'{"results":[' + b",".join(results) + b"]}")


def all_docs(call: Call) -> Response:
    """`GET`, `POST /{db}/_all_docs`: the documents by id, in byte order, or those of `keys`."""
    return list_documents(call)


def design_docs(call: Call) -> Response:
    """`GET`, `POST /{db}/_design_docs`: the same of the design documents."""
    return list_documents(call, DESIGN_DOCUMENTS)


def _read_bulk(body: JSONObject) -> tuple[list[JSON], bool]:
    """Return `docs` and `new_edits`."""
    if "docs" not in body:
        raise BadRequest("POST body must include `docs` parameter.")
    given, new_edits = body["docs"], body.get("new_edits", True)
    if not isinstance(given, list):
        raise BadRequest("`docs` parameter must be an array.")
    if not isinstance(new_edits, bool):
        raise BadRequest("`new_edits` parameter must be a boolean.")
    return given, new_edits


def _told(outcome: Outcome, *, new_edits: bool) -> JSONObject:
    """Write the result of one document."""
    if outcome.error is None:
        return {"ok": True, "id": outcome.id, "rev": outcome.rev}
    rev = {} if new_edits else {"rev": outcome.rev}
    return {"id": outcome.id, **rev, "error": outcome.error.error, "reason": outcome.error.reason}


def _refused(document_id: str) -> JSONObject:
    return {
        "id": document_id,
        "rev": "0-",
        "error": "not_implemented",
        "reason": "all_or_nothing is not supported",
    }


def _found(
    connection: sqlite3.Connection,
    rows: Mapping[str, DocumentRow],
    entry: JSON,
    query: Mapping[str, str],
    shown: AttachmentsShown,
) -> list[_Found]:
    """Read what one entry of `_bulk_get` names: an error concerns only its own."""
    document_id = entry.get("id") if isinstance(entry, dict) else None
    rev = None if document_id is None else entry.get("rev")
    try:
        wanted, since = _wanted(entry)
    except ResponseError as error:
        return [(OpenRevision(str(rev), None), _failure(document_id, rev, error))]
    found = open_revisions(
        connection,
        rows.get(entry["id"]),
        wanted,
        latest=query.get("latest") == "true",
        revisions=query.get("revs") == "true",
        attachments=shown,
        since=since,
    )
    return [(one, _absent(entry["id"], one.rev)) for one in found or [OpenRevision("undefined", None)]]


def _result(entry: JSON, found: list[_Found]) -> bytes:
    """Write the result of one entry as JSON."""
    document_id = entry.get("id") if isinstance(entry, dict) else None
    texts = [
        b'{"error":' + absent + b"}" if one.text is None else b'{"ok":' + one.text + b"}"
        for one, absent in found
    ]
    return b'{"id":' + jsonio.dumps(document_id) + b',"docs":[' + b",".join(texts) + b"]}"


def _wanted(entry: JSON) -> tuple[list[str] | None, list[str]]:
    """Check an entry of `_bulk_get`: the revision that it names, None for all leaves, and `atts_since`."""
    if not isinstance(entry, dict):
        raise BadRequest("document must be a JSON object")
    if "id" not in entry:
        raise BadRequest("document id missed")
    check_document_id(entry["id"])
    since = entry.get("atts_since", [])
    if not isinstance(since, list):
        raise BadRequest("att_since value must be array of revs.")
    wanted = [canonical_revision(entry["rev"])] if "rev" in entry else None
    return wanted, [canonical_revision(rev) for rev in since]


def _failure(document_id: JSON, rev: JSON, error: ResponseError) -> bytes:
    return jsonio.dumps({"rev": rev, "reason": error.reason, "id": document_id, "error": error.error})


def _absent(document_id: str, rev: str) -> bytes:
    return jsonio.dumps({"rev": rev, "reason": "missing", "id": document_id, "error": "not_found"})


ROUTES = (
    Route("POST", "/{db}/_bulk_docs", bulk_docs),
    Route("POST", "/{db}/_bulk_get", bulk_get),
    Route("GET", "/{db}/_all_docs", all_docs),
    Route("POST", "/{db}/_all_docs", all_docs),
    Route("GET", "/{db}/_design_docs", design_docs),
    Route("POST", "/{db}/_design_docs", design_docs),
)
