"""The filters of a changes feed: those that are built in, and functions of design documents.

https://docs.couchdb.org/en/stable/api/database/changes.html#filtering
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from couchmapper import jsonio
from couchmapper.embedded.call import Call
from couchmapper.embedded.designs import find_design
from couchmapper.embedded.feeds import EVERY_CHANGE, FeedFilter
from couchmapper.embedded.parameters import json_parameter
from couchmapper.embedded.queryserver.filters import JavaScriptFilter
from couchmapper.embedded.queryserver.maps import JavaScriptMaps
from couchmapper.embedded.reading import winner_text
from couchmapper.exceptions import BadRequest, InvalidSelector, NotFound, NotImplementedByStore
from couchmapper.mango import compile_match, parse
from couchmapper.typing import JSON, JSONObject

__all__ = ["read_filter"]

_FUNCTION: Final = re.compile(r"([^_/][^/]*)/([^/]+)")


def read_filter(call: Call) -> FeedFilter:
    """Find the filter that a request names; raises `BadRequest` or `NotFound` when there is none."""
    name = call.query.get("filter", "")
    if not name:
        return EVERY_CHANGE
    built_in = _FILTERS.get(name)
    if built_in is not None:
        return built_in(call)
    function = _FUNCTION.fullmatch(name)
    if function is not None:
        return _by_function(call, *function.groups())
    if name[:1] == "_":
        raise BadRequest("unknown builtin filter name")
    raise BadRequest("`filter` must be of the form `designname/filtername`")


def _by_ids(call: Call) -> FeedFilter:
    given = call.posted().get("doc_ids") if call.request.body else json_parameter(call.query, "doc_ids")
    if not isinstance(given, list):
        raise BadRequest("`doc_ids` filter parameter is not a list of doc ids.")
    ids = {document_id for document_id in given if isinstance(document_id, str)}
    return FeedFilter(passes=lambda row: row.id in ids)


def _by_selector(call: Call) -> FeedFilter:
    """Match the document as `_find` does, with `_deleted` where it is a tombstone."""
    if call.request.method != "POST":
        raise BadRequest("Selector must be specified in POST payload")
    body = call.posted()
    if "fields" in body:
        raise NotImplementedByStore("`fields` beside a selector has no answer in the embedded engine yet")
    if not isinstance(body.get("selector"), dict):
        raise BadRequest("Selector error: expected a JSON object")
    try:
        matches = compile_match(parse(body["selector"], search=False))
    except InvalidSelector as error:
        raise BadRequest(error.reason) from error
    return FeedFilter(passes=lambda row: matches(jsonio.loads(winner_text(row))), content=True)


def _by_design(_call: Call) -> FeedFilter:
    return FeedFilter(passes=lambda row: row.id.startswith("_design/"))


def _by_view(call: Call) -> FeedFilter:
    """Let a document pass for which the map function of a view emits something."""
    named = _FUNCTION.fullmatch(call.query.get("view", ""))
    if named is None:
        raise BadRequest(
            "`view` filter parameter is not provided or is not of the form `designname/viewname`"
        )
    design = _design(call, named[1])
    views = design.get("views", {})
    maps = JavaScriptMaps([_member(_member(views, named[2]), "map")], library=views.get("lib"))

    def emits(text: bytes) -> bool:
        return any(rows for document in maps.map([text]) for rows in document)

    return FeedFilter(passes=lambda row: emits(winner_text(row)), content=True)


def _by_function(call: Call, design_name: str, name: str) -> FeedFilter:
    """Let a document pass for which `function (doc, req)` of a design document returns true."""
    design = _design(call, design_name)
    function = JavaScriptFilter(_member(_member(design, "filters"), name), design=design)
    asked = {
        "method": call.request.method,
        "query": dict(call.query),
        "userCtx": {"db": call.segments["db"], "name": None, "roles": ["_admin"]},
    }
    return FeedFilter(passes=lambda row: function.passes([winner_text(row)], asked)[0], content=True)


def _design(call: Call, name: str) -> JSONObject:
    with call.read() as (connection, database):
        design = find_design(connection, database, f"_design/{name}")
    language = design.get("language", "javascript")
    if language != "javascript":
        raise NotImplementedByStore(f"functions in {language!r} have no answer in the embedded engine")
    return design


def _member(value: JSONObject, name: str) -> JSON:
    if name not in value:
        raise NotFound(f"missing json key: {name}")
    return value[name]


_FILTERS: Mapping[str, Callable[[Call], FeedFilter]] = {
    "_design": _by_design,
    "_doc_ids": _by_ids,
    "_selector": _by_selector,
    "_view": _by_view,
}
