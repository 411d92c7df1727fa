"""A query and the database that it is for: everything that can be asked, as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from couchmapper.exceptions import NotFound, QueryError
from couchmapper.mango.nodes import Path
from couchmapper.mango.selector import searches
from couchmapper.query.counting import row_counts
from couchmapper.query.explaining import explain
from couchmapper.query.explanation import Explanation
from couchmapper.query.indexes import KnownIndex
from couchmapper.query.paging import FoundPage, PageRequest, read_page
from couchmapper.query.partitions import divided
from couchmapper.query.plan import ById, InTurn, NothingToAsk
from couchmapper.query.planner import plan
from couchmapper.query.results import find_pages
from couchmapper.query.scans import Watch, planned
from couchmapper.query.source import Source
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.typing import JSONObject

__all__ = ["Question", "Reading"]


@attrs.frozen(kw_only=True)
class Reading:
    """The pages of one run of a query, and the watch over what they cost."""

    pages: Iterator[list[JSONObject]]
    watch: Watch

    def documents(self) -> Iterator[JSONObject]:
        """Yield all documents; warns when the pages cost too much."""
        for page in self.pages:
            self.watch.warn()  # before the first one is given, which may be all that is asked for
            yield from page


@attrs.frozen
class Question:
    """A query put to a database."""

    spec: QuerySpec[Any]
    source: Source

    def read(self, fields: Sequence[Path] = ()) -> Reading:
        """Begin to read what it asks for; with `fields`, at least these members of each document.

        Raises `FullScanRefused` and `PartitionRequired`.
        """
        how = planned(self.spec, self.source)
        watch = Watch(self.spec, how)
        pages = find_pages(self.spec, how, self.source, watch, self._with_order(fields))
        return Reading(pages=pages, watch=watch)

    def page(self, wanted: PageRequest) -> FoundPage:
        """Return a page of what it asks for; `limit` is not looked at.

        Raises `QueryError` for a full-text search, which has no order that is known.
        """
        if searches(self.spec.condition):
            raise QueryError("a full-text search has no pages here: session.search(...).page(...) has")
        return read_page(self.spec, self.source, wanted)

    def count(self) -> int:
        """Return how many documents it finds: by an index that counts rows, else by going through them."""
        total = self._counted()
        if total is None:
            reading = Question(self.spec.unordered(), self.source).read([ID])
            return sum(1 for _ in reading.documents())
        total = max(0, total - self.spec.skip)
        return total if self.spec.limit is None else min(total, self.spec.limit)

    def explain(self) -> Explanation:
        """Return how it would be answered, and why; the documents are not asked for."""
        return explain(self.spec, self.source)

    def _counted(self) -> int | None:
        how = plan(self.spec.unordered())
        if isinstance(how, NothingToAsk):
            return 0
        if isinstance(how, ById):
            return None
        stored = self.source.known_indexes(anew=True)  # so that none is an old one
        if not isinstance(how, InTurn):
            return _count_rows(self.spec, self.source, how.partition, stored)
        total = 0
        for partition, spec in zip(how.partitions, divided(self.spec, how.partitions), strict=True):
            found = _count_rows(spec, self.source, partition, stored)
            if found is None:
                return None
            total += found
        return total

    def _with_order(self, fields: Sequence[Path]) -> Sequence[Path]:
        """Add the fields of the order, in case it has to be made here."""
        return (*fields, *(term.path for term in self.spec.order)) if fields else ()


def _count_rows(
    spec: QuerySpec[Any], source: Source, partition: str | None, stored: Sequence[KnownIndex]
) -> int | None:
    """Ask the first view that counts what is asked for."""
    place = source.at(partition)
    for one in row_counts(spec, stored, partitioned=partition is not None):
        try:
            if one.declared is not None and not one.declared.is_in(source.design(one.ddoc)):
                continue  # what is stored under its name is of another release
            rows = place.view(one.ddoc, one.name, reduce=True, **one.options)["rows"]
        except NotFound:
            continue  # it is declared and not deployed
        return rows[0]["value"] if rows else 0
    return None
