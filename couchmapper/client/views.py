"""Views: rows that map functions made of the documents, in key order, or reduced."""

from collections.abc import Sequence
from typing import Unpack

from couchmapper.client.operation import list_operation, paged_operation
from couchmapper.client.options import PartitionViewOptions, ViewOptions, chosen
from couchmapper.client.params import design_name, path_name
from couchmapper.client.positions import KeyPosition
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object
from couchmapper.messages import Request

__all__ = ["PartitionViews", "Views"]

_ROUTE = "/_design/{ddoc}/_view/{view}"


class PartitionViews(Resource):
    """The rows that a view has of one partition; the design document must not say `partitioned: false`."""

    @paged_operation(json_object, "rows", KeyPosition)
    def query(self, ddoc: str, view: str, **options: Unpack[PartitionViewOptions]) -> Request:
        """POST /{db}/_partition/{partition}/_design/{ddoc}/_view/{view} — as `db.views.query`."""
        body = chosen(options, PartitionViewOptions)
        return self._request("POST", _ROUTE, _path(ddoc, view), body=body, repeatable=True)


class Views(Resource):
    """`db.views`: https://docs.couchdb.org/en/stable/api/ddoc/views.html."""

    @paged_operation(json_object, "rows", KeyPosition)
    def query(self, ddoc: str, view: str, **options: Unpack[ViewOptions]) -> Request:
        """POST /{db}/_design/{ddoc}/_view/{view} — return `{"total_rows", "offset", "rows"}`.

        A row is `{"id", "key", "value"}`, with `doc` when `include_docs`. A view with a reduce function is
        reduced unless `reduce=False`; its answer is `{"rows": [{"key", "value"}]}`. With `descending` the
        first key is the larger one. None as a key is JSON's null.
        """
        body = chosen(options, ViewOptions)
        return self._request("POST", _ROUTE, _path(ddoc, view), body=body, repeatable=True)

    @list_operation(json_object, "results")
    def queries(self, ddoc: str, view: str, queries: Sequence[ViewOptions]) -> Request:
        """POST /{db}/_design/{ddoc}/_view/{view}/queries — return `{"results"}`, one of `query` for each."""
        body = {"queries": [chosen(query, ViewOptions) for query in queries]}
        path = (*_path(ddoc, view), "queries")
        return self._request("POST", f"{_ROUTE}/queries", path, body=body, repeatable=True)


def _path(ddoc: str, view: str) -> tuple[str, ...]:
    return "_design", design_name(ddoc), "_view", path_name(view, "a view")
