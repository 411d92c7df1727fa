"""Selectors in CouchDB's own normal form, which plans and the design documents of indexes are made from.

It has one condition per object, whole paths, and negations only at single operators. Nothing is left out, not
even what is always true or never: which index is taken depends on that.
"""

from collections.abc import Mapping
from typing import Final

from couchmapper.typing import JSON, JSONObject

__all__ = ["normal_selector", "readable"]

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
