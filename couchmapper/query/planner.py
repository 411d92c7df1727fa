"""Decides how a query is answered: which index serves it, what makes that index usable, or no index at all.

The rules of when an index is usable are CouchDB's own (`mango.indexes`). An index that serves is named in the
query: CouchDB passes over partial ones that are not, and what was decided here shall be what happens.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import attrs

from couchmapper.mango.facts import Facts, facts_of
from couchmapper.mango.indexes import ALL_DOCS, choose
from couchmapper.mango.nodes import FALSE, And, Condition, Expression, Or, Path
from couchmapper.mango.ranges import FieldRange, KeyRange, field_range
from couchmapper.mango.selector import searches
from couchmapper.mango.sort import SortTerm
from couchmapper.query.askable import askable, is_exact
from couchmapper.query.extent import Extent, excludes_all, extent_of, in_agreement
from couchmapper.query.id_conditions import Bounds, chosen_ids, id_range
from couchmapper.query.indexes import KnownIndex, conjuncts, declared_indexes, implies
from couchmapper.query.partitions import asked_partitions, divided, ids_of_model, partition_path
from couchmapper.query.plan import ById, Find, IdRange, InTurn, NothingToAsk, Plan
from couchmapper.query.rewrites import for_index
from couchmapper.query.spec import ID, QuerySpec

__all__ = ["known_indexes", "misplaces_ids", "narrows", "plan", "plan_within"]

_BY_ID: Final = ((SortTerm(ID),), (SortTerm(ID, descending=True),))


@attrs.frozen(kw_only=True)
class _Fit:
    """An index that can serve, and how: `sort` is None when it does not give the order."""

    index: KnownIndex
    condition: Expression
    sort: tuple[SortTerm, ...] | None
    rows: tuple[SortTerm, ...]
    keys: KeyRange
    extent: Extent

    @property
    def place(self) -> tuple[object, ...]:
        """Where it stands among others, the best first."""
        own = self.index.index
        return (
            not self.extent.is_narrow,
            self.sort is None,
            -self.extent.pinned,
            not self.extent.is_bounded,
            not own.partial,
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
    facts = facts_of(condition)
    if condition == FALSE or spec.limit == 0 or excludes_all(facts):
        return NothingToAsk()
    ids = chosen_ids(condition) if ID in facts.named else None
    if ids is not None:
        ids = ids_of_model(spec.model, ids)
        return ById(ids=ids, condition=condition) if ids else NothingToAsk()
    partitions = asked_partitions(spec)
    if partitions is None:
        return plan_within(spec, None, stored, facts)
    parts = [
        plan_within(one, name, stored)
        for name, one in zip(partitions, divided(spec, partitions), strict=True)
        if one.condition != FALSE
    ]
    if len(parts) == 1:
        return parts[0]
    return InTurn(parts=tuple(parts)) if parts else NothingToAsk()


def plan_within(
    spec: QuerySpec[Any],
    partition: str | None,
    stored: Sequence[KnownIndex] | None,
    facts: Facts | None = None,
) -> IdRange | Find:
    """Return how a partition is asked, or with None a whole database; `facts` are those of the condition."""
    condition = spec.condition
    if searches(condition):  # by the text index of the server, which sorts by its own fields
        return Find(condition=condition, sort=spec.order, is_scan=False, partition=partition)
    asked, told = _asked(condition, facts)
    bounds = id_range(condition) if ID in told.named else None
    fit = _best(spec, asked, told, partition, stored)
    if bounds is not None and (fit is None or not _is_better(fit, bounds)):
        return IdRange(first=bounds[0], end=bounds[1], condition=condition, partition=partition)
    if fit is None or (spec.order[:1] in _BY_ID and fit.sort is None and not fit.extent.is_narrow):
        return _unindexed(spec, asked, partition, stored)
    return Find(
        condition=fit.condition,
        index=fit.index,
        sort=fit.sort or (),
        rows=fit.rows,
        sorts_here=bool(spec.order) and not fit.sort,
        is_id_order=bool(fit.sort) and spec.names_ids(),
        keys=fit.keys,
        is_scan=not fit.extent.is_narrow,
        partition=partition,
        check=_check(spec, asked),
    )


def _is_better(fit: _Fit, bounds: Bounds) -> bool:
    """Tell whether an index is likely to leave less than a part of all ids, above all one from the first."""
    return bool(fit.extent.pinned) or (fit.extent.is_narrow and not bounds[0])


def narrows(index: KnownIndex, spec: QuerySpec[Any], partition: str | None = None) -> bool:
    """Tell whether an index would serve a query, of a partition or of a database, without a scan."""
    asked, facts = _asked(spec.condition)
    within = None if partition is None else partition_path(spec.model)
    return any(fit.extent.is_narrow for fit in _fits(spec, asked, facts, within, [index]))


def misplaces_ids(spec: QuerySpec[Any], index: KnownIndex) -> bool:
    """Tell whether an index has ids in another order than the query means: by collation, not by bytes."""
    if ID not in index.fields:
        return False
    return field_range(spec.condition, ID) != FieldRange() or spec.names_ids()


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


def _asked(condition: Expression, facts: Facts | None = None) -> tuple[Expression, Facts]:
    """Return a condition as CouchDB is asked it, and its facts; `facts` are those of the condition."""
    asked = askable(condition)
    told = facts if facts is not None and asked is condition else facts_of(asked)
    agreed = in_agreement(asked, told)
    return (asked, told) if agreed is asked else (agreed, facts_of(agreed))


def _unindexed(
    spec: QuerySpec[Any], asked: Expression, partition: str | None, stored: Sequence[KnownIndex] | None
) -> Find:
    """Return the query without a named index; the server may have one when it was not asked which.

    An index that has ids in it has them by collation, where their order and their bounds are meant by bytes.
    """
    found = Find(
        condition=asked,
        sorts_here=bool(spec.order),
        is_scan=None if stored is None else True,
        partition=partition,
        check=_check(spec, asked),
    )
    if stored is None:
        is_sorted = not spec.is_mixed() and not spec.names_ids()
        return attrs.evolve(found, sort=spec.order, sorts_here=False) if is_sorted else found
    by_ids = And((*conjuncts(asked), Condition(ID, "$gte", None)))
    here = [one.index for one in stored if one.partitioned == (partition is not None)]
    if choose(here, by_ids, sort=(ID,)) != ALL_DOCS:
        return attrs.evolve(found, condition=_without_bounds_of_ids(asked))
    is_meant = spec.order[:1] in _BY_ID
    sort = spec.order[:1] if is_meant else (SortTerm(ID),)
    return attrs.evolve(
        found,
        condition=by_ids,
        sort=sort,
        rows=sort,
        sorts_here=bool(spec.order) and not is_meant,
        is_id_order=is_meant,
    )


def _without_bounds_of_ids(asked: Expression) -> Expression:
    """Return a condition for the same documents in which the server sees no bounds of ids for an index."""
    return And(tuple(Or((one,)) if _is_bound_of_ids(one) else one for one in conjuncts(asked)))


def _is_bound_of_ids(node: Expression) -> bool:
    return isinstance(node, Condition) and node.path == ID and node.argument is not None


def _check(spec: QuerySpec[Any], asked: Expression) -> Expression | None:
    return None if asked is spec.condition or is_exact(spec.condition) else spec.condition


def _best(
    spec: QuerySpec[Any],
    asked: Expression,
    facts: Facts,
    partition: str | None,
    stored: Sequence[KnownIndex] | None,
) -> _Fit | None:
    known = known_indexes(spec.model, stored, partitioned=partition is not None)
    if not known:
        return None
    within = None if partition is None else partition_path(spec.model)
    likely = [index for index in known if index.fields[0] in facts.named]
    best = _first(_fits(spec, asked, facts, within, likely))
    if best is not None and best.extent.is_bounded and best.sort is not None:
        return best  # no index that begins with another field is as good
    return _first(_fits(spec, asked, facts, within, known))


def _first(fits: Iterable[_Fit]) -> _Fit | None:
    several = list(fits)
    return several[0] if len(several) == 1 else min(several, key=lambda fit: fit.place, default=None)


def _fits(
    spec: QuerySpec[Any], asked: Expression, facts: Facts, within: Path | None, known: Sequence[KnownIndex]
) -> Iterator[_Fit]:
    for index in known:
        if not implies(spec.condition, index.filter) or misplaces_ids(spec, index):
            continue
        served = for_index(asked, index.fields, spec.model, facts)
        here = facts if served is asked else facts_of(served)
        if not all(path in here.required or path == ID for path in index.fields):
            continue
        sort = _sort(index.fields, spec, here)
        yield _Fit(
            index=index,
            condition=served,
            sort=sort,
            rows=_rows(index.fields, here, descending=bool(sort) and spec.order[0].descending),
            keys=here.key_range(index.fields),
            extent=extent_of(spec, index, here, within),
        )


def _rows(fields: tuple[Path, ...], facts: Facts, *, descending: bool) -> tuple[SortTerm, ...]:
    """Return the order of the rows of an index, as far as sorts can say it: it has ids by collation."""
    if ID in fields:
        return ()
    return tuple(SortTerm(path, descending) for path in (*fields, ID) if not facts.pins(path))


def _sort(fields: tuple[Path, ...], spec: QuerySpec[Any], facts: Facts) -> tuple[SortTerm, ...] | None:
    """Return what to sort by so that an index gives an order, None when it cannot.

    Fields with one value order nothing. Rows with equal keys are in the order of their ids, so that an order
    may end with the id when nothing but such fields is left in the index.
    """
    if not spec.order:
        return ()
    if spec.is_mixed():
        return None
    paths = [term.path for term in spec.order]
    if ID in paths:
        paths = paths[: paths.index(ID)]
    wanted = [path for path in paths if not facts.pins(path)]
    varying = [path for path in fields if not facts.pins(path)]
    if varying[: len(wanted)] != wanted or (spec.names_ids() and len(varying) > len(wanted)):
        return None
    if wanted:
        fields = fields[fields.index(wanted[0]) : fields.index(wanted[-1]) + 1]
    return tuple(SortTerm(path, spec.order[0].descending) for path in fields)
