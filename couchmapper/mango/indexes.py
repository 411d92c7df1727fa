"""Which index can serve a selector and a sort, and which of them CouchDB takes.

The rules are those of CouchDB's query planner, quirks included, so that a program can foresee its choice.
https://docs.couchdb.org/en/stable/api/database/find.html#db-find-use-index
"""

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from couchmapper.mango.nodes import Expression, Path
from couchmapper.mango.ranges import field_range, indexable_fields, pins, requires

__all__ = ["ALL_DOCS", "Candidate", "Index", "candidates", "choose", "covers", "obstacles"]

_ID: Final[Path] = ("_id",)
_ALWAYS_THERE: Final = frozenset({_ID, ("_rev",)})


@attrs.frozen(kw_only=True)
class Index:
    """A JSON index: the view `name` of the design document `ddoc` (`_design/…`), on `fields`.

    `partial` says that it holds only the documents of a partial filter. `ddoc` of `_all_docs` is empty.
    """

    ddoc: str
    name: str
    fields: tuple[Path, ...]
    partial: bool = False


ALL_DOCS: Final = Index(ddoc="", name="_all_docs", fields=(_ID,))
"""The index that every database has: all documents by id."""


@attrs.frozen
class Candidate:
    """An index that can serve; `distance` counts the indexable fields that it does not begin with."""

    index: Index
    distance: int


def obstacles(index: Index, expression: Expression, *, sort: Sequence[Path] = ()) -> tuple[str, ...]:
    """Return why an index cannot serve an expression in normal form, in the words of `_explain`.

    `field_mismatch`: a document without an indexed field could match. `sort_order_mismatch`: the index does
    not hold the rows in the order of `sort`.
    """
    if index == ALL_DOCS:
        return _obstacles_of_all_docs(expression, sort)
    found: list[str] = []
    needed = set(index.fields) - set(sort) - _ALWAYS_THERE
    if not all(requires(expression, path) for path in needed):
        found.append("field_mismatch")
    if not _is_sorted(index.fields, tuple(sort), expression):
        found.append("sort_order_mismatch")
    return tuple(found)


def candidates(indexes: Iterable[Index], expression: Expression) -> list[Candidate]:
    """Rank JSON indexes that can serve an expression (in normal form), CouchDB's choice first."""
    fields = indexable_fields(expression)
    empty = [path for path in sorted(fields) if field_range(expression, path) is None]
    counted = frozenset(empty[:1]) or fields
    found = [Candidate(index, len(counted) - _overlap(index, counted)) for index in indexes]
    return sorted(found, key=_place)


def choose(indexes: Iterable[Index], expression: Expression, *, sort: Sequence[Path] = ()) -> Index | None:
    """Return the index that CouchDB takes out of these, or None when not even `ALL_DOCS` will do.

    Partial indexes are passed over: they serve only a query that names them. `ALL_DOCS` is always there, and
    taken when no other index can serve.
    """
    usable = [
        index
        for index in indexes
        if index != ALL_DOCS and not index.partial and not obstacles(index, expression, sort=sort)
    ]
    if usable:
        return candidates(usable, expression)[0].index
    return None if obstacles(ALL_DOCS, expression, sort=sort) else ALL_DOCS


def covers(index: Index, fields: Iterable[Path]) -> bool:
    """Tell whether the rows of an index hold all these fields, so that no document has to be read."""
    return index != ALL_DOCS and set(fields) <= {_ID, *index.fields}


def _place(candidate: Candidate) -> tuple[int, int, str, str]:
    index = candidate.index
    return candidate.distance, len(index.fields), index.ddoc, index.name


def _obstacles_of_all_docs(expression: Expression, sort: Sequence[Path]) -> tuple[str, ...]:
    if not sort:
        return ()
    found: list[str] = []
    if _ID not in indexable_fields(expression):
        found.append("field_mismatch")
    if tuple(sort) != (_ID,):
        found.append("sort_order_mismatch")
    return tuple(found)


def _is_sorted(fields: tuple[Path, ...], sort: tuple[Path, ...], expression: Expression) -> bool:
    """Tell whether the sort is the beginning of the fields, once the pinned fields before it are skipped."""
    while sort and fields and fields[0] != sort[0] and pins(expression, fields[0]):
        fields = fields[1:]
    return fields[: len(sort)] == sort


def _overlap(index: Index, counted: frozenset[Path]) -> int:
    for place, path in enumerate(index.fields):
        if path not in counted:
            return place
    return len(index.fields)
