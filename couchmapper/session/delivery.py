"""Attachments on their way: sent beside a document that goes alone, and read when they are asked for."""

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from couchmapper.client.attachment_streams import AttachmentStream
from couchmapper.client.database import Database
from couchmapper.client.errors import check
from couchmapper.client.results import json_object
from couchmapper.exceptions import (
    DocumentConflict,
    Forbidden,
    NotFound,
    ResponseError,
    Unauthorized,
)
from couchmapper.multipart import Attachment
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["DatabaseReader", "same_attachments", "send_with_attachments"]

_OF_ONE_DOCUMENT: Final[Mapping[type[ResponseError], str]] = {
    DocumentConflict: "conflict",
    Forbidden: "forbidden",
    Unauthorized: "unauthorized",
}
"""The refusals that concern the document alone, by the code that `_bulk_docs` has for them."""

_COMPARED: Final = ("content_type", "length", "digest", "revpos")


def send_with_attachments(
    database: Database, json: JSONMapping, attachments: Sequence[Attachment], *, boundary: str | None = None
) -> tuple[JSONObject, int]:
    """PUT /{db}/{doc_id} — store a document with new attachments beside it, read while they are sent.

    Returns a result as `_bulk_docs` has it, and the status: `{"ok", "id", "rev"}`, or `{"id", "error",
    "reason"}` where the server refuses this document. Raises what stands against any document:
    `TransportError`, `TooLarge`, a `ServerError`. The `boundary` is random unless it is given.
    """
    request = database.multipart.put.request(json, attachments, boundary=boundary)
    try:
        response = check(request, database.transport.send(request))
    except tuple(_OF_ONE_DOCUMENT) as error:
        code = next(code for kind, code in _OF_ONE_DOCUMENT.items() if isinstance(error, kind))
        return {"id": json["_id"], "error": code, "reason": error.reason}, error.status
    return json_object(request, response), response.status


def same_attachments(mine: JSONMapping, theirs: JSONMapping) -> bool:
    """Tell whether two documents have the same attachments, as far as both tell of them.

    Stubs of what is not stored yet tell type, length and digest, and no `revpos`.
    """
    ours, others = mine.get("_attachments", {}), theirs.get("_attachments", {})
    return ours.keys() == others.keys() and all(_agree(stub, others[name]) for name, stub in ours.items())


def _agree(stub: JSONMapping, other: JSONMapping) -> bool:
    return all(stub[told] == other[told] for told in _COMPARED if told in stub and told in other)


@attrs.frozen
class DatabaseReader:
    """Reads the attachments of documents from their database: an `AttachmentReader`."""

    database: Database

    def open(self, document_id: str, name: str, *, rev: str, digest: str | None) -> AttachmentStream:
        """GET /{db}/{doc_id}/{attachment_name} — return the attachment of a revision as it arrives.

        When the server has that revision no more, the current one is asked. Raises `NotFound` where the
        attachment of that is another.
        """
        try:
            return self.database.attachments.get(document_id, name, rev=rev)
        except NotFound as error:
            current = self._current(document_id, name, digest)
            if current is None:
                error.advice = "somebody else changed the document: session.refresh(document), then read it"
                raise
            return current

    def _current(self, document_id: str, name: str, digest: str | None) -> AttachmentStream | None:
        try:
            stream = self.database.attachments.get(document_id, name)
        except NotFound:
            return None
        if digest is not None and stream.digest == digest:
            return stream
        stream.close()
        return None

    def __deepcopy__(self, _: object) -> "DatabaseReader":
        return self

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        """Stay behind when a document travels between processes: a connection cannot."""
        return type(None), ()
