"""Expressions as JavaScript: the test of one document, with the very meaning that Mango gives it.

The text is ES5 and stable, since an index is rebuilt when its text changes. Fields are tested for presence
and type, never for truthiness. What JavaScript cannot decide as Mango does is refused. One thing is left to
the documents: JavaScript takes texts for equal that are written alike, CouchDB also those that Unicode takes
for the same (composed and decomposed letters, a soft hyphen more or less).
"""

from collections.abc import Callable
from typing import Final

import attrs

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.javascript.fields import INHERITED, absence, literal, presence, value_of
from couchmapper.mango.javascript.patterns import write_pattern, write_prefix
from couchmapper.mango.javascript.refusals import refusals
from couchmapper.mango.nodes import BACKENDS, And, Backend, Condition, Elements, Expression, Not, Or
from couchmapper.mango.normalize import normalize
from couchmapper.mango.type_order import TYPE_ORDER, type_of
from couchmapper.typing import JSON

__all__ = ["Guard", "write_guard"]

_RANKS: Final = {name: rank for rank, name in enumerate(TYPE_ORDER)}
_RANK_FUNCTION: Final = """  var rank = function (value) {
    if (value === undefined) { return -1; }
    if (value === null) { return 0; }
    if (typeof value === "boolean") { return 1; }
    if (typeof value === "number") { return 2; }
    if (typeof value === "string") { return 3; }
    return Array.isArray(value) ? 4 : 5;
  };
"""
_COMPARISONS: Final = {"$lt": "<", "$lte": "<=", "$gt": ">", "$gte": ">="}
_TRUE_OF_UNDEFINED: Final = frozenset({"$ne", "$nin", "$lt", "$lte"})


@attrs.frozen(kw_only=True)
class Guard:
    """A guard as text: `test` is a condition on `doc`, and `functions` are declared in front of it."""

    functions: str
    test: str


def write_guard(expression: Expression) -> Guard:
    """Write an expression as a condition on `doc`.

    Raises `ExpressionError` with every part that JavaScript cannot decide as Mango does.
    """
    normal = normalize(expression)
    reasons = list(dict.fromkeys(refusals(normal, _OPERATORS)))
    if reasons:
        raise ExpressionError("; ".join(reasons))
    test = _guard(normal, "doc")
    return Guard(functions=_RANK_FUNCTION if "rank(" in test else "", test=test)


def _guard(node: Expression, root: str) -> str:
    return " && ".join(dict.fromkeys(_tests(node, root))) or "true"


def _tests(node: Expression, root: str) -> list[str]:
    """Write a node as tests that must all hold; each can stand beside `&&` and `||` as it is."""
    match node:
        case And(operands):
            return [test for operand in operands for test in _tests(operand, root)]
        case Or(operands):
            return [f"({' || '.join(_alternative(operand, root) for operand in operands) or 'false'})"]
        case Not(Condition(path) | Elements(path) as leaf) if root == "doc":
            return [*presence(path, root), f"!({_test(leaf, value_of(path, root))})"]
        case Not(operand):
            return [f"!({_guard(operand, root)})"]
        case Condition(path, "$exists", argument):
            return presence(path, root) if argument else [absence(path, root)]
        case Condition(path, operator) | Elements(path, operator):
            present = presence(path, root)
            is_implied = operator not in _TRUE_OF_UNDEFINED and not INHERITED & {*path[-1:]}
            return [*(present[:-1] if is_implied else present), _test(node, value_of(path, root))]
    raise ExpressionError(f"{node!r} cannot be written in JavaScript")


def _alternative(node: Expression, root: str) -> str:
    tests = _tests(node, root)
    return f"({_guard(node, root)})" if len(tests) > 1 else _guard(node, root)


def _test(leaf: Expression, value: str) -> str:
    match leaf:
        case Elements(operator=operator, operand=operand):
            inner = f"function (item) {{ return {_guard(operand, 'item')}; }}"
            if operator == "$keyMapMatch":
                return f"rank({value}) === 5 && Object.keys({value}).some({inner})"
            if operator == "$elemMatch":
                return f"Array.isArray({value}) && {value}.some({inner})"
            return f"Array.isArray({value}) && {value}.length > 0 && {value}.every({inner})"
        case Condition(operator=operator, argument=argument):
            return _TESTS[operator](value, argument)
    raise ExpressionError(f"{leaf!r} cannot be written in JavaScript")


def _comparison(operator: str) -> Callable[[str, JSON], str]:
    """Compare as Mango does, across types: null < booleans < numbers < strings < arrays < objects."""

    def write(value: str, argument: JSON) -> str:
        rank, sign = _RANKS[type_of(argument)], _COMPARISONS[operator]
        outside = f"rank({value}) {sign[0]} {rank}"
        if isinstance(argument, bool | int | float):
            return f"({outside} || (rank({value}) === {rank} && {value} {sign} {literal(argument)}))"
        # The smallest of its type: nothing of the type is below it, and all of it is at or above it.
        return f"rank({value}) {sign} {rank}"

    return write


def _membership(value: str, argument: JSON) -> str:
    """`$in`: the value is in the list, or one of its elements is."""
    inside = f"{literal(argument)}.indexOf"
    elements = f"{value}.some(function (item) {{ return {inside}(item) !== -1; }})"
    return f"({inside}({value}) !== -1 || (Array.isArray({value}) && {elements}))"


def _every_member(value: str, argument: JSON) -> str:
    """`$all`: the list has every one of the texts, booleans and nulls."""
    return f"Array.isArray({value})" + "".join(
        f" && {value}.indexOf({literal(item)}) !== -1" for item in argument
    )


_TESTS: Final[dict[str, Callable[[str, JSON], str]]] = {
    "$eq": lambda value, argument: f"{value} === {literal(argument)}",
    "$ne": lambda value, argument: f"{value} !== {literal(argument)}",
    "$lt": _comparison("$lt"),
    "$lte": _comparison("$lte"),
    "$gt": _comparison("$gt"),
    "$gte": _comparison("$gte"),
    "$in": _membership,
    "$nin": lambda value, argument: f"!{_membership(value, argument)}",
    "$all": _every_member,
    "$type": lambda value, argument: f"rank({value}) === {_RANKS.get(argument, -2)}",
    "$size": lambda value, argument: f"Array.isArray({value}) && {value}.length === {argument}",
    "$beginsWith": write_prefix,
    "$regex": write_pattern,
}

_OPERATORS: Final = frozenset({"$exists", *_TESTS})

BACKENDS["javascript"] = Backend(refusals=lambda expression: refusals(normalize(expression), _OPERATORS))
