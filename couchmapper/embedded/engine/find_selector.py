"""Selectors in CouchDB's own normal form, which plans and design documents are made from.

It has one condition per object, whole paths, and negations only at single operators. Nothing is left out, not
even what is always true or never: which index is taken depends on that.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from couchmapper.mango.nodes import FALSE, And, Condition, Expression, Not, Or
from couchmapper.mango.normalize import normalize
from couchmapper.mango.parse import parse
from couchmapper.mango.paths import parse_path
from couchmapper.typing import JSON, JSONObject

__all__ = ["Selector", "normal_selector", "read_selector", "readable"]

_LISTS: Final = frozenset({"$and", "$or", "$nor"})
_ELEMENTS: Final = frozenset({"$elemMatch", "$allMatch", "$keyMapMatch"})
_NEGATIONS: Final[Mapping[str, str]] = {
    "$lt": "$gte",
    "$lte": "$gt",
    "$eq": "$ne",
    "$ne": "$eq",
    "$gte": "$lt",
    "$gt": "$lte",
    "$in": "$nin",
    "$nin": "$in",
}


@attrs.frozen
class Selector:
    """A selector: `expression` decides about documents, `plan` about indexes, `normal` is shown to people.

    `is_never` says that no document can match.
    """

    expression: Expression
    normal: JSONObject
    plan: Expression
    is_never: bool


def read_selector(value: JSON) -> Selector:
    """Read a selector; raises `InvalidSelector` with CouchDB's code."""
    expression = parse(value)
    normal = normal_selector(value)
    return Selector(expression, normal, _plan(normal), normalize(expression) == FALSE)


def normal_selector(selector: JSONObject) -> JSONObject:
    """Return the normal form of a selector that `parse` takes."""
    return _positive(_with_paths(_explicit(selector), "")) if selector else {}


def readable(normal: JSON) -> JSON:
    """Return a normal form so that `parse` takes it: an element itself has the empty name there."""
    if not isinstance(normal, dict):
        return normal
    if list(normal) == [""]:
        return readable(normal[""])
    return {name: _readable_argument(name, item) for name, item in normal.items()}


def _readable_argument(name: str, argument: JSON) -> JSON:
    if name in _LISTS and isinstance(argument, list):
        return [readable(item) for item in argument]
    if name in _ELEMENTS or name == "$not" or not name.startswith("$"):
        return readable(argument)
    return argument


def _explicit(value: JSON) -> JSONObject:
    """Write the short forms in full: several members are `$and`, a bare value is `$eq`."""
    if not isinstance(value, dict) or not value:
        return {"$eq": value}
    if len(value) > 1:
        return {"$and": [_explicit({name: item}) for name, item in value.items()]}
    ((name, argument),) = value.items()
    if name in _LISTS:
        return {name: [_explicit(item) for item in argument]}
    if name in _ELEMENTS or name == "$not" or not name.startswith("$"):
        return {name: _explicit(argument)}
    return value


def _with_paths(selector: JSONObject, path: str) -> JSONObject:
    """Move the names of fields down to the operators."""
    ((name, argument),) = selector.items()
    if name in _LISTS:
        return {name: [_with_paths(item, path) for item in argument]}
    if name == "$not":
        return {name: _with_paths(argument, path)}
    if name in _ELEMENTS:
        return {path: {name: _with_paths(argument, "")}}
    if name.startswith("$"):
        return {path: selector}
    return _with_paths(argument, f"{path}.{name}" if path else name)


def _positive(selector: JSONObject) -> JSONObject:
    """Move negations down to the operators."""
    ((name, argument),) = selector.items()
    if name == "$not":
        return _negative(argument)
    if name == "$nor":
        return {"$and": [_negative(item) for item in argument]}
    if name in _LISTS:
        return {name: [_positive(item) for item in argument]}
    return selector


def _negative(selector: JSONObject) -> JSONObject:
    ((name, argument),) = selector.items()
    match name:
        case "$not":
            return _positive(argument)
        case "$nor":
            return {"$or": [_positive(item) for item in argument]}
        case "$and" | "$or":
            return {"$or" if name == "$and" else "$and": [_negative(item) for item in argument]}
        case "$exists":
            return {name: not argument}
    if name in _NEGATIONS:
        return {_NEGATIONS[name]: argument}
    return {"$not": selector} if name.startswith("$") else {name: _negative(argument)}


def _plan(normal: JSONObject) -> Expression:
    """Read a normal form as a tree in which conditions on elements are single conditions."""
    if not normal:
        return And()
    ((name, argument),) = normal.items()
    if name == "$and":
        return And(tuple(map(_plan, argument)))
    if name == "$or":
        return Or(tuple(map(_plan, argument)))
    path = parse_path(name) if name else ()
    ((operator, value),) = argument.items()
    if operator == "$not":
        ((operator, value),) = value.items()
        return Not(Condition(path, operator, value))
    return Condition(path, operator, value)
