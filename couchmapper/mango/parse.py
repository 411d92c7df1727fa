"""Selector JSON → expression, read as CouchDB reads it.

Sub-objects without operators descend, several members are `$and`, a bare value is `$eq`. A list of no
conditions is true, also under `$not`, except where it is the whole selector: `_find` with `{"$or": []}` finds
nothing, `{"status": "paid", "$or": []}` finds what is paid.
"""

from typing import Final

from couchmapper.exceptions import InvalidSelector
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Nor, Not, Or
from couchmapper.mango.operators import COMBINATIONS, ELEMENT_OPERATORS, OPERATORS, check_argument
from couchmapper.mango.paths import parse_path
from couchmapper.typing import JSON

__all__ = ["is_nameless", "parse"]

_ALWAYS: Final = Condition((), "$gte", None)
_NEVER: Final = Condition((), "$in", [])


def parse(selector: JSON, *, search: bool = True) -> Expression:
    """Read a selector; raises `InvalidSelector` with CouchDB's error code when it has no meaning.

    An `$and` within an `$and` becomes one, so that `parse(dump(expression))` is the expression again. With
    `search=False` the store has no search indexes, and `$text` is refused: CouchDB without them takes every
    document for found.
    """
    if not isinstance(selector, dict):
        raise InvalidSelector(f"Selector must be a JSON object, not: {selector!r}")
    if not selector:
        return And()
    if _is_empty_list(selector):
        return Condition(("_id",), "$in", [])
    expression = _Reader(raw=False, search=search).read(selector, "", positive=True)
    if is_nameless(selector):
        raise InvalidSelector("One or more conditions is missing a field name.", error="invalid_selector")
    return expression


def is_nameless(selector: JSON) -> bool:
    """Tell whether a whole selector is one condition without a field, `{"$gt": 1}`, which CouchDB refuses."""
    if not isinstance(selector, dict) or len(selector) != 1:
        return not selector
    ((name, argument),) = selector.items()
    if name == "$not":
        return is_nameless(argument)
    return name != "$text" and (name in OPERATORS or name in ELEMENT_OPERATORS)


def _is_empty_list(selector: JSON) -> bool:
    """Tell whether a whole selector is one list of no conditions, be it below a field or a `$not`."""
    if not isinstance(selector, dict) or len(selector) != 1:
        return False
    ((name, argument),) = selector.items()
    if name in {"$and", "$or", "$nor"}:
        return bool(argument == [])
    return (name == "$not" or not name.startswith("$")) and _is_empty_list(argument)


class _Reader:
    """Reads selectors for documents, or (`raw`) for elements, where CouchDB does not move negations."""

    def __init__(self, *, raw: bool, search: bool) -> None:
        self.raw = raw
        self.search = search and not raw

    def read(self, selector: JSON, path: str, *, positive: bool) -> Expression:
        """Read what stands at a path; `positive` is false below an odd number of negations."""
        if not isinstance(selector, dict) or not selector:
            return Condition(_names(path), "$eq", selector)
        parts = [self.member(name, argument, path, positive=positive) for name, argument in selector.items()]
        return _conjunction(parts)

    def member(self, name: str, argument: JSON, path: str, *, positive: bool) -> Expression:
        """Read one member: an operator, or a field."""
        if name in COMBINATIONS:
            return self.combination(name, argument, path, positive=positive)
        if name in ELEMENT_OPERATORS:
            if not isinstance(argument, dict):
                raise _bad_argument(name, argument)
            return Elements(
                _names(path), name, _Reader(raw=True, search=False).read(argument, "", positive=True)
            )
        if name.startswith("$"):
            check_argument(name, argument)
            if name == "$text":
                self.check_search(path, positive=positive)
            return Condition(_names(path), name, argument)
        return self.read(argument, f"{path}.{name}" if path else _named(name), positive=positive)

    def check_search(self, path: str, *, positive: bool) -> None:
        """Refuse `$text` where it cannot stand: CouchDB searches whole documents for what they have."""
        if not self.search:
            raise InvalidSelector("Unsupported operator: $text", error="not_supported")
        if path:
            raise InvalidSelector(f"Invalid field for operator $text: {path}", error="bad_field")
        if not positive:
            raise InvalidSelector("Bad argument for operator $not: $text", error="bad_arg")

    def combination(self, name: str, argument: JSON, path: str, *, positive: bool) -> Expression:
        """Read `$and`, `$or`, `$nor` or `$not`."""
        if not isinstance(argument, dict if name == "$not" else list):
            raise _bad_argument(name, argument)
        if name == "$not":
            return Not(self.read(argument, path, positive=not positive))
        if not argument and self.raw and name == "$nor":
            return Nor((_NEVER,))
        if not argument:
            return _ALWAYS if self.raw or positive else _NEVER
        below = positive if name != "$nor" else not positive
        operands = tuple([self.read(item, path, positive=below) for item in argument])
        match name:
            case "$and":
                return _conjunction(list(operands))
            case "$or":
                return Or(operands)
            case _:
                return Nor(operands)


def _conjunction(parts: list[Expression]) -> Expression:
    """Join conditions in one flat `And`; a single one stands for itself."""
    operands = [
        operand for part in parts for operand in (part.operands if isinstance(part, And) else (part,))
    ]
    return operands[0] if len(operands) == 1 else And(tuple(operands))


def _named(name: str) -> str:
    if not name:
        raise InvalidSelector("One or more conditions is missing a field name.", error="invalid_selector")
    return name


def _names(path: str) -> tuple[str, ...]:
    return parse_path(path) if path else ()


def _bad_argument(name: str, argument: JSON) -> InvalidSelector:
    return InvalidSelector(f"Bad argument for operator {name}: {argument!r}", error="bad_arg")
