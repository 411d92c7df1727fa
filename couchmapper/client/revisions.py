"""The revisions of a database: which are missing, how many are remembered, and forgetting some for ever."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from couchmapper.client.operation import operation
from couchmapper.client.params import given
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object, member, nothing, number
from couchmapper.messages import Request
from couchmapper.typing import JSONObject

__all__ = ["Revisions", "RevisionsByDocument"]

RevisionsByDocument: TypeAlias = Mapping[str, Sequence[str]]
"""Revisions by the id of their document: `{"a": ["1-x", "2-y"]}`."""


class Revisions(Resource):
    """`db.revisions`: https://docs.couchdb.org/en/stable/api/database/misc.html."""

    @operation(json_object)
    def diff(self, revisions: RevisionsByDocument) -> Request:
        """POST /{db}/_revs_diff — return `{id: {"missing", "possible_ancestors"}}`: what is not here.

        A document of which nothing is missing has no member.
        """
        return self._request("POST", "/_revs_diff", ("_revs_diff",), body=dict(revisions), repeatable=True)

    @operation(member("missing_revs", dict[str, list[str]]))
    def missing(self, revisions: RevisionsByDocument) -> Request:
        """POST /{db}/_missing_revs — return `{id: [revision, ...]}`: what is not here."""
        place = "_missing_revs"
        return self._request("POST", f"/{place}", (place,), body=dict(revisions), repeatable=True)

    @operation(member("purged", dict[str, list[str]]))
    def purge(self, revisions: RevisionsByDocument, *, w: int | None = None) -> Request:
        """POST /{db}/_purge — forget leaves for ever; return those that were forgotten, by id.

        Nothing remains of a document whose leaves are all purged, not even a tombstone, so replication brings
        it back from where it still is. At most 100 documents and 1000 revisions at once. `w` is how many
        copies have to be written.
        """
        parameters = given(w=w)
        body = dict(revisions)
        return self._request(
            "POST", "/_purge", ("_purge",), parameters=parameters, body=body, repeatable=True
        )

    @operation(member("purged_infos", list[JSONObject]))
    def purged(self) -> Request:
        """GET /{db}/_purged_infos — return the purges that are remembered: `[{"id", "revs"}]`."""
        return self._request("GET", "/_purged_infos", ("_purged_infos",))

    @operation(number)
    def purged_limit(self) -> Request:
        """GET /{db}/_purged_infos_limit — return how many purges are remembered."""
        return self._request("GET", "/_purged_infos_limit", ("_purged_infos_limit",))

    @operation(nothing)
    def set_purged_limit(self, limit: int) -> Request:
        """PUT /{db}/_purged_infos_limit — set how many purges are remembered."""
        return self._request("PUT", "/_purged_infos_limit", ("_purged_infos_limit",), body=limit)

    @operation(number)
    def limit(self) -> Request:
        """GET /{db}/_revs_limit — return how many generations of a document are remembered."""
        return self._request("GET", "/_revs_limit", ("_revs_limit",))

    @operation(nothing)
    def set_limit(self, limit: int) -> Request:
        """PUT /{db}/_revs_limit — set how many generations of a document are remembered."""
        return self._request("PUT", "/_revs_limit", ("_revs_limit",), body=limit)
