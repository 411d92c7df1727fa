"""What a request asks of a view: its parameters, read and checked as CouchDB does.

https://docs.couchdb.org/en/stable/api/ddoc/views.html
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import attrs

from couchmapper import jsonio
from couchmapper.embedded.engine.key_space import KeySpace
from couchmapper.embedded.engine.partitions import check_partition
from couchmapper.embedded.engine.view_parameters import Options
from couchmapper.embedded.storage.views_rows import RowEdge, RowRange
from couchmapper.exceptions import BadRequest
from couchmapper.typing import JSON

__all__ = ["EXACT", "ViewQuery", "row_ranges", "view_query"]

EXACT: Final = -1
"""The `group_level` that `group=true` means: rows with equal keys."""

_FIRST_ID: Final = b""
_LAST_ID: Final = b"\xff"  # behind every id


@attrs.frozen(kw_only=True)
class ViewQuery:
    """A checked query; `start` and `end` are one-element tuples when a bound is given, as null is a key.

    `reduce` says whether rows are reduced, by groups of `group_level` elements: 0 makes one group of all,
    `EXACT` one of each key. `partition` is None for a view that is not partitioned.
    """

    partition: str | None = None

    reduce: bool = False
    group_level: int = 0
    keys: Sequence[JSON] | None = None
    start: tuple[JSON, ...] = ()
    end: tuple[JSON, ...] = ()
    start_id: str | None = None
    end_id: str | None = None
    inclusive_end: bool = True
    descending: bool = False
    limit: int | None = None
    skip: int = 0
    include_docs: bool = False
    conflicts: bool = False
    attachments: bool = False
    att_encoding_info: bool = False
    update_seq: bool = False
    update: Literal["true", "false", "lazy"] = "true"


def view_query(options: Options, *, has_reduce: bool, partitioned: bool = False) -> ViewQuery:
    """Check options for a view that has a reduce function or not; raises `BadRequest` in CouchDB's words.

    A `partitioned` view is asked for one partition, and another one for none.
    """
    _check_partition(options, partitioned=partitioned)
    reduce = has_reduce and options.get("reduce") is not False
    group_level = _group_level(options)
    keys = options.get("keys")
    if not has_reduce and options.get("reduce"):
        raise _error("Reduce is invalid for map-only views.")
    if reduce and group_level != EXACT and isinstance(keys, list):
        raise _error("Multi-key fetches for reduce views must use `group=true`")
    _check_keys(options)
    if not reduce and group_level != 0:
        raise _error("Invalid use of grouping on a map view.")
    if reduce and options.get("include_docs"):
        raise _error("`include_docs` is invalid for reduce")
    if reduce and "conflicts" in options:
        raise _error("`conflicts` is invalid for reduce views.")
    return ViewQuery(
        reduce=reduce,
        group_level=group_level,
        **{name: value for name, value in options.items() if name in _PLAIN},
    )


def row_ranges(query: ViewQuery, space: KeySpace) -> list[RowRange]:
    """Return the stretches of the index that a query asks for, one for each of `keys`.

    Descending turns the order of `keys` round, but not when rows are reduced. Reduced in a partition, CouchDB
    finds nothing of several keys. Raises `BadRequest` for a range that ends before it starts.
    """
    if query.keys is not None:
        if query.reduce and space.is_partition:
            return []
        keys = query.keys[::-1] if query.descending and not query.reduce else query.keys
        return [_row_range(query, space.key(item), space.key(item)) for item in keys]
    start, end = (space.highest, space.lowest) if query.descending else (space.lowest, space.highest)
    start = space.key(query.start[0]) if query.start else start
    end = space.key(query.end[0]) if query.end else end
    _check_range(query, start, end)
    return [_row_range(query, start, end)]


def _row_range(query: ViewQuery, start: bytes | None, end: bytes | None) -> RowRange:
    first = None if start is None else RowEdge(key=start, id=query.start_id)
    last = None if end is None else RowEdge(key=end, id=query.end_id, included=query.inclusive_end)
    return RowRange(first=last, last=first) if query.descending else RowRange(first=first, last=last)


def _check_range(query: ViewQuery, start_key: bytes | None, end_key: bytes | None) -> None:
    if start_key is None or end_key is None or _is_one_key(query):
        return
    lowest, highest = (_LAST_ID, _FIRST_ID) if query.descending else (_FIRST_ID, _LAST_ID)
    start = start_key, lowest if query.start_id is None else query.start_id.encode()
    end = end_key, highest if query.end_id is None else query.end_id.encode()
    if start < end if query.descending else start >= end:
        raise _error(
            "No rows can match your key range, reverse your start_key and end_key or set descending="
            + ("false" if query.descending else "true")
        )


def _is_one_key(query: ViewQuery) -> bool:
    given = bool(query.start and query.end)
    return given and jsonio.dumps(query.start[0]) == jsonio.dumps(query.end[0])


def _check_partition(options: Options, *, partitioned: bool) -> None:
    if "partition" not in options:
        if partitioned:
            raise _error("`partition` parameter is mandatory for queries to this view.")
        return
    check_partition(options["partition"])
    if not partitioned:
        raise _error("`partition` parameter is not supported in this design doc")


def _group_level(options: Mapping[str, JSON]) -> int:
    group, level = options.get("group"), options.get("group_level")
    if group is False and level:
        raise _error("Can't specify group=false and group_level>0 at the same time")
    if level is not None:
        return int(level)
    return EXACT if group else 0


def _check_keys(options: Mapping[str, JSON]) -> None:
    keys = options.get("keys")
    if keys is None:
        return
    if not isinstance(keys, list):
        raise _error("`keys` must be an array of strings.")
    if keys and ("start" in options or "end" in options):
        raise _error("`keys` is incompatible with `key`, `start_key` and `end_key`")


def _error(reason: str) -> BadRequest:
    return BadRequest(reason, error="query_parse_error")


_PLAIN: Final = frozenset({field.name for field in attrs.fields(ViewQuery)} - {"reduce", "group_level"})
"""The options that go into a query as they are."""
