"""Conditions as CouchDB can be asked: some it answers with an error, or wrongly, beside an index.

Its planner (3.5) fails with a 500 on values that hold null or a list in a list, or an object with several
members, wherever a database has a JSON index; and anywhere on `$beginsWith` with another condition on the
field that excludes it. And it bounds an index by `$beginsWith`, which loses texts that do not sort behind
their prefix, as in Thai.

What is asked for an object are its members by their names. CouchDB compares names by collation as it does
texts, and so would find an object with a soft hyphen in a name as well, which is passed over here.
"""

from collections.abc import Iterable, Iterator
from operator import is_

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.nodes import TRUE, And, Condition, Elements, Expression, Nor, Not, Or, Path
from couchmapper.mango.paths import join_path
from couchmapper.query.spec import ID
from couchmapper.typing import JSON

__all__ = ["askable", "is_exact"]


def is_exact(node: Expression) -> bool:
    """Tell whether `askable` returns a condition that matches the very same documents."""
    match node:
        case And(operands) | Or(operands):
            return all(map(is_exact, operands))
        case Not(operand) | Elements(_, _, operand):
            return is_exact(operand)
        case Condition(_, _, argument):
            return not _is_difficult(argument)
    return not isinstance(node, Nor)


def askable(node: Expression) -> Expression:
    """Return a condition in normal form as CouchDB can be asked: it matches the same documents, or more.

    It is the very same object where nothing has to be changed.
    """
    return _asked(node, within=False)


def _asked(node: Expression, *, within: bool) -> Expression:  # noqa: PLR0911 (one for each kind of node)
    match node:
        case And(operands) | Or(operands):
            asked = tuple([_asked(one, within=within) for one in operands])
            is_same = all(map(is_, asked, operands))
            return node if is_same else type(node)(asked)
        case Elements(path, operator, operand):
            return Elements(path, operator, _asked(operand, within=True))
        case Not(operand) if not is_exact(operand):
            return TRUE if within or not isinstance(operand, Condition | Elements) else _present(operand.path)
        case Condition(path, operator, argument) if _is_difficult(argument):
            return _wider(path, operator, argument)
        case Condition(_, "$beginsWith"):
            return Or((node,))  # the planner does not look at what stands in an alternative
        case Nor():
            return TRUE  # reached within elements it makes all fail, and wider conditions reach it more often
    return node


def _is_difficult(value: JSON, *, in_list: bool = False) -> bool:
    match value:
        case list():
            return in_list or any(_is_difficult(item, in_list=True) for item in value)
        case dict():
            return len(value) > 1 or any(map(_is_difficult, value.values()))
    return value is None and in_list


def _wider(path: Path, operator: str, argument: JSON) -> Expression:
    """Return a condition that can be asked and holds wherever the one with a difficult argument does."""
    match operator:
        case "$eq":
            return _like(path, argument)
        case "$in":
            simple = [value for value in argument if not _is_difficult([value])]
            others = [value for value in argument if _is_difficult([value])]
            elements = (Elements(path, "$elemMatch", _like((), value)) for value in others)
            return Or((Condition(path, "$in", simple), *(_like(path, value) for value in others), *elements))
        case "$all":
            return Condition(path, "$type", "array")
    return _present(path)


def _like(path: Path, value: JSON) -> Expression:
    """Return the condition on a value part by part; the order of members is not among them."""
    if not _is_difficult(value):
        return Condition(path, "$eq", value)
    if isinstance(value, list):
        return And((Condition(path, "$size", len(value)), *_parts(path, enumerate(value))))
    return And((Condition(path, "$type", "object"), *_parts(path, value.items())))


def _parts(path: Path, parts: Iterable[tuple[str | int, JSON]]) -> Iterator[Expression]:
    for name, value in parts:
        below = (*path, str(name))
        # What is called _id is compared by bytes, also in elements, while texts in an object are collated.
        if below != ID and below[-1].isascii() and _has_name(below):
            yield _like(below, value)


def _has_name(path: Path) -> bool:
    """Tell whether a selector can name a path."""
    try:
        join_path(path)
    except ExpressionError:
        return False
    return True


def _present(path: Path) -> Expression:
    return Condition(path, "$exists", True) if path else TRUE
