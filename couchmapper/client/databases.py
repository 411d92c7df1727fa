"""The databases of a server: list, create, look at, delete."""

import builtins
from collections.abc import Iterable

from couchmapper.client.operation import operation
from couchmapper.client.params import database_name, flags, given, json_text
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_list, json_names, json_object, nothing
from couchmapper.exceptions import DatabaseExists, NotFound
from couchmapper.messages import Request

__all__ = ["Databases"]


class Databases(Resource):
    """`client.databases`: https://docs.couchdb.org/en/stable/api/database/common.html."""

    @operation(json_names)
    def list(
        self,
        *,
        start_key: str | None = None,
        end_key: str | None = None,
        limit: int | None = None,
        skip: int | None = None,
        descending: bool = False,
    ) -> Request:
        """GET /_all_dbs — return the names of the databases, in the order of their bytes."""
        keys = {name: json_text(key) for name, key in given(start_key=start_key, end_key=end_key).items()}
        parameters = {**keys, **given(limit=limit, skip=skip), **flags(descending=descending)}
        return self._request("GET", "/_all_dbs", ("_all_dbs",), parameters=parameters)

    @operation(json_list)
    def information_of(self, names: Iterable[str]) -> Request:
        """POST /_dbs_info — return `{"key", "info"}` or `{"key", "error"}` for each of 100 names at most."""
        body = {"keys": builtins.list(names)}
        return self._request("POST", "/_dbs_info", ("_dbs_info",), body=body, repeatable=True)

    @operation(nothing)
    def create(
        self,
        name: str,
        *,
        partitioned: bool = False,
        shards: int | None = None,
        replicas: int | None = None,
    ) -> Request:
        """PUT /{db} — create a database; raises `DatabaseExists` when it is there already.

        `shards` and `replicas` are CouchDB's `q` and `n`; without them the server's own numbers hold.
        """
        parameters = {**flags(partitioned=partitioned), **given(q=shards, n=replicas)}
        return self._request("PUT", "/{db}", (database_name(name),), parameters=parameters)

    def ensure(self, name: str, *, partitioned: bool = False) -> bool:
        """PUT /{db} when there is no such database yet; tell whether it was created now."""
        if self.exists(name):
            return False
        try:
            self.create(name, partitioned=partitioned)
        except DatabaseExists:
            return False
        return True

    @operation(nothing)
    def delete(self, name: str) -> Request:
        """DELETE /{db} — delete a database with all its documents; raises `DatabaseNotFound`."""
        return self._request("DELETE", "/{db}", (database_name(name),))

    @operation(json_object)
    def information(self, name: str) -> Request:
        """GET /{db} — return counts, sizes, `update_seq` and properties; raises `DatabaseNotFound`."""
        return self._request("GET", "/{db}", (database_name(name),))

    @operation(nothing)
    def head(self, name: str) -> Request:
        """HEAD /{db} — return nothing when the database exists; raises `DatabaseNotFound`."""
        return self._request("HEAD", "/{db}", (database_name(name),))

    def exists(self, name: str) -> bool:
        """HEAD /{db} — tell whether the database exists."""
        try:
            self.head(name)
        except NotFound:
            return False
        return True
