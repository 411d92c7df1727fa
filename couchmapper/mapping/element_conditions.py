"""Conditions on what a list or a map holds, by the rule of documents: what is missing fulfils nothing.

Within `$elemMatch` and its like CouchDB takes a negation for the plain contrary, true also for an element
without the field, and no element for one that fulfils a `$nor`. So a condition is written there without
`$nor`, with negations at the leaves, and each of these asks for its field as well.
"""

from couchmapper.mango.nodes import TRUE, And, Condition, Elements, Expression, Not, Or, Path
from couchmapper.mango.normalize import normalize
from couchmapper.typing import JSON

__all__ = ["all_match", "any_match", "has_all", "key_match"]


def any_match(path: Path, condition: Expression) -> Elements:
    """`{path: {"$elemMatch": condition}}`: an element fulfils the condition as a document would."""
    return Elements(path, "$elemMatch", _explicit(normalize(condition)))


def all_match(path: Path, condition: Expression) -> Elements:
    """`{path: {"$allMatch": condition}}`: there are elements, and each fulfils the condition likewise."""
    return Elements(path, "$allMatch", _explicit(normalize(condition)))


def key_match(path: Path, condition: Expression) -> Elements:
    """`{path: {"$keyMapMatch": condition}}`: a key fulfils the condition."""
    return Elements(path, "$keyMapMatch", _explicit(normalize(condition)))


def _explicit(node: Expression) -> Expression:
    """Ask for the field of every negated leaf of a normal form."""
    match node:
        case And(operands):
            return _flat([_explicit(operand) for operand in operands])
        case Or(operands):
            return Or(tuple([_explicit(operand) for operand in operands]))
        case Not(Condition(path) | Elements(path)) if path:
            return And((Condition(path, "$exists", True), node))
    return node


def _flat(operands: list[Expression]) -> Expression:
    joined: Expression = TRUE
    for operand in operands:
        joined = joined & operand
    return joined


def has_all(path: Path, values: list[JSON]) -> Expression:
    """`{path: {"$all": values}}`, for each of which there is an element; every list has all of no values.

    `$all` compares the terms of Erlang, in which 1 and 1.0 are two, and takes a single array for the whole
    field: other values than texts, booleans and null are asked for one by one.
    """
    if not values:
        return Condition(path, "$type", "array")
    if all(isinstance(value, str | bool | None) for value in values):
        return Condition(path, "$all", values)
    asked = [any_match(path, Condition((), "$eq", value)) for value in values]
    return asked[0] if len(asked) == 1 else And(tuple(asked))
