"""The rows of a Mango index, read as the view that it is.

A row tells the values by which it stands where it is, and reading can begin at a row, however many others
have the same key. `_find` can do neither.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from couchmapper.collation import compare
from couchmapper.exceptions import BadRequest
from couchmapper.mango.match import compile_match
from couchmapper.mango.nodes import Condition, Expression, Path
from couchmapper.query.indexes import KnownIndex, conjuncts
from couchmapper.query.keyset import Place, Placed
from couchmapper.query.plan import Find
from couchmapper.query.scans import Watch
from couchmapper.query.source import Source
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSON

__all__ = ["IndexRows"]

_LAST: Final[JSON] = {"\uffff": {}}  # sorts behind what people put into keys
_BOUNDS: Final = frozenset({"$eq", "$lt", "$lte", "$gt", "$gte"})
_MOST: Final = 1000


@attrs.frozen
class _Row:
    """Where reading goes on: behind a row, which need not be there any more."""

    key: list[JSON]
    id: str

    def is_(self, row: Mapping[str, Any]) -> bool:
        return row["id"] == self.id and compare(row["key"], self.key) == 0


@attrs.frozen(kw_only=True)
class IndexRows:
    """The part of an index that a plan reads, in the order of a query that ends with the id."""

    asked: QuerySpec[Any]
    plan: Find
    index: KnownIndex
    source: Source
    watch: Watch

    @property
    def is_selective(self) -> bool:
        """Whether few rows are of documents that are not asked for: the index tells of all conditions."""
        filtered = conjuncts(self.index.filter)
        bounded = self.index.fields[: max(len(self.plan.keys.start), len(self.plan.keys.end)) + 1]
        return all(one in filtered or _is_told(one, bounded) for one in conjuncts(self.asked.condition))

    def behind(self, place: Place | None, size: int) -> Iterator[Placed]:
        """Yield the documents behind a place, or from the beginning, `size` or more by one request.

        Raises `NotFound` when the database does not have the index.
        """
        matches = compile_match(self.asked.condition)
        last = None if place is None else _Row(self._key(place), place.values[-1])
        while True:
            rows = self._rows(last, size + 1)
            found = [row for row in rows if row.get("doc") and not (last and last.is_(row))]
            found = [row for row in found if matches(row["doc"])]
            self.watch.examined += len(rows)
            self.watch.returned += len(found)
            yield from (self._placed(row) for row in found)
            if len(rows) <= size:
                return
            last, size = _Row(rows[-1]["key"], rows[-1]["id"]), min(2 * size, max(size, _MOST))

    def _rows(self, last: _Row | None, limit: int) -> list[Any]:
        is_down = self.asked.order[-1].descending
        low, high = [*self.plan.keys.start], [*self.plan.keys.end]
        first, end = (high and [*high, _LAST], low) if is_down else (low, high and [*high, _LAST])
        bounds: dict[str, Any] = {"end_key": end} if end else {}
        if last is not None:
            bounds |= {"start_key": last.key, "start_key_doc_id": last.id}
        elif first:
            bounds["start_key"] = first
        view = self.index.index.ddoc.removeprefix("_design/"), self.index.index.name
        options = {"descending": is_down, "include_docs": True, "reduce": False, "limit": limit}
        try:
            rows: list[Any] = self.source.view(*view, **bounds, **options)["rows"]
        except BadRequest as error:
            if last is not None and error.error == "query_parse_error":
                return []  # the place is behind the end
            raise
        return rows

    def _key(self, place: Place) -> list[JSON]:
        """Return the key of a place: what varies is in the place, the other fields have one value each."""
        known = {
            one.path: one.argument
            for one in conjuncts(self.asked.condition)
            if isinstance(one, Condition) and one.operator == "$eq"
        }
        known |= {term.path: value for term, value in zip(place.order, place.values, strict=True)}
        return [known[path] for path in self.index.fields]

    def _placed(self, row: Mapping[str, Any]) -> Placed:
        known = dict(zip(self.index.fields, row["key"], strict=True))
        values = *(known[term.path] for term in self.asked.order[:-1]), row["id"]
        return Placed(row["doc"], Place(order=self.asked.order, values=values))


def _is_told(node: Expression, bounded: tuple[Path, ...]) -> bool:
    """Tell whether the bounds of an index leave out most of what a condition does."""
    match node:
        case Condition(path, "$exists", True):
            return True
        case Condition(path, operator) if operator in _BOUNDS:
            return path in bounded or (operator == "$gte" and node.argument is None)
    return False
