"""Views as attributes of a design class: what they emit, and how keys and values are written and read."""

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, get_origin, overload

from couchmapper.design.declaration import Declaration
from couchmapper.design.javascript import map_function
from couchmapper.design.reduces import Count, Reduce
from couchmapper.exceptions import DesignError, ExpressionError
from couchmapper.mango.javascript.fields import value_of
from couchmapper.mango.nodes import TRUE, And, Condition, Expression
from couchmapper.mapping.annotations import alternatives
from couchmapper.mapping.declared import DeclaredIndex
from couchmapper.mapping.document import Document
from couchmapper.mapping.expressions import Field, annotation_of, codec_of, path_of, write_operand
from couchmapper.mapping.links import Link, load_link
from couchmapper.mapping.references import Ref, target_of
from couchmapper.mapping.registry import type_condition
from couchmapper.typing import JSON, JSONObject

__all__ = ["View"]

K = TypeVar("K")
V = TypeVar("V")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
E = TypeVar("E")
R = TypeVar("R", bound=Document)
S = TypeVar("S")
T = TypeVar("T")

Reference: TypeAlias = Field[Ref[R]]
Two: TypeAlias = tuple[Field[A], Field[B]]
Three: TypeAlias = tuple[Field[A], Field[B], Field[C]]
Several: TypeAlias = tuple[Field[Any], ...]


class View(Declaration, Generic[K, V, E]):
    """A view: a row for each document of the design's model that has all key fields and fulfils `where`.

    `key` is a field, or a tuple of fields (a JSON array in CouchDB, which groups by its beginnings); `value`
    a field, or nothing; `reduce` what is computed over rows. `link` is a field with a reference, which takes
    the place of `value`: the documents of the rows are then those that are referred to; documents without a
    reference have no row. The map function is generated JavaScript. In types, K is the key of a row, E the
    value that is emitted, and V what it is reduced to, or E.
    """

    kind: ClassVar[str] = "view"

    @overload
    def __init__(
        self: "View[A, S, T]", *, key: Field[A], value: Field[T], reduce: Reduce[S], where: Expression = ...
    ) -> None: ...
    @overload
    def __init__(
        self: "View[A, S, Link[R]]",
        *,
        key: Field[A],
        link: Reference[R],
        reduce: Reduce[S],
        where: Expression = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: "View[A, S, None]", *, key: Field[A], reduce: Reduce[S], where: Expression = ...
    ) -> None: ...
    @overload
    def __init__(
        self: "View[A, T, T]", *, key: Field[A], value: Field[T], where: Expression = ...
    ) -> None: ...
    @overload
    def __init__(
        self: "View[A, Link[R], Link[R]]", *, key: Field[A], link: Reference[R], where: Expression = ...
    ) -> None: ...
    @overload
    def __init__(self: "View[A, None, None]", *, key: Field[A], where: Expression = ...) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[A, B], S, T]",
        *,
        key: Two[A, B],
        value: Field[T],
        reduce: Reduce[S],
        where: Expression = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[A, B], S, Link[R]]",
        *,
        key: Two[A, B],
        link: Reference[R],
        reduce: Reduce[S],
        where: Expression = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[A, B], S, None]", *, key: Two[A, B], reduce: Reduce[S], where: Expression = ...
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[A, B], T, T]", *, key: Two[A, B], value: Field[T], where: Expression = ...
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[A, B], Link[R], Link[R]]",
        *,
        key: Two[A, B],
        link: Reference[R],
        where: Expression = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[A, B], None, None]", *, key: Two[A, B], where: Expression = ...
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[A, B, C], S, T]",
        *,
        key: Three[A, B, C],
        value: Field[T],
        reduce: Reduce[S],
        where: Expression = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[A, B, C], S, Link[R]]",
        *,
        key: Three[A, B, C],
        link: Reference[R],
        reduce: Reduce[S],
        where: Expression = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[A, B, C], S, None]",
        *,
        key: Three[A, B, C],
        reduce: Reduce[S],
        where: Expression = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[A, B, C], T, T]", *, key: Three[A, B, C], value: Field[T], where: Expression = ...
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[A, B, C], Link[R], Link[R]]",
        *,
        key: Three[A, B, C],
        link: Reference[R],
        where: Expression = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[A, B, C], None, None]", *, key: Three[A, B, C], where: Expression = ...
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[Any, ...], S, T]",
        *,
        key: Several,
        value: Field[T],
        reduce: Reduce[S],
        where: Expression = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[Any, ...], S, Link[R]]",
        *,
        key: Several,
        link: Reference[R],
        reduce: Reduce[S],
        where: Expression = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[Any, ...], S, None]", *, key: Several, reduce: Reduce[S], where: Expression = ...
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[Any, ...], T, T]", *, key: Several, value: Field[T], where: Expression = ...
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[Any, ...], Link[R], Link[R]]",
        *,
        key: Several,
        link: Reference[R],
        where: Expression = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[Any, ...], None, None]", *, key: Several, where: Expression = ...
    ) -> None: ...
    def __init__(
        self,
        *,
        key: Field[Any] | Several,
        where: Expression = TRUE,
        value: Field[Any] | None = None,
        link: Field[Any] | None = None,
        reduce: Reduce[Any] | None = None,
    ) -> None:
        self._key = key
        self._fields = key if isinstance(key, tuple) else (key,)
        self._where = where
        self._value = value if link is None else link
        self._reduce = reduce
        self._target = None if link is None else _target(link)
        values = () if value is None else (value,)
        if not self._fields or not all(isinstance(field, Field) for field in (*self._fields, *values)):
            raise DesignError(
                f"key= and value= of a view are fields such as Order.placed, got {key!r}, {value!r}"
            )
        if value is not None and link is not None:
            raise DesignError(f"a view emits one of value= and link=, got {value!r} and {link!r}")
        if not isinstance(where, Expression):
            raise DesignError(f"where= is an expression such as Order.status == 'paid', got {where!r}")

    @property
    def target(self) -> type[Document] | None:
        """The model that `link` leads to; None when the rows have no links."""
        return self._target

    @property
    def reduce_function(self) -> str | None:
        """The reduce function, as it stands in the design document; None without one."""
        return None if self._reduce is None else self._reduce.function

    @property
    def key_length(self) -> int | None:
        """How many fields its keys have as tuples; None when a key is the value of one field."""
        return len(self._key) if isinstance(self._key, tuple) else None

    def definition(self, model: type[Document]) -> JSONObject:
        """Return the member of `views` in the design document; raises `DesignError`."""
        keys = [value_of(path_of(field)) for field in self._fields]
        key = f"[{', '.join(keys)}]" if isinstance(self._key, tuple) else keys[0]
        value = "null" if self._value is None else value_of(path_of(self._value))
        if self._target is not None:
            value = f"{{_id: {value}}}"
        try:
            definition = {"map": map_function(self._guard(model), key, value)}
        except DesignError as error:
            raise DesignError(f"{self._name}: {error}") from error
        if self._reduce is None:
            return definition
        if self._partitioned and not self._reduce.is_built_in:
            raise DesignError(
                f"{self._name}: CouchDB fails on reduce functions in JavaScript in partitions, and then on"
                " every view of the design document; take Count(), Sum() or Stats(), or partitioned=False"
            )
        return {**definition, "reduce": self._reduce.function}

    def declared(self) -> DeclaredIndex | None:
        """Return what the rows count, when the reduce function is `Count()`."""
        if not isinstance(self._reduce, Count):
            return None
        return DeclaredIndex(
            kind="view",
            model=self.model,
            ddoc=self.ddoc,
            name=self.name,
            fields=tuple(map(path_of, self._fields)),
            where=And((*self._needed(), self._where)),
            is_list=isinstance(self._key, tuple),
        )

    def _guard(self, model: type[Document]) -> Expression:
        """Ask for the model, the emitted fields and `where`."""
        return And((type_condition(model), *self._needed(), self._where))

    def _needed(self) -> list[Expression]:
        """Ask for the emitted fields; a sum fails on what is no number, and a link leads somewhere."""
        emitted = dict.fromkeys(map(path_of, self._fields))
        needed: list[Expression] = [Condition(path, "$exists", True) for path in emitted]
        if self._value is not None and path_of(self._value) not in emitted:
            needed.append(Condition(path_of(self._value), "$exists", True))
        if self._reduce is not None and self._reduce.needs_numbers:
            needed += _numbers_only(None if self._target else self._value)
        if self._value is not None and self._target is not None:
            needed.append(Condition(path_of(self._value), "$type", "string"))
        return needed

    def dump_key(self, key: Any) -> JSON:
        """Write a key as the view emits it; a tuple may stop early, and `{}` in it comes after all values."""
        if not isinstance(self._key, tuple):
            return _written(self._key, key)
        if not isinstance(key, tuple) or len(key) > len(self._key):
            raise ExpressionError(f"{self!r} has keys of {len(self._key)} fields, as a tuple; got {key!r}")
        return [_written(field, part) for field, part in zip(self._key, key, strict=False)]

    def load_key(self, key: JSON) -> K:
        """Read an emitted key; the cut key of a group is a shorter tuple, and None that of everything."""
        loaded: Any = None
        if not isinstance(self._key, tuple):
            loaded = None if key is None else codec_of(self._key).load(key, None)
        elif key is not None:
            loaded = tuple(
                codec_of(field).load(part, None) for field, part in zip(self._key, key, strict=False)
            )
        return loaded  # type: ignore[no-any-return]

    def load_value(self, value: JSON) -> E:
        """Read an emitted value."""
        loaded: Any = value
        if self._target is not None:
            loaded = load_link(value)
        elif self._value is not None:
            loaded = codec_of(self._value).load(value, None)
        return loaded  # type: ignore[no-any-return]

    def load_reduced(self, value: JSON) -> V:
        """Read a reduced value."""
        loaded: Any = value if self._reduce is None else self._reduce.load(value, self._value)
        return loaded  # type: ignore[no-any-return]


def _written(field: Field[Any], value: Any) -> JSON:
    """Write a part of a key; an empty dict stays one, CouchDB's idiom for a key above all others."""
    return value if value is None or value == {} else write_operand(field, value)


def _target(link: Any) -> type[Document]:
    """Return the model that a field with a reference leads to."""
    references = [one for one in _alternatives(link) if get_origin(one) is Ref]
    targets = [target_of(one) for one in references]
    if len(targets) == 1 and issubclass(targets[0], Document):
        return targets[0]
    raise DesignError(f"link= of a view is a field with one reference, such as Order.customer, got {link!r}")


def _alternatives(field: Any) -> Sequence[Any]:
    return alternatives(annotation_of(field)) if isinstance(field, Field) else ()


def _numbers_only(field: Field[Any] | None) -> list[Expression]:
    """Refuse a field without numbers, and keep out what is none: CouchDB's sums end in an error on it."""
    kinds = frozenset[str]() if field is None else codec_of(field).kinds
    if field is None or not kinds & {"number", "array"}:
        raise DesignError(
            f"the reduce function needs value=, a field of numbers, got {field!r};"
            " a Decimal is stored as a number with field(scale=...)"
        )
    wanted = "number" if "number" in kinds else "array"
    return [] if kinds == {wanted} else [Condition(path_of(field), "$type", wanted)]
