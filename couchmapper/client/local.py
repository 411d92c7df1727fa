"""Local documents: kept in one database, never replicated, in no view and in no changes feed."""

from collections.abc import Sequence
from typing import Unpack

from couchmapper.client.operation import list_operation, operation
from couchmapper.client.options import AllDocsOptions, chosen
from couchmapper.client.params import flags, given, json_content, local_name, matching, stored_id
from couchmapper.client.resource import Resource
from couchmapper.client.results import current_revision, json_object
from couchmapper.messages import Request
from couchmapper.streams import Source
from couchmapper.typing import JSONMapping

__all__ = ["LocalDocuments"]

_ROUTE = "/_local/{doc_id}"


class LocalDocuments(Resource):
    """`db.local`: https://docs.couchdb.org/en/stable/api/local.html.

    Names are given with or without `_local/`. Revisions are `0-1`, `0-2`, ...; a write is never refused for
    its revision, so the last one wins.
    """

    @operation(json_object)
    def get(
        self,
        name: str,
        *,
        attachments: bool = False,
        att_encoding_info: bool = False,
        local_seq: bool = False,
        if_none_match: str | None = None,
    ) -> Request:
        """GET /{db}/_local/{doc_id} — return the document; raises `DocumentNotFound`."""
        parameters = flags(attachments=attachments, att_encoding_info=att_encoding_info, local_seq=local_seq)
        headers = matching(if_none_match=if_none_match)
        return self._request("GET", _ROUTE, _path(name), parameters=parameters, headers=headers)

    @operation(current_revision)
    def head(self, name: str, *, if_none_match: str | None = None) -> Request:
        """HEAD /{db}/_local/{doc_id} — return the current revision."""
        return self._request("HEAD", _ROUTE, _path(name), headers=matching(if_none_match=if_none_match))

    @operation(json_object)
    def put(
        self,
        document: JSONMapping | Source,
        *,
        name: str | None = None,
        batch: bool = False,
        content_type: str = "application/json",
    ) -> Request:
        """PUT /{db}/_local/{doc_id} — store a document under its `_id`, which is `_local/{doc_id}`.

        What is given as text or as a stream needs `name`.
        """
        return self._request(
            "PUT",
            _ROUTE,
            _path(stored_id(document, name)),
            parameters=given(batch="ok" if batch else None),
            headers={"Content-Type": content_type},
            content=json_content(document),
        )

    @operation(json_object)
    def delete(self, name: str, *, rev: str | None = None, batch: bool = False) -> Request:
        """DELETE /{db}/_local/{doc_id} — delete the document; raises `DocumentNotFound`."""
        parameters = given(rev=rev, batch="ok" if batch else None)
        return self._request("DELETE", _ROUTE, _path(name), parameters=parameters)

    @list_operation(json_object, "rows")
    def list(self, **options: Unpack[AllDocsOptions]) -> Request:
        """POST /{db}/_local_docs — return `{"rows"}`; `total_rows` and `offset` are null."""
        body = chosen(options, AllDocsOptions)
        return self._request("POST", "/_local_docs", ("_local_docs",), body=body, repeatable=True)

    @list_operation(json_object, "results")
    def queries(self, queries: Sequence[AllDocsOptions]) -> Request:
        """POST /{db}/_local_docs/queries — return `{"results": [...]}`, one of `list` for each."""
        path = ("_local_docs", "queries")
        body = {"queries": [chosen(query, AllDocsOptions) for query in queries]}
        return self._request("POST", "/_local_docs/queries", path, body=body, repeatable=True)


def _path(name: str) -> tuple[str, str]:
    return "_local", local_name(name)
