"""CouchDB's order of types: null < booleans < numbers < strings < arrays < objects."""

from typing import Final

from couchmapper.typing import JSON

__all__ = ["TYPE_ORDER", "type_of"]

TYPE_ORDER: Final = ("null", "boolean", "number", "string", "array", "object")
"""The types of JSON by their names in `$type`, smallest first."""


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
