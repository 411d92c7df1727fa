"""What only IBM Cloudant has, in its first generation: capacity, events, CORS, API keys."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from couchmapper.client.operation import operation
from couchmapper.client.params import database_name, given
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object, nothing
from couchmapper.client.security import People
from couchmapper.messages import Request

__all__ = ["Cloudant"]

_API = "/_api/v2"


class Cloudant(Resource):
    """`client.cloudant`: https://cloud.ibm.com/apidocs/cloudant.

    CouchDB and the second generation of Cloudant answer these with `NotFound`.
    """

    @operation(json_object)
    def capacity_throughput(self) -> Request:
        """GET /_api/v2/user/capacity/throughput — return the throughput that is provisioned."""
        return self._get("user", "capacity", "throughput")

    @operation(json_object)
    def set_capacity_throughput(self, blocks: int) -> Request:
        """PUT /_api/v2/user/capacity/throughput — provision so many blocks; return the throughput.

        A block is 100 reads, 50 writes and 5 global queries a second.
        """
        return self._send("PUT", {"blocks": blocks}, "user", "capacity", "throughput")

    @operation(json_object)
    def current_throughput(self) -> Request:
        """GET /_api/v2/user/current/throughput — return `{"throughput"}`: what is used at present."""
        return self._get("user", "current", "throughput")

    @operation(json_object)
    def capacity_databases(self) -> Request:
        """GET /_api/v2/user/capacity/databases — return how many databases there may be."""
        return self._get("user", "capacity", "databases")

    @operation(json_object)
    def current_databases(self) -> Request:
        """GET /_api/v2/user/current/databases — return how many databases there are."""
        return self._get("user", "current", "databases")

    @operation(json_object)
    def activity_tracker_events(self) -> Request:
        """GET /_api/v2/user/activity_tracker/events — return `{"types"}`: which events are told."""
        return self._get("user", "activity_tracker", "events")

    @operation(nothing)
    def set_activity_tracker_events(self, types: Iterable[Literal["management", "data"]]) -> Request:
        """POST /_api/v2/user/activity_tracker/events — choose which events are told."""
        return self._send("POST", {"types": list(types)}, "user", "activity_tracker", "events")

    @operation(json_object)
    def cors(self) -> Request:
        """GET /_api/v2/user/config/cors — return `{"allow_credentials", "enable_cors", "origins"}`."""
        return self._get("user", "config", "cors")

    @operation(nothing)
    def set_cors(
        self,
        origins: Iterable[str],
        *,
        allow_credentials: bool | None = None,
        enable_cors: bool | None = None,
    ) -> Request:
        """PUT /_api/v2/user/config/cors — choose the web pages whose scripts may ask; `*` is all of them."""
        choices = given(allow_credentials=allow_credentials, enable_cors=enable_cors)
        return self._send("PUT", {"origins": list(origins), **choices}, "user", "config", "cors")

    @operation(json_object)
    def create_api_key(self) -> Request:
        """POST /_api/v2/api_keys — make a key; return `{"key", "password"}`, which is not told again."""
        return self._request("POST", f"{_API}/api_keys", ("_api", "v2", "api_keys"))

    @operation(nothing)
    def put_security(
        self,
        database: str,
        cloudant: Mapping[str, Sequence[str]],
        *,
        admins: People | None = None,
        members: People | None = None,
        couchdb_auth_only: bool | None = None,
    ) -> Request:
        """PUT /_api/v2/db/{db}/_security — replace who may do what, by API key: `{key: ["_reader"]}`.

        `nobody` is everybody without a key. With `couchdb_auth_only` it is CouchDB's `admins` and `members`
        that count.
        """
        choices = given(admins=admins, members=members, couchdb_auth_only=couchdb_auth_only)
        path = ("_api", "v2", "db", database_name(database), "_security")
        body = {"cloudant": cloudant, **choices}
        return self._request("PUT", f"{_API}/db/{{db}}/_security", path, body=body)

    def _get(self, *path: str) -> Request:
        return self._request("GET", "/".join((_API, *path)), ("_api", "v2", *path))

    def _send(self, method: str, body: Mapping[str, object], *path: str) -> Request:
        route = "/".join((_API, *path))
        return self._request(method, route, ("_api", "v2", *path), body=dict(body), repeatable=True)
