"""The optional parameters that several operations share, each group once.

An operation takes a group as `**options: Unpack[...]`, so that type checkers know every name and type.
`None` means that a parameter is not given, except for keys, where it is JSON's null.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

from couchmapper.client.params import UNSET
from couchmapper.typing import JSON, JSONMapping, JSONObject

__all__ = [
    "AllDocsOptions",
    "DocumentOptions",
    "FindOptions",
    "GroupedSearchOptions",
    "IndexField",
    "NouveauOptions",
    "PartitionViewOptions",
    "SearchOptions",
    "Update",
    "ViewOptions",
    "chosen",
]

IndexField: TypeAlias = str | Mapping[str, Literal["asc", "desc"]]
"""A field of an index or of an order: its path, or `{path: "asc"}` with a direction."""

Update: TypeAlias = bool | Literal["lazy"]
"""Whether an index is brought up to date first (True), not at all (False), or after the answer (`lazy`)."""

_NULLABLE = frozenset(("key", "start_key", "end_key"))


class DocumentOptions(TypedDict, total=False):
    """What to read of a document: https://docs.couchdb.org/en/stable/api/document/common.html."""

    rev: str | None
    """This revision, not the winning one."""
    revs: bool | None
    """Add `_revisions`, the history as far as it is known."""
    revs_info: bool | None
    """Add `_revs_info`, which revisions can still be read."""
    conflicts: bool | None
    """Add `_conflicts`, the other leaves."""
    deleted_conflicts: bool | None
    """Add `_deleted_conflicts`, the leaves that are tombstones."""
    latest: bool | None
    """Follow `rev` to the leaf that came of it."""
    local_seq: bool | None
    """Add `_local_seq`."""
    meta: bool | None
    """All of `conflicts`, `deleted_conflicts` and `revs_info`."""
    attachments: bool | None
    """Put the data of attachments into `_attachments`, as base64."""
    att_encoding_info: bool | None
    """Say in `_attachments` how they are compressed."""
    atts_since: Sequence[str] | None
    """With `attachments`: only those that are newer than these revisions."""


class AllDocsOptions(TypedDict, total=False):
    """Which rows of a list to return, and what is in them."""

    key: JSON
    """Only the rows with this key; None is JSON's null."""
    keys: Sequence[JSON] | None
    """One row (or those of a view) for each of these keys, in their order."""
    start_key: JSON
    """The first key; with `descending` the largest one."""
    end_key: JSON
    """The last key."""
    inclusive_end: bool | None
    """Whether `end_key` itself is in the list; True without it."""
    descending: bool | None
    limit: int | None
    skip: int | None
    include_docs: bool | None
    """Add `doc` to each row."""
    conflicts: bool | None
    """With `include_docs`: add `_conflicts`."""
    attachments: bool | None
    """With `include_docs`: add the data of attachments, as base64."""
    att_encoding_info: bool | None
    update_seq: bool | None
    """Add the database's `update_seq` to the answer."""


class PartitionViewOptions(AllDocsOptions, total=False):
    """Which rows of a view to return, in a partition too."""

    start_key_doc_id: str | None
    """Where to begin among rows that all have `start_key`."""
    end_key_doc_id: str | None
    reduce: bool | None
    """False returns the rows of a view that has a reduce function."""
    group: bool | None
    """Reduce by key."""
    group_level: int | None
    """Reduce by the first so many elements of keys that are arrays."""
    update: Update | None


class ViewOptions(PartitionViewOptions, total=False):
    """Which rows of a view to return."""

    stable: bool | None
    """Whether to ask the same shards each time."""
    sorted: bool | None
    """False returns the rows as they come, which is faster."""


class FindOptions(TypedDict, total=False):
    """How to look for the documents that a selector matches."""

    fields: Sequence[str] | None
    """Return only these members."""
    sort: Sequence[IndexField] | None
    """An order that an index has."""
    limit: int | None
    """At most so many; without it the server returns 25."""
    skip: int | None
    bookmark: str | None
    """Where the page before ended."""
    use_index: str | Sequence[str] | None
    """A design document, or `[design document, index]`."""
    allow_fallback: bool | None
    """False refuses to use another index than `use_index`."""
    conflicts: bool | None
    execution_stats: bool | None
    update: Update | None
    stable: bool | None
    r: int | None
    """How many copies to read of each document."""


class SearchOptions(TypedDict, total=False):
    """How to ask a search index: https://docs.couchdb.org/en/stable/ddocs/search.html."""

    bookmark: str | None
    highlight_fields: Sequence[str] | None
    highlight_number: int | None
    highlight_post_tag: str | None
    highlight_pre_tag: str | None
    highlight_size: int | None
    include_docs: bool | None
    include_fields: Sequence[str] | None
    limit: int | None
    """At most so many rows, and at most 200; without it the server returns 25."""
    sort: str | Sequence[str] | None
    stale: Literal["ok"] | None


class GroupedSearchOptions(SearchOptions, total=False):
    """How to ask a search index of a whole database, which can count and group too."""

    counts: Sequence[str] | None
    """Count the documents for each value of these fields, which are indexed with `facet`."""
    ranges: Mapping[str, Mapping[str, str]] | None
    """Count the documents in named ranges of fields: `{"price": {"cheap": "[0 TO 10]"}}`."""
    drilldown: Sequence[Sequence[str]] | None
    """Only documents with one of these values: `[["colour", "red", "blue"]]`."""
    group_field: str | None
    """Return `groups`, one for each value of this field."""
    group_limit: int | None
    group_sort: str | Sequence[str] | None


class NouveauOptions(TypedDict, total=False):
    """How to ask a Nouveau index: https://docs.couchdb.org/en/stable/ddocs/nouveau.html."""

    bookmark: str | None
    counts: Sequence[str] | None
    """Count the documents for each value of these fields."""
    include_docs: bool | None
    limit: int | None
    """At most so many hits; without it the server returns 25."""
    locale: str | None
    ranges: Mapping[str, Sequence[JSONMapping]] | None
    """Count the documents in ranges of fields: `{"price": [{"label", "min", "max"}]}`."""
    sort: str | Sequence[str] | None
    top_n: int | None
    """How many values `counts` tells; 10 without it."""
    update: bool | None
    """Whether the index is brought up to date first."""


def chosen(options: Mapping[str, Any], group: type) -> JSONObject:
    """Return the parameters that are given; raises `TypeError` for a name that is none of the group's."""
    known = group.__optional_keys__  # type: ignore[attr-defined]  # every TypedDict has it
    for name in options:
        if name not in known:
            raise TypeError(
                f"unexpected keyword argument {name!r}; expected one of {', '.join(sorted(known))}"
            )
    return {
        name: value
        for name, value in options.items()
        if (value is not None or name in _NULLABLE) and value is not UNSET
    }
