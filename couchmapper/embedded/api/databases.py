"""Databases: create, look at, delete."""

import re
import secrets

from couchmapper.embedded.answers import answer_json
from couchmapper.embedded.call import Call
from couchmapper.embedded.engine.names import check_database_name
from couchmapper.embedded.engine.sequences import sequence
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage import databases
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.exceptions import BadRequest, DatabaseExists, DatabaseNotFound
from couchmapper.messages import Response
from couchmapper.typing import JSONObject

__all__ = ["ROUTES", "database_info"]

_POSITIVE = re.compile(r"0*[1-9][0-9]*")
_UUID_BYTES = 8


def database_info(database: DatabaseRow) -> JSONObject:
    """Write what `GET /{db}` tells of a database.

    One SQLite file holds all databases, so `sizes` counts what this one has put into it.
    """
    return {
        "instance_start_time": str(database.created),
        "db_name": database.name,
        "purge_seq": sequence(0, database.uuid),
        "update_seq": sequence(database.update_seq, database.uuid),
        "sizes": {"file": database.bytes, "external": database.bytes, "active": database.bytes},
        "props": {"partitioned": True} if database.partitioned else {},
        "doc_del_count": database.doc_del_count,
        "doc_count": database.doc_count,
        "disk_format_version": 8,
        "compact_running": False,
        "cluster": {"q": 1, "n": 1, "w": 1, "r": 1},
    }


def information(call: Call) -> Response:
    """`GET /{db}`: counts and sequences."""
    with call.read() as (_, database):
        return answer_json(database_info(database))


def create(call: Call) -> Response:
    """`PUT /{db}`: make an empty database, maybe `partitioned`; `q` and `n` mean nothing here."""
    name = call.segments["db"]
    check_database_name(name)
    _check_options(call)
    with call.node.store.write() as connection:
        made = databases.create(
            connection,
            name,
            uuid=secrets.token_hex(_UUID_BYTES),
            created=int(call.node.now()),
            partitioned=call.query.get("partitioned") == "true",
        )
    if not made:
        raise DatabaseExists("The database could not be created, the file already exists.")
    return answer_json({"ok": True}, status=201)


def delete(call: Call) -> Response:
    """`DELETE /{db}`: remove a database with all that is in it."""
    if "rev" in call.query:
        raise BadRequest(
            "You tried to DELETE a database with a ?=rev parameter."
            " Did you mean to DELETE a document instead?"
        )
    with call.node.store.write() as connection:
        dropped = databases.drop(connection, call.segments["db"])
    if not dropped:
        raise DatabaseNotFound("Database does not exist.")
    call.node.updates.announce()
    return answer_json({"ok": True})


def _check_options(call: Call) -> None:
    for name in ("q", "n"):
        if not _POSITIVE.fullmatch(call.query.get(name, "1")):
            raise BadRequest(f"The `{name}` value should be a positive integer.")
    if call.query.get("partitioned", "false") not in {"true", "false"}:
        raise BadRequest("Invalid `partitioned` parameter")


ROUTES = (
    Route("DELETE", "/{db}", delete),
    Route("GET", "/{db}", information),
    Route("PUT", "/{db}", create),
)
