"""Decide in Python whether a document matches, exactly as CouchDB's `_find` does.

A tree is compiled to closures once and then run on any number of documents.
"""

from collections.abc import Callable
from typing import TypeAlias

from couchmapper.mango.comparison import Test
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Not, Or, Path
from couchmapper.mango.normalize import normalize
from couchmapper.mango.operators import compile_test
from couchmapper.mango.paths import Absent, compile_path
from couchmapper.typing import JSON

__all__ = ["Predicate", "compile_match", "match"]

Predicate: TypeAlias = Callable[[JSON], bool]
"""Decides about a whole document, or about an element of an array."""


class _NorReachedError(Exception):
    """CouchDB has no evaluation of `$nor` within elements: it fails, and then no element matches."""


def match(expression: Expression, document: JSON) -> bool:
    """Tell whether one document matches; for many documents use `compile_match`."""
    return compile_match(expression)(document)


def compile_match(expression: Expression) -> Predicate:
    """Make the predicate of an expression: `predicate(document)` is whether `_find` would return it.

    Documents are plain JSON values with their `_id`. Raises `InvalidSelector` for a bad operator or argument.
    """
    return _compile(normalize(expression), within=False)


def _compile(node: Expression, *, within: bool) -> Predicate:  # noqa: PLR0911 (one for each kind of node)
    """Compile a normal node; `within` elements a negation takes a missing field for a plain false."""
    match node:
        case And(operands):
            return _every([_compile(operand, within=within) for operand in operands])
        case Or(operands):
            return _some([_compile(operand, within=within) for operand in operands])
        case Not(Condition() | Elements() as leaf) if not within:
            return _at(leaf.path, _contrary(_test(leaf)))
        case Not(operand):
            return _contrary(_compile(operand, within=within))
        case Condition(path, "$exists", False):
            return _missing(path)
        case Condition(path) | Elements(path):
            return _at(path, _test(node))
    return _nor_reached


def _test(leaf: Expression) -> Test:
    """Make the test of what a field holds."""
    match leaf:
        case Condition(path, operator, argument):
            return compile_test(operator, argument, raw=path == ("_id",))
        case Elements(_, operator, operand):
            test = _ELEMENTS[operator](_compile(operand, within=True))
            return _guarded(test)
    raise TypeError(leaf)


def _at(path: Path, test: Test) -> Predicate:
    """Look a field up and test it; a missing one does not match."""
    find = compile_path(path)

    def holds(document: JSON) -> bool:
        value = find(document)
        return not isinstance(value, Absent) and test(value)

    return holds if path else test


def _missing(path: Path) -> Predicate:
    find = compile_path(path)
    return lambda document: find(document) is Absent.MISSING


def _every(predicates: list[Predicate]) -> Predicate:
    match predicates:
        case [first, second]:
            return lambda document: first(document) and second(document)

    def holds(document: JSON) -> bool:
        for predicate in predicates:  # noqa: SIM110 (a generator costs more than the conditions)
            if not predicate(document):
                return False
        return True

    return holds


def _some(predicates: list[Predicate]) -> Predicate:
    def holds(document: JSON) -> bool:
        for predicate in predicates:  # noqa: SIM110 (a generator costs more than the conditions)
            if predicate(document):
                return True
        return False

    return holds


def _contrary(predicate: Predicate) -> Predicate:
    return lambda document: not predicate(document)


def _nor_reached(_document: JSON) -> bool:
    raise _NorReachedError


def _guarded(test: Test) -> Test:
    def holds(value: JSON) -> bool:
        try:
            return test(value)
        except _NorReachedError:
            return False

    return holds


def _any_element(predicate: Predicate) -> Test:
    return lambda value: isinstance(value, list) and any(map(predicate, value))


def _all_elements(predicate: Predicate) -> Test:
    return lambda value: isinstance(value, list) and bool(value) and all(map(predicate, value))


def _any_key(predicate: Predicate) -> Test:
    return lambda value: isinstance(value, dict) and any(map(predicate, value))


_ELEMENTS = {"$elemMatch": _any_element, "$allMatch": _all_elements, "$keyMapMatch": _any_key}
