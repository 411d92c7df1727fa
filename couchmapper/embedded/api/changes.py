"""What happened to a database: `_changes`.

https://docs.couchdb.org/en/stable/api/database/changes.html
"""

import math
import time
from collections.abc import Mapping
from typing import Final

from couchmapper.embedded.call import Call
from couchmapper.embedded.engine.sequences import parse_since
from couchmapper.embedded.feeds import Feed, Page, read_page
from couchmapper.embedded.filters import read_filter
from couchmapper.embedded.parameters import query_error
from couchmapper.embedded.routing import Route
from couchmapper.exceptions import BadRequest, NotImplementedByStore, TransportTimeout
from couchmapper.messages import Response

__all__ = ["ROUTES"]

_LONGEST_WAIT: Final = 60_000
_POLL_SECONDS: Final = 0.05


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
    own = None if "heartbeat" in call.query else _total(call)
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


def _total(call: Call) -> float | None:
    """Return how long the client itself waits for its answer, if it says so."""
    timeout, deadline = call.request.timeout, call.request.deadline
    return deadline if timeout is None else timeout.total or timeout.read


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
        attachments=query.get("attachments") == "true",
        att_encoding_info=query.get("att_encoding_info") == "true",
        seq_interval=1 if interval is None else max(interval, 1),
        filter=read_filter(call),
    )


def _integer(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise query_error(f'Invalid value for integer: "{text}"') from None


ROUTES = (
    Route("GET", "/{db}/_changes", changes),
    Route("POST", "/{db}/_changes", changes),
)
