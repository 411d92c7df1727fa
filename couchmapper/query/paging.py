"""A page of a query, and the cursors of the pages beside it."""

from collections.abc import Sequence
from typing import Any

import attrs

from couchmapper.mango.sort import SortTerm
from couchmapper.query.cursor import read_cursor, write_cursor
from couchmapper.query.keyset import Place, Placed, reversed_order, total_order
from couchmapper.query.source import Source
from couchmapper.query.spec import QuerySpec
from couchmapper.query.stretch import Stretch
from couchmapper.typing import JSONObject

__all__ = ["FoundPage", "PageRequest", "read_page"]


@attrs.frozen(kw_only=True)
class FoundPage:
    """The documents of a page, and the cursors of the pages beside it, None where there is none."""

    documents: Sequence[JSONObject]
    next: str | None
    previous: str | None


@attrs.frozen(kw_only=True)
class PageRequest:
    """Which page is wanted: the one `after`, or `before`, a cursor that was signed with `key`."""

    size: int
    after: str | None = None
    before: str | None = None
    key: bytes = b""


def read_page(spec: QuerySpec[Any], source: Source, wanted: PageRequest) -> FoundPage:
    """Return a page of a query; without a cursor, the first one.

    On the side that the page was come from there is another one, unless that is the end. A page may be empty
    when others deleted what was there: then the way back begins at the end.
    """
    is_forwards = wanted.before is None
    cursor = wanted.after if is_forwards else wanted.before
    place = None if cursor is None else read_cursor(spec, cursor, wanted.key)
    order = place.order if place else total_order(attrs.evolve(spec, limit=None), source.known_indexes())
    found = _found(spec, source, wanted.size, place, order if is_forwards else reversed_order(order))
    here, has_more = found[: wanted.size], len(found) > wanted.size
    has_back = spec.skip > 0 if place is None else not place.is_end
    if not is_forwards:
        here.reverse()
        has_more, has_back = has_back, has_more

    def cursor_at(number: int) -> str:
        return write_cursor(spec, _edge(here, found, number, order), wanted.key)

    return FoundPage(
        documents=[placed.document for placed in here],
        next=cursor_at(-1) if has_more else None,
        previous=cursor_at(0) if has_back else None,
    )


def _found(
    spec: QuerySpec[Any], source: Source, size: int, place: Place | None, order: tuple[SortTerm, ...]
) -> list[Placed]:
    """Return the documents of a page and one more; what is skipped is skipped on the first page."""
    asked = attrs.evolve(spec, order=order, limit=size + 1, skip=0 if place else spec.skip)
    start = None if place is None or place.is_end else attrs.evolve(place, order=order)
    return Stretch(asked=asked, source=source, place=start).read()


def _edge(here: Sequence[Placed], found: Sequence[Placed], number: int, order: tuple[SortTerm, ...]) -> Place:
    """Return the place of a document at the edge; where all are equal, it lies on a plateau."""
    if not here:
        return Place(order=order)
    is_plateau = len(found) > 1 and found[0].place.values[:-1] == found[-1].place.values[:-1]
    return Place(order=order, values=here[number].place.values, is_plateau=is_plateau)
