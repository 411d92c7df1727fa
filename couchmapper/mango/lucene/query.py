"""Expressions as queries for a search index, with the very meaning that Mango gives them.

What an index says of documents that fit their model decides: a text is one term, a number a number, and the
type of every field stands in a field of the index of its own, so that what is missing, null or negated can be
told. What Lucene cannot decide as Mango does is refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

import attrs

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.lucene.fields import TYPES, SearchField, missing, typed
from couchmapper.mango.lucene.refusals import COMPARISONS, conditions, refusals
from couchmapper.mango.lucene.syntax import between, escaped, number, prefixed, quoted, text_bound
from couchmapper.mango.nodes import BACKENDS, And, Backend, Condition, Elements, Expression, Not, Or, Path
from couchmapper.mango.normalize import normalize
from couchmapper.mango.ranges import Bound, FieldRange
from couchmapper.mango.text_patterns import prefix_of
from couchmapper.mango.type_order import TYPE_ORDER, type_of
from couchmapper.typing import JSON

__all__ = ["EVERYTHING", "SearchFields", "write_query"]

SearchFields: TypeAlias = Mapping[Path, SearchField]
"""The fields of an index by the path of their values."""

EVERYTHING: Final = "*:*"
"""The query that finds every document of an index."""

_NOTHING: Final = f"{escaped(TYPES)}:never"


def write_query(expression: Expression, fields: SearchFields) -> str:
    """Write an expression in Lucene's syntax, for an index that holds these fields.

    Raises `ExpressionError` with every part that Lucene cannot decide as Mango does.
    """
    normal = normalize(expression)
    reasons = list(dict.fromkeys(refusals(normal, fields)))
    if reasons:
        raise ExpressionError("; ".join(reasons))
    return _bare(*_clauses(normal, fields))


def _bare(word: str, parts: Iterable[str]) -> str:
    return f" {word} ".join(parts)


def _query(node: Expression, fields: SearchFields) -> str:
    """Write a node so that it can stand beside others: `AND` and `OR` never meet without parentheses."""
    return _grouped(*_clauses(node, fields))


def _grouped(word: str, parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({_bare(word, parts)})"


def _clauses(node: Expression, fields: SearchFields) -> tuple[str, list[str]]:
    """Write a node as the word between its parts, and the parts: at least one."""
    match node:
        case And(operands):
            return "AND", list(dict.fromkeys(_conjunction(operands, fields))) or [EVERYTHING]
        case Or(operands):
            return "OR", list(dict.fromkeys(_query(one, fields) for one in operands)) or [_NOTHING]
        case Not(Condition(path) | Elements(path) as leaf):
            return "AND", [_exists(fields[path]), f"NOT {_query(leaf, fields)}"]
        case Condition(path, "$ne" | "$nin" as operator, argument):
            contrary = Condition(path, "$eq" if operator == "$ne" else "$in", argument)
            return "AND", [_exists(fields[path]), f"NOT {_query(contrary, fields)}"]
        case Condition(path) | Elements(path):
            return "OR", list(_alternatives(node, fields[path])) or [_NOTHING]
    raise ExpressionError(f"{node!r} cannot be written for a search index")


def _conjunction(operands: Iterable[Expression], fields: SearchFields) -> Iterator[str]:
    """Write the operands of `And`; the bounds of one field are one range, where the first of them stands."""
    ranges: dict[Path, FieldRange | None] = {}
    others: list[Condition | Expression] = []
    for operand in operands:
        match operand:
            case Condition(path, operator) if operator in COMPARISONS and path != ("_id",):
                if path not in ranges:
                    others.append(operand)
                ranges[path] = _narrowed(ranges.get(path, FieldRange()), operand)
            case _:
                others.append(operand)
    for operand in others:
        match operand:
            case Condition(path, operator) if operator in COMPARISONS and path in ranges:
                yield _grouped("OR", list(_pieces(fields[path], ranges[path])) or [_NOTHING])
            case _:
                yield _query(operand, fields)


def _narrowed(known: FieldRange | None, condition: Condition) -> FieldRange | None:
    """Return what a comparison leaves of a range; None is nothing."""
    if known is None:
        return None
    bound = Bound(condition.argument, included=condition.operator in {"$gte", "$lte"})
    return known.above(bound) if condition.operator in {"$gt", "$gte"} else known.below(bound)


def _alternatives(leaf: Expression, field: SearchField) -> Iterator[str]:
    """Write a condition on a field as parts of which one must hold."""
    match leaf:
        case Condition(_, "$exists", argument):
            yield _exists(field) if argument else _missing(field)
        case Condition(_, "$type", kind):
            yield _of_kind(field, kind)
        case Condition(_, operator) if operator in COMPARISONS:
            yield from _pieces(field, _narrowed(FieldRange(), leaf))
        case Condition(_, "$eq", argument):
            yield _values(field, [argument])
        case Condition(_, "$in", arguments):
            yield _values(field, arguments)
        case Condition(_, "$regex", pattern):
            prefix = prefix_of(pattern)
            yield f"{escaped(field.name)}:{prefixed(prefix)}" if prefix else _of_kind(field, "string")
        case Elements(_, _, operand):
            yield from _of_elements(operand, field)


def _of_elements(operand: Expression, field: SearchField) -> Iterator[str]:
    """Write what one element fulfils: each part is one term, or one range, of the index."""
    match operand:
        case Or(operands):
            for one in operands:
                yield from _of_elements(one, field)
        case And(operands):
            known: FieldRange | None = FieldRange()
            for one in operands:
                known = _narrowed(known, one) if isinstance(one, Condition) else None
            yield from _pieces(attrs.evolve(field, kinds=frozenset({field.kind})), known)
        case Condition(_, operator) if operator in COMPARISONS:
            yield from _of_elements(And((operand,)), field)
        case _:
            yield from _alternatives(operand, field)


def _exists(field: SearchField) -> str:
    return EVERYTHING if field.name == "_id" else f"{escaped(TYPES)}:{prefixed(typed(field.name, ''))}"


def _missing(field: SearchField) -> str:
    return _NOTHING if field.name == "_id" else f"{escaped(TYPES)}:{quoted(missing(field.name))}"


def _of_kind(field: SearchField, kind: str) -> str:
    if field.name == "_id":
        return EVERYTHING if kind == "string" else _NOTHING
    return f"{escaped(TYPES)}:{quoted(typed(field.name, kind))}"


def _values(field: SearchField, arguments: Iterable[JSON]) -> str:
    """Write that the value, or an element of a list, is one of some."""
    terms: list[str] = []
    parts: list[str] = []
    for argument in arguments:
        kind = type_of(argument)
        if kind == "null":
            parts.append(_of_kind(field, kind))
        elif kind != field.kind:
            continue  # of that type it holds nothing
        elif kind == "number":
            same = Bound(argument, included=True)
            parts.append(_between(field, same, same))
        else:
            terms.append(quoted(_term(argument)))
    if terms:
        parts.insert(0, f"{escaped(field.name)}:{_grouped('OR', list(dict.fromkeys(terms)))}")
    return _grouped("OR", list(dict.fromkeys(parts)) or [_NOTHING])


def _term(argument: JSON) -> str:
    """Return the term under which a boolean, or a text, is indexed."""
    return argument if isinstance(argument, str) else str(argument).lower()


def _pieces(field: SearchField, values: FieldRange | None) -> Iterator[str]:
    """Write a range of all JSON values, in CouchDB's order of types, as the pieces that a field can hold."""
    if values is None:
        return
    low, high = values.low, values.high
    first = 0 if low is None else TYPE_ORDER.index(type_of(low.value))
    last = len(TYPE_ORDER) if high is None else TYPE_ORDER.index(type_of(high.value))
    for rank, kind in enumerate(TYPE_ORDER):
        if kind in field.kinds and first <= rank <= last:
            lowest = low if low is not None and rank == first else None
            highest = high if high is not None and rank == last else None
            yield from _piece(field, kind, lowest, highest)


def _piece(field: SearchField, kind: str, low: Bound | None, high: Bound | None) -> Iterator[str]:
    """Write the part of a range that has one JSON type."""
    if low is None and high is None:
        yield _of_kind(field, kind)
    elif kind == "boolean":
        allowed = [value for value in (False, True) if _is_inside(value, low, high)]
        if allowed:
            yield _values(field, allowed)
    elif kind == "number" or (kind == "string" and _has_text(low, high)):
        yield _between(field, low, high)
    elif (low is None or low.included) and (high is None or high.included):
        yield _of_kind(field, kind)  # from the smallest value of its type upwards


def _is_inside(value: bool, low: Bound | None, high: Bound | None) -> bool:  # noqa: FBT001 - a JSON value
    above = low is None or value > low.value or (low.included and value == low.value)
    below = high is None or value < high.value or (high.included and value == high.value)
    return above and below


def _has_text(low: Bound | None, high: Bound | None) -> bool:
    return any(bound is not None and bound.value != "" for bound in (low, high))


def _between(field: SearchField, low: Bound | None, high: Bound | None) -> str:
    ends = (low is None or low.included, high is None or high.included)
    is_text = any(bound is not None and isinstance(bound.value, str) for bound in (low, high))
    written = between(_bound(low), _bound(high), ends=ends, is_text=is_text)
    return f"{escaped(field.name)}:{written}"


def _bound(bound: Bound | None) -> str | None:
    if bound is None or bound.value == "":
        return None
    return text_bound(bound.value) if isinstance(bound.value, str) else number(bound.value)


BACKENDS["lucene"] = Backend(
    refusals=lambda expression: refusals(normalize(expression)),
    conditions=lambda expression: conditions(normalize(expression)),
)
