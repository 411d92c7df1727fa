"""How one type is read and written: the value that every part of the mapping passes around."""

import reprlib
from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from couchmapper.exceptions import MappingError
from couchmapper.typing import JSON

__all__ = ["Codec", "Dump", "Load", "Misfit", "expected"]

Load: TypeAlias = Callable[[JSON, Any], Any]
"""Reads a JSON value; the second argument is the type, as cattrs passes it."""

Dump: TypeAlias = Callable[[Any], JSON]
"""Writes a value as JSON."""


class Misfit(MappingError, ValueError):
    """A value does not fit a type; the message says what was expected."""


@attrs.frozen
class Codec:
    """How one type is read and written, and as which JSON types (`kinds`, as `$type` names them).

    `is_ordered` is False where the order of what is written is not the order of the values.
    """

    load: Load
    dump: Dump
    kinds: frozenset[str]
    is_ordered: bool = True


def expected(what: str, value: object) -> Misfit:
    """Make the error that says what was expected, and shows the beginning of what came."""
    return Misfit(f"expected {what}, got {reprlib.repr(value)}")
