"""The databases of a server: list, create, look at, delete."""

import builtins

from couchmapper.client.params import database_name, flags, given, json_text
from couchmapper.client.resource import Resource
from couchmapper.exceptions import DatabaseExists, NotFound
from couchmapper.typing import JSONObject

__all__ = ["Databases"]


class Databases(Resource):
    """`client.databases`: https://docs.couchdb.org/en/stable/api/database/common.html."""

    def list(
        self,
        *,
        start_key: str | None = None,
        end_key: str | None = None,
        limit: int | None = None,
        skip: int | None = None,
        descending: bool = False,
    ) -> builtins.list[str]:
        """GET /_all_dbs — return the names of the databases, in the order of their bytes."""
        keys = {name: json_text(key) for name, key in given(start_key=start_key, end_key=end_key).items()}
        parameters = {**keys, **given(limit=limit, skip=skip), **flags(descending=descending)}
        names: builtins.list[str] = self._ask("GET", "/_all_dbs", ("_all_dbs",), parameters=parameters)
        return names

    def create(
        self,
        name: str,
        *,
        partitioned: bool = False,
        shards: int | None = None,
        replicas: int | None = None,
    ) -> None:
        """PUT /{db} — create a database; raises `DatabaseExists` when it is there already.

        `shards` and `replicas` are CouchDB's `q` and `n`; without them the server's own numbers hold.
        """
        parameters = {**flags(partitioned=partitioned), **given(q=shards, n=replicas)}
        self._ask("PUT", "/{db}", (database_name(name),), parameters=parameters)

    def ensure(self, name: str, *, partitioned: bool = False) -> bool:
        """PUT /{db} when there is no such database yet; tell whether it was created now."""
        if self.exists(name):
            return False
        try:
            self.create(name, partitioned=partitioned)
        except DatabaseExists:
            return False
        return True

    def delete(self, name: str) -> None:
        """DELETE /{db} — delete a database with all its documents; raises `DatabaseNotFound`."""
        self._ask("DELETE", "/{db}", (database_name(name),))

    def information(self, name: str) -> JSONObject:
        """GET /{db} — return counts, sizes, `update_seq` and properties; raises `DatabaseNotFound`."""
        answer: JSONObject = self._ask("GET", "/{db}", (database_name(name),))
        return answer

    def exists(self, name: str) -> bool:
        """HEAD /{db} — tell whether the database exists."""
        try:
            self._head("/{db}", (database_name(name),))
        except NotFound:
            return False
        return True
