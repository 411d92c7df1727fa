"""Expression → selector JSON: stable, and short enough to read.

Conditions that are joined become members of one object, `{"type": "order", "total": {"$gte": 5, "$lt": 9}}`;
`$and` with a list is written only where two of them need the same member.
"""

from couchmapper.mango.nodes import And, Condition, Elements, Expression, Nor, Not, Or
from couchmapper.mango.parse import is_nameless
from couchmapper.mango.paths import join_path
from couchmapper.typing import JSON, JSONObject

__all__ = ["dump"]


def dump(expression: Expression) -> JSONObject:
    """Write the selector of an expression; `parse` reads it back.

    `TRUE` is `{}`. Raises `ExpressionError` for a field whose name no selector can address. Nothing is
    simplified: `dump(normalize(expression))` is the shorter text.
    """
    if expression == And():
        return {}
    if expression == Or():
        return {"_id": {"$in": []}}
    selector = _selector(expression)
    return {"$and": [selector]} if is_nameless(selector) else selector


def _selector(node: Expression) -> JSONObject:  # noqa: PLR0911 (one for each kind of node)
    match node:
        case And(()):
            return {"$gte": None}
        case Or(()):
            return {"$in": []}
        case And(operands):
            return _conjunction(operands)
        case Or(operands):
            return {"$or": [_selector(operand) for operand in operands]}
        case Nor(()):
            return {"$nor": [{"$in": []}]}  # CouchDB reads an empty list as true wherever it stands
        case Nor(operands):
            return {"$nor": [_selector(operand) for operand in operands]}
        case Not(Condition(path) | Elements(path) as leaf) if path:
            return {join_path(path): {"$not": dict([_operation(leaf)])}}
        case Not(operand):
            return {"$not": _selector(operand)}
        case Condition(path) | Elements(path) if path:
            name, argument = _operation(node)
            is_short = name == "$eq" and not isinstance(argument, dict | list)
            return {join_path(path): argument if is_short else {name: argument}}
    return dict([_operation(node)])


def _operation(leaf: Expression) -> tuple[str, JSON]:
    """Return the operator of a leaf and what is written behind it."""
    match leaf:
        case Condition(_, operator, argument):
            return operator, argument
        case Elements(_, operator, operand):
            return operator, _selector(operand)
    raise TypeError(leaf)


def _conjunction(operands: tuple[Expression, ...]) -> JSONObject:
    """Write the operands into as few objects as their order and their members allow."""
    objects: list[JSONObject] = [{}]
    for operand in operands:
        member = _selector(operand)
        joined = None if isinstance(operand, And) else _joined(objects[-1], member)
        if joined is None:
            objects.append(member)
        else:
            objects[-1] = joined
    return (
        objects[0]
        if len(objects) == 1 and len(operands) > 1
        else {"$and": [item for item in objects if item]}
    )


def _joined(selector: JSONObject, member: JSONObject) -> JSONObject | None:
    """Add the one member of a selector to another; `None` when that would lose a condition or its order."""
    ((name, argument),) = member.items()
    if name not in selector:
        return {**selector, name: argument}
    there = selector[name]
    if name.startswith("$") or name != next(reversed(selector)):
        return None
    left, right = _operators(there), _operators(argument)
    return None if left.keys() & right.keys() else {**selector, name: {**left, **right}}


def _operators(argument: JSON) -> JSONObject:
    """Write the short form of `$eq` in full."""
    return argument if isinstance(argument, dict) else {"$eq": argument}
