"""What every value in an expression can do: comparing it with values of its own type, and asking for it."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, NoReturn, Self, TypeAlias, TypeVar

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.nodes import And, Condition, Expression, Or, Path
from couchmapper.mango.sort import SortTerm
from couchmapper.mango.type_order import TYPE_ORDER
from couchmapper.mapping.codec import Codec
from couchmapper.mapping.operands import checked_collection, written
from couchmapper.mapping.type_order import guard_above, guard_below
from couchmapper.typing import JSON

__all__ = ["Comparable", "ConditionOf"]

T_co = TypeVar("T_co", covariant=True)
F = TypeVar("F")
V = TypeVar("V")


ConditionOf: TypeAlias = Callable[[F], Expression]
"""Makes a condition of the field, element or key that it is given: `lambda score: score > 5`.

No `Protocol`: mypy does not look into one for the type of a lambda's argument.
"""


class Comparable(Generic[T_co]):
    """A field, an element or a key; operands are checked and written as the field's own values are.

    A comparison on a field that a document does not have is false, also under negation, as in Mango.
    """

    __slots__ = ("_annotation", "_codec", "_owner", "_path")

    def __init__(self, path: Path, annotation: Any, field_codec: Codec, *, owner: type | None = None) -> None:
        self._path = path
        self._owner = owner
        self._annotation = annotation
        self._codec = field_codec

    def __repr__(self) -> str:
        return f"<field {'.'.join(self._path)}>" if self._path else "<element>"

    __hash__ = object.__hash__

    def __eq__(self, other: T_co | None) -> Condition:  # type: ignore[override]
        """`{field: {"$eq": value}}`; `None` matches an explicit null only (see `is_missing`)."""
        return Condition(self._path, "$eq", self._operand(other))

    def __ne__(self, other: T_co | None) -> Condition:  # type: ignore[override]
        """`{field: {"$ne": value}}`: the field is there and differs."""
        return Condition(self._path, "$ne", self._operand(other))

    def __lt__(self: "Comparable[V]", other: V) -> Expression:
        """`{field: {"$lt": value}}`, among values of the operand's own type."""
        return self._below("$lt", other)

    def __le__(self: "Comparable[V]", other: V) -> Expression:
        """`{field: {"$lte": value}}`, among values of the operand's own type."""
        return self._below("$lte", other)

    def __gt__(self: "Comparable[V]", other: V) -> Expression:
        """`{field: {"$gt": value}}`, among values of the operand's own type."""
        return self._above("$gt", other)

    def __ge__(self: "Comparable[V]", other: V) -> Expression:
        """`{field: {"$gte": value}}`, among values of the operand's own type."""
        return self._above("$gte", other)

    def between(self: "Comparable[V]", low: V, high: V) -> Expression:
        """`{field: {"$gte": low, "$lte": high}}`: both ends included."""
        return self._bound("$gte", low) & self._bound("$lte", high)

    def in_(self, values: Iterable[T_co]) -> Condition:
        """`{field: {"$in": [...]}}`; no document matches an empty collection."""
        self._refuse_list("field.any_in([...])")
        return Condition(self._path, "$in", [self._operand(value) for value in checked_collection(values)])

    def not_in(self, values: Iterable[T_co]) -> Condition:
        """`{field: {"$nin": [...]}}`: the field is there and is none of them."""
        self._refuse_list("~field.any_in([...])")
        return Condition(self._path, "$nin", [self._operand(value) for value in checked_collection(values)])

    def exists(self) -> Condition:
        """`{field: {"$exists": true}}`: the field is there, be it null."""
        return Condition(self._path, "$exists", True)

    def is_missing(self) -> Condition:
        """`{field: {"$exists": false}}`: a document, or an object, does not have the field at all.

        What is null holds no fields and misses none: `Order.address.city.is_missing()` is false for it.
        """
        return Condition(self._path, "$exists", False)

    def or_missing(self, condition: Expression | ConditionOf[Self]) -> Expression:
        """`{"$or": [condition, {field: {"$exists": false}}]}`: it holds, or the field is missing.

        `Order.rank.or_missing(lambda rank: rank < 3)` gives the field to a function; the same with an
        expression is `Order.rank.or_missing(Order.rank < 3)`.
        """
        return Or((self._condition(condition, self), self.is_missing()))

    def is_type(self, name: str) -> Condition:
        """`{field: {"$type": name}}`: null, boolean, number, string, array or object."""
        if name not in TYPE_ORDER:
            raise ExpressionError(f"{name!r} is no JSON type; they are {', '.join(TYPE_ORDER)}")
        return Condition(self._path, "$type", name)

    def asc(self) -> SortTerm:
        """Order by this field, smallest first."""
        self._need_order()
        return SortTerm(self._path)

    def desc(self) -> SortTerm:
        """Order by this field, largest first."""
        self._need_order()
        return SortTerm(self._path, descending=True)

    def __contains__(self, item: object) -> NoReturn:
        raise ExpressionError(
            f"`x in field` cannot be an expression: write `{self!r}.any(x)` for an element of a list,"
            f" `{self!r}.contains(x)` for a part of a text"
        )

    def __iter__(self) -> NoReturn:
        raise ExpressionError(f"{self!r} is a field, not its values; values are on the documents of a query")

    def __bool__(self) -> NoReturn:
        raise ExpressionError(f"{self!r} has no truth value: compare it, `field == True` or `field.exists()`")

    def _operand(self, value: Any) -> JSON:
        return None if value is None else self._written(self._codec, value)

    def _written(self, codec: Codec, value: Any) -> JSON:
        """Write a value; refuse what looks like one and is a part of an expression."""
        if isinstance(value, Comparable):
            raise ExpressionError(
                f"{self!r} cannot be compared with {value!r}: CouchDB compares a field with a value, and no"
                " two fields of a document; store what follows from the two in a field of its own"
            )
        if isinstance(value, Expression | SortTerm):
            raise ExpressionError(
                f"{self!r} cannot be compared with an expression: join two of them with `&` or `|`, and put"
                " each comparison in parentheses, `(a == 1) & (b == 2)`"
            )
        return written(codec, value, self)

    def _condition(self, made: Any, of: "Comparable[Any]") -> Expression:
        """Return an expression, or what a function makes of a field."""
        if not isinstance(made, Expression) and not isinstance(made, Comparable) and callable(made):
            made = made(of)
        if isinstance(made, Expression):
            return made
        raise ExpressionError(
            f"expected an expression about {of!r}, such as `lambda value: value == 5`, got {made!r}"
        )

    def _bound(self, operator: str, value: Any) -> Condition:
        if value is None:
            raise ExpressionError(f"nothing is smaller or larger than None: write `{self!r} != None`")
        self._need_order()
        return Condition(self._path, operator, self._operand(value))

    def _below(self, operator: str, value: Any) -> Expression:
        bound = self._bound(operator, value)
        return self._guarded(bound, guard_below(self._codec.kinds, bound.argument))

    def _above(self, operator: str, value: Any) -> Expression:
        bound = self._bound(operator, value)
        return self._guarded(bound, guard_above(self._codec.kinds, bound.argument))

    def _guarded(self, bound: Condition, guard: tuple[str, JSON] | None) -> Expression:
        return bound if guard is None else And((bound, Condition(self._path, *guard)))

    def _need_order(self) -> None:
        if not self._codec.is_ordered:
            raise ExpressionError(
                f"{self!r} is not stored in the order of its values, as bytes, sets and a Decimal are not;"
                " field(scale=...) stores a Decimal as an integer, which has its order"
            )

    def _refuse_list(self, instead: str) -> None:
        if "array" in self._codec.kinds <= {"array", "null"}:
            raise ExpressionError(f"{self!r} holds a list: write `{instead}`, which looks at its elements")

    def _need(self, kind: str, operation: str) -> None:
        if kind not in self._codec.kinds:
            raise ExpressionError(f"{operation} needs a field written as {kind}; {self!r} is not one")
