"""What JavaScript cannot decide as Mango does, with the reasons for people."""

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator
from typing import Any, Final

from couchmapper.collation import compare
from couchmapper.exceptions import InvalidSelector
from couchmapper.mango.javascript.fields import INDEX
from couchmapper.mango.javascript.patterns import reasons_of_pattern, reasons_of_prefix
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Nor, Not, Or, Path
from couchmapper.mango.operators import ELEMENT_OPERATORS, check_argument
from couchmapper.mango.paths import readable_path
from couchmapper.mango.support import NO_SEARCH
from couchmapper.typing import JSON

__all__ = ["is_plain", "refusals"]

_FIRST_INEXACT: Final = 2**53
_NUMBERED: Final = re.compile(r"[+-]?[0-9]+")
_COMPARISONS: Final = frozenset({"$lt", "$lte", "$gt", "$gte"})
_UNKNOWN: Final = "has no exact JavaScript form; filter by another field, or give the map function as text"
_WHOLE: Final = "compares whole lists or objects, which JavaScript does not"
_EQUALITIES: Final = frozenset({"$eq", "$ne", "$in", "$nin"})

_REORDERED: Final = frozenset(
    map(
        chr,
        (
            *(*range(0x0E40, 0x0E45), *range(0x0EC0, 0x0EC5), *range(0x19B5, 0x19B8), 0x19BA),
            *(0xAAB5, 0xAAB6, 0xAAB9, 0xAABB, 0xAABC),
        ),
    )
)
"""Vowels of Thai, Lao and their like: collation takes them for standing behind the consonant that follows."""


def refusals(normal: Expression, operators: Container[str]) -> Iterator[str]:
    """Yield every reason why JavaScript, with these operators, cannot decide a normal tree exactly."""
    return _refusals(normal, operators, within=False)


def _refusals(node: Expression, operators: Container[str], *, within: bool) -> Iterator[str]:
    match node:
        case Nor() if within:
            yield "$nor within the elements of a list has no meaning in CouchDB either; write ~ before each"
        case And(operands) | Or(operands) | Nor(operands):
            for operand in operands:
                yield from _refusals(operand, operators, within=within)
        case Not(operand):
            yield from _refusals(operand, operators, within=within)
        case Elements(path, operator, operand):
            yield from _named(path, operator, _reasons_of_path(path))
            if operator not in ELEMENT_OPERATORS:
                yield from _named(path, operator, [_UNKNOWN])
            yield from _refusals(operand, operators, within=True)
        case Condition(_, "$text"):
            yield NO_SEARCH
        case Condition(path, operator, argument):
            yield from _named(path, operator, _reasons_of_path(path))
            if operator in operators or operator == "$mod":
                yield from _named(path, operator, _reasons(path, operator, argument))
            else:
                yield from _named(path, operator, [_UNKNOWN])
        case _:
            yield f"{node!r} cannot be written in JavaScript"


def _named(path: Path, operator: str, reasons: Iterable[str]) -> Iterator[str]:
    return (f"{readable_path(path)} {operator}: {reason}" for reason in reasons)


def _reasons_of_path(path: Path) -> Iterator[str]:
    if any(_NUMBERED.fullmatch(name) and not INDEX.fullmatch(name) for name in path):
        yield "JavaScript and CouchDB read this index in different ways"


def _reasons(path: Path, operator: str, argument: JSON) -> Iterator[str]:
    try:
        check_argument(operator, argument)
    except InvalidSelector as error:
        yield error.reason
        return
    if operator == "$mod":
        yield "JavaScript takes 4.0 for 4, which has no remainder in Mango"
    values = argument if operator in {"$in", "$nin", "$all"} else [argument]
    if any(isinstance(value, int | float) and abs(value) >= _FIRST_INEXACT for value in values):
        yield "JavaScript does not tell integers beyond 2^53 apart"
    if operator in _COMPARISONS:
        yield from _reasons_of_order(path, operator, argument)
    if operator in _REASONS:
        yield from _REASONS[operator](argument)
    if operator in _EQUALITIES:
        if any(isinstance(value, list | dict) for value in values):
            yield _WHOLE
        if any(isinstance(value, str) and not is_plain(value) for value in values):
            yield "CouchDB takes the text for equal to others, JavaScript does not; write it in NFC"


def _reasons_of_members(values: list[JSON]) -> Iterator[str]:
    if any(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        yield "JavaScript takes 1.0 for 1, which are two things to $all; write & of .any(...)"
    if any(isinstance(value, list | dict) for value in values):
        yield _WHOLE


def _reasons_of_order(path: Path, operator: str, argument: JSON) -> Iterator[str]:
    if path == ("_id",):
        yield "CouchDB orders ids by their bytes; use a key range instead"
    elif isinstance(argument, str | list | dict) and argument:
        yield "JavaScript orders text by code units and CouchDB by Unicode collation; use a key range instead"
    elif isinstance(argument, str | list | dict) and operator in {"$gt", "$lte"}:
        yield "is not exact at the smallest value of a type"


_REASONS: Final[dict[str, Callable[[Any], Iterable[str]]]] = {
    "$all": _reasons_of_members,
    "$beginsWith": reasons_of_prefix,
    "$regex": reasons_of_pattern,
}


def is_plain(text: str) -> bool:
    """Tell whether no other text in normal form is equal to this one by Unicode collation."""
    if text.isascii() and text.isprintable():
        return True
    if not unicodedata.is_normalized("NFC", text) or _REORDERED.intersection(text):
        return False
    return all(compare(character, "") for character in text)
