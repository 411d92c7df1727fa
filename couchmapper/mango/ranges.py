"""What a selector says about single fields: which it needs, which it pins, and between which values.

Every function takes an expression in the normal form. Only conditions joined by `And` bound a field, and only
those whose answer is one stretch of an index. The rules are CouchDB's, which compares bounds by view
collation, also those of `_id`.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from couchmapper.collation import compare, sort_key
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Not, Or, Path
from couchmapper.typing import JSON

__all__ = [
    "Bound",
    "FieldRange",
    "KeyRange",
    "field_range",
    "indexable_fields",
    "key_range",
    "named_fields",
    "narrowed",
    "pins",
    "requires",
]

_INDEXABLE: Final = frozenset({"$lt", "$lte", "$eq", "$gte", "$gt", "$beginsWith", "$exists"})
_HIGHEST_TEXT: Final = "\uffff"  # sorts after every other character


@attrs.frozen
class Bound:
    """One end of a range, and whether the value itself is in it; 1 and 1.0 are one value, true is another."""

    value: JSON = attrs.field(eq=sort_key)
    included: bool


@attrs.frozen(kw_only=True)
class FieldRange:
    """The values of one field between two bounds; without a bound that side is open."""

    low: Bound | None = None
    high: Bound | None = None

    def above(self, bound: Bound) -> "FieldRange | None":
        """Return what is left of the range above a bound, or None when nothing is."""
        if self.low is not None:
            order = compare(bound.value, self.low.value)
            if order < 0 or (order == 0 and (bound.included or not self.low.included)):
                return self
        return _unless_empty(FieldRange(low=bound, high=self.high))

    def below(self, bound: Bound) -> "FieldRange | None":
        """Return what is left of the range below a bound, or None when nothing is."""
        if self.high is not None:
            order = compare(bound.value, self.high.value)
            if order > 0 or (order == 0 and (bound.included or not self.high.included)):
                return self
        return _unless_empty(FieldRange(low=self.low, high=bound))


@attrs.frozen
class KeyRange:
    """The keys of an index from `start` to the last one that begins with `end`, both included.

    Keys are arrays of the fields' values; `start` and `end` hold the first of these, as many as are bounded.
    """

    start: tuple[JSON, ...] = ()
    end: tuple[JSON, ...] = ()


def indexable_fields(expression: Expression) -> frozenset[Path]:
    """Return the fields with a condition that an index can answer."""
    match expression:
        case And(operands):
            return frozenset().union(*map(indexable_fields, operands))
        case Condition(path, operator) if operator in _INDEXABLE:
            return frozenset({path})
    return frozenset()


def named_fields(expression: Expression) -> frozenset[Path]:
    """Return every field that has a condition, whatever it is and wherever it stands."""
    match expression:
        case And(operands) | Or(operands):
            return frozenset().union(*map(named_fields, operands))
        case Not(operand):
            return named_fields(operand)
        case Condition(path) | Elements(path):
            return frozenset({path})
    return frozenset()


def requires(expression: Expression, path: Path) -> bool:
    """Tell whether only documents that have the field can match."""
    match expression:
        case And(operands):
            return any(requires(operand, path) for operand in operands)
        case Or(operands):
            return all(requires(operand, path) for operand in operands)
        case Not(operand):
            return requires(operand, path)
        case Condition(_, "$exists", False):
            return False
        case Condition(field) | Elements(field):
            return field == path
    return False


def pins(expression: Expression, path: Path) -> bool:
    """Tell whether the field has one value in every document that matches."""
    match expression:
        case And(operands):
            return any(pins(operand, path) for operand in operands)
        case Condition(field, "$eq"):
            return field == path
    return False


def field_range(expression: Expression, path: Path) -> FieldRange | None:
    """Return the range that the conditions on a field leave, or None when no value satisfies them."""
    return _narrow(expression, path, FieldRange())


def key_range(expression: Expression, fields: Sequence[Path]) -> KeyRange:
    """Return the keys of an index on `fields` between which everything lies that matches.

    A bound goes as far as each field before is bounded on that side; the selector still has to look at each
    row. Whether a field's own range is empty is not looked at: see `field_range`.
    """
    ranges = _leading(expression, fields)
    start: list[JSON] = []
    for found in ranges:
        if found.low is None:
            break
        start.append(found.low.value)
    end: list[JSON] = []
    for found in ranges:
        if found.high is None:
            break
        end.append(found.high.value)
    return KeyRange(tuple(start), tuple(end))


def _unless_empty(found: FieldRange) -> FieldRange | None:
    if found.low is None or found.high is None:
        return found
    order = compare(found.low.value, found.high.value)
    return None if order > 0 or (order == 0 and not (found.low.included and found.high.included)) else found


def _leading(expression: Expression, fields: Sequence[Path]) -> list[FieldRange]:
    """Return the ranges of the first fields, as many as have an indexable condition."""
    known = indexable_fields(expression)
    ranges: list[FieldRange] = []
    for path in fields:
        found = field_range(expression, path) if path in known else None
        if found is None:
            break
        ranges.append(found)
    return ranges


def narrowed(conditions: Iterable[Condition]) -> FieldRange | None:
    """Return the range that conditions on one field leave, or None when no value satisfies them."""
    found: FieldRange | None = FieldRange()
    for one in conditions:
        if found is None:
            return None
        found = _narrow_by(one.operator, one.argument, found)
    return found


def _narrow(expression: Expression, path: Path, found: FieldRange | None) -> FieldRange | None:
    match expression:
        case And(operands):
            for operand in operands:
                found = _narrow(operand, path, found)
        case Condition(field, operator, argument) if field == path and found is not None:
            return _narrow_by(operator, argument, found)
    return found


def _narrow_by(operator: str, argument: JSON, found: FieldRange) -> FieldRange | None:
    match operator:
        case "$lt" | "$lte":
            return found.below(Bound(argument, operator == "$lte"))
        case "$gt" | "$gte":
            return found.above(Bound(argument, operator == "$gte"))
        case "$eq":
            return _between(argument, argument, found)
        case "$beginsWith":
            return _between(argument, argument + _HIGHEST_TEXT, found)
    return found


def _between(low: JSON, high: JSON, found: FieldRange) -> FieldRange | None:
    if found.low is None and found.high is None:
        return FieldRange(low=Bound(low, True), high=Bound(high, True))
    above = found.above(Bound(low, True))
    return above and above.below(Bound(high, True))
