"""A stretch of what a query finds: the documents behind a place, in an order in which no two are equal.

Whatever others write meanwhile, every document that stays where it is comes, and none comes twice. So a
stretch is read by one request, as CouchDB's bookmarks pass over a document when the one before it has gone.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final

import attrs

from couchmapper.exceptions import FullScanRefused, NotFound, NoUsableIndex
from couchmapper.mango.match import compile_match
from couchmapper.mango.sort import sort_key
from couchmapper.query.finding import OrderUnknown
from couchmapper.query.index_rows import IndexRows
from couchmapper.query.keyset import Place, Placed, place_of, starting_at
from couchmapper.query.plan import Find, IdRange, InTurn, Plan, finds
from couchmapper.query.planner import plan
from couchmapper.query.results import find_pages
from couchmapper.query.scans import Watch, planned
from couchmapper.query.source import Source
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSONObject

__all__ = ["Stretch"]

_TRIES: Final = 5
_AT_ONCE: Final = 100_000_000  # more than anybody has: all by one request
_FEW: Final = 100


class _UncertainError(Exception):
    """What came does not tell for sure what is behind a place: it has to be asked for again."""


@attrs.frozen(kw_only=True)
class Stretch:
    """The first documents behind a place, or without one from the beginning, as many as `asked` says.

    The order of `asked` ends with the id.
    """

    asked: QuerySpec[Any]
    source: Source
    place: Place | None

    def read(self) -> list[Placed]:
        """Ask for the documents; raises `FullScanRefused` and `PartitionRequired` as any query.

        The two at the edges, the first one and the last but one, are where they are said to be.
        """
        for _ in range(_TRIES):
            how = planned(self.asked, self.source)
            watch = Watch(self.asked, how)
            try:
                found = self._by_plan(how, watch)
            except _UncertainError:
                continue
            except (OrderUnknown, NoUsableIndex, NotFound, FullScanRefused):
                pass
            else:
                if not watch.lacks_index:
                    watch.warn()
                    return found
            self.source.known_indexes(anew=True)  # one may have gone
        how = planned(self.asked, self.source)
        return self._sorted_here(how, Watch(self.asked, how))

    def _by_plan(self, how: Plan, watch: Watch) -> list[Placed]:
        rows = self._index_rows(how, watch)
        if rows is not None:
            return list(islice(rows.behind(self.place, self._count), self._count))
        return self._sorted_there(watch) if self._is_sorted_there(how) else self._sorted_here(how, watch)

    @property
    def _count(self) -> int:
        return self.asked.limit or _AT_ONCE

    @property
    def _is_by_id(self) -> bool:
        return len(self.asked.order) == 1

    def _index_rows(self, how: Plan, watch: Watch) -> IndexRows | None:
        """Return the rows of the index if they are best: they tell of little else, or many are equal.

        On such a plateau a selector has the server go through all equal documents again, for each page. What
        is under a name that the server has told of may be another index by now: its rows are not read.
        """
        if not isinstance(how, Find) or how.index is None or how.index.is_stored or not how.is_id_order:
            return None
        source = self.source.at(how.partition)
        rows = IndexRows(asked=self.asked, plan=how, index=how.index, source=source, watch=watch)
        is_plateau = self.place is not None and self.place.is_plateau
        return rows if is_plateau or (rows.is_selective and not self.asked.skip) else None

    def _is_sorted_there(self, how: Plan) -> bool:
        """Tell whether the server gives the order."""
        if not isinstance(how, Find):
            return self._is_by_id and all(self._is_sorted_there(one) for one in finds(how))
        return not how.sorts_here

    def _sorted_there(self, watch: Watch) -> list[Placed]:
        """Ask by a condition on the values of the place."""
        asked = self.asked
        if self.place is not None:
            asked = attrs.evolve(asked, where=asked.where & starting_at(asked.condition, self.place))
        how = plan(asked, self.source.known_indexes())
        found = self._placed(_documents(asked, how, self.source, watch))
        self._check_edges(found)
        self._check_order(found, how)
        return found

    def _check_edges(self, found: Sequence[Placed]) -> None:
        """Raise `_UncertainError` unless those that cursors are made of stood where their values say.

        A row of an index may be newer than the document that comes with it: then the values are those of
        where the document was before. One that has not changed since was where it is.
        """
        begins_inside = self.place is not None or self.asked.skip > 0
        goes_on = len(found) == self._count
        edges = [*found[: int(begins_inside)], *(found[-2:-1] if goes_on else ())]
        if self._is_by_id or not edges:
            return
        revisions = {one.document["_id"]: one.document["_rev"] for one in edges}
        rows = self.source.all_docs(keys=list(revisions))["rows"]
        if any(row.get("value", {}).get("rev") != revisions[row["key"]] for row in rows):
            raise _UncertainError

    def _check_order(self, found: Sequence[Placed], how: Plan) -> None:
        """Raise `OrderUnknown` when another index is under the name of one that the server has told of.

        Documents that were changed while they were read seem to be out of order as well.
        """
        told = [one.index for one in finds(how) if one.index is not None and one.index.is_stored]
        keys = [*map(sort_key(self.asked.order), (one.document for one in found))] if told else []
        if keys != sorted(keys) and not set(told) <= set(self.source.known_indexes(anew=True)):
            raise OrderUnknown("another index is under the name of the one that the query names: ask again")

    def _sorted_here(self, how: Plan, watch: Watch) -> list[Placed]:
        """Read everything, and find what is behind the place by the values that have come."""
        asked = attrs.evolve(self.asked.unordered(), limit=None, skip=0)
        documents = _documents(asked, _unsorted(how), self.source, watch)
        if self.place is not None:
            behind = starting_at(self.asked.condition, self.place)
            documents = filter(compile_match(behind), documents)
        skip = self.asked.skip
        first = heapq.nsmallest(skip + self._count, documents, key=sort_key(self.asked.order))
        return self._placed(first[skip:])

    def _placed(self, documents: Iterable[JSONObject]) -> list[Placed]:
        return [Placed(document, place_of(document, self.asked.order)) for document in documents]


def _documents(asked: QuerySpec[Any], how: Plan, source: Source, watch: Watch) -> Iterator[JSONObject]:
    """Read what a plan finds, Mango's by one request."""
    size = _AT_ONCE if finds(how) else min(asked.page_size, max(asked.limit or asked.page_size, _FEW))
    return chain.from_iterable(find_pages(attrs.evolve(asked, page_size=size), how, source, watch))


def _unsorted(how: Plan) -> Plan:
    match how:
        case Find():
            return attrs.evolve(how, sort=(), rows=(), sorts_here=False, is_id_order=False)
        case InTurn():
            unsorted = [_unsorted(part) for part in how.parts]
            return InTurn(parts=tuple(part for part in unsorted if isinstance(part, IdRange | Find)))
    return how
