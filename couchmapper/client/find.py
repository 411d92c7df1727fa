"""Mango: find documents by a selector, and the indexes that make it fast."""

from collections.abc import Iterable, Sequence
from typing import Literal, Unpack

from couchmapper.client.failures import failed_deletions
from couchmapper.client.operation import bulk_operation, operation, paged_operation
from couchmapper.client.options import FindOptions, IndexField, chosen
from couchmapper.client.params import design_name, given, path_name
from couchmapper.client.positions import BookmarkPosition
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object, member, nothing
from couchmapper.messages import Request
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["Find", "Mango"]


class Mango(Resource):
    """Documents by a selector, of a database or of a partition.

    `db.find(selector)` asks, and is short for `db.find.query(selector)`. A selector that has no meaning
    raises `InvalidSelector`, an order that no index gives `NoUsableIndex`.
    """

    @paged_operation(json_object, "docs", BookmarkPosition)
    def query(self, selector: JSONMapping, **options: Unpack[FindOptions]) -> Request:
        """POST /{db}/_find — return `{"docs", "bookmark"}`, with `warning` and `execution_stats` if any.

        Without `limit` the server returns at most 25 documents; `bookmark` asks for those after them.
        """
        body = {"selector": selector, **chosen(options, FindOptions)}
        return self._request("POST", "/_find", ("_find",), body=body, repeatable=True)

    __call__ = query

    @operation(json_object)
    def explain(self, selector: JSONMapping, **options: Unpack[FindOptions]) -> Request:
        """POST /{db}/_explain — return which index `_find` would use, and why not the others."""
        body = {"selector": selector, **chosen(options, FindOptions)}
        return self._request("POST", "/_explain", ("_explain",), body=body, repeatable=True)


class Find(Mango):
    """`db.find`: https://docs.couchdb.org/en/stable/api/database/find.html.

    `db.find(selector)` asks; the other methods look after indexes.
    """

    @operation(json_object)
    def create_index(
        self,
        fields: Sequence[IndexField],
        *,
        name: str | None = None,
        ddoc: str | None = None,
        partial_filter_selector: JSONMapping | None = None,
        partitioned: bool | None = None,
    ) -> Request:
        """POST /{db}/_index — declare a JSON index; return `{"result": "created" | "exists", "id", "name"}`.

        Documents that lack one of `fields` are not in the index. Doing it twice changes nothing.
        """
        index = {"fields": fields, **given(partial_filter_selector=partial_filter_selector)}
        return self._create("json", index, given(name=name, ddoc=ddoc, partitioned=partitioned))

    @operation(json_object)
    def create_text_index(  # noqa: PLR0913 - CouchDB's parameters
        self,
        fields: Sequence[JSONMapping] | None = None,
        *,
        name: str | None = None,
        ddoc: str | None = None,
        partial_filter_selector: JSONMapping | None = None,
        partitioned: bool | None = None,
        analyzer: str | JSONMapping | None = None,
        default_field: JSONMapping | None = None,
        index_array_lengths: bool | None = None,
    ) -> Request:
        """POST /{db}/_index — declare a text index, over all fields or over `[{"name", "type"}]`.

        The server needs a search service, else `ServiceUnavailable`. The result is that of `create_index`.
        """
        index = given(
            fields=fields,
            analyzer=analyzer,
            default_field=default_field,
            index_array_lengths=index_array_lengths,
            partial_filter_selector=partial_filter_selector,
        )
        return self._create("text", index, given(name=name, ddoc=ddoc, partitioned=partitioned))

    @operation(member("indexes", list[JSONObject]))
    def indexes(self) -> Request:
        """GET /{db}/_index — return all indexes, the built-in one over ids (`_all_docs`) first."""
        return self._request("GET", "/_index", ("_index",))

    @operation(nothing)
    def delete_index(
        self, ddoc: str, name: str, *, type: Literal["json", "special", "text"] = "json"
    ) -> Request:
        """DELETE /{db}/_index/{ddoc}/{type}/{name} — delete an index; raises `NotFound`."""
        kind = path_name(type, "a kind of index")
        path = ("_index", design_name(ddoc), kind, path_name(name, "an index"))
        return self._request("DELETE", "/_index/{ddoc}/{type}/{name}", path)

    @bulk_operation(json_object, failed_deletions)
    def delete_indexes(self, ddocs: Iterable[str]) -> Request:
        """POST /{db}/_index/_bulk_delete — delete the indexes of design documents.

        Returns `{"success", "fail"}`; what could not be deleted raises `BulkFailed`.
        """
        body = {"docids": [design_name(name) for name in ddocs]}
        return self._request("POST", "/_index/_bulk_delete", ("_index", "_bulk_delete"), body=body)

    def _create(self, kind: str, index: JSONObject, place: JSONObject) -> Request:
        body = {"index": index, "type": kind, **place}
        return self._request("POST", "/_index", ("_index",), body=body, repeatable=True)
