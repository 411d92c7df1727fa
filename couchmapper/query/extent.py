"""How much of an index is read for a query: the stretch that its conditions bound, or all that it holds.

What is the same for all documents of a model narrows nothing: their type, and within a partition its name.
"""

from typing import Any, Final

import attrs

from couchmapper.mango.facts import Facts
from couchmapper.mango.nodes import And, Condition, Expression, Or, Path
from couchmapper.mango.ranges import FieldRange
from couchmapper.mapping.metadata import metadata_of
from couchmapper.query.indexes import KnownIndex, conjuncts
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.typing import JSON

__all__ = ["Extent", "bounds", "excludes_all", "extent_of", "in_agreement"]


_BOUNDS: Final = frozenset({"$lt", "$lte", "$eq", "$gte", "$gt"})


@attrs.frozen(kw_only=True)
class Extent:
    """What is read of an index: `pinned` counts its first fields that have one value.

    `is_bounded` says that such a field, or bounds on the one behind them, leave a part of it. `is_narrow`
    says that this is so, or that nothing is read but what is asked for.
    """

    pinned: int
    is_bounded: bool
    is_narrow: bool


def extent_of(spec: QuerySpec[Any], index: KnownIndex, facts: Facts, partition: Path | None = None) -> Extent:
    """Return what a query reads of an index; `facts` are those of the condition that is sent.

    `partition` is the field that names the partition, for a query within one.
    """
    metadata = metadata_of(spec.model)
    kind = None if metadata.type_field is None else (metadata.type_field,)
    pinned = _pinned(index.fields, facts)
    following = index.fields[len(pinned) :][:1]
    telling = [path for path in pinned if path not in (kind, partition)]
    is_bounded = bool(telling) or any(
        path not in (kind, partition) and bounds(facts.range(path)) for path in following
    )
    if is_bounded:
        return Extent(pinned=len(telling), is_bounded=True, is_narrow=True)
    said = {*pinned, partition}
    is_exact = all(
        _is_told(one, index) or _is_said(one, said, kind if kind in following else None, facts)
        for one in conjuncts(spec.condition)
    )
    return Extent(pinned=0, is_bounded=False, is_narrow=is_exact)


def bounds(found: FieldRange | None) -> bool:
    """Tell whether a range leaves values out; null is the least of all, so that nothing is below it."""
    if found is None:
        return False
    return found.high is not None or (found.low is not None and found.low.value is not None)


def excludes_all(facts: Facts) -> bool:
    """Tell whether the bounds of a field exclude each other, so that no document can be between them.

    Texts beyond ASCII tell nothing: their order is that of the server's release of Unicode. Nor do ids, which
    are compared by bytes.
    """
    return any(
        facts.range(path) is None and all(_is_steady(one.argument) for one in given)
        for path, given in facts.conditions.items()
        if len(given) > 1 and path != ID
    )


def in_agreement(node: Expression, facts: Facts) -> Expression:
    """Return a condition for the same documents, of which CouchDB sees no bounds that exclude each other.

    It would look at no other bounds then, and read a whole index.
    """
    torn = {path for path in facts.conditions if facts.range(path) is None}
    if not torn:
        return node
    seen: set[Path] = set()
    operands: list[Expression] = []
    for one in conjuncts(node):
        if isinstance(one, Condition) and one.path in torn and one.operator in _BOUNDS:
            operands.append(Or((one,)) if one.path in seen else one)
            seen.add(one.path)
        else:
            operands.append(one)
    return And(tuple(operands))


def _pinned(fields: tuple[Path, ...], facts: Facts) -> tuple[Path, ...]:
    for place, path in enumerate(fields):
        if not facts.pins(path) or facts.range(path) is None:
            return fields[:place]
    return fields


def _is_told(node: Expression, index: KnownIndex) -> bool:
    """Tell whether every document in an index fulfils a condition: by its filter, or as it has its fields."""
    match node:
        case Condition(path, "$exists", True) | Condition(path, "$gte", None) if path in (ID, *index.fields):
            return True
    return node in conjuncts(index.filter)


def _is_said(node: Expression, pinned: set[Path | None], kind: Path | None, facts: Facts) -> bool:
    """Tell whether the stretch that is read has only documents that fulfil a condition.

    Types of a family count, although others may be between them.
    """
    match node:
        case Condition(path, "$eq"):
            return path in pinned
        case Condition(path, "$in") if path == kind:
            found = facts.range(path)
            return found is not None and found.low is not None and found.high is not None
    return False


def _is_steady(value: JSON) -> bool:
    """Tell whether a value has the same place among others whatever the release of Unicode."""
    if isinstance(value, str):
        return value.isascii()
    return value is None or isinstance(value, bool | int | float)
