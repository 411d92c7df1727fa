"""Runs the plan of a query: all its documents, page by page, and the order also where no index gives it."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, TypeAlias

import attrs

from couchmapper.exceptions import NoUsableIndex
from couchmapper.mango.match import compile_match
from couchmapper.mango.nodes import Path
from couchmapper.mango.sort import SortTerm, sort_key
from couchmapper.query.finding import Finding, OrderUnknown
from couchmapper.query.listing import by_ids, by_range
from couchmapper.query.partitions import divided
from couchmapper.query.plan import ById, Find, IdRange, InTurn, NothingToAsk, Plan
from couchmapper.query.planner import plan_within
from couchmapper.query.scans import Watch
from couchmapper.query.source import Source
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.typing import JSONObject

__all__ = ["Pages", "cut", "find_pages"]

Pages: TypeAlias = Iterator[list[JSONObject]]
"""Documents as they come, each list by one request."""

_UP: Final = (SortTerm(ID),)
_DOWN: Final = (SortTerm(ID, descending=True),)


def find_pages(
    spec: QuerySpec[Any], plan: Plan, source: Source, watch: Watch, fields: Sequence[Path] = ()
) -> Pages:
    """Yield the documents that a query asks for, in its order, as lists; each is read by one request.

    CouchDB sorts only by an index, and all fields in one direction. Where none fits, all matching documents
    are read and sorted here, by CouchDB's own order of values. With `fields` the documents hold at least
    these members.
    """
    match plan:
        case ById() | IdRange():
            yield from _listed(spec, plan, source)
        case Find():
            yield from _found(spec, plan, source, watch, fields)
        case InTurn():
            yield from _in_turn(spec, plan, source, watch, fields)
        case NothingToAsk():
            return


def _listed(spec: QuerySpec[Any], plan: ById | IdRange, source: Source) -> Pages:
    """Read `_all_docs`, in either direction; any other order is made here."""
    order = spec.order[:1] if spec.order[:1] in (_UP, _DOWN) else spec.order
    is_down = order == _DOWN
    if isinstance(plan, IdRange):
        read = by_range(source.at(plan.partition), plan, spec.page_size, descending=is_down)
    else:
        read = by_ids(source, plan.ids[::-1] if is_down else plan.ids, spec.page_size)
    matches = compile_match(plan.condition)
    pages = ([document for document in page if matches(document)] for page in read)
    yield from cut(pages, spec) if order in ((), _UP, _DOWN) else _sorted_here(pages, spec)


def _found(spec: QuerySpec[Any], plan: Find, source: Source, watch: Watch, fields: Sequence[Path]) -> Pages:
    """Ask `_find`, and again with what the database has when that is not what was thought.

    Then nothing was given yet: either comes with the first page, which alone says whether there are more.
    """
    pages = _asked(spec, plan, source, watch, fields)
    try:
        first = next(pages, [])
    except (OrderUnknown, NoUsableIndex):
        stored = source.known_indexes(anew=plan.index is not None)
        known = plan_within(spec, plan.partition, stored)
        if known == plan:
            raise
        watch.examined = watch.returned = 0
        yield from find_pages(spec, known, source, watch, fields)
    else:
        yield first
        yield from pages


def _asked(spec: QuerySpec[Any], plan: Find, source: Source, watch: Watch, fields: Sequence[Path]) -> Pages:
    finding = Finding(
        source=source.at(plan.partition),
        plan=plan,
        watch=watch,
        fields=() if plan.check is not None else fields,
    )
    if plan.sorts_here:
        return _sorted_here(_checked(finding, spec), spec)
    if plan.check is not None:
        return cut(_checked(finding, spec), spec)
    return finding.pages(spec.page_size, limit=spec.limit, skip=spec.skip)


def _in_turn(
    spec: QuerySpec[Any], plan: InTurn, source: Source, watch: Watch, fields: Sequence[Path]
) -> Pages:
    """Ask one partition after the other; that is the order of ids, and any other is made here."""
    order = spec.order[:1] if spec.order[:1] in (_UP, _DOWN) else spec.order
    most = None if spec.limit is None else spec.skip + spec.limit
    questions = divided(attrs.evolve(spec, skip=0, limit=most), plan.partitions)
    parts = list(zip(questions, plan.parts, strict=True))[:: -1 if order == _DOWN else 1]
    pages = chain.from_iterable(find_pages(each, part, source, watch, fields) for each, part in parts)
    yield from cut(pages, spec) if order in ((), _UP, _DOWN) else _sorted_here(pages, spec)


def _checked(finding: Finding, spec: QuerySpec[Any]) -> Pages:
    """Read everything, and leave out what CouchDB could not be asked to leave out."""
    pages = finding.pages(spec.page_size)
    if finding.plan.check is None:
        return pages
    matches = compile_match(finding.plan.check)
    return ([document for document in page if matches(document)] for page in pages)


def cut(pages: Iterable[list[JSONObject]], spec: QuerySpec[Any]) -> Pages:
    """Skip the first documents, and stop, as a query says."""
    skip, left = spec.skip, spec.limit
    for page in pages:
        here = page[skip:] if left is None else page[skip : skip + left]
        skip = max(0, skip - len(page))
        left = None if left is None else left - len(here)
        yield here
        if left == 0:
            return


def _sorted_here(pages: Iterable[list[JSONObject]], spec: QuerySpec[Any]) -> Pages:
    documents = chain.from_iterable(pages)
    order = sort_key(spec.order)
    if spec.limit is None:
        yield sorted(documents, key=order)[spec.skip :]
    else:
        yield heapq.nsmallest(spec.skip + spec.limit, documents, key=order)[spec.skip :]
