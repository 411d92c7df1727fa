"""Design documents: where views, indexes, filters and validation functions are kept."""

import builtins
from collections.abc import Sequence

from couchmapper.client.errors import revision
from couchmapper.client.params import design_name, flags, given, id_of
from couchmapper.client.resource import Resource
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["DesignDocuments"]

_ROUTE = "/_design/{ddoc}"


class DesignDocuments(Resource):
    """`db.design`: https://docs.couchdb.org/en/stable/api/ddoc/common.html.

    Names are given with or without `_design/`.
    """

    def get(self, name: str, *, rev: str | None = None, conflicts: bool = False) -> JSONObject:
        """GET /{db}/_design/{ddoc} — return the design document, or its revision `rev`."""
        parameters = {**given(rev=rev), **flags(conflicts=conflicts)}
        document: JSONObject = self._ask("GET", _ROUTE, _path(name), parameters=parameters)
        return document

    def head(self, name: str) -> str:
        """HEAD /{db}/_design/{ddoc} — return the current revision."""
        return revision(self._head(_ROUTE, _path(name)))

    def put(self, document: JSONMapping) -> JSONObject:
        """PUT /{db}/_design/{ddoc} — store a design document under its `_id`, which is `_design/{ddoc}`.

        Views that differ from the stored ones are built when they are first asked.
        """
        answer: JSONObject = self._ask("PUT", _ROUTE, _path(id_of(document)), body=document)
        return answer

    def delete(self, name: str, *, rev: str) -> JSONObject:
        """DELETE /{db}/_design/{ddoc} — delete it; its indexes are gone from then on."""
        answer: JSONObject = self._ask("DELETE", _ROUTE, _path(name), parameters={"rev": rev})
        return answer

    def information(self, name: str) -> JSONObject:
        """GET /{db}/_design/{ddoc}/_info — return sizes, signature and state of its view index."""
        answer: JSONObject = self._ask("GET", f"{_ROUTE}/_info", (*_path(name), "_info"))
        return answer

    def list(  # noqa: PLR0913 - CouchDB's parameters
        self,
        *,
        keys: Sequence[str] | None = None,
        include_docs: bool = False,
        conflicts: bool = False,
        descending: bool = False,
        limit: int | None = None,
        skip: int | None = None,
    ) -> builtins.list[JSONObject]:
        """POST /{db}/_design_docs — return a row `{"id", "key", "value": {"rev"}}` for each of them."""
        body = {
            **given(keys=keys, limit=limit, skip=skip),
            **flags(include_docs=include_docs, conflicts=conflicts, descending=descending),
        }
        answer = self._ask("POST", "/_design_docs", ("_design_docs",), body=body, repeatable=True)
        rows: builtins.list[JSONObject] = answer["rows"]
        return rows


def _path(name: str) -> tuple[str, str]:
    return "_design", design_name(name)
