"""Local documents, which are not replicated and have no history: `_local/{local}`."""

from couchmapper.embedded.answers import answer_json, answer_text
from couchmapper.embedded.api import documents
from couchmapper.embedded.call import Call
from couchmapper.embedded.reading import document_text
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage import local
from couchmapper.embedded.writing import save_edits
from couchmapper.exceptions import BadRequest, DocumentNotFound
from couchmapper.messages import Response

__all__ = ["ROUTES"]


def get(call: Call) -> Response:
    """`GET /{db}/_local/{local}`: the document; it has one revision and nothing else to show."""
    with call.read() as (connection, database):
        found = local.find(connection, database.number, call.document_id)
    if found is None or "rev" in call.query or "open_revs" in call.query:
        raise DocumentNotFound("missing")
    revision, content = found
    special = (
        {"_revisions": {"start": 0, "ids": [str(revision)]}} if call.query.get("revs") == "true" else None
    )
    return answer_text(document_text(call.document_id, f"0-{revision}", content, special=special))


def delete(call: Call) -> Response:
    """`DELETE /{db}/_local/{local}`: remove the document, whatever its revision."""
    edit = documents.removed(call)
    with call.write() as (connection, database):
        if local.find(connection, database.number, call.document_id) is None:
            raise DocumentNotFound("missing")
        (outcome,) = save_edits(connection, database, [(call.document_id, edit)])
        if outcome.error is not None:
            raise outcome.error
    return answer_json({"ok": True, "id": outcome.id, "rev": outcome.rev})


def refuse_attachment(_call: Call) -> Response:
    """`/{db}/_local/{local}/{attachment}`, by any method."""
    raise BadRequest("_local documents do not accept attachments.")


def refuse_name(_call: Call) -> Response:
    """`/{db}/_local`, by any method: a name is missing."""
    raise BadRequest("Invalid _local document id.")


ROUTES = (
    Route("*", "/{db}/_local", refuse_name),
    Route("DELETE", "/{db}/_local/{local}", delete),
    Route("GET", "/{db}/_local/{local}", get),
    Route("PUT", "/{db}/_local/{local}", documents.put),
    Route("*", "/{db}/_local/{local}/{attachment*}", refuse_attachment),
)
