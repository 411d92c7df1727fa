"""What would be done to answer a query, and why not otherwise, in words.

The plan is ours, made before anything is sent; what the server makes of it is its answer to `_explain`:
https://docs.couchdb.org/en/stable/api/database/find.html#db-explain
"""

from collections.abc import Iterator
from html import escape
from typing import Any, Final

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import InvalidJSON
from couchmapper.typing import JSON, JSONObject

__all__ = ["Explanation", "words_of_server"]

_LONGEST: Final = 300
_MOST_CANDIDATES: Final = 5

_REASONS: Final = {
    "is_partial": "it is partial, and is used only when it is named",
    "scope_mismatch": "it is for queries within a partition and this one is not, or the other way round",
    "field_mismatch": "the selector does not ask for all of its fields",
    "sort_order_mismatch": "the sort is not by the beginning of its fields, or in another direction",
    "needs_text_search": "the selector has a $text condition",
    "excluded_by_user": "another one was named",
    "unfavored_type": "indexes on fields go first",
    "less_overlap": "the chosen one has more of the fields that narrow the query",
    "too_many_fields": "the chosen one has fewer fields",
    "alphabetically_comes_after": "as good as the chosen one, whose name comes first",
}
"""What CouchDB's words for why it did not choose an index mean."""


@attrs.frozen(kw_only=True)
class Explanation:
    """How a query is answered: by which index, which part of it, and why not by another one.

    `selector` is None when no document can match. `route` is the endpoint, `key_range` the first and the last
    key of what is read; `is_scan` says that no index narrows it. `reasons` say what speaks against the
    indexes that were not chosen, `advice` what would serve. `server` is the answer of `_explain`, None when
    the server was not asked. `str()` is for people, and a notebook shows a table.
    """

    model: str
    selector: JSONObject | None
    sort: list[JSON]
    route: str
    index: str | None
    key_range: tuple[JSON, JSON] | None
    is_scan: bool
    reasons: tuple[str, ...]
    advice: str | None
    server: JSONObject | None

    def __str__(self) -> str:
        width = max(len(label) for label, _ in self._lines())
        return "\n".join(f"{label.ljust(width)}  {text}".rstrip() for label, text in self._lines())

    def _repr_html_(self) -> str:
        """Return a table for notebooks."""
        rows = "".join(
            f'<tr><th style="text-align:left">{escape(label)}</th>'
            f'<td style="text-align:left">{escape(text)}</td></tr>'
            for label, text in self._lines()
        )
        return f"<table>{rows}</table>"

    @property
    def json(self) -> JSONObject | None:
        """The server's own answer to `_explain`."""
        return self.server

    def _lines(self) -> Iterator[tuple[str, str]]:
        """Yield label and text; what goes on below a label has none of its own."""
        yield (
            "query",
            f"for {self.model}" + (", which no document can match" if self.selector is None else ""),
        )
        if self.selector is not None:
            yield "selector", _shown(self.selector)
        if self.sort:
            yield "sort", _shown(self.sort)
        yield "route", self.route
        yield "index", self.index or "none"
        if self.key_range is not None:
            yield "keys", _span(*self.key_range)
        if self.is_scan:
            yield "scan", "every document is read, and those that do not match are thrown away"
        yield from _labelled("why", self.reasons)
        if self.advice is not None:
            yield "advice", self.advice
        if self.server is not None:
            yield from _labelled("server", words_of_server(self.server))


def words_of_server(answer: JSON) -> list[str]:
    """Say what an answer of `_explain` means, a sentence an item; what is not known in it is passed over."""
    return [
        *_choice(answer),
        *_keys(_member(answer, "mrargs")),
        *_candidates(_items(answer, "index_candidates")),
        *_hints(_items(answer, "selector_hints")),
    ]


def _choice(answer: JSON) -> Iterator[str]:
    index = _member(answer, "index")
    if _text(index, "name") == "_all_docs":
        yield "takes _all_docs: reads the documents themselves, by their ids"
    elif isinstance(index, dict):
        yield f"takes {_named(index)}"
    else:
        yield "has no index for it"
    if _member(answer, "covering") is True:
        yield "answers from the index alone, without reading documents"


def _keys(arguments: JSON) -> Iterator[str]:
    start, end = _member(arguments, "start_key"), _member(arguments, "end_key")
    if start is None and end is None:
        return
    backwards = ", backwards" if _text(arguments, "direction") == "rev" else ""
    yield f"reads {_span(start, end)}{backwards}"


def _candidates(candidates: list[JSON]) -> Iterator[str]:
    for candidate in candidates[:_MOST_CANDIDATES]:
        reasons = [_text(reason, "name") for reason in _items(_member(candidate, "analysis"), "reasons")]
        why = "; ".join(_REASONS.get(reason, reason) for reason in reasons if reason)
        yield f"not {_named(_member(candidate, 'index'))}" + (f": {why}" if why else "")
    if len(candidates) > _MOST_CANDIDATES:
        yield f"and {len(candidates) - _MOST_CANDIDATES} more indexes were not chosen"


def _hints(hints: list[JSON]) -> Iterator[str]:
    for hint in hints:
        kind = _text(hint, "type") or "other"
        for name, what in (("indexable_fields", "can use"), ("unindexable_fields", "cannot use")):
            fields = ", ".join(map(_shown_name, _items(hint, name)))
            if fields:
                yield f"a {kind} index {what} the conditions on {fields}"


def _named(index: JSON) -> str:
    """Name an index with its fields: `totals/by_day (type, day)`."""
    design = _text(index, "ddoc").removeprefix("_design/")
    name = "/".join(dict.fromkeys(part for part in (design, _text(index, "name")) if part))
    fields = [
        _shown_name(next(iter(field), "") if isinstance(field, dict) else field)
        for field in _items(_member(index, "def"), "fields")
    ]
    partial = ", partial" if _member(_member(index, "def"), "partial_filter_selector") else ""
    return f"{name or 'an index'} ({', '.join(fields)}{partial})" if fields else name or "an index"


def _span(start: JSON, end: JSON) -> str:
    return f"{_shown(start)} to {_shown(end)}"


def _labelled(label: str, texts: tuple[str, ...] | list[str]) -> Iterator[tuple[str, str]]:
    yield from ((label if place == 0 else "", text) for place, text in enumerate(texts))


def _member(value: JSON, name: str) -> JSON:
    return value.get(name) if isinstance(value, dict) else None


def _items(value: JSON, name: str) -> list[JSON]:
    found: Any = _member(value, name)
    return found if isinstance(found, list) else []


def _text(value: JSON, name: str) -> str:
    found = _member(value, name)
    return found if isinstance(found, str) else ""


def _shown_name(value: JSON) -> str:
    return value if isinstance(value, str) else _shown(value)


def _shown(value: JSON) -> str:
    """Write JSON, and only the beginning of what is long."""
    try:
        text = jsonio.dumps(value).decode()
    except InvalidJSON:
        text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
