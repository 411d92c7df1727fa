"""The server itself: what it is, whether it is up, and ids from it."""

from couchmapper.client.operation import operation
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object, member, nothing
from couchmapper.messages import Request

__all__ = ["Server"]


class Server(Resource):
    """`client.server`: https://docs.couchdb.org/en/stable/api/server/common.html."""

    @operation(json_object)
    def information(self) -> Request:
        """GET / — return the server's version, features and vendor."""
        return self._request("GET", "/", ())

    @operation(json_object)
    def up(self) -> Request:
        """GET /_up — return `{"status": "ok", ...}`; raises `NotFound` while the node is in maintenance."""
        return self._request("GET", "/_up", ("_up",))

    @operation(nothing)
    def head_up(self) -> Request:
        """HEAD /_up — return nothing when the server is up, else raise as `up` does."""
        return self._request("HEAD", "/_up", ("_up",))

    @operation(member("uuids", list[str]))
    def uuids(self, count: int = 1) -> Request:
        """GET /_uuids — return `count` (at most 1000) new ids that no document has."""
        return self._request("GET", "/_uuids", ("_uuids",), parameters={"count": count})
