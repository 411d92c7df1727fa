"""One partition of a partitioned database: what it holds, and the questions to a database on a longer path.

https://docs.couchdb.org/en/stable/api/partitioned-dbs.html
"""

from couchmapper.embedded.answers import answer_json
from couchmapper.embedded.api import bulk, design, find, views
from couchmapper.embedded.call import Call
from couchmapper.embedded.engine.partitions import ids_within
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage import listing
from couchmapper.exceptions import BadRequest, NotFound
from couchmapper.messages import Response

__all__ = ["ROUTES"]

_ROOT = "/{db}/_partition/{partition}"


def information(call: Call) -> Response:
    """`GET /{db}/_partition/{partition}`: counts and sizes; a partition that holds nothing is one too."""
    partition = call.segments["partition"]
    with call.read() as (connection, database):
        found = listing.measure(connection, database.number, ids_within(partition))
    return answer_json(
        {
            "db_name": database.name,
            "sizes": {"active": found.bytes, "external": found.bytes},
            "partition": partition,
            "doc_count": found.documents,
            "doc_del_count": found.deleted,
        }
    )


def refuse_name(_call: Call) -> Response:
    """`/{db}/_partition`, by any method: a name is missing."""
    raise BadRequest("invalid_partition_req")


def refuse_rest(call: Call) -> Response:
    """Any other path of a partition."""
    with call.read():
        raise NotFound("missing")


ROUTES = (
    Route("*", "/{db}/_partition", refuse_name),
    Route("GET", _ROOT, information),
    Route("GET", f"{_ROOT}/_all_docs", bulk.all_docs),
    Route("POST", f"{_ROOT}/_all_docs", bulk.all_docs),
    Route("GET", f"{_ROOT}/_design/{{design}}/_info", design.information),
    *(
        Route(route.method, route.pattern.replace("/{db}", _ROOT), route.answer)
        for route in (*find.ROUTES, *views.ROUTES)
    ),
    Route("*", f"{_ROOT}/{{part*}}", refuse_rest),
)
