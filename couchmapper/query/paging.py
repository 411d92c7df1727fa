"""A page of a query: the documents behind a place, however many of them are equal in the order."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final, TypeGuard

import attrs

from couchmapper.exceptions import NotFound
from couchmapper.mango.match import compile_match
from couchmapper.mango.nodes import Condition, Path
from couchmapper.query.cursor import read_cursor, write_cursor
from couchmapper.query.indexes import conjuncts
from couchmapper.query.keyset import Place, place_of, reversed_order, starting_at, total_order
from couchmapper.query.plan import Find, Plan
from couchmapper.query.results import find_pages
from couchmapper.query.scans import Watch, planned
from couchmapper.query.source import Source
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSON, JSONObject

__all__ = ["FoundPage", "PageRequest", "read_page"]

_LAST: Final[JSON] = {"\uffff": {}}  # sorts behind what people put into keys


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
    """Return a page of a query; without a cursor, the first one."""
    size, key, is_forwards = wanted.size, wanted.key, wanted.before is None
    cursor = wanted.after if is_forwards else wanted.before
    place = None if cursor is None else read_cursor(spec, cursor, key)
    order = place.order if place else total_order(spec, source.known_indexes())
    asked = attrs.evolve(spec, order=order if is_forwards else reversed_order(order), limit=size + 1)
    if place is None:
        found = _found(asked, source)
    else:
        place = attrs.evolve(place, order=asked.order)
        found = _behind(attrs.evolve(asked, skip=0), source, place)
    here, has_more = found[:size], len(found) > size
    if not is_forwards:
        here.reverse()
    has_next, has_previous = (has_more, place is not None) if is_forwards else (True, has_more)
    return FoundPage(
        documents=here,
        next=write_cursor(spec, _edge(here, -1, order), key) if here and has_next else None,
        previous=write_cursor(spec, _edge(here, 0, order), key) if here and has_previous else None,
    )


def _edge(here: Sequence[JSONObject], number: int, order: Any) -> Place:
    """Return the place of a document at the edge; a page of equal documents lies on a plateau."""
    first, last = place_of(here[0], order), place_of(here[-1], order)
    is_plateau = len(here) > 1 and first.values[:-1] == last.values[:-1]
    return attrs.evolve(last if number else first, is_plateau=is_plateau)


def _found(asked: QuerySpec[Any], source: Source) -> list[JSONObject]:
    plan = planned(asked, source)
    watch = Watch(asked, plan)
    found = list(chain.from_iterable(find_pages(asked, plan, source, watch)))
    watch.warn()
    return found


def _behind(asked: QuerySpec[Any], source: Source, place: Place) -> list[JSONObject]:
    """Return the documents behind a place.

    On a plateau, a selector would have the server go through all equal documents again for each page. The
    rows of the index itself can be read from a document on.
    """
    if place.is_plateau:
        plan = planned(asked, source)
        if (
            isinstance(plan, Find)
            and plan.index is not None
            and plan.is_id_order
            and not plan.index.is_stored
        ):
            try:
                return list(islice(_rows_behind(asked, source.at(plan.partition), place, plan), asked.limit))
            except NotFound:
                pass  # the index is declared and not deployed
    return _found(attrs.evolve(asked, where=asked.where & starting_at(asked, place)), source)


def _gives_rows(plan: Plan) -> TypeGuard[Find]:
    """Tell whether an index has the order of a plan in its rows, and a name that tells what is in it."""
    return isinstance(plan, Find) and plan.is_id_order and plan.index is not None and not plan.index.is_stored


def _rows_behind(asked: QuerySpec[Any], source: Source, place: Place, plan: Find) -> Iterator[JSONObject]:
    """Yield the documents of an index behind a place, which need not be there any more."""
    index: Any = plan.index
    matches = compile_match(asked.condition)
    descending = asked.order[-1].descending
    end = [*plan.keys.start] if descending else [*plan.keys.end, _LAST]
    position = _key(asked, index.fields, place), place.values[-1]
    size = asked.limit or asked.page_size
    while True:
        rows = source.view(
            index.index.ddoc.removeprefix("_design/"),
            index.index.name,
            start_key=position[0],
            start_key_doc_id=position[1],
            end_key=end,
            descending=descending or None,
            include_docs=True,
            reduce=False,
            limit=size + 1,
        )["rows"]
        yield from (
            row["doc"] for row in rows if row["id"] != position[1] and row.get("doc") and matches(row["doc"])
        )
        if len(rows) <= size:
            return
        position = rows[-1]["key"], rows[-1]["id"]


def _key(asked: QuerySpec[Any], fields: Sequence[Path], place: Place) -> list[JSON]:
    """Return the key of a document in an index: what varies is in its place, the rest has one value."""
    known = {term.path: value for term, value in zip(place.order, place.values, strict=True)}
    for one in conjuncts(asked.condition):
        match one:
            case Condition(path, "$eq", value):
                known.setdefault(path, value)
    return [known[path] for path in fields]
