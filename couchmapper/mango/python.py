"""Python as a backend: decide about one document here, or say why only CouchDB can."""

from collections.abc import Iterator
from functools import lru_cache, singledispatch
from typing import Any

from couchmapper.exceptions import ExpressionError, InvalidSelector
from couchmapper.mango.match import Predicate, compile_match
from couchmapper.mango.nodes import BACKENDS, And, Backend, Condition, Elements, Expression, Nor, Not, Or
from couchmapper.mango.normalize import normalize
from couchmapper.mango.operators import ELEMENT_OPERATORS, check_argument
from couchmapper.mango.paths import readable_path
from couchmapper.mango.support import NO_SEARCH
from couchmapper.typing import JSONObject

__all__ = ["as_json", "refusals"]


@singledispatch
def as_json(document: Any) -> JSONObject:
    """Return what is asked about as a JSON object; the room above registers its documents here."""
    raise ExpressionError(f"only a document, or a JSON object with its _id, can match; got {document!r}")


@as_json.register(dict)
def _(document: JSONObject) -> JSONObject:
    return document


def refusals(expression: Expression) -> Iterator[str]:
    """Yield every reason why Python cannot decide an expression as CouchDB does."""
    return _refusals(normalize(expression))


def _refusals(node: Expression) -> Iterator[str]:
    match node:
        case And(operands) | Or(operands) | Nor(operands):
            for operand in operands:
                yield from _refusals(operand)
        case Not(operand):
            yield from _refusals(operand)
        case Elements(path, operator, operand):
            if operator not in ELEMENT_OPERATORS:
                yield f"{readable_path(path)} {operator}: Invalid operator: {operator}"
            yield from _refusals(operand)
        case Condition(_, "$text"):
            yield NO_SEARCH
        case Condition(path, operator, argument):
            try:
                check_argument(operator, argument)
            except InvalidSelector as error:
                yield f"{readable_path(path)} {operator}: {error.reason}"
        case _:
            yield f"{node!r} is no expression"


@lru_cache(maxsize=256)
def _predicate(expression: Expression) -> Predicate:
    """Compile an expression once; two are the same here when their JSON is, member for member."""
    reasons = tuple(dict.fromkeys(refusals(expression)))
    if reasons:
        raise ExpressionError("; ".join(reasons))
    return compile_match(expression)


def _match(expression: Expression, document: Any) -> bool:
    return _predicate(expression)(as_json(document))


BACKENDS["python"] = Backend(refusals=refusals, match=_match)
