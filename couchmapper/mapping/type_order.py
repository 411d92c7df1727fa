"""CouchDB's order of types, and the bounds that keep a comparison among values of one type.

CouchDB compares across types: null < booleans < numbers < strings < arrays < objects.
"""

from typing import Final

from couchmapper.typing import JSON

__all__ = ["TYPE_ORDER", "guard_above", "guard_below", "type_of"]

TYPE_ORDER: Final = ("null", "boolean", "number", "string", "array", "object")
"""The types of JSON by their names in `$type`, smallest first."""

_FLOOR: Final[dict[str, tuple[str, JSON]]] = {
    "boolean": ("$gt", None),
    "number": ("$gt", True),
    "string": ("$gte", ""),
    "array": ("$gte", []),
    "object": ("$gte", {}),
}
_CEILING: Final[dict[str, tuple[str, JSON]]] = {
    "null": ("$lt", False),
    "boolean": ("$lte", True),
    "number": ("$lt", ""),
    "string": ("$lt", []),
    "array": ("$lt", {}),
}


def type_of(value: JSON) -> str:
    """Return the name of a value's type, as `$type` has it."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def guard_below(kinds: frozenset[str], bound: JSON) -> tuple[str, JSON] | None:
    """Return the operator and argument that keep smaller types out of `< bound`: `null < 5` holds in Mango.

    None when a field of these kinds holds none of a smaller type.
    """
    kind = type_of(bound)
    smaller = TYPE_ORDER[: TYPE_ORDER.index(kind)]
    return _FLOOR.get(kind) if kinds.intersection(smaller) else None


def guard_above(kinds: frozenset[str], bound: JSON) -> tuple[str, JSON] | None:
    """Return what keeps larger types out of `> bound`, likewise: `"text" > 5` holds in Mango."""
    kind = type_of(bound)
    larger = TYPE_ORDER[TYPE_ORDER.index(kind) + 1 :]
    return _CEILING.get(kind) if kinds.intersection(larger) else None
