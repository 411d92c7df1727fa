"""The changes feed: what happened to a database since a point in time."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypedDict, Unpack

from couchmapper.client.operation import list_operation
from couchmapper.client.options import chosen
from couchmapper.client.params import given, patience
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object, lines
from couchmapper.exceptions import BadRequest
from couchmapper.messages import Request
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["Changes", "ChangesOptions"]

_IN_BODY: Final = ("doc_ids", "selector", "fields")


class ChangesOptions(TypedDict, total=False):
    """Which changes to return, and what is in them."""

    since: str | int | None
    """0 (the beginning, the default), `now`, or a `seq` that the server gave: treat it as opaque."""
    limit: int | None
    timeout: int | None
    """How many milliseconds the answer may wait for a change; at most 60,000."""
    heartbeat: int | bool | None
    """Every how many milliseconds the server shows that it is there; then `timeout` does not hold."""
    descending: bool | None
    include_docs: bool | None
    conflicts: bool | None
    attachments: bool | None
    att_encoding_info: bool | None
    style: Literal["main_only", "all_docs"] | None
    """`all_docs` lists every leaf of a document, not only the winner."""
    seq_interval: int | None
    """Only every so manyth row has a `seq`; the others have null."""
    filter: str | None
    """A filter function as `ddoc/name`, which reads `parameters`, or a built-in one such as `_design`."""
    view: str | None
    """With the filter `_view`: only what this view, as `ddoc/view`, maps."""
    parameters: Mapping[str, str] | None
    """What a filter function reads as its query."""
    doc_ids: Sequence[str] | None
    """Only the changes of these documents."""
    selector: JSONMapping | None
    """Only the changes of documents that this selector matches."""
    fields: Sequence[str] | None
    """With a selector and `include_docs`: only these members of the documents."""
    last_event_id: str | None
    """`since` as a header, as browsers send it."""


class Changes(Resource):
    """`db.changes`: https://docs.couchdb.org/en/stable/api/database/changes.html.

    `db.changes(...)` reads, and is short for `db.changes.feed(...)`.
    """

    @list_operation(json_object, "results")
    def feed(
        self, *, feed: Literal["normal", "longpoll"] = "normal", **options: Unpack[ChangesOptions]
    ) -> Request:
        """POST /{db}/_changes — return `{"results", "last_seq", "pending"}`.

        Each document has one row, at its last change: `{"seq", "id", "changes": [{"rev"}]}`. With
        `feed="longpoll"` the answer waits for the first change, at most `timeout` milliseconds (60,000
        without it).
        """
        return self._ask(options, None if feed == "normal" else feed)

    __call__ = feed

    @list_operation(lines, "results")
    def continuous(
        self, *, feed: Literal["continuous", "eventsource"] = "continuous", **options: Unpack[ChangesOptions]
    ) -> Request:
        """POST /{db}/_changes?feed=continuous — return the changes of a feed that stays open, as `feed` does.

        It ends after `timeout` milliseconds without a change, or after `limit` changes. Read it with
        `db.changes.continuous.rows(...)`, which gives each change when it comes.
        """
        return self._ask(options, feed)

    def _ask(self, options: ChangesOptions, feed: str | None) -> Request:
        query = chosen(options, ChangesOptions)
        body: JSONObject = {name: query.pop(name) for name in _IN_BODY if name in query}
        last_event_id = query.pop("last_event_id", None)
        query = {**query.pop("parameters", {}), **query, **_filter(query, body), **given(feed=feed)}
        return self._request(
            "POST",
            "/_changes",
            ("_changes",),
            parameters=query,
            headers=given(**{"Last-Event-ID": last_event_id}),
            body=body,
            repeatable=True,
            patience=patience(query),
        )


def _filter(query: JSONMapping, body: JSONMapping) -> JSONObject:
    """Return the filter that the parameters ask for: a feed has one at most."""
    built_in = [f"_{name}" for name in ("doc_ids", "selector") if name in body]
    asked = [*given(filter=query.get("filter")).values(), *built_in]
    if len(asked) > 1:
        raise BadRequest(f"a changes feed has one filter, not {len(asked)}: {', '.join(asked)}")
    return {"filter": asked[0]} if asked else {}
