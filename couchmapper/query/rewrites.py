"""Conditions written so that an index can serve them.

Every function takes and returns a condition in normal form that matches the same documents, as far as they
fit the model: a field that the model declares to hold no list is taken to hold none.
"""

from collections.abc import Iterable
from typing import Final

from couchmapper.collation import sort_key
from couchmapper.mango.facts import Facts, facts_of
from couchmapper.mango.nodes import And, Condition, Expression, Or, Path
from couchmapper.mango.ranges import Bound, FieldRange, field_range
from couchmapper.mango.text_patterns import prefix_of
from couchmapper.mapping.members import is_always_there, kinds_at
from couchmapper.query.indexes import conjuncts
from couchmapper.query.spec import ID
from couchmapper.typing import JSON

__all__ = ["for_index", "implied_range", "is_pinned"]

_HIGHEST_TEXT: Final = "\uffff"


def for_index(
    condition: Expression, fields: Iterable[Path], model: type, facts: Facts | None = None
) -> Expression:
    """Add what lets an index on `fields` serve: that they are there, where the model proves it, and bounds.

    Bounds follow from lists of values and from alternatives: `status in ("new", "paid")` lies between the
    two. They are added as far as CouchDB can use them: to the first fields of the index. `facts` are those of
    the condition, if they are known.
    """
    told = facts or facts_of(condition)
    added: list[Expression] = []
    is_bounded = True
    for path in fields:
        found = told.range(path) or FieldRange()
        if found.low is None and found.high is None:
            is_hinted = is_bounded and path in told.named
            bounds = _bounds(implied_range(condition, path, model), path) if is_hinted else []
            added += bounds
            if not bounds and path not in told.required and is_always_there(model, path):
                added.append(Condition(path, "$exists", True))
        is_bounded = is_bounded and is_pinned(found)
    return And((*conjuncts(condition), *added)) if added else condition


def implied_range(node: Expression, path: Path, model: type) -> FieldRange | None:
    """Return between which values a field lies in every document that matches, None when nothing says so.

    Nothing does of ids: they are compared by bytes, and ranges are by collation.
    """
    match node:
        case And(operands):
            return _narrowest(implied_range(operand, path, model) for operand in operands)
        case Or(operands):
            return _widest([implied_range(operand, path, model) for operand in operands])
        case Condition(field) if field == path and path != ID:
            return _range_of(node, model)
    return None


def _range_of(condition: Condition, model: type) -> FieldRange | None:
    match condition:
        case Condition(path, "$in", values):
            kinds = kinds_at(model, path)
            return None if kinds is None or "array" in kinds else _hull(values)
        case Condition(path, "$eq" | "$gt" | "$gte" | "$lt" | "$lte"):
            return field_range(condition, path)
        case Condition(_, "$regex", pattern):
            prefix = prefix_of(pattern)
            return None if prefix is None else _prefix_range(prefix)
        case Condition(_, "$beginsWith", prefix):
            return _prefix_range(prefix)
    return None


def _prefix_range(prefix: str) -> FieldRange | None:
    """Return the range of the texts with a prefix, which sort behind it when it is in ASCII.

    Other texts do not always: a Thai vowel sorts after the consonant that follows it, an accent after another
    one that comes to stand below the letter. U+FFFF ends the range and is no character; what a text has
    behind one is outside of it.
    """
    if not prefix.isascii():
        return None
    return FieldRange(low=Bound(prefix, True), high=Bound(prefix + _HIGHEST_TEXT, True))


def _bounds(found: FieldRange | None, path: Path) -> list[Expression]:
    if found is None:
        return []
    low, high = found.low, found.high
    return [
        *([Condition(path, "$gte" if low.included else "$gt", low.value)] if low is not None else []),
        *([Condition(path, "$lte" if high.included else "$lt", high.value)] if high is not None else []),
    ]


def _narrowest(ranges: Iterable[FieldRange | None]) -> FieldRange | None:
    """Return what is in all ranges that are known; one of them where they have nothing in common."""
    result: FieldRange | None = None
    for found in ranges:
        if found is not None and result is not None:
            above = result.above(found.low) if found.low is not None else result
            both = above.below(found.high) if above is not None and found.high is not None else above
            result = both or result
        else:
            result = result or found
    return result


def _widest(ranges: list[FieldRange | None]) -> FieldRange | None:
    """Return the range that holds all of several; None when one of them is not known."""
    known = [found for found in ranges if found is not None]
    if not known or len(known) < len(ranges):
        return None
    lows = [found.low for found in known if found.low is not None]
    highs = [found.high for found in known if found.high is not None]
    if not all(_is_steady(bound.value) for bound in (*lows, *highs)):
        return None
    low = min(lows, key=_place_of_low) if len(lows) == len(known) else None
    high = max(highs, key=_place_of_high) if len(highs) == len(known) else None
    return None if low is None and high is None else FieldRange(low=low, high=high)


def _hull(values: list[JSON]) -> FieldRange | None:
    """Return the range of some values; None for texts whose place depends on the release of Unicode."""
    if not values or not all(map(_is_steady, values)):
        return None
    return FieldRange(low=Bound(min(values, key=sort_key), True), high=Bound(max(values, key=sort_key), True))


def _is_steady(value: JSON) -> bool:
    if isinstance(value, str):
        return value.removesuffix(_HIGHEST_TEXT).isascii()
    return value is None or isinstance(value, bool | int | float)


def is_pinned(found: FieldRange) -> bool:
    """Tell whether a range leaves one value only."""
    return (
        found.low is not None
        and found.high is not None
        and found.low.included
        and found.high.included
        and sort_key(found.low.value) == sort_key(found.high.value)
    )


def _place_of_low(bound: Bound) -> tuple[bytes, bool]:
    return sort_key(bound.value), not bound.included


def _place_of_high(bound: Bound) -> tuple[bytes, bool]:
    return sort_key(bound.value), bound.included
