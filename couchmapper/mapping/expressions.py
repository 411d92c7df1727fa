"""Fields in expressions: `Order.total > 5` builds the Mango condition `{"total": {"$gt": 5}}`."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar, get_origin, overload

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.nodes import Condition, Expression, Or, Path
from couchmapper.mango.text_patterns import containing, ending, starting
from couchmapper.mapping.annotations import alternatives, container, element_type, embedded_classes
from couchmapper.mapping.codec import Codec
from couchmapper.mapping.comparable import Comparable, ConditionOf
from couchmapper.mapping.converter import codec, field_codecs
from couchmapper.mapping.derived import FieldLength, FieldRemainder
from couchmapper.mapping.element_conditions import all_match, any_match, has_all, key_match
from couchmapper.mapping.generics import class_behind
from couchmapper.mapping.map_keys import map_key_types
from couchmapper.mapping.metadata import Identified, Nested, type_hints
from couchmapper.mapping.operands import checked_collection, checked_text, written
from couchmapper.mapping.references import Ref
from couchmapper.mapping.registry import nested_family
from couchmapper.mapping.spelling import suggestion
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

T_co = TypeVar("T_co", covariant=True)
E = TypeVar("E")
F = TypeVar("F")
K = TypeVar("K")
N = TypeVar("N", bound=Nested)
R = TypeVar("R", bound=Identified)


class Field(Comparable[T_co]):
    """A field of a model in an expression; operands are checked and written as the field's own values are.

    A comparison on a field that a document does not have is false, also under negation, as in Mango.
    """

    __slots__ = ()

    def startswith(self: "Field[str | None]", prefix: str) -> Condition:
        """`{field: {"$regex": "^prefix"}}`, the prefix escaped: case counts.

        CouchDB's `$beginsWith` looks at whole characters, so that "e" does not begin an é of two parts, and
        an index answers it wrongly for some scripts. An index serves this one for a prefix in ASCII.
        """
        self._need_text("startswith")
        return Condition(self._path, "$regex", starting(checked_text(prefix)))

    def begins_with(self: "Field[str | None]", prefix: str) -> Condition:
        """`{field: {"$beginsWith": prefix}}`, which ends the prefix only where a character ends.

        "e" does not begin "e\u0301", an é of two code points, nor half of a flag the flag; `startswith` looks
        at code points, as Python does. CouchDB has the operator since 3.4, JavaScript has none.
        """
        self._need_text("begins_with")
        return Condition(self._path, "$beginsWith", checked_text(prefix))

    def endswith(self: "Field[str | None]", suffix: str) -> Condition:
        r"""`{field: {"$regex": "suffix\\z"}}`, the suffix escaped: case counts."""
        self._need_text("endswith")
        return Condition(self._path, "$regex", ending(checked_text(suffix)))

    def contains(self: "Field[str | None]", text: str) -> Condition:
        """`{field: {"$regex": text}}`, the text escaped: it stands anywhere in the field's; case counts."""
        self._need_text("contains")
        return Condition(self._path, "$regex", containing(checked_text(text)))

    def matches(self: "Field[str | None]", pattern: str) -> Condition:
        """`{field: {"$regex": pattern}}`: anywhere in the text; bytes, unless `(*UTF)` leads."""
        self._need_text("matches")
        return Condition(self._path, "$regex", checked_text(pattern))

    @overload
    def any(self: "_Unknown", wanted: Any) -> Expression: ...
    @overload
    def any(self: "_References[R]", wanted: "Ref[R] | R | str | _About[ReferenceField[R]]") -> Expression: ...
    @overload
    def any(self: "_Collection[N]", wanted: "N | _About[EmbeddedField[N]]") -> Expression: ...
    @overload
    def any(self: "_Collection[E]", wanted: "E | _About[Field[E]]") -> Expression: ...
    def any(self, wanted: Any) -> Expression:
        """`{list: {"$elemMatch": ...}}`: an element equals the value, or fulfils the expression.

        `Order.tags.any("new")`, `Order.lines.any(Line.sku == "tea")`, and with a function, which is given the
        element: `Order.scores.any(lambda score: score > 5)`.
        """
        return any_match(self._path, self._of_element(wanted, "any"))

    @overload
    def all(self: "_Unknown", wanted: Any) -> Expression: ...
    @overload
    def all(self: "_References[R]", wanted: "Ref[R] | R | str | _About[ReferenceField[R]]") -> Expression: ...
    @overload
    def all(self: "_Collection[N]", wanted: "N | _About[EmbeddedField[N]]") -> Expression: ...
    @overload
    def all(self: "_Collection[E]", wanted: "E | _About[Field[E]]") -> Expression: ...
    def all(self, wanted: Any) -> Expression:
        """`{list: {"$allMatch": ...}}`: there are elements, and every one fulfils the expression."""
        return all_match(self._path, self._of_element(wanted, "all"))

    @overload
    def all_or_empty(self: "_Unknown", wanted: Any) -> Expression: ...
    @overload
    def all_or_empty(
        self: "_References[R]", wanted: "Ref[R] | R | str | _About[ReferenceField[R]]"
    ) -> Expression: ...
    @overload
    def all_or_empty(self: "_Collection[N]", wanted: "N | _About[EmbeddedField[N]]") -> Expression: ...
    @overload
    def all_or_empty(self: "_Collection[E]", wanted: "E | _About[Field[E]]") -> Expression: ...
    def all_or_empty(self, wanted: Any) -> Expression:
        """`{"$or": [{list: {"$allMatch": ...}}, {list: {"$size": 0}}]}`: no element fails the expression."""
        condition = self._of_element(wanted, "all_or_empty")
        return Or((all_match(self._path, condition), Condition(self._path, "$size", 0)))

    @overload
    def any_in(self: "_References[R]", values: "Iterable[Ref[R] | R | str]") -> Condition: ...
    @overload
    def any_in(self: "_Collection[E]", values: Iterable[E]) -> Condition: ...
    def any_in(self, values: Iterable[Any]) -> Condition:
        """`{list: {"$in": [...]}}`: an element is one of the values."""
        return Condition(self._path, "$in", self._elements(values, "any_in"))

    @overload
    def has_all(self: "_References[R]", values: "Iterable[Ref[R] | R | str]") -> Expression: ...
    @overload
    def has_all(self: "_Collection[E]", values: Iterable[E]) -> Expression: ...
    def has_all(self, values: Iterable[Any]) -> Expression:
        """`{list: {"$all": [...]}}`: each of the values is an element.

        Other values than texts, booleans and null are asked for one by one, with `$elemMatch`: `$all` takes 1
        and 1.0 for two values. Every list has all of an empty collection; what is no list has not.
        """
        return has_all(self._path, self._elements(values, "has_all"))

    def any_key(self: "Field[dict[K, Any] | None]", wanted: "K | _About[Field[K]]") -> Expression:
        """`{map: {"$keyMapMatch": ...}}`: a key equals the value, or fulfils the expression."""
        keys, key_codec = map_key_types(self._annotation, self)
        if isinstance(wanted, Expression) or callable(wanted):
            return key_match(self._path, self._condition(wanted, _field((), keys, key_codec, None)))
        return key_match(self._path, Condition((), "$eq", self._written(key_codec, wanted)))

    def len(self: "_Collection[Any]") -> "FieldLength":
        """Return the number of elements, to be compared with `==`: `Order.lines.len() == 2`."""
        self._need("array", "len")
        return FieldLength(self._path, is_always_list=self._codec.kinds == {"array"})

    def __mod__(self: "Field[int | None]", divisor: int) -> "FieldRemainder":
        """Return the remainder of an integer, to be compared with `==`: `Order.number % 2 == 0`."""
        self._need("number", "%")
        return FieldRemainder(self._path, divisor)

    # A field of None alone would be all of these.
    @overload
    def __getitem__(self: "_Unknown", key: Any) -> "Field[Any]": ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self: "Field[dict[K, Ref[R]] | None]", key: K) -> "ReferenceField[R]": ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self: "Field[dict[K, N] | None]", key: K) -> "EmbeddedField[N]": ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self: "Field[dict[K, E] | None]", key: K) -> "Field[E]": ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self: "_References[R]", key: int) -> "ReferenceField[R]": ...  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    @overload
    def __getitem__(self: "_Collection[N]", key: int) -> "EmbeddedField[N]": ...
    @overload
    def __getitem__(self: "_Collection[E]", key: int) -> "Field[E]": ...
    def __getitem__(self, key: Any) -> "Field[Any]":
        """Return the value under a key, or the element at an index: `Order.tags[0]`."""
        name = self._member_name(key)
        annotation = element_type(self._annotation, key)
        return _field((*self._path, name), annotation, codec(annotation), None)

    if not TYPE_CHECKING:  # which say themselves that there is no such attribute, and nothing to be called

        def __getattr__(self, name: str) -> NoReturn:
            advice = "" if name.startswith("_") else self._advice(name)
            raise AttributeError(f"{self!r} has no attribute {name!r}{advice}", name=name, obj=self)

        def __call__(self, *_: Any, **__: Any) -> NoReturn:  # noqa: D102 - there is nothing to be called
            raise ExpressionError(
                f"{self!r} is a field and cannot be called: compare it, or call one of its methods"
            )

        def __neg__(self) -> NoReturn:
            raise ExpressionError(f"{self!r} has no sign; write .desc() to sort by it downwards")

    def _advice(self, name: str) -> str:
        """Return a clause that says what to write instead of an attribute that is not there."""
        kinds = embedded_classes(element_type(self._annotation)) if self._codec.kinds == {"array"} else ()
        for kind in kinds:
            if any(field.attribute == name for field in field_codecs(kind)):
                return f"; its elements have it, write any({kind.__name__}.{name} == ...)"
        known = suggestion(name, dir(type(self)))
        if known or not any(get_origin(one) is Ref for one in alternatives(self._annotation)):
            return known
        return "; a condition cannot look into another document: query for those, and take in_([...])"

    def _member_name(self, key: Any) -> str:
        """Write a key of a map, or an index of a list, as a name in a path."""
        kinds = self._codec.kinds
        is_index = type(key) is int and key >= 0 and "array" in kinds
        if is_index:
            return str(key)
        if "object" not in kinds:
            what = "indexes from 0 up" if "array" in kinds else "no members; compare the field itself"
            raise ExpressionError(f"{self!r} has {what}, got [{key!r}]")
        is_map = container(self._annotation)[0] is dict  # another object has members by their names in JSON
        key_codec = map_key_types(self._annotation, self)[1] if is_map else codec(str)
        return str(self._written(key_codec, key))

    def _need_text(self, operation: str) -> None:
        if operation == "contains":
            self._refuse_list("field.any(...)")
        self._need("string", operation)

    def _elements(self, values: Iterable[Any], operation: str) -> list[JSON]:
        self._need("array", operation)
        item = codec(element_type(self._annotation))
        return [self._written(item, value) for value in checked_collection(values)]

    def _of_element(self, wanted: Any, operation: str) -> Expression:
        self._need("array", operation)
        annotation = element_type(self._annotation)
        if isinstance(wanted, Expression) or callable(wanted):
            return self._condition(wanted, _field((), annotation, codec(annotation), None))
        return Condition((), "$eq", self._written(codec(annotation), wanted))


_Unknown: TypeAlias = Field[None]
"""A field of `Any`, which type checkers take for the first that is asked for; this is less than any other."""

_Collection: TypeAlias = Field[list[E] | AbstractSet[E] | tuple[E, ...] | None]
"""What type checkers take for a field of elements, also one that may be null."""

_References: TypeAlias = Field[list[Ref[R]] | AbstractSet[Ref[R]] | tuple[Ref[R], ...] | None]
"""Likewise a field of references, which are compared with documents and ids as well."""

_About: TypeAlias = Expression | ConditionOf[F]
"""A condition on an element: an expression, or a function that makes one."""


class EmbeddedField(Field[T_co]):
    """A field that holds an embedded value; its fields are attributes: `Order.address.city`.

    A field whose name is that of a method here is reached as `Order.address["len"]`.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Field[Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return nested_field(self._path, embedded_classes(self._annotation), name, owner=self._owner)

    def __getitem__(self, key: str | int) -> Field[Any]:  # type: ignore[override]
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
    names = dict.fromkeys(field.attribute for kind in kinds for field in field_codecs(kind))
    raise AttributeError(
        f"{' or '.join(kind.__name__ for kind in kinds)} has no field {attribute!r}; it has"
        f" {', '.join(names)}{suggestion(attribute, names)}"
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
