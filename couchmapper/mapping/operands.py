"""Operands of expressions: values of Python, written as those of the field that they are compared with."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from couchmapper.exceptions import CouchMapperError, ExpressionError
from couchmapper.mapping.codec import Codec
from couchmapper.mapping.metadata import Identified
from couchmapper.mapping.references import Ref
from couchmapper.mapping.structure import SCALARS
from couchmapper.typing import JSON

__all__ = ["checked_collection", "checked_text", "written"]


def written(codec: Codec, value: Any, field: object) -> JSON:
    """Write an operand as the field's values are written, and read it back, which checks its type."""
    try:
        wire = _dumped(codec, value)
        codec.load(wire, None)
    except (ValueError, TypeError, KeyError) as error:
        raise ExpressionError(f"{field!r} cannot be compared with {value!r}: {error}") from error
    return wire


def _dumped(codec: Codec, value: Any) -> JSON:
    """Write a value; where references are held, a document or an id stands for a reference to it."""
    try:
        return codec.dump(value)
    except (ValueError, TypeError, KeyError):
        if isinstance(value, Identified):
            return codec.dump(Ref(value))
        if isinstance(value, str):
            with suppress(ValueError, TypeError, KeyError, CouchMapperError):
                return codec.dump(Ref(value))
        raise


def checked_collection(values: Iterable[Any]) -> Iterable[Any]:
    """Return a collection of operands; raises `ExpressionError` for a text and for what is none."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise ExpressionError(f"expected a collection of values, such as [{values!r}], got {values!r}")
    return values


def checked_text(value: str) -> str:
    """Return an operand that must be text; raises `ExpressionError`."""
    if isinstance(value, str):
        text: str = written(SCALARS[str], value, "a field of text")
        return text
    raise ExpressionError(f"expected text, got {value!r}")
