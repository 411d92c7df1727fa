"""The expression tree: frozen nodes that say what a document must look like.

Values in nodes are wire values, as they stand in the JSON of a document. The meaning of a node is the one
that CouchDB gives to the operator of the same name; what is done to a tree is in the modules beside this one.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, NoReturn, TypeAlias

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import ExpressionError
from couchmapper.mango.support import Support
from couchmapper.typing import JSON

__all__ = [
    "BACKENDS",
    "FALSE",
    "TRUE",
    "And",
    "Backend",
    "BackendName",
    "Condition",
    "Elements",
    "Expression",
    "Nor",
    "Not",
    "Or",
    "Path",
    "text_search",
]

Path: TypeAlias = tuple[str, ...]
"""The names from the document down to a field: `("address", "city")`; `()` is the element itself."""

BackendName: TypeAlias = Literal["mango", "python", "javascript", "lucene"]
"""What can decide about documents: selectors, Python, functions of design documents, search indexes."""


class Expression:
    """A condition on a document; join conditions with `&`, `|` and `~`."""

    __slots__ = ()

    def __and__(self, other: "Expression") -> "And":
        return And(_operands(And, self) + _operands(And, other))

    def __or__(self, other: "Expression") -> "Or":
        return Or(_operands(Or, self) + _operands(Or, other))

    def __invert__(self) -> "Not":
        return Not(self)

    def __bool__(self) -> NoReturn:
        raise ExpressionError(
            "an expression is neither true nor false before a document is looked at: write `a & b`, `a | b`,"
            " `~a` for `a and b`, `a or b`, `not a`, and `field.in_([...])` for `field in [...]`;"
            " `1 < field < 9` is `field.between(1, 9)`"
        )

    def matches(self, document: Any) -> bool:
        """Tell whether a document, or a JSON object with its `_id`, is one that a query would find.

        A document is looked at as it would be saved now. Raises `ExpressionError` with every reason why
        Python cannot decide as CouchDB does; `supports("python")` tells them before.
        """
        return BACKENDS["python"].match(self, document)

    def supports(self, backend: BackendName) -> Support:
        """Tell whether a backend decides this expression exactly, with all reasons why not.

        Raises `ExpressionError` for a backend that is not known.
        """
        known = BACKENDS.get(backend)
        if known is None:
            raise ExpressionError(f"{backend!r} is no backend; they are {', '.join(sorted(BACKENDS))}")
        reasons = tuple(dict.fromkeys(known.refusals(self)))
        conditions = () if reasons else tuple(dict.fromkeys(known.conditions(self)))
        return Support(backend=backend, reasons=reasons, conditions=conditions)


def _nothing(_expression: Expression) -> Iterable[str]:
    return ()


def _undecided(_expression: Expression, _document: Any) -> bool:
    raise ExpressionError("this backend decides where the documents are, not here")


@attrs.frozen(kw_only=True)
class Backend:
    """One thing that decides about documents: `refusals` yields every reason why it cannot do so exactly.

    `conditions` yields what it takes; `match` decides about one document, where that can be done here.
    """

    refusals: Callable[[Expression], Iterable[str]]
    conditions: Callable[[Expression], Iterable[str]] = _nothing
    match: Callable[[Expression, Any], bool] = _undecided


BACKENDS: Final[dict[str, Backend]] = {}
"""The backends by name; each module of this room that is one adds itself, and the room imports them all."""


def _frozen_value(value: JSON) -> tuple[type, bytes]:
    """Compare values as JSON, where 1, 1.0 and true are three things."""
    return type(value), jsonio.dumps(value)


@attrs.frozen
class Condition(Expression):
    """One operator on one field: `{path: {operator: argument}}`, for instance `{"total": {"$gt": 5}}`."""

    path: Path
    operator: str
    argument: JSON = attrs.field(eq=_frozen_value)


@attrs.frozen
class Elements(Expression):
    """A condition on what a field holds: `$elemMatch` and `$allMatch` on elements, `$keyMapMatch` on keys.

    In the operand CouchDB does not move negations to the fields: `Not` is the plain contrary there, true also
    where the field is missing, and a `Nor` that is reached makes the whole condition false.
    """

    path: Path
    operator: str
    operand: Expression


@attrs.frozen
class And(Expression):
    """Every operand holds; without operands, always true."""

    operands: tuple[Expression, ...] = ()


@attrs.frozen
class Or(Expression):
    """At least one operand holds; without operands, never true."""

    operands: tuple[Expression, ...] = ()


@attrs.frozen
class Nor(Expression):
    """No operand holds; a condition on a missing field stays false under `$nor`, as in Mango."""

    operands: tuple[Expression, ...] = ()


@attrs.frozen
class Not(Expression):
    """The operand does not hold; a condition on a missing field stays false under `$not`, as in Mango."""

    operand: Expression


def _operands(kind: type[And] | type[Or], node: Expression) -> tuple[Expression, ...]:
    """Keep `a & b & c` one node."""
    if isinstance(node, kind):
        return node.operands
    if not isinstance(node, Expression):
        raise ExpressionError(f"expected an expression such as `Order.status == 'paid'`, got {node!r}")
    return (node,)


TRUE = And()
"""Holds for every document."""

FALSE = Or()
"""Holds for no document; a query with it asks the server nothing."""


def text_search(query: str) -> Condition:
    """`{"$text": query}`: what a search index on the server finds for a query in Lucene's syntax."""
    match query:
        case str() if query.strip():
            return Condition((), "$text", query)
    raise ExpressionError(f"expected the text of a search, such as 'green tea', got {query!r}")
