"""Fields in expressions: `Order.total > 5` builds the Mango condition `{"total": {"$gt": 5}}`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, NoReturn, TypeVar, get_origin

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Path
from couchmapper.mango.sort import SortTerm
from couchmapper.mango.type_order import TYPE_ORDER
from couchmapper.mapping.annotations import alternatives, container, element_type, embedded_classes
from couchmapper.mapping.codec import Codec
from couchmapper.mapping.converter import codec, field_codecs
from couchmapper.mapping.derived import FieldLength, FieldRemainder
from couchmapper.mapping.generics import class_behind
from couchmapper.mapping.metadata import Identified, Nested, type_hints
from couchmapper.mapping.operands import checked_collection, checked_text, written
from couchmapper.mapping.references import Ref
from couchmapper.mapping.registry import nested_family
from couchmapper.mapping.type_order import guard_above, guard_below
from couchmapper.typing import JSON

__all__ = [
    "EmbeddedField",
    "Field",
    "ReferenceField",
    "annotation_of",
    "codec_of",
    "nested_field",
    "owner_of",
    "path_of",
    "write_operand",
]

T = TypeVar("T")
N = TypeVar("N", bound=Nested)
R = TypeVar("R", bound=Identified)


class Field(Generic[T]):
    """A field of a model in an expression; operands are checked and written as the field's own values are.

    A comparison on a field that a document does not have is false, also under negation, as in Mango.
    """

    __slots__ = ("_annotation", "_codec", "_owner", "_path")

    def __init__(self, path: Path, annotation: Any, field_codec: Codec, *, owner: type | None = None) -> None:
        self._path = path
        self._owner = owner
        self._annotation = annotation
        self._codec = field_codec

    def __repr__(self) -> str:
        return f"<field {'.'.join(self._path)}>"

    __hash__ = object.__hash__

    def __eq__(self, other: T | None) -> Condition:  # type: ignore[override]
        """`{field: {"$eq": value}}`; `None` matches an explicit null only (see `is_missing`)."""
        return Condition(self._path, "$eq", self._operand(other))

    def __ne__(self, other: T | None) -> Condition:  # type: ignore[override]
        """`{field: {"$ne": value}}`: the field is there and differs."""
        return Condition(self._path, "$ne", self._operand(other))

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
        self._refuse_list("field.any_in([...])")
        return Condition(self._path, "$in", [self._operand(value) for value in checked_collection(values)])

    def not_in(self, values: Iterable[T]) -> Condition:
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

    def is_type(self, name: str) -> Condition:
        """`{field: {"$type": name}}`: null, boolean, number, string, array or object."""
        if name not in TYPE_ORDER:
            raise ExpressionError(f"{name!r} is no JSON type; they are {', '.join(TYPE_ORDER)}")
        return Condition(self._path, "$type", name)

    def startswith(self: "Field[str] | Field[str | None]", prefix: str) -> Condition:
        """`{field: {"$beginsWith": prefix}}`: case counts."""
        self._need("string", "startswith")
        return Condition(self._path, "$beginsWith", checked_text(prefix))

    def matches(self: "Field[str] | Field[str | None]", pattern: str) -> Condition:
        """`{field: {"$regex": pattern}}`: anywhere in the text; bytes, unless `(*UTF)` leads."""
        self._need("string", "matches")
        return Condition(self._path, "$regex", checked_text(pattern))

    def any(self, wanted: Any) -> Expression:
        """`{list: {"$elemMatch": ...}}`: an element equals the value, or fulfils the expression."""
        return Elements(self._path, "$elemMatch", self._of_element(wanted))

    def any_in(self, values: Iterable[Any]) -> Condition:
        """`{list: {"$in": [...]}}`: an element is one of the values."""
        self._need("array", "any_in")
        item = codec(element_type(self._annotation))
        return Condition(self._path, "$in", [written(item, one, self) for one in checked_collection(values)])

    def all(self, wanted: Any) -> Expression:
        """`{list: {"$allMatch": ...}}`: there are elements, and every one fulfils the expression."""
        return Elements(self._path, "$allMatch", self._of_element(wanted))

    def len(self) -> "FieldLength":
        """Return the number of elements, to be compared with `==`: `Order.lines.len() == 2`."""
        self._need("array", "len")
        return FieldLength(self._path, is_always_list=self._codec.kinds == {"array"})

    def __mod__(self, divisor: int) -> "FieldRemainder":
        """Return the remainder of an integer, to be compared with `==`: `Order.number % 2 == 0`."""
        self._need("number", "%")
        return FieldRemainder(self._path, divisor)

    def __getitem__(self, key: str | int) -> "Field[Any]":
        """Return the value under a key, or the element at an index: `Order.tags[0]`."""
        name = self._member_name(key)
        annotation = element_type(self._annotation, key)
        return _field((*self._path, name), annotation, codec(annotation), None)

    def asc(self) -> SortTerm:
        """Order by this field, smallest first."""
        self._need_order()
        return SortTerm(self._path)

    def desc(self) -> SortTerm:
        """Order by this field, largest first."""
        self._need_order()
        return SortTerm(self._path, descending=True)

    def __contains__(self, item: object) -> NoReturn:
        raise ExpressionError(f"`x in field` cannot be an expression: write `{self!r}.any(x)`")

    def __iter__(self) -> NoReturn:
        raise ExpressionError(f"{self!r} is a field, not its values; values are on the documents of a query")

    def __bool__(self) -> NoReturn:
        raise ExpressionError(f"{self!r} has no truth value: compare it, `field == True` or `field.exists()`")

    def _operand(self, value: Any) -> JSON:
        return None if value is None else written(self._codec, value, self)

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
                f"{self!r} is stored as text, and the order of the texts is not that of the values;"
                " field(scale=...) stores a Decimal as an integer, which has its order"
            )

    def _refuse_list(self, instead: str) -> None:
        if "array" in self._codec.kinds <= {"array", "null"}:
            raise ExpressionError(f"{self!r} holds a list: write `{instead}`, which looks at its elements")

    def _need(self, kind: str, operation: str) -> None:
        if kind not in self._codec.kinds:
            raise ExpressionError(f"{operation} needs a field written as {kind}; {self!r} is not one")

    def _member_name(self, key: str | int) -> str:
        """Write a key of a map, or an index of a list, as a name in a path."""
        kinds = self._codec.kinds
        is_index = type(key) is int and key >= 0 and "array" in kinds
        if not is_index and "object" not in kinds:
            what = "indexes from 0 up" if "array" in kinds else "no members; compare the field itself"
            raise ExpressionError(f"{self!r} has {what}, got [{key!r}]")
        origin, arguments = container(self._annotation)
        return str(codec(arguments[0]).dump(key) if origin is dict and arguments else key)

    def _of_element(self, wanted: Any) -> Expression:
        self._need("array", "any and all")
        if isinstance(wanted, Expression):
            return wanted
        return Condition((), "$eq", written(codec(element_type(self._annotation)), wanted, self))


class EmbeddedField(Field[N]):
    """A field that holds an embedded value; its fields are attributes: `Order.address.city`.

    A field whose name is that of a method here is reached as `Order.address["len"]`.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Field[Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return nested_field(self._path, embedded_classes(self._annotation), name, owner=self._owner)

    def __getitem__(self, key: str | int) -> Field[Any]:
        """Return a field of the embedded value by its name in Python."""
        return nested_field(self._path, embedded_classes(self._annotation), str(key), owner=self._owner)


class ReferenceField(Field[Ref[R]]):
    """A field that holds a reference; it is compared with a reference, a document, or the id of one."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: Ref[R] | R | str | None) -> Condition:  # type: ignore[override]
        """`{field: {"$eq": id}}`; `None` matches an explicit null only."""
        return Condition(self._path, "$eq", self._operand(other))

    def __ne__(self, other: Ref[R] | R | str | None) -> Condition:  # type: ignore[override]
        """`{field: {"$ne": id}}`: the field is there and leads elsewhere."""
        return Condition(self._path, "$ne", self._operand(other))

    def in_(self, values: Iterable[Ref[R] | R | str]) -> Condition:
        """`{field: {"$in": [id, ...]}}`; no document matches an empty collection."""
        return Condition(self._path, "$in", [self._operand(value) for value in checked_collection(values)])

    def not_in(self, values: Iterable[Ref[R] | R | str]) -> Condition:
        """`{field: {"$nin": [id, ...]}}`: the field is there and leads to none of them."""
        return Condition(self._path, "$nin", [self._operand(value) for value in checked_collection(values)])


def annotation_of(field: Field[Any]) -> Any:
    """Return the type of the values of a field."""
    return field._annotation  # noqa: SLF001 - names without underscore belong to the fields of embedded values


def codec_of(field: Field[Any]) -> Codec:
    """Return how the values of a field are read and written."""
    return field._codec  # noqa: SLF001 - likewise


def owner_of(field: Field[Any]) -> type | None:
    """Return the class from which a field was reached: that of `Order.address.city` is `Order`."""
    return field._owner  # noqa: SLF001 - likewise


def path_of(field: Field[Any]) -> Path:
    """Return the names from the document down to a field."""
    return field._path  # noqa: SLF001 - likewise


def write_operand(field: Field[Any], value: Any) -> JSON:
    """Write a value as those of a field are written; raises `ExpressionError` when it is none of them."""
    return written(field._codec, value, field)  # noqa: SLF001 - likewise


def nested_field(
    path: Path, models: Sequence[type], attribute: str, *, owner: type | None = None
) -> Field[Any]:
    """Return a field of one of the classes, or of a subclass that its tag tells, by attribute name.

    Raises `AttributeError` with the names that there are.
    """
    for kind in _with_subclasses(models):
        for field in field_codecs(kind):
            if field.attribute == attribute:
                annotation = type_hints(kind).get(attribute, Any)
                return _field((*path, field.name), annotation, field.codec, owner)
    kinds = list(_with_subclasses(models))
    names = ", ".join(dict.fromkeys(field.attribute for kind in kinds for field in field_codecs(kind)))
    raise AttributeError(
        f"{' or '.join(kind.__name__ for kind in kinds)} has no field {attribute!r}; it has {names}"
    )


def _with_subclasses(models: Sequence[type]) -> Iterator[type]:
    yield from models
    families = (nested_family(class_behind(model)).values() for model in models)
    yield from (kind for family in families for kind in family if kind not in models)


def _field(path: Path, annotation: Any, field_codec: Codec, owner: type | None) -> Field[Any]:
    kind: type[Field[Any]] = EmbeddedField if embedded_classes(annotation) else Field
    if any(get_origin(member) is Ref for member in alternatives(annotation)):
        kind = ReferenceField
    return kind(path, annotation, field_codec, owner=owner)
