"""Looking after a database: compaction, left-over index files, shards."""

from couchmapper.client.operation import operation
from couchmapper.client.params import design_name, path_name
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object, member, nothing
from couchmapper.messages import Request

__all__ = ["Maintenance"]


class Maintenance(Resource):
    """`db.maintenance`: https://docs.couchdb.org/en/stable/api/database/compact.html.

    The server does most of it by itself, in time. What is asked for here is begun and not waited for;
    `client.server.active_tasks()` and `db.information()` show when it is done.
    """

    @operation(nothing)
    def compact(self) -> Request:
        """POST /{db}/_compact — write the file anew, without old revisions and free space."""
        return self._post("/_compact", "_compact")

    @operation(nothing)
    def compact_views(self, ddoc: str) -> Request:
        """POST /{db}/_compact/{ddoc} — write the index of a design document's views anew."""
        return self._post("/_compact/{ddoc}", "_compact", design_name(ddoc))

    @operation(nothing)
    def cleanup_views(self) -> Request:
        """POST /{db}/_view_cleanup — delete the view indexes that no design document needs any more."""
        return self._post("/_view_cleanup", "_view_cleanup")

    @operation(nothing)
    def cleanup_search(self) -> Request:
        """POST /{db}/_search_cleanup — delete the search indexes that no design document needs any more."""
        return self._post("/_search_cleanup", "_search_cleanup")

    @operation(nothing)
    def cleanup_nouveau(self) -> Request:
        """POST /{db}/_nouveau_cleanup — delete the Nouveau indexes that no design document needs any more."""
        return self._post("/_nouveau_cleanup", "_nouveau_cleanup")

    @operation(member("instance_start_time", str))
    def ensure_full_commit(self) -> Request:
        """POST /{db}/_ensure_full_commit — return the time at which the database was created.

        Every write of CouchDB 3 is on disk when it is answered, so there is nothing to ensure; replicators
        ask for it.
        """
        return self._post("/_ensure_full_commit", "_ensure_full_commit")

    @operation(member("shards", dict[str, list[str]]))
    def shards(self) -> Request:
        """GET /{db}/_shards — return the nodes that hold each shard, by its range."""
        return self._request("GET", "/_shards", ("_shards",))

    @operation(json_object)
    def shard_of(self, id: str) -> Request:
        """GET /{db}/_shards/{doc_id} — return `{"range", "nodes"}`: the shard that a document is in."""
        path = ("_shards", path_name(id, "a document"))
        return self._request("GET", "/_shards/{doc_id}", path)

    @operation(nothing)
    def sync_shards(self) -> Request:
        """POST /{db}/_sync_shards — bring the copies of each shard up to date now."""
        return self._post("/_sync_shards", "_sync_shards")

    @operation(json_object)
    def auto_purge(self) -> Request:
        """GET /{db}/_auto_purge — return `{"deleted_document_ttl"}`; CouchDB has it after 3.5."""
        return self._request("GET", "/_auto_purge", ("_auto_purge",))

    @operation(nothing)
    def set_auto_purge(self, *, deleted_document_ttl: str) -> Request:
        """PUT /{db}/_auto_purge — let the server purge tombstones after a time such as `30_days`.

        `infinity` keeps them. CouchDB has it after 3.5.
        """
        body = {"deleted_document_ttl": deleted_document_ttl}
        return self._request("PUT", "/_auto_purge", ("_auto_purge",), body=body)

    def _post(self, route: str, *path: str) -> Request:
        return self._request("POST", route, path, body={}, repeatable=True)
