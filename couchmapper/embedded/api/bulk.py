"""Many documents in one request: `_bulk_docs`, `_bulk_get`, `_all_docs`, `_design_docs`."""

from collections.abc import Mapping
from typing import Final, Literal

from couchmapper.embedded.answers import answer_json, answer_text
from couchmapper.embedded.bulk_get import BulkGet, result_text
from couchmapper.embedded.call import Call
from couchmapper.embedded.engine.edits import read_edit
from couchmapper.embedded.listing import DESIGN_DOCUMENTS, list_documents
from couchmapper.embedded.multipart_documents import answer_mixed, document_part
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage import documents
from couchmapper.embedded.writing import Outcome, save_edits, save_replicated
from couchmapper.exceptions import BadRequest
from couchmapper.messages import Response
from couchmapper.typing import JSON, JSONObject

__all__ = ["ROUTES"]

_MULTIPART: Final[Mapping[str, Literal["mixed", "related"]]] = {
    "multipart/mixed": "mixed",
    "multipart/related": "related",
}


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
        get = BulkGet(
            connection=connection,
            database=database,
            rows=rows,
            query=call.query,
            follows=accept in _MULTIPART,
        )
        found = [(entry, get.find(entry)) for entry in wanted]
    if accept in _MULTIPART:
        parts = (document_part(one, absent) for _, some in found for one, absent in some)
        return answer_mixed(parts, subtype=_MULTIPART[accept])
    return answer_text(b'{"results":[' + b",".join(result_text(*one) for one in found) + b"]}")


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


ROUTES = (
    Route("POST", "/{db}/_bulk_docs", bulk_docs),
    Route("POST", "/{db}/_bulk_get", bulk_get),
    Route("GET", "/{db}/_all_docs", all_docs),
    Route("POST", "/{db}/_all_docs", all_docs),
    Route("GET", "/{db}/_design_docs", design_docs),
    Route("POST", "/{db}/_design_docs", design_docs),
)
