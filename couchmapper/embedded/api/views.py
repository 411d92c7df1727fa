"""Views: query one, or ask it several things at once."""

from collections.abc import Iterable, Sequence

from couchmapper.embedded.answers import answer_text
from couchmapper.embedded.call import Call
from couchmapper.embedded.designs import find_design
from couchmapper.embedded.engine.view_parameters import Options, read_body, read_query_string
from couchmapper.embedded.engine.view_query import ViewQuery, row_ranges, view_query
from couchmapper.embedded.engine.views import View, find_view, read_views
from couchmapper.embedded.indexing import is_current, refresh
from couchmapper.embedded.routing import Route
from couchmapper.embedded.view_answers import answer_view
from couchmapper.exceptions import BadRequest, ServerError
from couchmapper.messages import Response

__all__ = ["ROUTES"]


def get(call: Call) -> Response:
    """`GET /{db}/_design/{design}/_view/{view}`: rows, or what they reduce to."""
    (text,) = _answers(call, [read_query_string(call.query)])
    return answer_text(text)


def post(call: Call) -> Response:
    """`POST /{db}/_design/{design}/_view/{view}`: the same, with parameters in the body."""
    body = call.posted()
    if "queries" in body:
        raise BadRequest("The `queries` parameter is no longer supported at this endpoint")
    if not isinstance(body.get("keys", []), list):
        raise BadRequest("`keys` member must be an array.")
    (text,) = _answers(call, [read_query_string(call.query, read_body(body))])
    return answer_text(text)


def queries(call: Call) -> Response:
    """`POST /{db}/_design/{design}/_view/{view}/queries`: several queries on one state."""
    asked = call.posted().get("queries")
    if asked is None:
        raise BadRequest("POST body must include `queries` parameter.")
    if not isinstance(asked, list) or not all(isinstance(item, dict) for item in asked):
        raise BadRequest("`queries` member must be an array.")
    shared = read_query_string(call.query)
    texts = _answers(call, [read_body(item, shared) for item in asked])
    return answer_text(b'{"results":[\n' + b",\n".join(texts) + b"\n]}")


def _answers(call: Call, asked: Sequence[Options]) -> list[bytes]:
    """Answer each query; the index is brought up to date first, unless no query wants it."""
    if call.partition is not None:
        asked = [{**options, "partition": call.partition} for options in asked]
    with call.read() as (connection, database):
        design = find_design(connection, database, call.document_id)
        view = find_view(design, call.segments["view"], partitioned=database.partitioned)
        every = read_views(design, partitioned=database.partitioned).values()
        checked = [_checked(view, options) for options in asked]
        _check_buildable(every)
        current = is_current(connection, database, view.definition)
        at_once = current or all(query.update != "true" for query in checked)
        texts = [answer_view(connection, database, view, query) for query in checked] if at_once else []
    if not current and any(query.update != "false" for query in checked):
        refresh(call.node.store, database.name, [other.definition for other in every])
    if at_once:
        return texts
    with call.read() as (connection, database):
        return [answer_view(connection, database, view, query) for query in checked]


def _checked(view: View, options: Options) -> ViewQuery:
    query = view_query(options, has_reduce=view.reduce is not None, partitioned=view.definition.partitioned)
    # A range that cannot be is refused before anything is built.
    row_ranges(query, view.definition.space(query.partition))
    return query


def _check_buildable(views: Iterable[View]) -> None:
    """Raise `ServerError` where CouchDB does: it cannot build every partitioned view that it stores."""
    for view in views:
        if not view.definition.partitioned:
            continue
        if view.reduce is not None and not view.reduce.startswith("_"):
            raise ServerError(
                f"CouchDB fails to reduce the partitioned view {view.name!r} by JavaScript: take a built-in"
                " function, or set options.partitioned of the design document to false",
                error="invalid_ejson",
            )
        if view.definition.includes_design:
            raise ServerError(
                "CouchDB finds no partition for the rows of design documents:"
                " set options.partitioned of this one to false, or leave include_design out",
                error="badmatch",
            )


ROUTES = (
    Route("GET", "/{db}/_design/{design}/_view/{view}", get),
    Route("POST", "/{db}/_design/{design}/_view/{view}", post),
    Route("POST", "/{db}/_design/{design}/_view/{view}/queries", queries),
)
