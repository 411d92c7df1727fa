"""Design documents: what is known of their indexes, and throwing away those that nobody uses."""

from collections.abc import Iterable
from hashlib import md5

from couchmapper import collation
from couchmapper.embedded.answers import answer_json
from couchmapper.embedded.call import Call
from couchmapper.embedded.designs import find_design, read_designs
from couchmapper.embedded.engine.views import View, read_views
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage import views
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.messages import Response
from couchmapper.typing import JSONObject

__all__ = ["ROUTES"]


def information(call: Call) -> Response:
    """`GET /{db}/_design/{design}/_info`: what is known of the indexes of its views."""
    with call.read() as (connection, database):
        design = find_design(connection, database, call.document_id)
        signatures = sorted({view.definition.signature for view in _views(design, database)})
        rows = [views.find(connection, database.number, signature) for signature in signatures]
        size = sum(views.size(connection, row.number) for row in rows if row is not None)
    reached = min((row.seq if row is not None else 0 for row in rows), default=database.update_seq)
    pending = database.update_seq - reached
    return answer_json(
        {
            "name": call.segments["design"],
            "view_index": {
                "updates_pending": {"minimum": pending, "preferred": pending, "total": pending},
                "waiting_commit": False,
                "waiting_clients": 0,
                "updater_running": False,
                "update_seq": reached,
                "sizes": {"file": size, "external": size, "active": size},
                "signature": md5("".join(signatures).encode(), usedforsecurity=False).hexdigest(),
                "purge_seq": 0,
                "language": design.get("language", "javascript"),
                "compact_running": False,
                "collator_versions": [collation.version()],
            },
        }
    )


def clean_up(call: Call) -> Response:
    """`POST /{db}/_view_cleanup`: delete the indexes that no design document has views for."""
    call.expect_json()
    with call.write() as (connection, database):
        used = {
            view.definition.signature
            for design in read_designs(connection, database)
            for view in _views(design, database)
        }
        views.drop_others(connection, database.number, used)
    return answer_json({"ok": True}, status=202)


def _views(design: JSONObject, database: DatabaseRow) -> Iterable[View]:
    return read_views(design, partitioned=database.partitioned).values()


ROUTES = (
    Route("GET", "/{db}/_design/{design}/_info", information),
    Route("POST", "/{db}/_view_cleanup", clean_up),
)
