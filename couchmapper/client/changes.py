"""The changes feed: what happened to a database since a point in time."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from couchmapper.client.params import flags, given
from couchmapper.client.resource import Resource
from couchmapper.exceptions import BadRequest
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["Changes"]

_LONGPOLL_MILLISECONDS: Final = 60_000
_NO_PARAMETERS: Mapping[str, str] = {}


class Changes(Resource):
    """`db.changes`: https://docs.couchdb.org/en/stable/api/database/changes.html."""

    def __call__(  # noqa: PLR0913 - CouchDB's parameters
        self,
        *,
        since: str | int | None = None,
        feed: Literal["normal", "longpoll"] = "normal",
        limit: int | None = None,
        timeout: int | None = None,
        heartbeat: int | None = None,
        descending: bool = False,
        include_docs: bool = False,
        conflicts: bool = False,
        attachments: bool = False,
        style: Literal["main_only", "all_docs"] | None = None,
        seq_interval: int | None = None,
        filter: str | None = None,
        view: str | None = None,
        parameters: Mapping[str, str] = _NO_PARAMETERS,
        doc_ids: Sequence[str] | None = None,
        selector: JSONMapping | None = None,
    ) -> JSONObject:
        """POST /{db}/_changes — return `{"results", "last_seq", "pending"}`.

        Each document has one row, at its last change: `{"seq", "id", "changes": [{"rev"}]}`.
        `since` is 0 (the beginning, the default), `now`, or a `seq` that the server gave: treat it as opaque.
        With `feed="longpoll"` the answer waits for the first change, at most `timeout` milliseconds (60,000
        without it). `doc_ids` and `selector` filter on the server; `filter` names a filter function as
        `ddoc/name`, which reads `parameters`, or a built-in one (`_view` with `view`, `_design`).
        """
        options = {
            **parameters,
            **given(since=since, limit=limit, timeout=timeout, heartbeat=heartbeat, style=style, view=view),
            **given(seq_interval=seq_interval, filter=_filter(filter, doc_ids, selector)),
            **flags(descending=descending, include_docs=include_docs, conflicts=conflicts),
            **flags(attachments=attachments),
        }
        if feed != "normal":
            options["feed"] = feed
        answer: JSONObject = self._ask(
            "POST",
            "/_changes",
            ("_changes",),
            parameters=options,
            body=given(doc_ids=doc_ids, selector=selector),
            repeatable=True,
            patience=0.0 if feed == "normal" else _patience(timeout, heartbeat),
        )
        return answer


def _filter(name: str | None, doc_ids: Sequence[str] | None, selector: JSONMapping | None) -> str | None:
    """Return the filter that the arguments ask for: a feed has one at most."""
    asked = [
        *([] if name is None else [name]),
        *([] if doc_ids is None else ["_doc_ids"]),
        *([] if selector is None else ["_selector"]),
    ]
    if len(asked) > 1:
        raise BadRequest(f"a changes feed has one filter, not {len(asked)}: {', '.join(asked)}")
    return asked[0] if asked else None


def _patience(timeout: int | None, heartbeat: int | None) -> float:
    """Return how many seconds the server means to be silent in a longpoll."""
    return (heartbeat or timeout or _LONGPOLL_MILLISECONDS) / 1000
