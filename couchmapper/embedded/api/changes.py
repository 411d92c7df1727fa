"""What happened to a database: `_changes`.

https://docs.couchdb.org/en/stable/api/database/changes.html
"""

import math
import re
import time
from collections.abc import Callable, Mapping
from typing import Final

from couchmapper import jsonio
from couchmapper.embedded.call import Call
from couchmapper.embedded.engine.sequences import parse_since
from couchmapper.embedded.feeds import EVERY_CHANGE, Feed, FeedFilter, Page, read_page
from couchmapper.embedded.parameters import json_parameter, query_error
from couchmapper.embedded.reading import winner_text
from couchmapper.embedded.routing import Route
from couchmapper.exceptions import BadRequest, InvalidSelector, NotImplementedByStore, TransportTimeout
from couchmapper.mango import compile_match, parse
from couchmapper.messages import Response

__all__ = ["ROUTES"]

_LONGEST_WAIT: Final = 60_000
_POLL_SECONDS: Final = 0.05
_FUNCTION: Final = re.compile(r"[^_/][^/]*/[^/]+")


def changes(call: Call) -> Response:
    """`GET`, `POST /{db}/_changes`: each changed document once, at its last change."""
    kind = call.query.get("feed", "normal")
    if kind in {"continuous", "live", "eventsource"}:
        raise NotImplementedByStore(f"_changes?feed={kind} has no answer in the embedded engine yet")
    if kind not in {"normal", "longpoll"}:
        raise BadRequest("Supported `feed` types: normal, continuous, live, longpoll, eventsource")
    feed = _read_feed(call)
    seconds = _patience(call.query)
    if kind == "longpoll":
        return _wait(call, feed, seconds)
    page, uuid = _look(call, feed, None)
    return page.answer(uuid)


def _look(call: Call, feed: Feed, since: int | None) -> tuple[Page, str]:
    """Read the feed once, from `since` or from where the request says; the uuid is the database's."""
    with call.read() as (connection, database):
        if since is None:
            text = call.query.get("since", call.query.get("last-event-id", "0"))
            since = parse_since(text, uuid=database.uuid, update_seq=database.update_seq)
        return read_page(connection, database, feed, since=since), database.uuid


def _wait(call: Call, feed: Feed, seconds: float) -> Response:
    """Answer when there is something to tell, or with an empty page when the time is up.

    Writes of this process are announced; those of others to the same file are found by looking again. Without
    heartbeats a client whose own time is shorter would not have had its answer.
    """
    own = None if "heartbeat" in call.query else call.request.timeout
    end = time.monotonic() + (seconds if own is None else min(seconds, own))
    since: int | None = None
    while True:
        seen = call.node.updates.count
        page, uuid = _look(call, feed, since)
        if page.rows or feed.limit == 0:
            return page.answer(uuid)
        left = end - time.monotonic()
        if left <= 0:
            if own is not None and own < seconds:
                raise TransportTimeout(f"no change within {own} seconds")
            return page.answer(uuid)
        since = page.last_seq
        call.node.updates.wait(seen, min(left, _POLL_SECONDS) if call.node.store.shared else left)


def _patience(query: Mapping[str, str]) -> float:
    """Return for how many seconds a feed waits; with heartbeats there is no end to it."""
    heartbeat = query.get("heartbeat", "false")
    if heartbeat not in {"true", "false"}:
        if not heartbeat.lstrip("-").isdecimal():
            raise BadRequest("Invalid heartbeat value. Expecting a positive integer value (in milliseconds).")
        if int(heartbeat) <= 0:
            raise BadRequest("The heartbeat value should be a positive integer (in milliseconds).")
    if heartbeat != "false":
        return math.inf
    timeout = query.get("timeout", str(_LONGEST_WAIT))
    if not timeout.isdecimal():
        raise query_error(f'Invalid value for positive integer: "{timeout}"')
    return min(int(timeout), _LONGEST_WAIT) / 1000


def _read_feed(call: Call) -> Feed:
    query = call.query
    style = query.get("style", "main_only")
    if style not in {"main_only", "all_docs"}:
        raise query_error(f'Invalid value for `style`: "{style}"')
    limit = _integer(query, "limit")
    interval = _integer(query, "seq_interval")
    return Feed(
        limit=None if limit is None or limit < 0 else limit,
        descending=query.get("descending") == "true",
        all_leaves=style == "all_docs",
        include_docs=query.get("include_docs") == "true",
        conflicts=query.get("conflicts") == "true",
        seq_interval=1 if interval is None else max(interval, 1),
        filter=_read_filter(call),
    )


def _integer(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise query_error(f'Invalid value for integer: "{text}"') from None


def _read_filter(call: Call) -> FeedFilter:
    """Find the filter that the request names: one that is built in."""
    name = call.query.get("filter", "")
    if not name:
        return EVERY_CHANGE
    built_in = _FILTERS.get(name)
    if built_in is not None:
        return built_in(call)
    if name == "_view" or _FUNCTION.fullmatch(name):
        raise NotImplementedByStore(f"_changes?filter={name} has no answer in the embedded engine yet")
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
        matches = compile_match(parse(body["selector"]))
    except InvalidSelector as error:
        raise BadRequest(error.reason) from error
    return FeedFilter(passes=lambda row: matches(jsonio.loads(winner_text(row))), content=True)


def _by_design(_call: Call) -> FeedFilter:
    return FeedFilter(passes=lambda row: row.id.startswith("_design/"))


_FILTERS: Mapping[str, Callable[[Call], FeedFilter]] = {
    "_design": _by_design,
    "_doc_ids": _by_ids,
    "_selector": _by_selector,
}


ROUTES = (
    Route("GET", "/{db}/_changes", changes),
    Route("POST", "/{db}/_changes", changes),
)
