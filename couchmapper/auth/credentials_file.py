"""The lines of a credentials file, `ibm-credentials.env`: NAME=value, as a shell would read them.

A line may begin with `export`, and a `#` at its beginning or behind a space starts a comment. A value in
single quotes is taken as it is; in double quotes a backslash protects a quote, a backslash, `$` and a
backquote. A value without quotes is everything up to the comment, so `#`, `=`, quotes and spaces inside it
are its own. Nothing is expanded, and no value goes over two lines.
"""

import re
from collections.abc import Iterator

import attrs

__all__ = ["Line", "parse"]

_ASSIGNMENT = re.compile(r"(?:export\s+)?([^=]*)(?:=(.*))?", re.DOTALL)
_COMMENT = re.compile(r"\s#")
_BEHIND = r"(?:\s+#.*)?"
_SINGLE = re.compile(rf"'([^']*)'{_BEHIND}", re.DOTALL)
_DOUBLE = re.compile(rf'"((?:[^"\\]|\\.)*)"{_BEHIND}', re.DOTALL)
_PROTECTED = re.compile(r'\\(["\\$`])')

_QUOTES = (
    "a value that begins with a quote ends with the same quote; inside double quotes, write"
    ' \\" for a quote and \\\\ for a backslash'
)


@attrs.frozen(kw_only=True)
class Line:
    """One assignment: its line number, from 1, its name, and its value or what is wrong with the line."""

    number: int
    name: str
    text: str = attrs.field(default="", repr=False)
    fault: str = ""


def parse(text: str) -> Iterator[Line]:
    """Yield the assignments of a file; lines that are none are yielded too, with their fault."""
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if line and not line.startswith("#"):
            yield _line(number, line)


def _line(number: int, line: str) -> Line:
    found = _ASSIGNMENT.fullmatch(line)
    name, rest = found.groups() if found else (line, None)
    name = name.strip()
    if rest is None:
        return Line(number=number, name=name, fault="expected NAME=value")
    value = _value(rest)
    return (
        Line(number=number, name=name, fault=_QUOTES)
        if value is None
        else Line(number=number, name=name, text=value)
    )


def _value(rest: str) -> str | None:
    """Return the value behind the `=`, None if its quotes do not fit."""
    text = rest.strip()
    if text.startswith("'"):
        found = _SINGLE.fullmatch(text)
        return found and found[1]
    if text.startswith('"'):
        found = _DOUBLE.fullmatch(text)
        return found and _PROTECTED.sub(r"\1", found[1])
    return _COMMENT.split(rest, maxsplit=1)[0].strip()
