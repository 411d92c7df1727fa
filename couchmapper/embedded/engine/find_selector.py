"""Selectors as CouchDB itself writes them: in `_explain`, and in the design documents of partial indexes."""

from couchmapper.mango.nodes import And, Condition, Elements, Expression, Nor, Not, Or, Path
from couchmapper.mango.paths import join_path
from couchmapper.typing import JSONObject

__all__ = ["field_text", "write_selector"]


def write_selector(node: Expression) -> JSONObject:  # noqa: PLR0911 (one for each kind of node)
    """Write a normal form in full, one condition per object: `{"$and": [{"a": {"$eq": 1}}, …]}`."""
    match node:
        case And(()):
            return {}
        case And(operands):
            return {"$and": [write_selector(operand) for operand in operands]}
        case Or(operands):
            return {"$or": [write_selector(operand) for operand in operands]}
        case Nor(operands):
            return {"$nor": [write_selector(operand) for operand in operands]}
        case Not(Condition(path, operator, argument)):
            return {field_text(path): {"$not": {operator: argument}}}
        case Not(operand):
            return {"$not": write_selector(operand)}
        case Condition(path, operator, argument):
            return {field_text(path): {operator: argument}}
        case Elements(path, operator, operand):
            return {field_text(path): {operator: write_selector(operand)}}
    raise TypeError(node)


def field_text(path: Path) -> str:
    """Write the path of a field; empty for an element itself."""
    return join_path(path) if path else ""
