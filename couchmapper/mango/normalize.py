"""One normal form: negations at the leaves by CouchDB's rule, flat, without constants inside.

On a document, `Not(Condition(path, ...))` in the normal form means that the field is there and the operator
does not hold. Within `Elements` CouchDB does not move negations: there `Not` turns the plain truth round,
also for a missing field, and a `Nor` that is reached fails the whole `Elements`.
"""

from collections.abc import Iterable
from typing import Final

from couchmapper.mango.nodes import (
    FALSE,
    TRUE,
    And,
    Condition,
    Elements,
    Expression,
    Nor,
    Not,
    Or,
)
from couchmapper.mango.operators import OPERATORS

__all__ = ["normalize"]

_NEGATIONS: Final = {name: known.negation for name, known in OPERATORS.items() if known.negation}


_NEVER_PLAIN: Final = frozenset({"$eq", "$ne", "$gt", "$gte", "$lte", "$exists", "$regex", "$size", "$type"})
"""Operators on a field whose truth no argument tells, those of most conditions."""


def normalize(expression: Expression) -> Expression:
    """Return the normal form: it matches the same documents, and is `TRUE` or `FALSE` where that is plain."""
    return _positive(expression)


def _positive(node: Expression) -> Expression:
    """Normalise a node of a document's selector that is not negated."""
    match node:
        case And(operands):
            return _conjunction(map(_positive, operands))
        case Or(operands):
            return _disjunction(map(_positive, operands))
        case Nor(operands):
            return _conjunction(map(_negative, operands))
        case Not(operand):
            return _negative(operand)
    return _leaf(node)


def _negative(node: Expression) -> Expression:  # noqa: PLR0911 (one for each kind of node)
    """Normalise the negation of a node."""
    match node:
        case And(operands):
            return _disjunction(map(_negative, operands))
        case Or(operands):
            return _conjunction(map(_negative, operands))
        case Nor(operands):
            return _disjunction(map(_positive, operands))
        case Not(operand):
            return _positive(operand)
        case Condition(path, "$exists", argument):
            return _leaf(Condition(path, "$exists", not argument))
        case Condition(path, operator, argument) if operator in _NEGATIONS:
            return _leaf(Condition(path, _NEGATIONS[operator], argument))
    leaf = _leaf(node)
    if leaf == FALSE and isinstance(node, Condition | Elements):
        return _leaf(Condition(node.path, "$exists", True))
    return Not(leaf)


def _within(node: Expression) -> Expression:
    """Normalise a node within `Elements`; of a `Nor` only counts that it is reached."""
    match node:
        case Nor():
            return Nor()
        case And(operands):
            return _conjunction(map(_within, operands))
        case Or(operands):
            return _disjunction(map(_within, operands))
        case Not(operand):
            return _contrary(_within(operand))
        case Condition(("_id",), "$lt", None):
            return node  # CouchDB orders all that is called so as it does ids, with numbers below null
    return _leaf(node)


def _contrary(node: Expression) -> Expression:
    """Turn the plain truth of a normal node round."""
    if node == TRUE:
        return FALSE
    if node == FALSE:
        return TRUE
    return node.operand if isinstance(node, Not) else Not(node)


def _leaf(node: Expression) -> Expression:
    """Fold a condition whose truth is plain from its argument."""
    if isinstance(node, Condition) and node.path and node.operator in _NEVER_PLAIN:
        return node
    match node:
        case Condition((), "$exists", True) | Condition((), "$gte", None) | Condition((), "$nin", []):
            return TRUE
        case Condition((), "$exists", False) | Condition(_, "$in" | "$all", []) | Condition(_, "$lt", None):
            return FALSE
        case Condition(path, "$nin", []):
            return Condition(path, "$exists", True)
        case Elements(path, operator, operand):
            inner = _within(operand)
            return FALSE if inner == FALSE else Elements(path, operator, inner)
    return node


def _conjunction(operands: Iterable[Expression]) -> Expression:
    return _join(operands, And, FALSE)


def _disjunction(operands: Iterable[Expression]) -> Expression:
    return _join(operands, Or, TRUE)


def _join(operands: Iterable[Expression], kind: type[And] | type[Or], final: Expression) -> Expression:
    """Flatten, which drops the neutral constant, and stop at the constant that decides.

    A `Nor` in front of that constant is reached all the same, so it stays.
    """
    flat: list[Expression] = []
    for operand in operands:
        if operand == final:
            if not any(map(_holds_nor, flat)):
                return final
            flat.append(operand)
            break
        if isinstance(operand, kind):
            flat.extend(operand.operands)
        else:
            flat.append(operand)
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _holds_nor(node: Expression) -> bool:
    """Tell whether evaluating a node can reach a `Nor` of its own (one within deeper elements is theirs)."""
    match node:
        case Nor():
            return True
        case And(operands) | Or(operands):
            return any(map(_holds_nor, operands))
        case Not(operand):
            return _holds_nor(operand)
    return False
