"""The keys of a `dict` in expressions."""

from typing import Any

import attrs

from couchmapper.exceptions import ExpressionError
from couchmapper.mapping.annotations import alternatives, container
from couchmapper.mapping.codec import Codec
from couchmapper.mapping.converter import key_codec

__all__ = ["map_key_types"]


def map_key_types(annotation: Any, field: object) -> tuple[Any, Codec]:
    """Return the type of a map's keys and how they are written; raises `ExpressionError` for another field.

    Integers are written as their digits, and the order of these is not theirs.
    """
    origin, arguments = container(annotation)
    if origin is dict:
        known = key_codec(arguments[0])
        return arguments[0], attrs.evolve(known, is_ordered=known.is_ordered and arguments[0] is not int)
    if {dict, Any, object}.intersection(alternatives(annotation)):
        return str, key_codec(str)
    raise ExpressionError(
        f"keys are those of a dict, and {field!r} is none: its parts are attributes, or elements by their"
        " index"
    )
