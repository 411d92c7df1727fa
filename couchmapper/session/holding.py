"""Whether anybody else still holds a part of a document that went, and could change it."""

import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from couchmapper.mapping.inverses import FoundDocuments
from couchmapper.mapping.references import Ref

__all__ = ["is_held_elsewhere"]

_PLAIN: Final = frozenset(
    (str, int, float, bool, type(None), bytes, date, datetime, time, timedelta, Decimal, UUID)
)
# Also their subclasses; what a reference leads to is a document of its own.
_IMMUTABLE: Final = (*_PLAIN, Enum, type, Ref, FoundDocuments)
_OWN: Final = frozenset(("_source", "_absent", "_reader"))


def is_held_elsewhere(values: dict[str, Any]) -> bool:
    """Tell whether a list, an embedded value or the like among the values is held by something else.

    Only CPython counts references; elsewhere everything counts as held.
    """
    parts = [value for name, value in values.items() if type(value) not in _PLAIN and name not in _OWN]
    return bool(parts) and (_count is None or _is_shared(parts, _alone + 1))


def _is_shared(parts: Iterable[Any], alone: int) -> bool:
    """Tell whether a part has more references than it has when nobody else holds it, or holds such a part."""
    for part in parts:
        if type(part) in _PLAIN or isinstance(part, _IMMUTABLE):
            continue
        if _count(part) > alone or _holds(part):  # type: ignore[misc]  # asked for before
            return True
    return False


def _holds(value: Any) -> bool:
    if type(value) is dict:
        return is_held_elsewhere(value)
    if type(value) in {list, tuple, set, frozenset}:
        return _is_shared(value, _alone)
    inside = getattr(value, "__dict__", None)
    return inside is None or is_held_elsewhere(inside)


_count: Callable[[Any], int] | None = getattr(sys, "getrefcount", None)
# How many references a part has here that only its list holds; versions of Python count their own differently.
_alone = 0
if _count is not None:
    _alone = next(number for number in range(1, 9) if not _is_shared([[]], number))
