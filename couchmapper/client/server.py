"""The server itself: what it is and does, ids from it, and what happens to its databases."""

from collections.abc import Mapping
from typing import Literal, TypedDict, Unpack

from couchmapper.client.operation import list_operation, operation
from couchmapper.client.options import chosen
from couchmapper.client.params import patience
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_list, json_object, lines, member, nothing
from couchmapper.messages import Request
from couchmapper.typing import JSONObject

__all__ = ["Server", "UpdatesOptions"]


class UpdatesOptions(TypedDict, total=False):
    """Which updates of databases to return."""

    since: str | None
    """`now`, or a `seq` that the server gave; without it from the beginning."""
    limit: int | None
    timeout: int | None
    """How many milliseconds the answer may wait for an update; 60,000 without it."""
    heartbeat: int | bool | None
    """Every how many milliseconds the server shows that it is there; then `timeout` does not hold."""
    descending: bool | None


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

    @operation(json_list)
    def active_tasks(self) -> Request:
        """GET /_active_tasks — return what runs now: compactions, index builds, replications."""
        return self._request("GET", "/_active_tasks", ("_active_tasks",))

    @list_operation(json_object, "results")
    def updates(
        self, *, feed: Literal["normal", "longpoll"] = "normal", **options: Unpack[UpdatesOptions]
    ) -> Request:
        """GET /_db_updates — return `{"results", "last_seq"}`: which databases changed.

        A row is `{"db_name", "type": "created" | "updated" | "deleted", "seq"}`. With `feed="longpoll"` the
        answer waits for the first one. The server needs a database `_global_changes`, else `NotFound`.
        """
        query = chosen(options, UpdatesOptions)
        if feed != "normal":
            query["feed"] = feed
        return self._updates(query)

    @list_operation(lines, "results")
    def continuous_updates(
        self,
        *,
        feed: Literal["continuous", "eventsource"] = "continuous",
        **options: Unpack[UpdatesOptions],
    ) -> Request:
        """GET /_db_updates?feed=continuous — return the updates of a feed that stays open, as `updates` does.

        It ends after `timeout` milliseconds without an update, or after `limit` of them. Read it with
        `client.server.continuous_updates.rows(...)`, which gives each update when it comes. The rows of
        `eventsource` are those of the database `_global_changes`: `{"seq", "id": "updated:shop", "changes"}`.
        """
        return self._updates({**chosen(options, UpdatesOptions), "feed": feed})

    @operation(member("tokens", list[str]))
    def search_analyze(self, analyzer: str | Mapping[str, str], text: str) -> Request:
        """POST /_search_analyze — return the tokens that an analyzer of `_search` makes of a text.

        The server needs its search service, else `ServiceUnavailable` or `NotFound`.
        """
        return self._analyze("_search_analyze", analyzer, text)

    @operation(member("tokens", list[str]))
    def nouveau_analyze(self, analyzer: str, text: str) -> Request:
        """POST /_nouveau_analyze — return the tokens that an analyzer of `_nouveau` makes of a text.

        The server needs Nouveau, else `NotFound`.
        """
        return self._analyze("_nouveau_analyze", analyzer, text)

    @operation(nothing)
    def reload_query_servers(self) -> Request:
        """POST /_reload_query_servers — start the processes anew that run JavaScript."""
        place = "_reload_query_servers"
        return self._request("POST", f"/{place}", (place,), body={}, repeatable=True)

    def _updates(self, query: JSONObject) -> Request:
        return self._request(
            "GET", "/_db_updates", ("_db_updates",), parameters=query, patience=patience(query)
        )

    def _analyze(self, place: str, analyzer: str | Mapping[str, str], text: str) -> Request:
        body = {"analyzer": analyzer, "text": text}
        return self._request("POST", f"/{place}", (place,), body=body, repeatable=True)
