"""Decides how a query is answered: which index serves it, what makes that index usable, or no index at all.

The rules of when an index is usable are CouchDB's own (`mango.indexes`). An index that serves is named in the
query: CouchDB passes over partial ones that are not, and what was decided here shall be what happens.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from couchmapper.mango.facts import Facts, facts_of
from couchmapper.mango.nodes import FALSE, Condition, Expression, Path
from couchmapper.mango.ranges import FieldRange, KeyRange, field_range
from couchmapper.mango.sort import SortTerm
from couchmapper.query.askable import askable, is_exact
from couchmapper.query.id_conditions import chosen_ids, id_range
from couchmapper.query.indexes import KnownIndex, conjuncts, declared_indexes, implies
from couchmapper.query.partitions import asked_partitions, divided, ids_of_model
from couchmapper.query.plan import ById, Find, IdRange, InTurn, NothingToAsk, Plan
from couchmapper.query.rewrites import for_index
from couchmapper.query.spec import ID, QuerySpec

__all__ = ["known_indexes", "plan"]


@attrs.frozen(kw_only=True)
class _Fit:
    """An index that can serve, and how: `sort` is None when it does not give the order."""

    index: KnownIndex
    condition: Expression
    sort: tuple[SortTerm, ...] | None
    keys: KeyRange
    pinned: int
    is_exact: bool

    @property
    def is_narrow(self) -> bool:
        """Whether only a part of the index is read, or nothing is read that is not returned."""
        return self.is_exact or is_bounded(self.keys)

    @property
    def place(self) -> tuple[object, ...]:
        """Where it stands among others, the best first."""
        own = self.index.index
        return (
            not self.is_narrow,
            self.sort is None,
            -self.pinned,
            not is_bounded(self.keys),
            len(own.fields),
            own.ddoc,
            own.name,
        )


def plan(spec: QuerySpec[Any], stored: Sequence[KnownIndex] | None = None) -> Plan:
    """Return how a query is answered.

    `stored` are the indexes that the database has; None when it was not asked, so that only declared ones are
    known. Of a partitioned model the partitions are asked that the conditions name, each by itself; raises
    `PartitionRequired` when they name none.
    """
    condition = spec.condition
    if condition == FALSE or spec.limit == 0:
        return NothingToAsk()
    ids = chosen_ids(condition) if ID in facts_of(condition).named else None
    if ids is not None:
        ids = ids_of_model(spec.model, ids)
        return ById(ids=ids, condition=condition) if ids else NothingToAsk()
    partitions = asked_partitions(spec)
    if partitions is None:
        return _plan_within(spec, None, stored)
    parts = [
        _plan_within(one, name, stored)
        for name, one in zip(partitions, divided(spec, partitions), strict=True)
        if one.condition != FALSE
    ]
    if len(parts) == 1:
        return parts[0]
    return InTurn(parts=tuple(parts)) if parts else NothingToAsk()


def _plan_within(
    spec: QuerySpec[Any], partition: str | None, stored: Sequence[KnownIndex] | None
) -> IdRange | Find:
    """Return how a partition is asked, or with None a whole database."""
    condition = spec.condition
    facts = facts_of(condition)
    bounds = id_range(condition) if ID in facts.named else None
    fit = _best(spec, facts, known_indexes(spec.model, stored, partitioned=partition is not None))
    idle = 0 if partition is None else 1  # the field of the partition, which narrows nothing within it
    if bounds is not None and (fit is None or fit.pinned <= idle):
        return IdRange(first=bounds[0], end=bounds[1], condition=condition, partition=partition)
    if fit is None:
        return _unindexed(spec, partition, is_certain=stored is not None)
    return Find(
        condition=fit.condition,
        index=fit.index,
        sort=fit.sort or (),
        is_id_order=bool(fit.sort) and spec.order[-1].path == ID,
        keys=fit.keys,
        is_scan=not fit.is_narrow,
        partition=partition,
        check=_check(spec),
    )


def known_indexes(
    model: type, stored: Sequence[KnownIndex] | None, *, partitioned: bool = False
) -> list[KnownIndex]:
    """Return the JSON indexes that may serve: those of the database, or as far as known the declared ones.

    Of the partial ones only what is declared: its name tells what is in it. In a partitioned database a query
    of one partition uses other indexes than one of all of them.
    """
    declared = declared_indexes(model)
    if stored is None:
        return [index for index in declared if index.partitioned == partitioned]
    names = {tuple(index.use_index) for index in stored}
    known = [index for index in declared if tuple(index.use_index) in names]
    return [
        index
        for index in (*known, *(index for index in stored if not index.index.partial))
        if index.partitioned == partitioned
    ]


def is_bounded(keys: KeyRange) -> bool:
    """Tell whether a part of an index is less than the whole; null is the least of all values."""
    return bool(keys.end) or (bool(keys.start) and keys.start[0] is not None)


def _unindexed(spec: QuerySpec[Any], partition: str | None, *, is_certain: bool) -> Find:
    """Return the query without an index that is known here; the server may have one, when it was not asked.

    Without an index it sorts by id alone.
    """
    is_by_id = bool(spec.order) and spec.order[0].path == ID
    is_sorted = not spec.is_mixed() and (is_by_id or not is_certain)
    return Find(
        condition=askable(spec.condition),
        sort=() if not is_sorted else spec.order[:1] if is_by_id else spec.order,
        is_scan=True if is_certain else None,
        partition=partition,
        check=_check(spec),
    )


def _check(spec: QuerySpec[Any]) -> Expression | None:
    return None if is_exact(spec.condition) else spec.condition


def _best(spec: QuerySpec[Any], facts: Facts, known: Sequence[KnownIndex]) -> _Fit | None:
    if not known:
        return None
    asked = askable(spec.condition)
    if asked is not spec.condition:
        facts = facts_of(asked)
    fits = list(_fits(spec, asked, facts, known))
    return min(fits, key=lambda fit: fit.place, default=None) if len(fits) != 1 else fits[0]


def _fits(
    spec: QuerySpec[Any], asked: Expression, facts: Facts, known: Sequence[KnownIndex]
) -> Iterator[_Fit]:
    for index in known:
        if not implies(spec.condition, index.filter) or _misplaces_ids(spec, index):
            continue
        served = for_index(asked, index.fields, spec.model)
        here = facts if served is asked else facts_of(served)
        if not all(path in here.required or path == ID for path in index.fields):
            continue
        yield _Fit(
            index=index,
            condition=served,
            sort=_sort(index.fields, spec, here),
            keys=here.key_range(index.fields),
            pinned=_count_pinned(index.fields, here),
            is_exact=_is_exact(spec, index),
        )


def _misplaces_ids(spec: QuerySpec[Any], index: KnownIndex) -> bool:
    """Tell whether an index has ids in another order than the query means: by collation, not by bytes."""
    if ID not in index.fields:
        return False
    return field_range(spec.condition, ID) != FieldRange() or any(term.path == ID for term in spec.order)


def _sort(fields: tuple[Path, ...], spec: QuerySpec[Any], facts: Facts) -> tuple[SortTerm, ...] | None:
    """Return what to sort by so that an index gives an order, None when it cannot.

    Rows with equal keys are in the order of their ids. So an order may end with the id when nothing but
    fields with one value is left in the index.
    """
    if not spec.order:
        return ()
    if spec.is_mixed():
        return None
    order = spec.order[:-1] if spec.order[-1].path == ID else spec.order
    paths = tuple(term.path for term in order)
    rest = fields
    while rest and paths and rest[0] != paths[0] and facts.pins(rest[0]):
        rest = rest[1:]
    if rest[: len(paths)] != paths:
        return None
    if len(order) < len(spec.order) and not all(facts.pins(path) for path in rest[len(paths) :]):
        return None
    descending = spec.order[0].descending
    return order or tuple(SortTerm(path, descending) for path in fields)


def _count_pinned(fields: tuple[Path, ...], facts: Facts) -> int:
    for place, path in enumerate(fields):
        if not facts.pins(path):
            return place
    return len(fields)


def _is_exact(spec: QuerySpec[Any], index: KnownIndex) -> bool:
    """Tell whether an index holds nothing but what is asked for: the filter and its fields say it all."""
    told = conjuncts(index.filter)
    return all(one in told or _says_present(one, index.fields) for one in conjuncts(spec.condition))


def _says_present(node: Expression, fields: tuple[Path, ...]) -> bool:
    match node:
        case Condition(path, "$exists", True) | Condition(path, "$gte", None):
            return path in fields
    return False
