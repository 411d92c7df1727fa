"""The server itself: `/`, `/_up`, `/_all_dbs`, `/_dbs_info`, `/_uuids`, `/_session`."""

import sqlite3

from couchmapper.embedded.answers import answer_json
from couchmapper.embedded.api.databases import database_info
from couchmapper.embedded.call import Call
from couchmapper.embedded.parameters import flag, id_range, non_negative
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage import databases, meta
from couchmapper.exceptions import BadRequest
from couchmapper.messages import Response
from couchmapper.typing import JSON, JSONObject

__all__ = ["ROUTES"]

_MOST_UUIDS = 1000
_NEVER_CACHED = {"cache-control": "must-revalidate, no-cache", "pragma": "no-cache"}


def welcome(call: Call) -> Response:
    """`GET /`: who answers; `version` is that of the API, CouchDB's."""
    with call.node.store.read() as connection:
        uuid = meta.server_uuid(connection)
    return answer_json(
        {
            "couchdb": "Welcome",
            "version": "3.5.0",
            "uuid": uuid,
            "features": [],
            "vendor": {"name": "couchmapper"},
        }
    )


def up(call: Call) -> Response:
    """`GET /_up`: whether the store can be read."""
    with call.node.store.read():
        return answer_json({"status": "ok", "seeds": {}})


def all_dbs(call: Call) -> Response:
    """`GET /_all_dbs`: the names in byte order, within the bounds of `_all_docs`."""
    descending = flag(call.query, "descending")
    with call.node.store.read() as connection:
        names = databases.names(
            connection,
            id_range(call.query, descending=descending),
            descending=descending,
            limit=non_negative(call.query, "limit"),
            skip=non_negative(call.query, "skip") or 0,
        )
    return answer_json(names)


def dbs_info(call: Call) -> Response:
    """`POST /_dbs_info`: what `GET /{db}` says of each of `keys`."""
    keys = call.posted().get("keys")
    if not isinstance(keys, list):
        raise BadRequest("`keys` member must be an array.")
    with call.node.store.read() as connection:
        return answer_json([{"key": key, **_told(connection, key)} for key in keys])


def _told(connection: sqlite3.Connection, key: JSON) -> JSONObject:
    found = databases.find(connection, key) if isinstance(key, str) else None
    return {"error": "not_found"} if found is None else {"info": database_info(found)}


def uuids(call: Call) -> Response:
    """`GET /_uuids`: `count` new ids."""
    text = call.query.get("count", "1")
    if not text.isdecimal():
        raise BadRequest("count must be a positive integer")
    if int(text) > _MOST_UUIDS:
        raise BadRequest("count parameter too large")
    return answer_json({"uuids": [call.node.new_id() for _ in range(int(text))]}, headers=_NEVER_CACHED)


def session(call: Call) -> Response:  # noqa: ARG001  (every answer takes its call)
    """`GET /_session`: there are no users here; whoever can open the file may do everything."""
    return answer_json(
        {
            "ok": True,
            "userCtx": {"name": None, "roles": ["_admin"]},
            "info": {"authentication_handlers": []},
        }
    )


ROUTES = (
    Route("GET", "/", welcome),
    Route("GET", "/_up", up),
    Route("GET", "/_all_dbs", all_dbs),
    Route("POST", "/_dbs_info", dbs_info),
    Route("GET", "/_uuids", uuids),
    Route("GET", "/_session", session),
)
