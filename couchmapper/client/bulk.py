"""Many documents in one request."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Unpack

from couchmapper import jsonio
from couchmapper.client.failures import failed_documents
from couchmapper.client.operation import bulk_operation, list_operation, paged_operation
from couchmapper.client.options import AllDocsOptions, chosen
from couchmapper.client.params import flags
from couchmapper.client.positions import IdPosition
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_list, json_object, member
from couchmapper.exceptions import InvalidJSON
from couchmapper.messages import Request
from couchmapper.streams import Readable, Upload
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["AllDocs", "Bulk"]


class AllDocs(Resource):
    """The list of the documents of a database or of a partition."""

    @paged_operation(json_object, "rows", IdPosition)
    def all_docs(self, **options: Unpack[AllDocsOptions]) -> Request:
        """POST /{db}/_all_docs — return `{"total_rows", "offset", "rows"}`, by id in the order of its bytes.

        A row is `{"id", "key", "value": {"rev"}}`, with `doc` when `include_docs`. With `keys` there is a row
        for each: `{"key", "error": "not_found"}` for an id that never was, `value.deleted` for a tombstone.
        """
        body = chosen(options, AllDocsOptions)
        return self._request("POST", "/_all_docs", ("_all_docs",), body=body, repeatable=True)


class Bulk(AllDocs):
    """`db.bulk`: https://docs.couchdb.org/en/stable/api/database/bulk-api.html."""

    @bulk_operation(json_list, failed_documents)
    def docs(self, documents: Iterable[JSONMapping | bytes] | Readable, *, new_edits: bool = True) -> Request:
        """POST /{db}/_bulk_docs — store documents; return one result for each, in order.

        A result is `{"ok": true, "id", "rev"}`, or `{"id", "error", "reason"}` for a document that was not
        stored while the others were. Such failures raise `BulkFailed`, which holds all results;
        `db.bulk.docs.results(...)` returns them without raising. A malformed document fails the whole
        request. With `new_edits=False` revisions are stored as given and only failures have a result. A
        document may be given as its JSON text, which is sent as it is; the whole body too, as bytes or as a
        stream of `{"docs": [...]}`.
        """
        route, path = "/_bulk_docs", ("_bulk_docs",)
        if isinstance(documents, bytes):
            return self._request("POST", route, path, content=documents)
        if isinstance(documents, Readable):
            return self._request("POST", route, path, content=Upload(documents))
        end = b"]}" if new_edits else b'],"new_edits":false}'
        texts = b",".join(_texts(documents))
        return self._request("POST", route, path, content=b'{"docs":[' + texts + end)

    @list_operation(member("results", list[JSONObject]), "results")
    def get(
        self,
        docs: Iterable[JSONMapping],
        *,
        revs: bool = False,
        latest: bool = False,
        attachments: bool = False,
        att_encoding_info: bool = False,
    ) -> Request:
        """POST /{db}/_bulk_get — read revisions, each asked for as `{"id"}` or `{"id", "rev"}`.

        Returns for each `{"id", "docs": [...]}`, a list of `{"ok": document}` and
        `{"error": {"id", "rev", "error", "reason"}}`.
        """
        return self._request(
            "POST",
            "/_bulk_get",
            ("_bulk_get",),
            parameters={
                **flags(revs=revs, latest=latest, attachments=attachments),
                **flags(att_encoding_info=att_encoding_info),
            },
            body={"docs": list(docs)},
            repeatable=True,
        )

    @list_operation(json_object, "results")
    def queries(self, queries: Sequence[AllDocsOptions]) -> Request:
        """POST /{db}/_all_docs/queries — return `{"results": [...]}`, one of `all_docs` for each."""
        path = ("_all_docs", "queries")
        body = {"queries": [chosen(query, AllDocsOptions) for query in queries]}
        return self._request("POST", "/_all_docs/queries", path, body=body, repeatable=True)


def _texts(documents: Iterable[JSONMapping | bytes]) -> Iterator[bytes]:
    """Write documents as JSON; raises `InvalidJSON` with the place among the documents."""
    for index, document in enumerate(documents):
        try:
            yield document if isinstance(document, bytes) else jsonio.dumps(document)
        except InvalidJSON as error:
            place = f"docs[{index}]" + (f".{error.path}" if error.path else "")
            raise InvalidJSON(error.message, place) from error
