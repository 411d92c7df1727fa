"""Documents together with their attachments, in one request or one answer, as streams."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Unpack

import attrs

from couchmapper.client.operation import operation
from couchmapper.client.options import DocumentOptions, chosen
from couchmapper.client.params import (
    attachment_name,
    document_path,
    flags,
    given,
    json_text,
    matching,
    stored_id,
    unless,
)
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object
from couchmapper.client.streamed_documents import StreamedDocuments, streamed_document
from couchmapper.exceptions import BadRequest
from couchmapper.messages import Request, Response
from couchmapper.multipart import Attachment, related
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["MultipartDocuments"]


# This and no other type beside it: else `_bulk_get` answers with JSON and without the attachments.
_MIXED = {"Accept": "multipart/mixed"}


def _leaves(answer: list[JSONObject]) -> Iterator[JSONObject]:
    return iter(answer)


def _results(answer: Any) -> Iterator[JSONObject]:
    return (row for result in answer["results"] for row in result["docs"])


def _streamed_leaves(request: Request, response: Response) -> StreamedDocuments:
    """Return the leaves of an answer to `open_revs`."""
    return StreamedDocuments(request, response, _leaves)


def _streamed_results(request: Request, response: Response) -> StreamedDocuments:
    """Return the revisions of an answer of `_bulk_get`."""
    return StreamedDocuments(request, response, _results)


class MultipartDocuments(Resource):
    """`db.multipart`: documents with their attachments beside them, not as base64 inside them.

    Nothing is held whole but the JSON of one document at a time. The operations are those of
    `db.documents` and `db.bulk`; ids may be those of design documents, with `_design/`.
    """

    @operation(json_object)
    def put(  # noqa: PLR0913 - CouchDB's parameters
        self,
        document: JSONMapping,
        attachments: Iterable[Attachment],
        *,
        id: str | None = None,
        rev: str | None = None,
        if_match: str | None = None,
        new_edits: bool = True,
        batch: bool = False,
        boundary: str | None = None,
    ) -> Request:
        """PUT /{db}/{doc_id} — store a document and new attachments at once; return `{"ok", "id", "rev"}`.

        The stubs of the new attachments are written here; those that the document has already stay. A stub
        of which the server has nothing raises `PreconditionFailed`. The `boundary` between the parts is
        random unless it is given.
        """
        new = tuple(attachments)
        for attachment in new:
            attachment_name(attachment.name)
        body = related(document, new, boundary=boundary)
        route, path = document_path(stored_id(document, id))
        return self._request(
            "PUT",
            route,
            path,
            parameters={**given(rev=rev, batch="ok" if batch else None), **unless(new_edits=new_edits)},
            headers={**matching(if_match=if_match), "Content-Type": body.content_type},
            content=body,
        )

    @operation(streamed_document)
    def get(self, id: str, **options: Unpack[DocumentOptions]) -> Request:
        """GET /{db}/{doc_id}?attachments=true — return the document, then its attachments as they arrive.

        The result is a `StreamedDocument`. With `atts_since` only those attachments follow that are newer
        than these revisions; with `attachments=False` none.
        """
        route, path = document_path(id)
        parameters = {"attachments": True, **chosen(options, DocumentOptions)}
        return _streamed(
            self._request(
                "GET",
                route,
                path,
                parameters=parameters,
                headers={"Accept": "multipart/related"},
            )
        )

    @operation(_streamed_leaves)
    def leaves(
        self,
        id: str,
        *,
        open_revs: Sequence[str] | None = None,
        atts_since: Sequence[str] | None = None,
        revs: bool = False,
        latest: bool = False,
    ) -> Request:
        """GET /{db}/{doc_id}?open_revs=all — return every leaf with its attachments: `StreamedDocuments`.

        With `open_revs` these revisions are returned instead, in the server's order, those that are not
        there with an `error`. With `atts_since` only newer attachments follow.
        """
        if open_revs is not None and not open_revs:
            raise BadRequest("open_revs names no revision; leave it out for all leaves")
        route, path = document_path(id)
        parameters = {
            "open_revs": "all" if open_revs is None else json_text(list(open_revs)),
            **given(atts_since=None if atts_since is None else list(atts_since)),
            **flags(attachments=True, revs=revs, latest=latest),
        }
        return _streamed(self._request("GET", route, path, parameters=parameters, headers=_MIXED))

    @operation(_streamed_results)
    def bulk_get(self, docs: Iterable[JSONMapping], *, revs: bool = False, latest: bool = False) -> Request:
        """POST /{db}/_bulk_get — return revisions with their attachments, in order: `StreamedDocuments`.

        Each is asked for as `{"id"}`, `{"id", "rev"}` or `{"id", "rev", "atts_since"}`. What is not there has
        an `error`; with the `latest` leaves of a revision there may be more than one for each.
        """
        request = self._request(
            "POST",
            "/_bulk_get",
            ("_bulk_get",),
            parameters=flags(attachments=True, revs=revs, latest=latest),
            headers=_MIXED,
            body={"docs": list(docs)},
            repeatable=True,
        )
        return _streamed(request)


def _streamed(request: Request) -> Request:
    return attrs.evolve(request, stream=True)
