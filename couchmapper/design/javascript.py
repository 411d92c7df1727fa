"""Expressions as JavaScript: the guard of a map function, with the very meaning that Mango gives them.

The text is ES5 and stable, since an index is rebuilt when its text changes. Fields are tested for presence
and type, never for truthiness. What JavaScript cannot decide as Mango does is refused.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator

from couchmapper.exceptions import DesignError
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Nor, Not, Or, Path
from couchmapper.mango.normalize import normalize
from couchmapper.typing import JSON

__all__ = ["map_function", "presence", "value_of"]

_EXACT_INTEGER = 2**53
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_RANKS = {"null": 0, "boolean": 1, "number": 2, "string": 3, "array": 4, "object": 5}
_RANK_FUNCTION = """  var rank = function (value) {
    if (value === null) { return 0; }
    if (typeof value === "boolean") { return 1; }
    if (typeof value === "number") { return 2; }
    if (typeof value === "string") { return 3; }
    return Array.isArray(value) ? 4 : 5;
  };
"""
_COMPARISONS = {"$lt": "<", "$lte": "<=", "$gt": ">", "$gte": ">="}


def map_function(guard: Expression, key: str, value: str) -> str:
    """Write a map function that emits `key` and `value` for the documents that fulfil the guard.

    Raises `DesignError` with every part of the guard that JavaScript cannot decide as Mango does.
    """
    normal = normalize(guard)
    reasons = list(_refusals(normal))
    if reasons:
        raise DesignError("; ".join(reasons))
    test = _guard(normal, "doc")
    helper = _RANK_FUNCTION if "rank(" in test else ""
    return f"function (doc) {{\n{helper}  if ({test}) {{\n    emit({key}, {value});\n  }}\n}}"


def value_of(path: Path, root: str = "doc") -> str:
    """Write the access to a field: `doc.address.city`."""
    return root + "".join(_member(name) for name in path)


def presence(path: Path, root: str = "doc") -> str:
    """Write the test that a document has a field, be it null."""
    holders = [value_of(path[:length], root) for length in range(1, len(path))]
    tests = [f'typeof {holder} === "object" && {holder} !== null' for holder in holders]
    return " && ".join([*tests, f"{value_of(path, root)} !== undefined"])


def _member(name: str) -> str:
    return f".{name}" if _IDENTIFIER.fullmatch(name) else f"[{literal(name)}]"


def literal(value: JSON) -> str:
    """Write a JSON value as JavaScript; `</` and the line separators that ES5 does not allow are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _guard(node: Expression, root: str) -> str:  # noqa: PLR0911 - one for each kind of node
    match node:
        case And(operands):
            return _joined(" && ", operands, root, empty="true")
        case Or(operands):
            return _joined(" || ", operands, root, empty="false")
        case Nor(operands):
            return _guard(And(tuple(Not(operand) for operand in operands)), root)
        case Not(Condition(path) | Elements(path) as leaf):
            return f"({presence(path, root)} && !({_test(leaf, value_of(path, root))}))"
        case Not(operand):
            return f"!({_guard(operand, root)})"
        case Condition(path, "$exists", argument):
            return f"({presence(path, root)})" if argument else f"!({presence(path, root)})"
        case Condition(path) | Elements(path):
            return f"({presence(path, root)} && {_test(node, value_of(path, root))})"
    raise DesignError(f"{node!r} cannot be written in JavaScript")


def _joined(word: str, operands: Iterable[Expression], root: str, *, empty: str) -> str:
    parts = [_guard(operand, root) for operand in operands]
    if len(parts) == 1:
        return parts[0]
    return f"({word.join(parts)})" if parts else empty


def _test(leaf: Expression, value: str) -> str:
    match leaf:
        case Elements(operator=operator, operand=operand):
            inner = f"function (item) {{ return {_guard(operand, 'item')}; }}"
            if operator == "$elemMatch":
                return f"Array.isArray({value}) && {value}.some({inner})"
            return f"Array.isArray({value}) && {value}.length > 0 && {value}.every({inner})"
        case Condition(operator=operator, argument=argument):
            return _TESTS[operator](value, argument)
    raise DesignError(f"{leaf!r} cannot be written in JavaScript")


def _comparison(operator: str) -> Callable[[str, JSON], str]:
    """Compare as Mango does, across types: null < booleans < numbers < strings < arrays < objects."""

    def write(value: str, argument: JSON) -> str:
        rank, sign = _RANKS[_kind(argument)], _COMPARISONS[operator]
        outside = f"rank({value}) {sign[0]} {rank}"
        if isinstance(argument, bool | int | float):
            return f"({outside} || (rank({value}) === {rank} && {value} {sign} {literal(argument)}))"
        # The smallest of its type: nothing of the type is below it, and all of it is at or above it.
        bounds = {"$lt": f"< {rank}", "$gte": f">= {rank}", "$gt": f"> {rank}", "$lte": f"<= {rank}"}
        return f"rank({value}) {bounds[operator]}"

    return write


def _membership(value: str, argument: JSON) -> str:
    """`$in`: the value is in the list, or one of its elements is."""
    inside = f"{literal(argument)}.indexOf"
    elements = f"{value}.some(function (item) {{ return {inside}(item) !== -1; }})"
    return f"({inside}({value}) !== -1 || (Array.isArray({value}) && {elements}))"


def _remainder(value: str, argument: JSON) -> str:
    divisor, remainder = argument
    whole = f'typeof {value} === "number" && Math.floor({value}) === {value}'
    return f"({whole} && {value} % {divisor} === {remainder})"


def _prefix(value: str, argument: JSON) -> str:
    return f'(typeof {value} === "string" && {value}.lastIndexOf({literal(argument)}, 0) === 0)'


def _type(value: str, argument: JSON) -> str:
    return f"rank({value}) === {_RANKS.get(argument, -1)}"


_TESTS: dict[str, Callable[[str, JSON], str]] = {
    "$eq": lambda value, argument: f"{value} === {literal(argument)}",
    "$ne": lambda value, argument: f"{value} !== {literal(argument)}",
    "$lt": _comparison("$lt"),
    "$lte": _comparison("$lte"),
    "$gt": _comparison("$gt"),
    "$gte": _comparison("$gte"),
    "$in": _membership,
    "$nin": lambda value, argument: f"!{_membership(value, argument)}",
    "$type": _type,
    "$size": lambda value, argument: f"(Array.isArray({value}) && {value}.length === {argument})",
    "$mod": _remainder,
    "$beginsWith": _prefix,
}


def _refusals(node: Expression) -> Iterator[str]:
    """Yield every reason why JavaScript cannot decide a tree exactly."""
    match node:
        case And(operands) | Or(operands) | Nor(operands):
            for operand in operands:
                yield from _refusals(operand)
        case Not(operand) | Elements(operand=operand):
            if isinstance(node, Elements) and node.operator == "$keyMapMatch":
                yield "$keyMapMatch has no JavaScript form here"
            yield from _refusals(operand)
        case Condition(path, operator, argument):
            reason = _refusal(operator, argument)
            if reason:
                yield f"{'.'.join(path) or 'an element'} {operator}: {reason}"


def _refusal(operator: str, argument: JSON) -> str | None:
    if operator not in _TESTS and operator != "$exists":
        return "has no exact JavaScript form; filter by another field, or give the map function as text"
    values = argument if operator in ("$in", "$nin", "$mod") else [argument]
    if any(isinstance(value, int) and abs(value) > _EXACT_INTEGER for value in values):
        return "JavaScript does not hold integers beyond 2^53"
    if operator in ("$eq", "$ne", "$in", "$nin") and any(isinstance(value, list | dict) for value in values):
        return "compares whole lists or objects, which JavaScript does not"
    if operator in _COMPARISONS and isinstance(argument, str | list | dict):
        if argument:
            return "JavaScript orders text by code units, CouchDB by Unicode collation; use a key range"
        if operator in ("$gt", "$lte"):
            return "is not exact at the smallest value of a type"
    return None


def _kind(value: JSON) -> str:
    kinds = {
        type(None): "null",
        bool: "boolean",
        int: "number",
        float: "number",
        str: "string",
        list: "array",
    }
    return kinds.get(type(value), "object")
