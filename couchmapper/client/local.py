"""Local documents: kept in one database, never replicated, in no view and in no changes feed."""

from couchmapper.client.params import given, id_of, local_name
from couchmapper.client.resource import Resource
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["LocalDocuments"]

_ROUTE = "/_local/{doc_id}"


class LocalDocuments(Resource):
    """`db.local`: https://docs.couchdb.org/en/stable/api/local.html.

    Names are given with or without `_local/`. Revisions are `0-1`, `0-2`, ...; a write is never refused for
    its revision, so the last one wins.
    """

    def get(self, name: str) -> JSONObject:
        """GET /{db}/_local/{doc_id} — return the document; raises `DocumentNotFound`."""
        document: JSONObject = self._ask("GET", _ROUTE, _path(name))
        return document

    def put(self, document: JSONMapping) -> JSONObject:
        """PUT /{db}/_local/{doc_id} — store a document under its `_id`, which is `_local/{doc_id}`."""
        answer: JSONObject = self._ask("PUT", _ROUTE, _path(id_of(document)), body=document)
        return answer

    def delete(self, name: str, *, rev: str | None = None) -> JSONObject:
        """DELETE /{db}/_local/{doc_id} — delete the document; raises `DocumentNotFound`."""
        answer: JSONObject = self._ask("DELETE", _ROUTE, _path(name), parameters=given(rev=rev))
        return answer


def _path(name: str) -> tuple[str, str]:
    return "_local", local_name(name)
