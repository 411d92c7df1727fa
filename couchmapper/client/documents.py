"""Single documents: read, write, copy, delete, and the leaves of their revision trees."""

from collections.abc import Sequence
from typing import Unpack

from couchmapper.client.operation import operation
from couchmapper.client.options import DocumentOptions, chosen
from couchmapper.client.params import (
    destination,
    document_id,
    flags,
    given,
    json_content,
    matching,
    stored_id,
    unless,
)
from couchmapper.client.resource import Resource
from couchmapper.client.results import current_revision, json_object, leaves
from couchmapper.messages import Request
from couchmapper.streams import Source
from couchmapper.typing import JSONMapping

__all__ = ["Documents"]

_ROUTE = "/{doc_id}"


class Documents(Resource):
    """`db.documents`: https://docs.couchdb.org/en/stable/api/document/common.html.

    An id that is empty, `.`, `..` or begins with an underscore is refused with `IllegalDocumentId` before
    anything is sent. Reading or deleting what is not there raises `DocumentNotFound`. A document is given as
    a mapping, or as its JSON text: bytes, or a stream that is sent as it is read.
    """

    @operation(json_object)
    def get(
        self, id: str, *, if_none_match: str | None = None, **options: Unpack[DocumentOptions]
    ) -> Request:
        """GET /{db}/{doc_id} — return the winning revision, or the revision `rev`.

        When the document still has the revision `if_none_match`, the result is `NotModified`, which is empty
        and false.
        """
        return self._request(
            "GET",
            _ROUTE,
            (document_id(id),),
            parameters=chosen(options, DocumentOptions) if options else options,
            headers=matching(if_none_match=if_none_match),
        )

    @operation(leaves)
    def leaves(
        self,
        id: str,
        *,
        open_revs: Sequence[str] | None = None,
        revs: bool = False,
        latest: bool = False,
        attachments: bool = False,
    ) -> Request:
        """GET /{db}/{doc_id}?open_revs=all — return every leaf, those with `_deleted` included.

        More than one leaf without `_deleted` is a conflict. `revs` adds `_revisions` to each. With
        `open_revs` these revisions are returned instead, as far as they are there.
        """
        return self._request(
            "GET",
            _ROUTE,
            (document_id(id),),
            parameters={
                "open_revs": "all" if open_revs is None else list(open_revs),
                **flags(revs=revs, latest=latest, attachments=attachments),
            },
        )

    @operation(current_revision)
    def head(
        self, id: str, *, rev: str | None = None, latest: bool = False, if_none_match: str | None = None
    ) -> Request:
        """HEAD /{db}/{doc_id} — return the current revision without the document.

        The answer has no body, so a missing database raises `DocumentNotFound` too.
        """
        parameters = {**given(rev=rev), **flags(latest=latest)}
        headers = matching(if_none_match=if_none_match)
        return self._request("HEAD", _ROUTE, (document_id(id),), parameters=parameters, headers=headers)

    @operation(json_object)
    def put(  # noqa: PLR0913 - CouchDB's parameters
        self,
        document: JSONMapping | Source,
        *,
        id: str | None = None,
        rev: str | None = None,
        if_match: str | None = None,
        new_edits: bool = True,
        batch: bool = False,
        content_type: str = "application/json",
    ) -> Request:
        """PUT /{db}/{doc_id} — store a document under its `_id`, or under `id`; return `{"ok", "id", "rev"}`.

        Its `_rev`, or `rev`, must be the current one, or be absent for a new document; else
        `DocumentConflict`. With `new_edits=False` the revision is stored as it is given, as replication does.
        With `batch` the server answers before it has stored anything, without a revision. Text that is not a
        mapping needs `id`; its `content_type` may be `multipart/related`.
        """
        return self._request(
            "PUT",
            _ROUTE,
            (document_id(stored_id(document, id)),),
            parameters={**given(rev=rev, batch="ok" if batch else None), **unless(new_edits=new_edits)},
            headers={**matching(if_match=if_match), "Content-Type": content_type},
            content=json_content(document),
        )

    @operation(json_object)
    def post(
        self,
        document: JSONMapping | Source,
        *,
        batch: bool = False,
        content_type: str = "application/json",
    ) -> Request:
        """POST /{db} — store a document, under an id of the server's when it has no `_id`.

        Without an `_id` this request is not repeated after a broken connection: it could store two.
        """
        return self._request(
            "POST",
            "",
            (),
            parameters=given(batch="ok" if batch else None),
            headers={"Content-Type": content_type},
            content=json_content(document),
            repeatable=isinstance(document, dict) and "_id" in document,
        )

    @operation(json_object)
    def delete(
        self, id: str, *, rev: str | None = None, if_match: str | None = None, batch: bool = False
    ) -> Request:
        """DELETE /{db}/{doc_id} — delete the document whose current revision is `rev`.

        Returns `{"ok", "id", "rev"}` with the revision of the tombstone. `if_match` says the revision in a
        header instead.
        """
        return self._request(
            "DELETE",
            _ROUTE,
            (document_id(id),),
            parameters=given(rev=rev, batch="ok" if batch else None),
            headers=matching(if_match=if_match),
        )

    @operation(json_object)
    def copy(self, id: str, to: str, *, rev: str | None = None, to_rev: str | None = None) -> Request:
        """COPY /{db}/{doc_id} — store a copy under the id `to` with its attachments; return its revision.

        `rev` chooses the revision to copy; `to_rev` is the current one of a document that is replaced.
        """
        return self._request(
            "COPY",
            _ROUTE,
            (document_id(id),),
            parameters=given(rev=rev),
            headers={"Destination": destination(document_id(to), to_rev)},
        )
