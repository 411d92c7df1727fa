"""Fields in JavaScript: the access to one, and the tests that a document has it or misses it."""

import json
import re
from typing import Final

from couchmapper.mango.nodes import Path
from couchmapper.typing import JSON

__all__ = ["INDEX", "INHERITED", "absence", "literal", "presence", "value_of"]

INDEX: Final = re.compile(r"0|[1-9][0-9]*")
"""The names that JavaScript and CouchDB both read as an index of a list."""

_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")

INHERITED: Final = frozenset(
    {
        *("constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString"),
        *("toSource", "toString", "unwatch", "valueOf", "watch", "__count__", "__defineGetter__"),
        *("__defineSetter__", "__lookupGetter__", "__lookupSetter__", "__noSuchMethod__", "__parent__"),
        "__proto__",
    }
)
"""What every object of JavaScript has without being told, in old engines too."""


def value_of(path: Path, root: str = "doc") -> str:
    """Write the access to a field: `doc.address.city`."""
    return root + "".join(
        f".{name}" if _IDENTIFIER.fullmatch(name) else f"[{literal(name)}]" for name in path
    )


def literal(value: JSON) -> str:
    """Write a JSON value as JavaScript; `</` and the line separators that ES5 does not allow are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def presence(path: Path, root: str) -> list[str]:
    """Write the tests that a document has a field, be it null; none for an element itself."""
    tests: list[str] = []
    for length, name in enumerate(path):
        holder = value_of(path[:length], root)
        if length and path[length - 1] in INHERITED:
            tests.append(_has(path[:length], root))
        if holder != "doc":
            tests.append(f"rank({holder}) {'>= 4' if INDEX.fullmatch(name) else '=== 5'}")
    return [*tests, _has(path, root)] if path else []


def _has(path: Path, root: str) -> str:
    """Write the test that an object has its member, which is the last name of the path."""
    if path[-1] in INHERITED:
        return f"Object.prototype.hasOwnProperty.call({value_of(path[:-1], root)}, {literal(path[-1])})"
    return f"{value_of(path, root)} !== undefined"


def absence(path: Path, root: str) -> str:
    """Write the test that an object on the way has no such member; what is no object can miss none."""
    test = ""
    for length in range(len(path), 0, -1):
        holder, here = value_of(path[: length - 1], root), _has_not(path[:length], root)
        if test and INDEX.fullmatch(path[length - 1]) and holder != "doc":
            test = f"(rank({holder}) >= 4 && ((rank({holder}) === 5 && {here}) || {test}))"
            continue
        test = f"({here} || {test})" if test else here
        if holder != "doc":
            test = f"(rank({holder}) === 5 && {test})"
    return test


def _has_not(path: Path, root: str) -> str:
    return f"!{_has(path, root)}" if path[-1] in INHERITED else f"{value_of(path, root)} === undefined"
