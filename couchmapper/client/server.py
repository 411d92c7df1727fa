"""The server itself: what it is, whether it is up, and ids from it."""

from couchmapper.client.resource import Resource
from couchmapper.typing import JSONObject

__all__ = ["Server"]


class Server(Resource):
    """`client.server`: https://docs.couchdb.org/en/stable/api/server/common.html."""

    def information(self) -> JSONObject:
        """GET / — return the server's version, features and vendor."""
        answer: JSONObject = self._ask("GET", "/", ())
        return answer

    def up(self) -> JSONObject:
        """GET /_up — return `{"status": "ok", ...}`; raises `NotFound` while the node is in maintenance."""
        answer: JSONObject = self._ask("GET", "/_up", ("_up",))
        return answer

    def uuids(self, count: int = 1) -> list[str]:
        """GET /_uuids — return `count` (at most 1000) new ids that no document has."""
        answer = self._ask("GET", "/_uuids", ("_uuids",), parameters={"count": count})
        uuids: list[str] = answer["uuids"]
        return uuids
