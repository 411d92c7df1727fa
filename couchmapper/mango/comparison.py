"""The two orders in which Mango compares values: view collation, and Erlang's own for `_id`."""

import operator
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import attrs

from couchmapper.collation import sort_key
from couchmapper.typing import JSON

__all__ = ["COLLATED", "RAW", "Ordering", "Test", "erlang_term"]

Test: TypeAlias = Callable[[JSON], bool]
"""Decides about a value that is there."""

_DECISIONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$lt": operator.lt,
    "$lte": operator.le,
    "$eq": operator.eq,
    "$ne": operator.ne,
    "$gte": operator.ge,
    "$gt": operator.gt,
}

_RANKS: Final[dict[type, int]] = {type(None): 1, bool: 2, int: 3, float: 3, str: 4, list: 5, dict: 6}


@attrs.frozen
class Ordering:
    """One order: `key` makes hashable keys, `compile` the test of a comparison operator with its argument."""

    key: Callable[[JSON], Any]
    compile: Callable[[str, JSON], Test]


def erlang_term(value: JSON, *, exact: bool = False) -> tuple[Any, ...]:
    """Return a key that orders and equals as the value does in Erlang, texts by their bytes.

    With `exact` an integer and a float are never equal (Erlang's `=:=`), as `$all` has it.
    """
    match value:
        case None | bool():
            return 2, "null" if value is None else str(value).lower()
        case int() | float():
            return (1, value, isinstance(value, float)) if exact else (1, value)
        case dict():
            members = [(name.encode(), erlang_term(item, exact=exact)) for name, item in value.items()]
            return 3, tuple(members)
        case list():
            return 4, tuple([erlang_term(item, exact=exact) for item in value])
    return 5, value.encode()


def _compile_collated(name: str, argument: JSON) -> Test:
    """Compare by view collation; keys are made only where types alone do not decide."""
    decide = _DECISIONS[name]
    own_rank = _RANKS.get(type(argument))
    own_key = sort_key(argument)

    def compare(value: JSON) -> bool:
        rank = _RANKS.get(type(value))
        if rank != own_rank and rank is not None and own_rank is not None:
            return decide(rank, own_rank)
        return decide(sort_key(value), own_key)

    if own_rank == _RANKS[int]:
        return _with_numbers(decide, argument, compare)
    if own_rank == _RANKS[str] and name in {"$eq", "$ne"}:
        return _with_plain_text(argument, compare, equal=name == "$eq")
    return compare


def _with_numbers(decide: Callable[[Any, Any], bool], argument: JSON, compare: Test) -> Test:
    """Leave two numbers to Python, which compares them exactly."""

    def compare_number(value: JSON) -> bool:
        kind = type(value)
        return decide(value, argument) if kind is int or kind is float else compare(value)

    return compare_number


def _with_plain_text(argument: str, compare: Test, *, equal: bool) -> Test:
    """Leave printable ASCII to Python: no two such texts are equal keys."""
    is_plain = argument.isascii() and argument.isprintable()

    def compare_text(value: JSON) -> bool:
        if type(value) is str:
            if value == argument:
                return equal
            if is_plain and value.isascii() and value.isprintable():
                return not equal
        return compare(value)

    return compare_text


def _compile_raw(name: str, argument: JSON) -> Test:
    """Compare as Erlang does; the order of code points is the order of UTF-8 bytes."""
    decide = _DECISIONS[name]
    own_term = erlang_term(argument)

    def compare(value: JSON) -> bool:
        if type(value) is str and type(argument) is str:
            return decide(value, argument)
        return decide(erlang_term(value), own_term)

    return compare


COLLATED: Final = Ordering(sort_key, _compile_collated)
"""View collation, the order of keys."""

RAW: Final = Ordering(erlang_term, _compile_raw)
"""Erlang's order: numbers < false < null < true < objects < arrays < texts, texts by bytes."""
