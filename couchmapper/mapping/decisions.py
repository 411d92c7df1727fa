"""Two changes of one value become one value: what the rules of `field(merge=...)` do, on JSON.

Named rules look at JSON as it is stored, so that what they make is exact: integers of any size, decimal texts
to the last digit, floats rounded once. Those that do not ask who is who give both writers the same result.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from fractions import Fraction
from typing import Any, Final, TypeAlias, get_args, get_origin

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import MergeFailed, ModelError
from couchmapper.jsonio import same
from couchmapper.mapping.annotations import alternatives, real_type
from couchmapper.mapping.codec import Codec, Misfit
from couchmapper.mapping.strategies import MergeFunction, MergeName, MergeRule
from couchmapper.typing import JSON

__all__ = ["ABSENT", "Decision", "check_merge", "decision"]

ABSENT: Final[Any] = object()
"""Stands for a member that an object does not have."""

Decision: TypeAlias = Callable[[JSON, JSON, JSON], JSON]
"""Makes one JSON value of base, mine and theirs, each of which may be `ABSENT`.

Raises `Misfit` when there is none: the two values clash.
"""

_MOST_DIGITS = 4300
_EXACT = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX)


def check_merge(rule: MergeRule | None, annotation: Any) -> None:
    """Raise `ModelError` when a rule means nothing for a type."""
    named = _RULES.get(rule) if isinstance(rule, str) else None
    if named is not None and not named.fits(annotation):
        raise ModelError(
            f"merge={rule!r} is for {named.what}, not for {_shown(annotation)}; choose another rule, or write"
            " a function (base, mine, theirs)"
        )


def decision(rule: MergeRule, annotation: Any, own: Codec, *, place: str, start: JSON = ABSENT) -> Decision:
    """Return what a rule does with the values of a field.

    `place` names the field in errors; `start` is what a number was where the base has none, else 0.
    """
    if callable(rule):
        return _by_function(rule, own, place)
    return _RULES[rule].make(annotation, own, start)


def _mine(_annotation: Any, _own: Codec, _start: JSON) -> Decision:
    return lambda _base, mine, _theirs: mine


def _theirs(_annotation: Any, _own: Codec, _start: JSON) -> Decision:
    return lambda _base, _mine, theirs: theirs


def _add(_annotation: Any, own: Codec, start: JSON) -> Decision:
    """Add both changes to the base; equal changes are two changes, since both were made."""

    def add(base: JSON, mine: JSON, theirs: JSON) -> JSON:
        if mine is None and theirs is None:
            return None
        _check(own, mine, theirs)
        before = start if _is_empty(base) else base
        if _is_empty(before):
            before = "0" if isinstance(theirs, str) else 0
        else:
            _check(own, before)
        total = _total(before, mine, theirs)
        _check(own, total)
        return total

    return add


def _newest(_annotation: Any, own: Codec, _start: JSON) -> Decision:
    """Take the later value; of two spellings of one value the larger text, so that all writers agree."""

    def newest(_base: JSON, mine: JSON, theirs: JSON) -> JSON:
        if same(mine, theirs):
            return theirs
        _check(own, mine, theirs)
        return max(mine, theirs, key=lambda side: (own.load(side, None), jsonio.dumps(side)))

    return newest


def _union(annotation: Any, _own: Codec, _start: JSON) -> Decision:
    """Keep what neither side removed, and what either side added; a changed element is a new one."""
    is_set = _collection(annotation) in (set, frozenset)

    def union(base: JSON, mine: JSON, theirs: JSON) -> JSON:
        if same(mine, theirs):
            return theirs
        sides = [_elements([] if _is_empty(base) else base), _elements(mine), _elements(theirs)]
        if not is_set:
            return _united(*sides)
        return sorted(_united(*map(_distinct, sides)), key=jsonio.dumps)  # as sets are written

    return union


def _by_function(function: MergeFunction, own: Codec, place: str) -> Decision:
    """Call the application's function with values as its annotation says."""

    def decide(base: JSON, mine: JSON, theirs: JSON) -> JSON:
        if same(mine, theirs):
            return theirs
        values = [None if _is_empty(base) else _read(own, base), _read(own, mine), _read(own, theirs)]
        try:
            made = function(*values)
        except Exception as error:
            raise MergeFailed(
                f"{place}: its merge function raised {error!r}; it is called as (base, mine, theirs),"
                " and base is None where there was no value before"
            ) from error
        try:
            return own.dump(made)
        except Exception as error:
            raise MergeFailed(
                f"{place}: its merge function must return a value of the field: {error}"
            ) from error

    return decide


def _is_empty(value: JSON) -> bool:
    return value is ABSENT or value is None


def _check(own: Codec, *values: JSON) -> None:
    for value in values:
        if _read(own, value) is None:
            raise Misfit("one side has no value any more")


def _read(own: Codec, value: JSON) -> Any:
    """Read a value, which another writer may have made such that it does not fit."""
    if value is ABSENT:
        raise Misfit("one side has no value any more")
    try:
        return own.load(value, None)
    except ModelError:
        raise
    except Exception as error:  # validators of embedded values are the application's and may raise anything
        raise Misfit(str(error)) from error


def _total(base: JSON, mine: JSON, theirs: JSON) -> JSON:
    """Return `mine + theirs - base` of integers, texts of decimals, or floats, whatever their order."""
    terms = (base, mine, theirs)
    if isinstance(mine, str):
        return _total_of_texts(*terms)
    total = Fraction(mine) + Fraction(theirs) - Fraction(base)
    try:
        return int(total) if all(type(term) is int for term in terms) else float(total)
    except OverflowError as error:
        raise Misfit("the sum is beyond a float") from error


def _total_of_texts(base: str, mine: str, theirs: str) -> str:
    terms = [Decimal(mine), Decimal(theirs), Decimal(base).copy_negate()]
    places = [term.as_tuple().exponent for term in terms]
    if (
        max(term.adjusted() for term in terms) - min(place for place in places if isinstance(place, int))
        > _MOST_DIGITS
    ):
        raise Misfit("the sum has too many digits")
    return str(_EXACT.add(_EXACT.add(terms[0], terms[1]), terms[2]))


def _elements(value: JSON) -> list[tuple[bytes, JSON]]:
    """Return the elements of a list, each with a text that is equal for equal ones."""
    if isinstance(value, list):
        return [(jsonio.dumps(_sorted(element)), element) for element in value]
    raise Misfit("one side has no list any more")


def _sorted(value: JSON) -> JSON:
    """Put the members of objects into one order, because their order does not count."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _distinct(elements: Iterable[tuple[bytes, JSON]]) -> list[tuple[bytes, JSON]]:
    return list(dict(elements).items())


def _united(
    base: list[tuple[bytes, JSON]], mine: list[tuple[bytes, JSON]], theirs: list[tuple[bytes, JSON]]
) -> list[JSON]:
    """Return what is left of the base in its order, and then what was added in the order of its text.

    An element may stand in a list several times; as often as both sides added or removed it, it counts once.
    """
    before, ours, others = (Counter(text for text, _ in side) for side in (base, mine, theirs))
    left = {text: _count(before[text], ours[text], others[text]) for text in before | ours | others}
    kept: list[JSON] = []
    for text, element in base:
        if left[text] > 0:
            left[text] -= 1
            kept.append(element)
    elements = dict((*mine, *theirs))
    return kept + [elements[text] for text in sorted(left) for _ in range(left[text])]


def _count(base: int, mine: int, theirs: int) -> int:
    changes = (mine - base, theirs - base)
    return base + max(*changes, 0) + min(*changes, 0)


def _collection(annotation: Any) -> Any:
    """Return the class of a collection of any length, also inside an optional; None of anything else."""
    (kind, *others) = alternatives(annotation)
    origin, arguments = get_origin(kind) or kind, get_args(kind)
    is_record = origin is tuple and arguments and arguments[-1] is not Ellipsis
    return None if others or is_record or origin not in (list, tuple, set, frozenset) else origin


def _is_collection(annotation: Any) -> bool:
    return _collection(annotation) is not None


_SUMS = (frozenset({int, float}), frozenset({Decimal}), frozenset({timedelta}))
_ORDERS = (*_SUMS, frozenset({datetime}), frozenset({date}))


def _is_one_of(groups: Iterable[frozenset[Any]], annotation: Any) -> bool:
    """Tell whether all members of a union, None aside, go together."""
    kinds = {real_type(kind) for kind in alternatives(annotation)}
    return any(kinds <= group for group in groups)


@attrs.frozen
class _Rule:
    """A named rule: for which types it is, in a test and in words, and what it does."""

    fits: Callable[[Any], bool]
    what: str
    make: Callable[[Any, Codec, JSON], Decision]


_RULES: dict[MergeName, _Rule] = {
    "union": _Rule(_is_collection, "lists, sets and tuples of any length", _union),
    "add": _Rule(lambda kind: _is_one_of(_SUMS, kind), "int, float, Decimal and timedelta", _add),
    "newest": _Rule(
        lambda kind: _is_one_of(_ORDERS, kind), "datetime, date, int, float, Decimal and timedelta", _newest
    ),
    "mine": _Rule(lambda _: True, "every type", _mine),
    "theirs": _Rule(lambda _: True, "every type", _theirs),
}


def _shown(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else repr(annotation)
