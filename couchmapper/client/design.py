"""Design documents: where views, indexes, filters and validation functions are kept."""

from collections.abc import Mapping, Sequence
from typing import Unpack

from couchmapper.client.operation import list_operation, operation, paged_operation
from couchmapper.client.options import AllDocsOptions, DocumentOptions, chosen
from couchmapper.client.params import design_name, given, json_content, matching, path_name, stored_id, unless
from couchmapper.client.positions import IdPosition
from couchmapper.client.resource import Resource
from couchmapper.client.results import current_revision, json_object, whole_answer
from couchmapper.messages import Request
from couchmapper.streams import Source
from couchmapper.typing import JSONMapping

__all__ = ["DesignDocuments"]

_ROUTE = "/_design/{ddoc}"
_NOTHING: Mapping[str, str] = {}


class DesignDocuments(Resource):
    """`db.design`: https://docs.couchdb.org/en/stable/api/ddoc/common.html.

    Names are given with or without `_design/`.
    """

    @operation(json_object)
    def get(
        self, name: str, *, if_none_match: str | None = None, **options: Unpack[DocumentOptions]
    ) -> Request:
        """GET /{db}/_design/{ddoc} — return the design document, or its revision `rev`."""
        parameters = chosen(options, DocumentOptions)
        headers = matching(if_none_match=if_none_match)
        return self._request("GET", _ROUTE, _path(name), parameters=parameters, headers=headers)

    @operation(current_revision)
    def head(self, name: str, *, if_none_match: str | None = None) -> Request:
        """HEAD /{db}/_design/{ddoc} — return the current revision."""
        return self._request("HEAD", _ROUTE, _path(name), headers=matching(if_none_match=if_none_match))

    @operation(json_object)
    def put(  # noqa: PLR0913 - CouchDB's parameters
        self,
        document: JSONMapping | Source,
        *,
        name: str | None = None,
        rev: str | None = None,
        if_match: str | None = None,
        new_edits: bool = True,
        batch: bool = False,
    ) -> Request:
        """PUT /{db}/_design/{ddoc} — store a design document under its `_id`, which is `_design/{ddoc}`.

        Views that differ from the stored ones are built when they are first asked. What is given as text or
        as a stream needs `name`.
        """
        return self._request(
            "PUT",
            _ROUTE,
            _path(stored_id(document, name)),
            parameters={**given(rev=rev, batch="ok" if batch else None), **unless(new_edits=new_edits)},
            headers=matching(if_match=if_match),
            content=json_content(document),
        )

    @operation(json_object)
    def delete(
        self, name: str, *, rev: str | None = None, if_match: str | None = None, batch: bool = False
    ) -> Request:
        """DELETE /{db}/_design/{ddoc} — delete it; its indexes are gone from then on."""
        parameters = given(rev=rev, batch="ok" if batch else None)
        headers = matching(if_match=if_match)
        return self._request("DELETE", _ROUTE, _path(name), parameters=parameters, headers=headers)

    @operation(json_object)
    def information(self, name: str) -> Request:
        """GET /{db}/_design/{ddoc}/_info — return sizes, signature and state of its view index."""
        return self._request("GET", f"{_ROUTE}/_info", (*_path(name), "_info"))

    @paged_operation(json_object, "rows", IdPosition)
    def list(self, **options: Unpack[AllDocsOptions]) -> Request:
        """POST /{db}/_design_docs — return `{"total_rows", "offset", "rows"}` of the design documents."""
        body = chosen(options, AllDocsOptions)
        return self._request("POST", "/_design_docs", ("_design_docs",), body=body, repeatable=True)

    @list_operation(json_object, "results")
    def queries(self, queries: Sequence[AllDocsOptions]) -> Request:
        """POST /{db}/_design_docs/queries — return `{"results": [...]}`, one of `list` for each."""
        path = ("_design_docs", "queries")
        body = {"queries": [chosen(query, AllDocsOptions) for query in queries]}
        return self._request("POST", "/_design_docs/queries", path, body=body, repeatable=True)

    @operation(whole_answer)
    def update(  # noqa: PLR0913 - the parts of a request
        self,
        ddoc: str,
        function: str,
        *,
        id: str | None = None,
        body: Source = b"",
        content_type: str = "application/json",
        parameters: Mapping[str, str] = _NOTHING,
    ) -> Request:
        """PUT /{db}/_design/{ddoc}/_update/{function}/{doc_id} — run a function; return its whole answer.

        Without `id` it is a POST, and the function makes up a document. What it wrote is told by the headers
        `x-couch-id` and `x-couch-update-newrev`. It is not repeated after a lost answer, since nobody knows
        what the function does when it runs twice.
        """
        route = f"{_ROUTE}/_update/{{function}}" + ("" if id is None else "/{doc_id}")
        place = (*_path(ddoc), "_update", path_name(function, "an update function"))
        return self._request(
            "POST" if id is None else "PUT",
            route,
            place if id is None else (*place, path_name(id, "a document")),
            parameters=parameters,
            headers={"Content-Type": content_type},
            content=json_content(body),
            repeatable=False,
        )


def _path(name: str) -> tuple[str, str]:
    return "_design", design_name(name)
