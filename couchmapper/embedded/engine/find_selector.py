"""A selector as a query needs it: for documents, for the choice of an index, and for people."""

import attrs

from couchmapper.mango.nodes import FALSE, And, Condition, Expression, Not, Or
from couchmapper.mango.normal_form import normal_selector
from couchmapper.mango.normalize import normalize
from couchmapper.mango.parse import parse
from couchmapper.mango.paths import parse_path
from couchmapper.typing import JSON, JSONObject

__all__ = ["Selector", "read_selector"]


@attrs.frozen
class Selector:
    """A selector: `expression` decides about documents, `plan` about indexes, `normal` is shown to people.

    `is_never` says that no document can match.
    """

    expression: Expression
    normal: JSONObject
    plan: Expression
    is_never: bool


def read_selector(value: JSON) -> Selector:
    """Read a selector; raises `InvalidSelector` with CouchDB's code."""
    expression = parse(value, search=False)
    normal = normal_selector(value)
    return Selector(expression, normal, _plan(normal), normalize(expression) == FALSE)


def _plan(normal: JSONObject) -> Expression:
    """Read a normal form as a tree in which conditions on elements are single conditions."""
    if not normal:
        return And()
    ((name, argument),) = normal.items()
    if name == "$and":
        return And(tuple(map(_plan, argument)))
    if name == "$or":
        return Or(tuple(map(_plan, argument)))
    path = parse_path(name) if name else ()
    ((operator, value),) = argument.items()
    if operator == "$not":
        ((operator, value),) = value.items()
        return Not(Condition(path, operator, value))
    return Condition(path, operator, value)
