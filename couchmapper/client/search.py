"""Full-text search: Lucene behind `_search` (Clouseau) and behind `_nouveau`."""

from typing import Unpack

from couchmapper.client.operation import operation, paged_operation
from couchmapper.client.options import GroupedSearchOptions, NouveauOptions, SearchOptions, chosen
from couchmapper.client.params import design_name, path_name
from couchmapper.client.positions import BookmarkPosition
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object
from couchmapper.messages import Request

__all__ = ["Nouveau", "PartitionSearch", "Search"]

_DDOC = "/_design/{ddoc}"


class Nouveau(Resource):
    """What a Nouveau index finds, in a database or in a partition."""

    @paged_operation(json_object, "hits", BookmarkPosition)
    def nouveau(self, ddoc: str, index: str, query: str, **options: Unpack[NouveauOptions]) -> Request:
        """POST /{db}/_design/{ddoc}/_nouveau/{index} — return `{"total_hits", "bookmark", "hits"}`.

        `query` is in Lucene's syntax. A hit is `{"id", "order", "fields"}`, with `doc` when `include_docs`.
        """
        body = {"q": query, **chosen(options, NouveauOptions)}
        route = f"{_DDOC}/_nouveau/{{index}}"
        return self._request("POST", route, _path(ddoc, "_nouveau", index), body=body, repeatable=True)


class PartitionSearch(Nouveau):
    """What a search index finds in one partition; the design document must not say `partitioned: false`."""

    @paged_operation(json_object, "rows", BookmarkPosition)
    def query(self, ddoc: str, index: str, query: str, **options: Unpack[SearchOptions]) -> Request:
        """POST /{db}/_partition/{partition}/_design/{ddoc}/_search/{index} — as `db.search.query` does."""
        body = {"query": query, **chosen(options, SearchOptions)}
        route = f"{_DDOC}/_search/{{index}}"
        return self._request("POST", route, _path(ddoc, "_search", index), body=body, repeatable=True)


class Search(Nouveau):
    """`db.search`: https://docs.couchdb.org/en/stable/ddocs/search.html.

    The server needs a search service: Clouseau for `query`, Nouveau for `nouveau`. Without it an operation
    raises `ServiceUnavailable` or `NotFound`.
    """

    @paged_operation(json_object, "rows", BookmarkPosition)
    def query(self, ddoc: str, index: str, query: str, **options: Unpack[GroupedSearchOptions]) -> Request:
        """POST /{db}/_design/{ddoc}/_search/{index} — return `{"total_rows", "bookmark", "rows"}`.

        `query` is in Lucene's syntax: `name:Ann*`. A row is `{"id", "order", "fields"}`, with `doc` when
        `include_docs`. With `counts` and `ranges` the answer has members of these names; with `group_field`
        it has `groups` and no `rows`.
        """
        body = {"query": query, **chosen(options, GroupedSearchOptions)}
        route = f"{_DDOC}/_search/{{index}}"
        return self._request("POST", route, _path(ddoc, "_search", index), body=body, repeatable=True)

    @operation(json_object)
    def information(self, ddoc: str, index: str) -> Request:
        """GET /{db}/_design/{ddoc}/_search_info/{index} — return `{"name", "search_index"}` with sizes."""
        return self._request("GET", f"{_DDOC}/_search_info/{{index}}", _path(ddoc, "_search_info", index))

    @operation(json_object)
    def disk_size(self, ddoc: str, index: str) -> Request:
        """GET /{db}/_design/{ddoc}/_search_disk_size/{index} — return `{"name", "search_index"}`."""
        path = _path(ddoc, "_search_disk_size", index)
        return self._request("GET", f"{_DDOC}/_search_disk_size/{{index}}", path)

    @operation(json_object)
    def nouveau_information(self, ddoc: str, index: str) -> Request:
        """GET /{db}/_design/{ddoc}/_nouveau_info/{index} — return `{"name", "search_index"}` with sizes."""
        return self._request("GET", f"{_DDOC}/_nouveau_info/{{index}}", _path(ddoc, "_nouveau_info", index))


def _path(ddoc: str, place: str, index: str) -> tuple[str, ...]:
    return "_design", design_name(ddoc), place, path_name(index, "a search index")
