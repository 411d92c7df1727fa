"""What a search index cannot decide as Mango does, with the reasons for people."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from couchmapper.exceptions import InvalidSelector
from couchmapper.mango.javascript.refusals import is_plain
from couchmapper.mango.lucene.fields import LONGEST, SearchField
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Nor, Not, Or, Path
from couchmapper.mango.operators import check_argument
from couchmapper.mango.paths import readable_path
from couchmapper.mango.text_patterns import prefix_of
from couchmapper.mango.type_order import TYPE_ORDER, type_of
from couchmapper.typing import JSON

__all__ = ["COMPARISONS", "conditions", "refusals"]

COMPARISONS: Final = frozenset({"$lt", "$lte", "$gt", "$gte"})
_EQUALITIES: Final = frozenset({"$eq", "$ne", "$in", "$nin"})
_OPERATORS: Final = frozenset({"$exists", "$type", "$regex", *_EQUALITIES, *COMPARISONS})
_OF_ELEMENTS: Final = frozenset({"$eq", "$in", "$regex", *COMPARISONS})
_FIRST_INEXACT: Final = 2**53
_MOST_CLAUSES: Final = 1000
_ORDERED_TEXT: Final = re.compile(r"[0-9TZ:.-]+|[0-9a-f-]+")
"""Texts in whose order Unicode collation and the bytes of Lucene agree: dates, times and UUIDs."""

_TEXT_ORDER: Final = (
    "Lucene orders text by code points and CouchDB by Unicode collation; only dates, times and UUIDs have the"
    " same order in both"
)
_ONE_ELEMENT: Final = (
    "Lucene does not know which conditions hold for one and the same element; ask for a value of the element"
)


def refusals(normal: Expression, fields: Mapping[Path, SearchField] | None = None) -> Iterator[str]:
    """Yield every reason why an index with these fields cannot decide a normal tree exactly.

    Without `fields`, every field is taken to be indexed as it is best.
    """
    if _count(normal) > _MOST_CLAUSES:
        yield f"Lucene takes at most {_MOST_CLAUSES} conditions in one query; ask in several"
    yield from _refusals(normal, fields)


def conditions(normal: Expression) -> Iterator[str]:
    """Yield what it takes that an index can decide a normal tree."""
    match normal:
        case And(operands) | Or(operands):
            for operand in operands:
                yield from conditions(operand)
        case Not(operand):
            yield from conditions(operand)
        case Condition(path) | Elements(path) if path != ("_id",):
            yield f"{readable_path(path)} is in the index, a text as keyword="


def _count(node: Expression) -> int:
    match node:
        case And(operands) | Or(operands) | Nor(operands):
            return sum(map(_count, operands))
        case Not(operand) | Elements(operand=operand):
            return _count(operand)
        case Condition(_, "$in" | "$nin", list(arguments)):
            return len(arguments)
    return 1


def _refusals(node: Expression, fields: Mapping[Path, SearchField] | None) -> Iterator[str]:
    match node:
        case And(operands) | Or(operands):
            for operand in operands:
                yield from _refusals(operand, fields)
        case Not(operand):
            yield from _refusals(operand, fields)
        case Condition(_, "$text"):
            yield "$text: a search takes this as search.matching('green tea')"
        case Condition(path) | Elements(path):
            field = None if fields is None else fields.get(path)
            yield from _named(path, node.operator, _of_leaf(node, field, is_known=fields is None))
        case _:
            yield f"{node!r} has no form in Lucene's syntax"


def _named(path: Path, operator: str, reasons: Iterable[str]) -> Iterator[str]:
    return (f"{readable_path(path)} {operator}: {reason}" for reason in reasons)


def _of_leaf(leaf: Condition | Elements, field: SearchField | None, *, is_known: bool) -> Iterator[str]:
    if field is None and not is_known:
        yield "is not in the search index: name the field in SearchIndex(...), or ask with session.query"
        return
    match leaf:
        case Elements(_, "$elemMatch", operand):
            yield from _of_elements(operand, field)
        case Elements():
            yield "Lucene finds documents by one element, it does not look at all of them"
        case Condition(_, "$regex", argument) if not _is_prefix(argument):
            yield "Lucene has other regular expressions than CouchDB; only .startswith(...) has a form"
        case Condition(_, "$beginsWith"):
            yield "CouchDB looks at whole letters, Lucene at code points; write .startswith(...)"
        case Condition(_, operator, argument) if operator in _OPERATORS:
            yield from _of_argument(operator, argument, field, is_id=leaf.path == ("_id",))
            yield from _of_field(operator, argument, field)
        case _:
            yield "has no exact form in Lucene's syntax; ask with session.query"


def _of_field(operator: str, argument: JSON, field: SearchField | None) -> Iterator[str]:
    """Yield what the way in which a field is indexed speaks against."""
    if field is None or operator in {"$exists", "$type"}:
        return
    values = argument if operator in {"$in", "$nin"} else [argument]
    if field.form == "text" and any(isinstance(value, str) for value in values):
        yield (
            "the index holds the words of the text, not the text: search with .matching(...) or .words(...),"
            " or index the field as keyword="
        )
    if field.is_list and operator in {"$in", "$nin"} and None in values:
        yield "the index does not know of nulls in a list"
    if field.is_list and operator == "$regex":
        yield "a list does not begin with a text; ask for its elements: field.any(...)"


def _of_argument(
    operator: str, argument: JSON, field: SearchField | None, *, is_id: bool = False
) -> Iterator[str]:
    """Yield what the argument speaks against."""
    try:
        check_argument(operator, argument)
    except InvalidSelector as error:
        yield error.reason
        return
    values = argument if operator in {"$in", "$nin"} else [argument]
    if any(type_of(value) == "number" and abs(value) >= _FIRST_INEXACT for value in values):
        yield "Lucene does not tell integers beyond 2^53 apart"
    texts = [value for value in values if isinstance(value, str)]
    if operator not in {"$exists", "$type"} and any(_units(text) >= LONGEST for text in texts):
        yield f"only the first {LONGEST} characters of a text are in the index"
    if operator in _EQUALITIES:
        if any(isinstance(value, list | dict) for value in values):
            yield "compares whole lists or objects, which are not in the index"
        if not is_id and not all(map(is_plain, texts)):
            yield "CouchDB takes the text for equal to others, Lucene does not; write it in NFC"
    if operator in COMPARISONS and isinstance(argument, str | list | dict):
        yield from _of_order(operator, argument, field, is_id=is_id)


def _of_order(operator: str, argument: JSON, field: SearchField | None, *, is_id: bool) -> Iterator[str]:
    if isinstance(argument, str) and argument:
        if is_id:
            return
        if not _ORDERED_TEXT.fullmatch(argument) or not (field is None or field.is_ordered):
            yield _TEXT_ORDER
    elif argument:
        yield "compares whole lists or objects, which are not in the index"
    elif operator in {"$gt", "$lte"}:
        yield "is not exact at the smallest value of a type"


def _of_elements(operand: Expression, field: SearchField | None) -> Iterator[str]:
    """Yield what speaks against finding a list by one of its elements."""
    match operand:
        case Or(operands) if operands:
            for one in operands:
                yield from _of_elements(one, field)
        case And(operands) if operands and all(map(_is_comparison, operands)):
            yield from _of_bounds([one for one in operands if isinstance(one, Condition)], field)
        case Condition((), operator) if operator in COMPARISONS:
            yield from _of_bounds([operand], field)
        case Condition((), operator, argument) if operator in _OF_ELEMENTS:
            values = argument if operator == "$in" else [argument]
            if any(isinstance(value, list | dict | None) for value in values):
                yield "the index knows of single values in a list, and of nothing else"
            if operator == "$regex" and not (_is_prefix(argument) and prefix_of(argument)):
                yield "Lucene finds elements that begin with a text, and no other pattern"
            yield from _of_element(operator, argument, field)
        case _:
            yield _ONE_ELEMENT


def _of_element(operator: str, argument: JSON, field: SearchField | None) -> Iterator[str]:
    yield from _of_field(operator, argument, None if field is None else attrs.evolve(field, is_list=False))
    yield from _of_argument(operator, argument, field)


def _of_bounds(comparisons: Sequence[Condition], field: SearchField | None) -> Iterator[str]:
    """Yield what speaks against finding a list by one element that is within some bounds."""
    for one in comparisons:
        yield from _of_element(one.operator, one.argument, field)
    if field is None:
        return
    ranks = [
        (one.operator in {"$gt", "$gte"}, TYPE_ORDER.index(type_of(one.argument))) for one in comparisons
    ]
    first = max((rank for is_low, rank in ranks if is_low), default=0)
    last = min((rank for is_low, rank in ranks if not is_low), default=len(TYPE_ORDER))
    others = field.elements.intersection(TYPE_ORDER[first : last + 1]) - {field.kind}
    if others:
        yield f"holds for elements of type {' or '.join(sorted(others))} too, which are not in the index"
    if not any(type_of(one.argument) == field.kind and one.argument != "" for one in comparisons):
        yield "asks for the type of an element, which is not in the index"


def _is_comparison(node: Expression) -> bool:
    return isinstance(node, Condition) and node.path == () and node.operator in COMPARISONS


def _units(text: str) -> int:
    """Count as JavaScript does."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _is_prefix(pattern: JSON) -> bool:
    return isinstance(pattern, str) and prefix_of(pattern) is not None
