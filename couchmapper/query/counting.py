"""How many documents a query finds, read off the row counts of an index: nothing is gone through.

A Mango index is a view that counts its rows, as is a view that was declared with `Count()`. Either answers
when one stretch of its keys is what the query asks for.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs

from couchmapper.mango.nodes import And, Condition, Expression, Path
from couchmapper.mango.ranges import FieldRange, field_range, requires
from couchmapper.mapping.declared import DeclaredIndex, declared_for
from couchmapper.mapping.members import is_always_there
from couchmapper.query.indexes import KnownIndex, conjuncts, implies
from couchmapper.query.planner import known_indexes
from couchmapper.query.rewrites import is_pinned
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.typing import JSON, JSONObject

__all__ = ["RowCount", "row_counts"]

_LAST: Final[JSON] = {"\uffff": {}}  # sorts behind what people put into keys
_SAFE: Final = 2**53
_EXACT: Final = frozenset({"$eq", "$lt", "$lte", "$gt", "$gte", "$exists"})


@attrs.frozen(kw_only=True)
class RowCount:
    """The stretch of a view whose rows are to be counted, as parameters of its query.

    `declared` is the declaration of a view, which may be stored as another release of the program had it.
    """

    ddoc: str
    name: str
    options: JSONObject
    declared: DeclaredIndex | None = None


def row_counts(
    spec: QuerySpec[Any], stored: Sequence[KnownIndex], *, partitioned: bool = False
) -> Iterator[RowCount]:
    """Yield the ways to count what a query finds by an index or a view, without limit and skip."""
    here = [index for index in stored if index.partitioned == partitioned]
    for known in known_indexes(spec.model, here, partitioned=partitioned):
        ranges = _ranges(spec, known.fields, known.filter)
        if ranges is not None:
            ddoc, name = known.use_index
            yield RowCount(ddoc=ddoc.removeprefix("_design/"), name=name, options=_list_range(ranges))
    for view in declared_for(spec.model):
        if view.kind == "view" and view.partitioned == partitioned:
            options = _stretch(spec, view)
            if options is not None:
                yield RowCount(ddoc=view.ddoc, name=view.name, options=options, declared=view)


def _stretch(spec: QuerySpec[Any], view: DeclaredIndex) -> JSONObject | None:
    """Return the parameters that name exactly the rows of what a query finds, None when there are none."""
    ranges = _ranges(spec, view.fields, view.filter)
    if ranges is None or not all(map(_is_kept_by_javascript, ranges)):
        return None
    return _list_range(ranges) if view.is_list else _value_range(ranges[0])


def _ranges(spec: QuerySpec[Any], fields: Sequence[Path], told: Expression) -> list[FieldRange] | None:
    """Return the ranges of the fields that say what a query finds, of the documents that fulfil `told`.

    None unless they are one stretch of the keys: some fields with one value, then one with bounds.
    """
    present = [one for one in conjuncts(told) if _is_always_so(one, spec.model)]
    if not implies(And((*conjuncts(spec.condition), *present)), told):
        return None
    rest = [one for one in conjuncts(spec.condition) if not implies(told, one)]
    if not all(_is_exact(one, fields) for one in rest) or not _have_all(spec, fields):
        return None
    condition = And(tuple(rest))
    ranges: list[FieldRange] = []
    for path in fields:
        found = field_range(condition, path)
        if found is None or (ranges and not is_pinned(ranges[-1]) and _bounds(found)):
            return None
        ranges.append(found)
    return ranges


def _is_always_so(node: Expression, model: type) -> bool:
    """Tell whether a condition asks for nothing but a member that all documents of the model have."""
    match node:
        case Condition(path, "$exists", True):
            return is_always_there(model, path)
    return False


def _is_exact(node: Expression, fields: Sequence[Path]) -> bool:
    match node:
        case Condition(path, "$exists", False):
            return False
        case Condition(path, "$gte", None) if path == ID:
            return True
        case Condition(path, operator):
            return path in fields and path != ID and operator in _EXACT
    return False


def _have_all(spec: QuerySpec[Any], fields: Sequence[Path]) -> bool:
    """Tell whether every document that the query finds has a row: it has all the fields."""
    return all(requires(spec.condition, path) or is_always_there(spec.model, path) for path in fields)


def _is_kept_by_javascript(found: FieldRange) -> bool:
    """Tell whether rows of JavaScript are on the same side of the bounds as the documents are.

    It makes other numbers of integers beyond 2^53, also within lists, and orders members that are numbers.
    """
    bounds = [bound.value for bound in (found.low, found.high) if bound is not None]
    return all(_is_plain(value) for value in bounds)


def _is_plain(value: JSON) -> bool:
    return abs(value) < _SAFE if isinstance(value, int | float) else not isinstance(value, list | dict)


def _bounds(found: FieldRange) -> bool:
    """Tell whether a range leaves anything out; null is the least of all values."""
    low = found.low
    return found.high is not None or (low is not None and (low.value is not None or not low.included))


def _list_range(ranges: Sequence[FieldRange]) -> JSONObject:
    pinned = [found.low.value for found in ranges if found.low is not None and is_pinned(found)]
    following = ranges[len(pinned)] if len(pinned) < len(ranges) else FieldRange()
    low, high = following.low, following.high
    start = [*pinned, *([] if low is None else [low.value] if low.included else [low.value, _LAST])]
    if high is None:
        return {"start_key": start, "end_key": [*pinned, _LAST]}
    if high.included:
        return {"start_key": start, "end_key": [*pinned, high.value, _LAST]}
    return {"start_key": start, "end_key": [*pinned, high.value], "inclusive_end": False}


def _value_range(found: FieldRange) -> JSONObject | None:
    """Return the range of a view whose keys are single values: it cannot begin behind all rows of a key."""
    low, high = found.low, found.high
    if low is not None and not low.included:
        return None
    return {
        **({} if low is None else {"start_key": low.value}),
        **({} if high is None else {"end_key": high.value, "inclusive_end": high.included}),
    }
