"""The reduce functions that CouchDB has built in, over the rows of one group.

CouchDB folds the rows of a group in the order opposite to the query's, except that the rows of one document
with one key keep theirs. That shows in what an error row blames and in what a JavaScript function sees; so do
these.

https://docs.couchdb.org/en/stable/ddocs/ddocs.html#built-in-reduce-functions
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import attrgetter
from types import MappingProxyType
from typing import Final, Protocol

from couchmapper import jsonio
from couchmapper.collation import sort_key
from couchmapper.embedded.engine.reduce_stats import statistics
from couchmapper.embedded.engine.reduce_sum import total
from couchmapper.embedded.queryserver.reduces import JavaScriptReduce
from couchmapper.embedded.storage.views_rows import ViewRow
from couchmapper.exceptions import BadRequest
from couchmapper.typing import JSON

__all__ = ["Reduce", "check_built_in", "reduce_function"]

_GREATEST_RANK: Final = 100


class Reduce(Protocol):
    """A reduce function, ready to be called."""

    def reduce(self, groups: Iterable[Sequence[ViewRow]]) -> Iterator[str]:
        """Yield the value (JSON text) of each group of rows; the rows stand in the order of the query."""
        ...


class _BuiltIn:
    """A reduce function of this module."""

    def __init__(self, function: Callable[[Sequence[ViewRow]], JSON]) -> None:
        self._function = function

    def reduce(self, groups: Iterable[Sequence[ViewRow]]) -> Iterator[str]:
        for group in groups:
            yield jsonio.dumps(self._function(group)).decode()


class _Scripted:
    """A reduce function that the design document brings along."""

    def __init__(self, source: str) -> None:
        self._function = JavaScriptReduce(source)

    def reduce(self, groups: Iterable[Sequence[ViewRow]]) -> Iterator[str]:
        return self._function.reduce([_pair(row) for row in _folded(group)] for group in groups)


def reduce_function(source: str) -> Reduce:
    """Return the function that `reduce` of a view names: `_count`, `_sum`, …, or JavaScript text.

    Raises `BadRequest` for a name that is not built in, or a text that does not compile.
    """
    if not source.startswith("_"):
        return _Scripted(source)
    check_built_in(source)
    for name, function in _FUNCTIONS.items():
        if source.startswith(name):
            return _BuiltIn(function)
    rank = int(source.rpartition("_")[2])
    descending = source.startswith("_top_")
    return _BuiltIn(lambda rows: _ranked(rows, rank, descending=descending))


def check_built_in(source: str) -> None:
    """Raise `BadRequest` (`invalid_design_doc`) unless CouchDB knows this built-in name.

    As in CouchDB the beginning of a name is enough, so `_sums` is `_sum`.
    """
    if source.startswith(("_top_", "_bottom_")):
        _check_rank(source.removeprefix("_top_").removeprefix("_bottom_"))
    elif not source.startswith(tuple(_FUNCTIONS)):
        raise BadRequest(f"`{source}` is not a supported reduce function.", error="invalid_design_doc")


def _check_rank(text: str) -> None:
    try:
        rank = int(text)
    except ValueError:
        raise BadRequest("invalid rank reducer", error="invalid_design_doc") from None
    if not 1 <= rank <= _GREATEST_RANK:
        reason = f"rank value must be between 1 and {_GREATEST_RANK}"
        raise BadRequest(reason, error="invalid_design_doc")


def _folded(rows: Sequence[ViewRow]) -> Sequence[ViewRow]:
    """Return rows in the order in which they are folded."""
    backwards = rows[::-1]
    if any(left.id == right.id and left.key == right.key for left, right in pairwise(backwards)):
        return [row for _, same in groupby(backwards, key=attrgetter("key", "id")) for row in [*same][::-1]]
    return backwards


def _values(rows: Sequence[ViewRow]) -> list[JSON]:
    """Read all values at once, in the order in which they are folded."""
    texts = [row.value_text for row in _folded(rows)]
    values: list[JSON] = jsonio.loads(b"[%b]" % b",".join(texts))
    return values


def _pair(row: ViewRow) -> str:
    return (b"[[%b,%b],%b]" % (row.key_text, jsonio.dumps(row.id), row.value_text)).decode()


def _total(rows: Sequence[ViewRow]) -> JSON:
    size = sum(len(row.key_text) + len(row.value_text) for row in rows)
    return total(_values(rows), size=size)


def _statistics(rows: Sequence[ViewRow]) -> JSON:
    return statistics(_values(rows))


def _different_keys(rows: Sequence[ViewRow]) -> int:
    """Count the keys that are written differently; CouchDB's estimate is exact on small numbers."""
    return len({row.key_text for row in rows})


def _first(rows: Sequence[ViewRow]) -> JSON:
    return jsonio.loads(min(rows, key=_collated).value_text)


def _last(rows: Sequence[ViewRow]) -> JSON:
    return jsonio.loads(max(reversed(rows), key=_collated).value_text)


def _collated(row: ViewRow) -> tuple[bytes, bytes]:
    """Order rows by view collation, whatever order their view has."""
    return sort_key(jsonio.loads(row.key_text)), row.id.encode()


def _ranked(rows: Sequence[ViewRow], rank: int, *, descending: bool) -> list[JSON]:
    """Return the greatest (or least) values by collation, each of them once."""
    distinct = {sort_key(value): value for value in _values(rows)}
    return [distinct[key] for key in sorted(distinct, reverse=descending)[:rank]]


_FUNCTIONS: Final[Mapping[str, Callable[[Sequence[ViewRow]], JSON]]] = MappingProxyType(
    {
        "_sum": _total,
        "_count": len,
        "_stats": _statistics,
        "_approx_count_distinct": _different_keys,
        "_first": _first,
        "_last": _last,
    }
)
