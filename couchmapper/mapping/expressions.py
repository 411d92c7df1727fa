"""Fields in expressions: `Order.total > 5` builds the Mango condition `{"total": {"$gt": 5}}`."""

from collections.abc import Iterable
from typing import Any, Generic, NoReturn, TypeVar, get_args, get_origin

import attrs

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Not, Path
from couchmapper.mapping.codec import Codec
from couchmapper.mapping.converter import codec, field_codecs
from couchmapper.mapping.metadata import Nested, is_model, type_hints
from couchmapper.mapping.structure import JSON_VALUE
from couchmapper.typing import JSON

__all__ = ["EmbeddedField", "Field", "FieldLength", "FieldRemainder", "SortField", "codec_of", "nested_field"]

T = TypeVar("T")
N = TypeVar("N", bound=Nested)

# CouchDB compares across types: null < booleans < numbers < strings < arrays < objects.
_TYPE_ORDER = ("null", "boolean", "number", "string", "array", "object")
_FLOOR: dict[str, tuple[str, JSON]] = {
    "boolean": ("$gt", None),
    "number": ("$gt", True),
    "string": ("$gte", ""),
    "array": ("$gte", []),
}
_CEILING: dict[str, tuple[str, JSON]] = {
    "null": ("$lt", False),
    "boolean": ("$lte", True),
    "number": ("$lt", ""),
    "string": ("$lt", []),
    "array": ("$lt", {}),
}


@attrs.frozen
class SortField:
    """A field and a direction, as `order_by` takes them: `{"placed": "desc"}`."""

    path: Path
    descending: bool = False


class Field(Generic[T]):
    """A field of a model in an expression; operands are checked and written as the field's own values are.

    A comparison on a field that a document does not have is false, also under negation, as in Mango.
    """

    __slots__ = ("_annotation", "_codec", "path")

    def __init__(self, path: Path, annotation: Any, field_codec: Codec) -> None:
        self.path = path
        self._annotation = annotation
        self._codec = field_codec

    def __repr__(self) -> str:
        return f"<field {'.'.join(self.path)}>"

    __hash__ = object.__hash__

    def __eq__(self, other: T | None) -> Condition:  # type: ignore[override]
        """`{field: {"$eq": value}}`; `None` matches an explicit null only (see `is_missing`)."""
        return Condition(self.path, "$eq", self._operand(other))

    def __ne__(self, other: T | None) -> Condition:  # type: ignore[override]
        """`{field: {"$ne": value}}`: the field is there and differs."""
        return Condition(self.path, "$ne", self._operand(other))

    def __lt__(self, other: T) -> Expression:
        """`{field: {"$lt": value}}`, among values of the operand's own type."""
        return self._below("$lt", other)

    def __le__(self, other: T) -> Expression:
        """`{field: {"$lte": value}}`, among values of the operand's own type."""
        return self._below("$lte", other)

    def __gt__(self, other: T) -> Expression:
        """`{field: {"$gt": value}}`, among values of the operand's own type."""
        return self._above("$gt", other)

    def __ge__(self, other: T) -> Expression:
        """`{field: {"$gte": value}}`, among values of the operand's own type."""
        return self._above("$gte", other)

    def between(self, low: T, high: T) -> Expression:
        """`{field: {"$gte": low, "$lte": high}}`: both ends included."""
        return self._bound("$gte", low) & self._bound("$lte", high)

    def in_(self, values: Iterable[T]) -> Condition:
        """`{field: {"$in": [...]}}`; no document matches an empty collection."""
        if self._codec.kinds == {"array"}:
            raise ExpressionError(
                f"{self!r} holds a list: write `field.any_in([...])` for one of its elements"
            )
        return Condition(self.path, "$in", [self._operand(value) for value in values])

    def not_in(self, values: Iterable[T]) -> Condition:
        """`{field: {"$nin": [...]}}`: the field is there and is none of them."""
        return Condition(self.path, "$nin", [self._operand(value) for value in values])

    def exists(self) -> Condition:
        """`{field: {"$exists": true}}`: the field is there, be it null."""
        return Condition(self.path, "$exists", True)

    def is_missing(self) -> Condition:
        """`{field: {"$exists": false}}`: the document does not have the field at all."""
        return Condition(self.path, "$exists", False)

    def is_type(self, name: str) -> Condition:
        """`{field: {"$type": name}}`: null, boolean, number, string, array or object."""
        if name not in _TYPE_ORDER:
            raise ExpressionError(f"{name!r} is no JSON type; they are {', '.join(_TYPE_ORDER)}")
        return Condition(self.path, "$type", name)

    def startswith(self: "Field[str] | Field[str | None]", prefix: str) -> Condition:
        """`{field: {"$beginsWith": prefix}}`: case counts."""
        self._need("string", "startswith")
        return Condition(self.path, "$beginsWith", prefix)

    def matches(self: "Field[str] | Field[str | None]", pattern: str) -> Condition:
        """`{field: {"$regex": pattern}}`: anywhere in the text; bytes, unless `(*UTF)` leads."""
        self._need("string", "matches")
        return Condition(self.path, "$regex", pattern)

    def any(self, wanted: Any) -> Expression:
        """`{list: {"$elemMatch": ...}}`: an element equals the value, or fulfils the expression."""
        return Elements(self.path, "$elemMatch", self._of_element(wanted))

    def any_in(self, values: Iterable[Any]) -> Condition:
        """`{list: {"$in": [...]}}`: an element is one of the values."""
        item = self._item()
        return Condition(self.path, "$in", [_written(item, value, self) for value in values])

    def all(self, wanted: Any) -> Expression:
        """`{list: {"$allMatch": ...}}`: there are elements, and every one fulfils the expression."""
        return Elements(self.path, "$allMatch", self._of_element(wanted))

    def len(self) -> "FieldLength":
        """Return the number of elements, to be compared with `==`: `Order.lines.len() == 2`."""
        self._need("array", "len")
        return FieldLength(self.path)

    def __mod__(self, divisor: int) -> "FieldRemainder":
        """Return the remainder of an integer, to be compared with `==`: `Order.number % 2 == 0`."""
        self._need("number", "%")
        return FieldRemainder(self.path, divisor)

    def __getitem__(self, key: str | int) -> "Field[Any]":
        """Return the value under a key, or the element at an index: `Order.tags[0]`."""
        name = str(key)
        return Field((*self.path, name), Any, self._item())

    def asc(self) -> SortField:
        """Order by this field, smallest first."""
        return SortField(self.path)

    def desc(self) -> SortField:
        """Order by this field, largest first."""
        return SortField(self.path, descending=True)

    def __contains__(self, item: object) -> NoReturn:
        raise ExpressionError(f"`x in field` cannot be an expression: write `{self!r}.any(x)`")

    def __iter__(self) -> NoReturn:
        raise ExpressionError(f"{self!r} is a field, not its values; values are on the documents of a query")

    def __bool__(self) -> NoReturn:
        raise ExpressionError(f"{self!r} has no truth value: compare it, `field == True` or `field.exists()`")

    def _operand(self, value: Any) -> JSON:
        return None if value is None else _written(self._codec, value, self)

    def _bound(self, operator: str, value: Any) -> Condition:
        if value is None:
            raise ExpressionError(f"nothing is smaller or larger than None: write `{self!r} != None`")
        return Condition(self.path, operator, self._operand(value))

    def _below(self, operator: str, value: Any) -> Expression:
        """Keep out the values of smaller types, that Mango counts as smaller: `null < 5` holds there."""
        bound = self._bound(operator, value)
        kind = _kind(bound.argument)
        smaller = _TYPE_ORDER[: _TYPE_ORDER.index(kind)]
        return self._guarded(bound, _FLOOR.get(kind), smaller)

    def _above(self, operator: str, value: Any) -> Expression:
        """Keep out the values of larger types: `"text" > 5` holds in Mango."""
        bound = self._bound(operator, value)
        kind = _kind(bound.argument)
        larger = _TYPE_ORDER[_TYPE_ORDER.index(kind) + 1 :]
        return self._guarded(bound, _CEILING.get(kind), larger)

    def _guarded(
        self, bound: Condition, guard: tuple[str, JSON] | None, strangers: tuple[str, ...]
    ) -> Expression:
        """Add the guard only where the field's type lets strangers in; other ranges stay one condition."""
        if guard is None or not self._codec.kinds.intersection(strangers):
            return bound
        return And((bound, Condition(self.path, *guard)))

    def _need(self, kind: str, operation: str) -> None:
        if kind not in self._codec.kinds:
            raise ExpressionError(f"{operation} needs a field written as {kind}; {self!r} is not one")

    def _item(self) -> Codec:
        """How an element of a list, or a value of a map, is written."""
        arguments = _item_types(self._annotation)
        return codec(arguments[-1]) if arguments else JSON_VALUE

    def _of_element(self, wanted: Any) -> Expression:
        self._need("array", "any and all")
        if isinstance(wanted, Expression):
            return wanted
        return Condition((), "$eq", _written(self._item(), wanted, self))


class EmbeddedField(Field[N]):
    """A field that holds an embedded value; its fields are attributes: `Order.address.city`."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Field[Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        model = next(kind for kind in (self._annotation, *get_args(self._annotation)) if is_model(kind))
        return nested_field(self.path, model, name)


class FieldLength:
    """The length of a list, in an expression."""

    __slots__ = ("_path",)
    __hash__ = object.__hash__

    def __init__(self, path: Path) -> None:
        self._path = path

    def __eq__(self, other: int) -> Condition:  # type: ignore[override]
        """`{list: {"$size": n}}`."""
        return Condition(self._path, "$size", other)

    def __ne__(self, other: int) -> Expression:  # type: ignore[override]
        """`{"$not": {list: {"$size": n}}}`: a list of another length."""
        return Not(Condition(self._path, "$size", other))


class FieldRemainder:
    """The remainder of a division, in an expression."""

    __slots__ = ("_divisor", "_path")
    __hash__ = object.__hash__

    def __init__(self, path: Path, divisor: int) -> None:
        if type(divisor) is not int or divisor == 0:
            raise ExpressionError(f"the divisor must be an integer other than 0, got {divisor!r}")
        self._path = path
        self._divisor = divisor

    def __eq__(self, other: int) -> Condition:  # type: ignore[override]
        """`{field: {"$mod": [divisor, remainder]}}`: integers only, the sign is the value's."""
        return Condition(self._path, "$mod", [self._divisor, other])


def codec_of(field: Field[Any]) -> Codec:
    """Return how the values of a field are read and written."""
    return field._codec  # noqa: SLF001 - names without underscore belong to the fields of embedded values


def nested_field(path: Path, model: type, attribute: str) -> Field[Any]:
    """Return a field of a model class by attribute name; raises `AttributeError` with the names there are."""
    for field in field_codecs(model):
        if field.attribute == attribute:
            annotation = type_hints(model)[attribute]
            kinds = (annotation, *get_args(annotation))
            holds_model = any(map(is_model, kinds)) and _is_value(annotation)
            kind = EmbeddedField if holds_model else Field
            return kind((*path, field.name), annotation, field.codec)
    names = ", ".join(field.attribute for field in field_codecs(model))
    raise AttributeError(f"{model.__name__} has no field {attribute!r}; it has {names}")


def _is_value(annotation: Any) -> bool:
    """Tell a value, or an optional one, from a collection of them."""
    return is_model(annotation) or get_origin(annotation) not in (list, tuple, set, frozenset, dict)


def _item_types(annotation: Any) -> tuple[Any, ...]:
    """Return the arguments of `list[T]` or `dict[str, T]`, also inside an optional."""
    if get_origin(annotation) in (list, tuple, set, frozenset, dict):
        return tuple(argument for argument in get_args(annotation) if argument is not Ellipsis)
    nested = (_item_types(argument) for argument in get_args(annotation))
    return next((arguments for arguments in nested if arguments), ())


def _written(field_codec: Codec, value: Any, field: Field[Any]) -> JSON:
    """Write an operand as the field's values are written, and read it back, which checks its type."""
    try:
        wire = field_codec.dump(value)
        field_codec.load(wire, None)
    except ValueError as error:
        raise ExpressionError(f"{field!r} cannot be compared with {value!r}: {error}") from error
    return wire


def _kind(value: JSON) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"
