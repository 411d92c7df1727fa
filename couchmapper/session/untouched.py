"""Whether a document that went is surely as it was loaded, and no part of it is held: a quick look.

It compares objects, not values: a text or a number is read as the very object of the source, and a list or
dict of such is a copy with the same objects in it. What this cannot tell is looked at thoroughly.
"""

import sys
from collections.abc import Callable
from functools import cache
from operator import is_
from typing import Any, Final, TypeAlias

from couchmapper.mapping.converter import field_codecs
from couchmapper.mapping.function_text import FunctionText
from couchmapper.mapping.snapshots import ABSENT, FieldCodec
from couchmapper.mapping.structure import SCALARS

__all__ = ["is_surely_untouched"]

_Look: TypeAlias = Callable[[dict[str, Any]], bool]

_VALUES: Final = tuple(codec for codec in SCALARS.values() if codec.by_equality)
_count: Callable[[Any], int] | None = getattr(sys, "getrefcount", None)


def is_surely_untouched(model: Any, values: dict[str, Any]) -> bool:
    """Tell whether the values of an instance are those of its source, and nobody else has its lists."""
    try:
        return _look(model)(values)
    except Exception:  # noqa: BLE001 - one was deleted, or does not fit its field
        return False


@cache
def _look(model: Any) -> _Look:
    """Write the function for a class: a line or two for each field."""
    text, fields = FunctionText("look", "own"), field_codecs(model)
    if _count is None or not all(map(_is_known, fields)):
        text.write("return False")
    absent = text.bind("absent", ABSENT)
    text.write("source = own.get('_source')", "if source is None or '_pending' in own:", "    return False")
    for field in fields:
        text.write(f"item, stored = own[{field.attribute!r}], source.get({field.name!r}, {absent})")
        text.write(f"if {_differs(text, field)}:", "    return False")
    text.write("return True")
    look: _Look = text.compile(model.__qualname__)
    return look


def _is_known(field: FieldCodec) -> bool:
    return field.codec.plain is not None or field.codec.members is not None or field.codec in _VALUES


def _differs(text: FunctionText, field: FieldCodec) -> str:
    """Return the test for an `item` that is not what is `stored`, or is held by somebody else."""
    codec = field.codec
    if codec.plain is not None:
        return "item is not stored"
    if codec.members is None:
        return f"{text.bind('dump', codec.dump)}(item) != stored"
    kind, count, same = codec.members.kind, text.bind("count", _count), text.bind("same", is_)
    tests = [f"type(item) is not {kind} or {count}(item) > {_alone()}"]
    if codec.by_equality:
        tests.append("item != stored")
    elif kind == "list":
        tests.append("type(stored) is not list or len(item) != len(stored)")
        tests.append(f"not all(map({same}, item, stored))")
    else:
        tests.append("type(stored) is not dict or item.keys() != stored.keys()")
        tests.append(f"not all(map({same}, item.values(), map(stored.get, item)))")
    return " or ".join(tests)


def _alone() -> int:
    """Return how many references a value has that stands in one dict and in the variable of a function."""
    own: dict[str, Any] = {"item": []}
    item = own["item"]
    return 0 if _count is None else _count(item)
