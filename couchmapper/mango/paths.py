r"""Paths of fields: the dotted text of a selector ⇄ a tuple of names, and the look-up in a document.

In text a dot descends and a backslash takes the meaning from the character behind it: `a\.b` is one name,
`\$q` is no operator. https://docs.couchdb.org/en/stable/api/database/find.html#subfields
"""

import re
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias

from couchmapper.exceptions import ExpressionError, InvalidSelector
from couchmapper.mango.nodes import Path
from couchmapper.typing import JSON

__all__ = ["Absent", "LookUp", "compile_path", "join_path", "look_up", "parse_path", "readable_path"]


class Absent(Enum):
    """Why a path leads to no value.

    `MISSING`: an object on the way has no such member. `BAD_PATH`: what is there has no members, or the
    array has no such element. `{"$exists": false}` holds for the first and not for the second.
    """

    MISSING = "missing"
    BAD_PATH = "bad path"


LookUp: TypeAlias = Callable[[JSON], JSON]
"""Finds one path in a document: the value, or an `Absent`."""

_UNESCAPED_DOT: Final = re.compile(r"(?<!\\)\.")
_INDEX: Final = re.compile(r"[+-]?[0-9]+")


def parse_path(text: str) -> Path:
    r"""Read a dotted path: `address.city` is `("address", "city")`, `a\.b` is `("a.b",)`.

    Raises `InvalidSelector` (`invalid_field_name`) when a name is empty.
    """
    if "\\" not in text:
        names = tuple(text.split("."))
        if "" in names:
            raise _invalid_name(text)
        return names
    parts = _UNESCAPED_DOT.split(text)
    if "" in parts:
        raise _invalid_name(text)
    return tuple(part.replace("\\", "") for part in parts)


@lru_cache(maxsize=4096)
def join_path(path: Path) -> str:
    r"""Write a path as dotted text, with escapes: `("a.b", "c")` is `a\.b.c`.

    Raises `ExpressionError` for a name that no selector can address: one with a backslash, or an empty one.
    """
    if any("\\" in name or not name for name in path):
        raise ExpressionError(
            f"no selector can address the field {path!r}: CouchDB drops each backslash and refuses empty"
            " names; rename the field, or read it with a view"
        )
    text = ".".join([name.replace(".", "\\.") for name in path])
    return "\\" + text if text.startswith("$") else text


def readable_path(path: Path) -> str:
    """Name a field in a message, without escapes."""
    return ".".join(path) or "an element"


def look_up(document: JSON, path: Path) -> JSON:
    """Find the value at a path, by CouchDB's rules: a number indexes an array, nothing else is entered.

    Returns an `Absent` where there is no value.
    """
    value = document
    for name in path:
        if isinstance(value, dict):
            value = value.get(name, Absent.MISSING)
        elif isinstance(value, list):
            value = _element(value, name)
        else:
            return value if isinstance(value, Absent) else Absent.BAD_PATH
    return value


def compile_path(path: Path) -> LookUp:
    """Make the look-up of one path; the short ones that most queries use are the fast ones."""
    match path:
        case ():
            return lambda document: document
        case (name,):
            return _compile_name(name)
    return lambda document: look_up(document, path)


def _compile_name(name: str) -> LookUp:
    path = (name,)

    def member(document: JSON) -> JSON:
        if type(document) is dict:
            return document.get(name, Absent.MISSING)
        return look_up(document, path)

    return member


def _element(values: list[JSON], name: str) -> JSON:
    if not _INDEX.fullmatch(name):
        return Absent.BAD_PATH
    index = int(name)
    return values[index] if 0 <= index < len(values) else Absent.BAD_PATH


def _invalid_name(text: str) -> InvalidSelector:
    return InvalidSelector(f"Invalid field name: {text}", error="invalid_field_name")
