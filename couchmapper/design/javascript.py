"""Expressions as JavaScript: the guard of a map function, with the very meaning that Mango gives them.

The text is ES5 and stable, since an index is rebuilt when its text changes. Fields are tested for presence
and type, never for truthiness. What JavaScript cannot decide as Mango does is refused. One thing is left to
the documents: JavaScript takes texts for equal that are written alike, CouchDB also those that Unicode takes
for the same (composed and decomposed letters, a soft hyphen more or less).
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from couchmapper.collation import compare
from couchmapper.exceptions import DesignError
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Nor, Not, Or, Path
from couchmapper.mango.normalize import normalize
from couchmapper.mapping.type_order import TYPE_ORDER, type_of
from couchmapper.typing import JSON

__all__ = ["map_function", "value_of"]

_FIRST_INEXACT: Final = 2**53
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_NUMBERED: Final = re.compile(r"[+-]?[0-9]+")
_INDEX: Final = re.compile(r"0|[1-9][0-9]*")
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

# What every object of JavaScript has without being told, in old engines too.
_INHERITED: Final = frozenset(
    {
        *("constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString"),
        *("toSource", "toString", "unwatch", "valueOf", "watch", "__count__", "__defineGetter__"),
        *("__defineSetter__", "__lookupGetter__", "__lookupSetter__", "__noSuchMethod__", "__parent__"),
        "__proto__",
    }
)


def map_function(guard: Expression, key: str, value: str) -> str:
    """Write a map function that emits `key` and `value` for the documents that fulfil the guard.

    Raises `DesignError` with every part of the guard that JavaScript cannot decide as Mango does.
    """
    normal = normalize(guard)
    reasons = list(dict.fromkeys(_refusals(normal, within=False)))
    if reasons:
        raise DesignError("; ".join(reasons))
    test = _guard(normal, "doc")
    helper = _RANK_FUNCTION if "rank(" in test else ""
    return f"function (doc) {{\n{helper}  if ({test}) {{\n    emit({key}, {value});\n  }}\n}}"


def value_of(path: Path, root: str = "doc") -> str:
    """Write the access to a field: `doc.address.city`."""
    return root + "".join(
        f".{name}" if _IDENTIFIER.fullmatch(name) else f"[{_literal(name)}]" for name in path
    )


def _literal(value: JSON) -> str:
    """Write a JSON value as JavaScript; `</` and the line separators that ES5 does not allow are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


# --- whether a field is there


def _presence(path: Path, root: str) -> list[str]:
    """Write the tests that a document has a field, be it null; none for an element itself."""
    tests: list[str] = []
    for length, name in enumerate(path):
        holder = value_of(path[:length], root)
        if length and path[length - 1] in _INHERITED:
            tests.append(_has(path[:length], root))
        if holder != "doc":
            tests.append(f"rank({holder}) {'>= 4' if _INDEX.fullmatch(name) else '=== 5'}")
    return [*tests, _has(path, root)] if path else []


def _has(path: Path, root: str) -> str:
    """Write the test that an object has its member, which is the last name of the path."""
    if path[-1] in _INHERITED:
        return f"Object.prototype.hasOwnProperty.call({value_of(path[:-1], root)}, {_literal(path[-1])})"
    return f"{value_of(path, root)} !== undefined"


def _absence(path: Path, root: str) -> str:
    """Write the test that an object on the way has no such member; what is no object can miss none."""
    test = ""
    for length in range(len(path), 0, -1):
        holder, here = value_of(path[: length - 1], root), _has_not(path[:length], root)
        if test and _INDEX.fullmatch(path[length - 1]) and holder != "doc":
            test = f"(rank({holder}) >= 4 && ((rank({holder}) === 5 && {here}) || {test}))"
            continue
        test = f"({here} || {test})" if test else here
        if holder != "doc":
            test = f"(rank({holder}) === 5 && {test})"
    return test


def _has_not(path: Path, root: str) -> str:
    return f"!{_has(path, root)}" if path[-1] in _INHERITED else f"{value_of(path, root)} === undefined"


# --- what a guard says


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
            return [*_presence(path, root), f"!({_test(leaf, value_of(path, root))})"]
        case Not(operand):
            return [f"!({_guard(operand, root)})"]
        case Condition(path, "$exists", argument):
            return _presence(path, root) if argument else [_absence(path, root)]
        case Condition(path, operator) | Elements(path, operator):
            present = _presence(path, root)
            is_implied = operator not in _TRUE_OF_UNDEFINED and not _INHERITED & {*path[-1:]}
            return [*(present[:-1] if is_implied else present), _test(node, value_of(path, root))]
    raise DesignError(f"{node!r} cannot be written in JavaScript")


def _alternative(node: Expression, root: str) -> str:
    tests = _tests(node, root)
    return f"({_guard(node, root)})" if len(tests) > 1 else _guard(node, root)


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
        rank, sign = _RANKS[type_of(argument)], _COMPARISONS[operator]
        outside = f"rank({value}) {sign[0]} {rank}"
        if isinstance(argument, bool | int | float):
            return f"({outside} || (rank({value}) === {rank} && {value} {sign} {_literal(argument)}))"
        # The smallest of its type: nothing of the type is below it, and all of it is at or above it.
        return f"rank({value}) {sign} {rank}"

    return write


def _membership(value: str, argument: JSON) -> str:
    """`$in`: the value is in the list, or one of its elements is."""
    inside = f"{_literal(argument)}.indexOf"
    elements = f"{value}.some(function (item) {{ return {inside}(item) !== -1; }})"
    return f"({inside}({value}) !== -1 || (Array.isArray({value}) && {elements}))"


_TESTS: Final[dict[str, Callable[[str, JSON], str]]] = {
    "$eq": lambda value, argument: f"{value} === {_literal(argument)}",
    "$ne": lambda value, argument: f"{value} !== {_literal(argument)}",
    "$lt": _comparison("$lt"),
    "$lte": _comparison("$lte"),
    "$gt": _comparison("$gt"),
    "$gte": _comparison("$gte"),
    "$in": _membership,
    "$nin": lambda value, argument: f"!{_membership(value, argument)}",
    "$type": lambda value, argument: f"rank({value}) === {_RANKS.get(argument, -2)}",
    "$size": lambda value, argument: f"Array.isArray({value}) && {value}.length === {argument}",
    "$beginsWith": lambda value, argument: (
        f'typeof {value} === "string" && {value}.lastIndexOf({_literal(argument)}, 0) === 0'
    ),
}


# --- what is refused


def _refusals(node: Expression, *, within: bool) -> Iterator[str]:
    """Yield every reason why JavaScript cannot decide a tree exactly."""
    match node:
        case Nor() if within:
            yield "$nor within the elements of a list has no meaning in CouchDB either; write ~ before each"
        case And(operands) | Or(operands) | Nor(operands):
            for operand in operands:
                yield from _refusals(operand, within=within)
        case Not(operand):
            yield from _refusals(operand, within=within)
        case Elements(path, operator, operand):
            yield from _named(path, operator, _reasons_of_path(path))
            if operator == "$keyMapMatch":
                yield from _named(path, operator, ["has no JavaScript form"])
            else:
                yield from _refusals(operand, within=True)
        case Condition(path, operator, argument):
            yield from _named(path, operator, [*_reasons_of_path(path), *_reasons(path, operator, argument)])


def _named(path: Path, operator: str, reasons: Iterable[str]) -> Iterator[str]:
    return (f"{'.'.join(path) or 'an element'} {operator}: {reason}" for reason in reasons)


def _reasons_of_path(path: Path) -> Iterator[str]:
    if any(_NUMBERED.fullmatch(name) and not _INDEX.fullmatch(name) for name in path):
        yield "JavaScript and CouchDB read this index in different ways"


def _reasons(path: Path, operator: str, argument: JSON) -> Iterator[str]:
    if operator == "$mod":
        yield "JavaScript takes 4.0 for 4, which has no remainder in Mango"
    elif operator not in _TESTS and operator != "$exists":
        yield "has no exact JavaScript form; filter by another field, or give the map function as text"
    values = argument if operator in {"$in", "$nin"} else [argument]
    if any(isinstance(value, int | float) and abs(value) >= _FIRST_INEXACT for value in values):
        yield "JavaScript does not tell integers beyond 2^53 apart"
    if operator in {"$eq", "$ne", "$in", "$nin"}:
        if any(isinstance(value, list | dict) for value in values):
            yield "compares whole lists or objects, which JavaScript does not"
        if any(isinstance(value, str) and not _is_plain(value) for value in values):
            yield "CouchDB takes the text for equal to others, JavaScript does not; write it in NFC"
    if operator in _COMPARISONS:
        yield from _reasons_of_order(path, operator, argument)


def _reasons_of_order(path: Path, operator: str, argument: JSON) -> Iterator[str]:
    if path == ("_id",):
        yield "CouchDB orders ids by their bytes; use a key range instead"
    elif isinstance(argument, str | list | dict) and argument:
        yield "JavaScript orders text by code units and CouchDB by Unicode collation; use a key range instead"
    elif isinstance(argument, str | list | dict) and operator in {"$gt", "$lte"}:
        yield "is not exact at the smallest value of a type"


def _is_plain(text: str) -> bool:
    """Tell whether no other text in normal form is equal to this one by Unicode collation."""
    if text.isascii() and text.isprintable():
        return True
    return unicodedata.is_normalized("NFC", text) and all(compare(character, "") for character in text)
