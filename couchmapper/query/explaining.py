"""Explains a query: its plan, what the server says of it, and why no other index was taken."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs

from couchmapper.mango.indexes import obstacles
from couchmapper.mango.paths import join_path
from couchmapper.mango.ranges import KeyRange, requires
from couchmapper.query.askable import askable
from couchmapper.query.explanation import Explanation
from couchmapper.query.indexes import KnownIndex, implies
from couchmapper.query.partitions import divided
from couchmapper.query.plan import ById, Find, IdRange, InTurn, Plan
from couchmapper.query.planner import known_indexes, misplaces_ids, plan
from couchmapper.query.remedy import remedy
from couchmapper.query.rewrites import for_index
from couchmapper.query.source import Source
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSON, JSONObject

__all__ = ["explain"]

_MOST_NAMED: Final = 5


def explain(spec: QuerySpec[Any], source: Source) -> Explanation:
    """Ask a server about the indexes that it has, and about the query, and put both into words."""
    stored = source.known_indexes(anew=True)
    how = plan(spec, stored)
    if isinstance(how, InTurn):
        (first,) = divided(spec, how.partitions[:1])
        return attrs.evolve(explain(first, source), route=_route(how))
    told = Explanation(
        model=spec.model.__name__,
        selector=spec.selector(),
        sort=[{join_path(term.path): "desc" if term.descending else "asc"} for term in spec.order],
        route=_route(how),
        index=None,
        key_range=None,
        is_scan=False,
        reasons=(),
        advice=None,
        server=None,
    )
    if isinstance(how, IdRange):
        return attrs.evolve(told, key_range=(how.first, how.end))
    if not isinstance(how, Find):
        return told
    is_scan = bool(how.is_scan)
    return attrs.evolve(
        told,
        selector=how.selector(),
        index=None if how.index is None else " ".join(how.index.use_index),
        key_range=None if how.index is None else _keys(how.keys),
        is_scan=is_scan,
        reasons=tuple(_reasons(spec, how, stored)),
        advice=remedy(spec) if is_scan else None,
        server=_asked(source.at(how.partition), how),
    )


def _route(how: Plan) -> str:
    match how:
        case ById(ids=ids):
            return "the document is read by its id" if len(ids) == 1 else "_all_docs keys"
        case IdRange(partition=partition):
            return f"_all_docs range{_place(partition)}"
        case Find(partition=partition):
            return f"_find{_place(partition)}"
        case InTurn(parts=(first, *others)):
            return f"{_route(first)}, then in {_listed([str(part.partition) for part in others])}"
    return "nothing is asked"


def _place(partition: str | None) -> str:
    return "" if partition is None else f" in the partition {partition}"


def _listed(names: Sequence[str]) -> str:
    """Write names one after the other, the first ones and how many there are more."""
    more = [] if len(names) <= _MOST_NAMED else [f"{len(names) - _MOST_NAMED} more"]
    return ", ".join([*names[:_MOST_NAMED], *more])


def _keys(keys: KeyRange) -> tuple[JSON, JSON]:
    return list(keys.start), list(keys.end)


def _reasons(spec: QuerySpec[Any], how: Find, stored: Sequence[KnownIndex]) -> Iterator[str]:
    """Yield what is done here, and what speaks against each known index that was not taken."""
    if how.sorts_here:
        yield "the order is made here, from all documents that match"
    if how.check is not None:
        yield "CouchDB cannot be asked for some of the values: what comes is looked at here"
    known = known_indexes(spec.model, stored, partitioned=how.partition is not None)
    usable = {index.index: index for index in known}
    for index in usable.values():
        if how.index is None or index.index != how.index.index:
            yield f"not {index.index.name}: {_obstacle(spec, how, index)}"
    for index in known_indexes(spec.model, None, partitioned=how.partition is not None):
        if index.index not in usable:
            yield f"not {index.index.name}: it is declared and not deployed"


def _obstacle(spec: QuerySpec[Any], how: Find, index: KnownIndex) -> str:
    if not implies(spec.condition, index.filter):
        return "it does not hold all documents that are asked for"
    if misplaces_ids(spec, index):
        return "it has ids by collation, and they are asked for by their bytes"
    served = for_index(askable(spec.condition), index.fields, spec.model)
    if obstacles(index.index, served):
        lacking = [join_path(path) for path in index.fields if not requires(served, path)]
        return f"documents without {' or '.join(lacking)} could match"
    if how.index is None:
        return "it narrows nothing, and does not give the order"
    return "another one narrows more, or gives the order"


def _asked(source: Source, how: Find) -> JSONObject:
    return source.explain(
        how.selector(),
        sort=how.sort_body() or None,
        use_index=None if how.index is None else how.index.use_index,
    )
