"""What an expression says of its fields, found in one pass; `ranges` answers the same question by question.

A planner asks many questions about one expression, for each index some.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from couchmapper.mango.nodes import And, Condition, Elements, Expression, Not, Or, Path
from couchmapper.mango.ranges import FieldRange, KeyRange, narrowed, requires

__all__ = ["Facts", "facts_of"]

_BOUNDING: Final = frozenset({"$lt", "$lte", "$eq", "$gte", "$gt", "$beginsWith", "$exists"})


@attrs.frozen(kw_only=True)
class Facts:
    """What holds of the fields of every document that an expression, in normal form, matches.

    `conditions` are those that an index can answer, by field; `pinned` the fields that have one value,
    `required` those that must be there, `named` all that are named anywhere.
    """

    conditions: Mapping[Path, tuple[Condition, ...]]
    pinned: frozenset[Path]
    required: frozenset[Path]
    named: frozenset[Path]
    _ranges: dict[Path, FieldRange | None] = attrs.field(factory=dict)

    def pins(self, path: Path) -> bool:
        """Tell whether a field has one value."""
        return path in self.pinned

    def range(self, path: Path) -> FieldRange | None:
        """Return the range that the conditions on a field leave, or None when no value satisfies them."""
        if path not in self._ranges:
            self._ranges[path] = narrowed(self.conditions.get(path, ()))
        return self._ranges[path]

    def key_range(self, fields: Iterable[Path]) -> KeyRange:
        """Return the keys of an index on `fields` between which everything lies; see `ranges.key_range`."""
        start, end = [], []
        is_low = is_high = True
        for path in fields:
            found = self.range(path) if path in self.conditions else None
            if found is None or not (is_low or is_high):
                break
            is_low, is_high = is_low and found.low is not None, is_high and found.high is not None
            if is_low and found.low is not None:
                start.append(found.low.value)
            if is_high and found.high is not None:
                end.append(found.high.value)
        return KeyRange(tuple(start), tuple(end))


def facts_of(expression: Expression) -> Facts:
    """Return what an expression in normal form says of its fields."""
    conditions: dict[Path, tuple[Condition, ...]] = {}
    pinned: set[Path] = set()
    required: set[Path] = set()
    named: set[Path] = set()
    for one in expression.operands if isinstance(expression, And) else (expression,):
        match one:
            case Condition(path, operator):
                named.add(path)
                if operator in _BOUNDING:
                    conditions[path] = (*conditions.get(path, ()), one)
                if operator == "$eq":
                    pinned.add(path)
                if operator != "$exists" or one.argument:
                    required.add(path)
            case Elements(path) | Not(Condition(path) | Elements(path)):
                named.add(path)
                required.add(path)
            case _:
                here = _named(one)
                named |= here
                required |= {path for path in here if requires(one, path)}
    return Facts(
        conditions=conditions,
        pinned=frozenset(pinned),
        required=frozenset(required),
        named=frozenset(named),
    )


def _named(node: Expression) -> set[Path]:
    match node:
        case And(operands) | Or(operands):
            return {path for operand in operands for path in _named(operand)}
        case Not(operand):
            return _named(operand)
        case Condition(path) | Elements(path):
            return {path}
    return set()
