"""The bounds that keep a comparison among values of one type.

CouchDB compares across types: null < booleans < numbers < strings < arrays < objects.
"""

from typing import Final

from couchmapper.mango.type_order import TYPE_ORDER, type_of
from couchmapper.typing import JSON

__all__ = ["guard_above", "guard_below"]

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
