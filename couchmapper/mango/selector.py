"""Selectors as a backend: what no selector can say, and what it takes on the server."""

from collections.abc import Iterator

from couchmapper.exceptions import ExpressionError, InvalidSelector
from couchmapper.mango.nodes import (
    BACKENDS,
    And,
    Backend,
    Condition,
    Elements,
    Expression,
    Nor,
    Not,
    Or,
    Path,
)
from couchmapper.mango.operators import ELEMENT_OPERATORS, check_argument
from couchmapper.mango.paths import join_path, readable_path

__all__ = ["refusals", "searches", "server_needs"]


def refusals(expression: Expression) -> Iterator[str]:
    """Yield every reason why no selector means what an expression does."""
    return _refusals(expression, positive=True, within=False)


def searches(node: Expression) -> bool:
    """Tell whether a full-text search is among the conditions that are joined."""
    match node:
        case And(operands) | Or(operands):
            return any(map(searches, operands))
        case Condition(_, operator):
            return operator == "$text"
    return False


def server_needs(expression: Expression) -> Iterator[str]:
    """Yield what a server must have for the selector of an expression."""
    match expression:
        case And(operands) | Or(operands) | Nor(operands):
            for operand in operands:
                yield from server_needs(operand)
        case Not(operand) | Elements(operand=operand):
            yield from server_needs(operand)
        case Condition(_, "$text"):
            yield "$text needs a search index on the server"
        case Condition(_, "$beginsWith"):
            yield "$beginsWith needs CouchDB 3.4 or later"


def _refusals(node: Expression, *, positive: bool, within: bool) -> Iterator[str]:
    """Look at a node that stands below an even number of negations or not, and within elements or not."""
    match node:
        case And(operands) | Or(operands):
            for operand in operands:
                yield from _refusals(operand, positive=positive, within=within)
        case Nor(operands):
            for operand in operands:
                yield from _refusals(operand, positive=not positive, within=within)
        case Not(operand):
            yield from _refusals(operand, positive=not positive, within=within)
        case Elements(path, operator, operand):
            yield from _reasons_of_path(path)
            if operator not in ELEMENT_OPERATORS:
                yield f"{readable_path(path)} {operator}: Invalid operator: {operator}"
            yield from _refusals(operand, positive=True, within=True)
        case Condition(path, operator, argument):
            yield from _reasons_of_path(path)
            yield from _reasons_of_argument(path, operator, argument)
            if operator == "$text" and (path or within or not positive):
                yield "$text: CouchDB searches whole documents; it stands below no field and no negation"
        case _:
            yield f"{node!r} is no expression"


def _reasons_of_path(path: Path) -> Iterator[str]:
    try:
        join_path(path)
    except ExpressionError as error:
        yield str(error)


def _reasons_of_argument(path: Path, operator: str, argument: object) -> Iterator[str]:
    try:
        check_argument(operator, argument)
    except InvalidSelector as error:
        # What only the engine of this process does not know, such as a part of PCRE, the server does.
        if operator != "$regex" or not isinstance(argument, str):
            yield f"{readable_path(path)} {operator}: {error.reason}"


BACKENDS["mango"] = Backend(refusals=refusals, conditions=server_needs)
