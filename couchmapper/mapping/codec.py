"""How one type is read and written: the value that every part of the mapping passes around."""

import reprlib
from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from couchmapper.exceptions import MappingError
from couchmapper.typing import JSON

__all__ = ["Codec", "Dump", "Load", "Misfit", "Plain", "PlainMembers", "expected"]

Load: TypeAlias = Callable[[JSON, Any], Any]
"""Reads a JSON value; the second argument is the type, as cattrs passes it."""

Dump: TypeAlias = Callable[[Any], JSON]
"""Writes a value as JSON."""


class Misfit(MappingError, ValueError):
    """A value does not fit a type; the message says what was expected."""


_TEXT = frozenset({"string", "null"})


@attrs.frozen
class Plain:
    """Tests, as Python text over `{0}`, for the values that are read and written as they are.

    Most values are such: generated functions ask the test in their own line, and call the codec only for
    what fails it, be it a value of another form or a fault. No other text may pass a test.
    """

    load: str
    dump: str


@attrs.frozen
class PlainMembers:
    """A collection of class `kind` that is copied when every `member` of the `loop` over `{0}` is plain."""

    kind: str
    loop: str
    tests: Plain


@attrs.frozen
class Codec:
    """How one type is read and written, and as which JSON types (`kinds`, as `$type` names them).

    What `dump` returns is JSON without exception and belongs to the caller. `is_ordered` is False where the
    order of what is written is not the order of the values. `plain` tells which values need no codec at all,
    `members` which collections need a copy and no more; their copies are what `load` and `dump` return.
    `by_equality` says that `==` tells two written values apart, which is so where not more than one of `1`,
    `1.0` and `True` can be written.
    """

    load: Load
    dump: Dump
    kinds: frozenset[str]
    is_ordered: bool = True
    plain: Plain | None = None
    members: PlainMembers | None = None
    by_equality: bool = attrs.Factory(lambda self: self.kinds <= _TEXT, takes_self=True)


def expected(what: str, value: object) -> Misfit:
    """Make the error that says what was expected, and shows the beginning of what came."""
    return Misfit(f"expected {what}, got {reprlib.repr(value)}")
