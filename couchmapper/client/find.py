"""Mango: find documents by a selector, and the indexes that make it fast."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from couchmapper.client.params import design_name, flags, given
from couchmapper.client.resource import Resource
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["Find", "IndexField", "Update"]

IndexField: TypeAlias = str | Mapping[str, Literal["asc", "desc"]]
"""A field of an index or of an order: its path, or `{path: "asc"}` with a direction."""

Update: TypeAlias = bool | Literal["lazy"]
"""Whether an index is brought up to date first (True), not at all (False), or after the answer (`lazy`)."""


class Find(Resource):
    """`db.find`: https://docs.couchdb.org/en/stable/api/database/find.html.

    `db.find(selector)` asks; the other methods look after indexes. A selector that has no meaning raises
    `InvalidSelector`, an order that no index gives `NoUsableIndex`.
    """

    def __call__(  # noqa: PLR0913 - CouchDB's parameters
        self,
        selector: JSONMapping,
        *,
        fields: Sequence[str] | None = None,
        sort: Sequence[IndexField] | None = None,
        limit: int | None = None,
        skip: int | None = None,
        bookmark: str | None = None,
        use_index: str | Sequence[str] | None = None,
        allow_fallback: bool | None = None,
        conflicts: bool = False,
        execution_stats: bool = False,
        update: Update | None = None,
        stable: bool | None = None,
        r: int | None = None,
    ) -> JSONObject:
        """POST /{db}/_find — return `{"docs", "bookmark"}`, with `warning` and `execution_stats` if any.

        Without `limit` the server returns at most 25 documents; `bookmark` asks for those after them.
        """
        body = {
            "selector": selector,
            **given(fields=fields, sort=sort, limit=limit, skip=skip, bookmark=bookmark, r=r),
            **given(use_index=use_index, allow_fallback=allow_fallback, update=update, stable=stable),
            **flags(conflicts=conflicts, execution_stats=execution_stats),
        }
        answer: JSONObject = self._ask("POST", "/_find", ("_find",), body=body, repeatable=True)
        return answer

    def explain(  # noqa: PLR0913 - CouchDB's parameters
        self,
        selector: JSONMapping,
        *,
        fields: Sequence[str] | None = None,
        sort: Sequence[IndexField] | None = None,
        limit: int | None = None,
        skip: int | None = None,
        bookmark: str | None = None,
        use_index: str | Sequence[str] | None = None,
        allow_fallback: bool | None = None,
    ) -> JSONObject:
        """POST /{db}/_explain — return which index `_find` would use, and why not the others."""
        body = {
            "selector": selector,
            **given(fields=fields, sort=sort, limit=limit, skip=skip, bookmark=bookmark),
            **given(use_index=use_index, allow_fallback=allow_fallback),
        }
        answer: JSONObject = self._ask("POST", "/_explain", ("_explain",), body=body, repeatable=True)
        return answer

    def create_index(
        self,
        fields: Sequence[IndexField],
        *,
        name: str | None = None,
        ddoc: str | None = None,
        partial_filter_selector: JSONMapping | None = None,
        partitioned: bool | None = None,
    ) -> JSONObject:
        """POST /{db}/_index — declare a JSON index; return `{"result": "created" | "exists", "id", "name"}`.

        Documents that lack one of `fields` are not in the index. Doing it twice changes nothing.
        """
        index = {"fields": fields, **given(partial_filter_selector=partial_filter_selector)}
        body = {"index": index, "type": "json", **given(name=name, ddoc=ddoc, partitioned=partitioned)}
        answer: JSONObject = self._ask("POST", "/_index", ("_index",), body=body, repeatable=True)
        return answer

    def indexes(self) -> list[JSONObject]:
        """GET /{db}/_index — return all indexes, the built-in one over ids (`_all_docs`) first."""
        indexes: list[JSONObject] = self._ask("GET", "/_index", ("_index",))["indexes"]
        return indexes

    def delete_index(self, ddoc: str, name: str) -> None:
        """DELETE /{db}/_index/{ddoc}/json/{name} — delete an index; raises `NotFound`."""
        path = ("_index", design_name(ddoc), "json", name)
        self._ask("DELETE", "/_index/{ddoc}/json/{name}", path)
