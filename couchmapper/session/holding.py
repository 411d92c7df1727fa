"""Whether anybody else still holds a part of a document that went, and could change it."""

import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final
from uuid import UUID

from couchmapper.mapping.converter import field_codecs
from couchmapper.mapping.inverses import FoundDocuments
from couchmapper.mapping.references import Ref

__all__ = ["is_held_elsewhere"]

_PLAIN: Final[frozenset[type]] = frozenset(
    (str, int, float, bool, type(None), bytes, date, datetime, time, timedelta, Decimal, UUID)
)
# Also their subclasses; what a reference leads to is a document of its own.
_IMMUTABLE: Final[tuple[type, ...]] = (*_PLAIN, Enum, type, Ref, FoundDocuments)
_OWN: Final = frozenset(("_source", "_absent", "_reader"))


def is_held_elsewhere(model: type, values: dict[str, Any]) -> bool:
    """Tell whether a list, an embedded value or the like among the values of a document is held elsewhere.

    Only CPython counts references; on others everything counts as held.
    """
    parts = [values[name] for name in _fields_of_parts(model) if name in values]
    return bool(parts) and (_count is None or _is_shared(parts, _alone + 1))


@cache
def _fields_of_parts(model: Any) -> tuple[str, ...]:
    """Return the fields whose values can have parts that change."""
    return tuple(field.attribute for field in field_codecs(model) if field.codec.plain is None)


def _is_shared(parts: Iterable[Any], alone: int) -> bool:
    """Tell whether a part has more references than it has when nobody else holds it, or holds such a part."""
    for part in parts:
        if _is_immutable(part):
            continue
        if _count(part) > alone or _holds(part):  # type: ignore[misc]  # asked for before
            return True
    return False


def _is_immutable(part: Any) -> bool:
    if type(part) in {tuple, frozenset}:  # Python itself holds those that stand in code, and the empty ones
        return all(map(_is_immutable, part))
    return type(part) in _PLAIN or isinstance(part, _IMMUTABLE)


def _holds(value: Any) -> bool:
    """Tell whether somebody holds a part of a value; what cannot be looked into counts as held."""
    kind = type(value)
    if kind in {list, tuple, set, frozenset}:
        return _is_shared(value, _alone)
    inside: dict[str, Any] | None = value if kind is dict else getattr(value, "__dict__", None)
    if inside is None or (kind is not dict and not _is_all_in_dict(kind)):
        return True
    parts = [part for name, part in inside.items() if type(part) not in _PLAIN and name not in _OWN]
    return _is_shared(parts, _alone + 1)


def _is_all_in_dict(kind: type) -> bool:
    """Tell whether instances have nothing beside their `__dict__`: no slots, and not what a list has."""
    return kind.__basicsize__ <= _Plain.__basicsize__ and kind.__itemsize__ == 0


class _Plain:
    """Its instances have a `__dict__` and nothing else."""


_count: Callable[[Any], int] | None = getattr(sys, "getrefcount", None)
# How many references a part has here that only its list holds; versions of Python count differently.
_alone = 0
if _count is not None:
    _alone = next(number for number in range(1, 9) if not _is_shared([[]], number))
