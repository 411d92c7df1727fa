"""Views as attributes of a design class: what they emit, and how keys and values are written and read."""

from typing import Any, ClassVar, Generic, TypeVar, overload

import attrs

from couchmapper.design.declaration import Declaration
from couchmapper.design.javascript import map_function
from couchmapper.exceptions import DesignError
from couchmapper.mango.javascript.fields import value_of
from couchmapper.mango.nodes import TRUE, And, Condition, Expression
from couchmapper.mapping.declared import DeclaredIndex
from couchmapper.mapping.document import Document
from couchmapper.mapping.expressions import Field, codec_of, path_of, write_operand
from couchmapper.mapping.registry import type_condition
from couchmapper.typing import JSON, JSONObject

__all__ = ["Count", "Reduce", "Stats", "Sum", "View"]

K = TypeVar("K")
V = TypeVar("V")
A = TypeVar("A")
B = TypeVar("B")
R_co = TypeVar("R_co", covariant=True)


@attrs.frozen
class Reduce(Generic[R_co]):
    """A reduce function: the name of one of CouchDB's own, or JavaScript text."""

    function: str

    needs_numbers: ClassVar[bool] = False

    def load(self, value: JSON, field: Field[Any] | None) -> Any:  # noqa: ARG002 - `Sum` reads by it
        """Read a reduced value; `field` is the one whose values went in."""
        return value


class Count(Reduce[int]):
    """CouchDB's `_count`: the number of rows."""

    def __init__(self) -> None:
        super().__init__("_count")


class Sum(Reduce[Any]):
    """CouchDB's `_sum`: the sum of the values, of the same type as they; nulls are left out."""

    needs_numbers = True

    def __init__(self) -> None:
        super().__init__("_sum")

    def load(self, value: JSON, field: Field[Any] | None) -> Any:
        """Read the sum as a value of the field: a Decimal with `scale=` sums to a Decimal."""
        return value if field is None else codec_of(field).load(value, None)


class Stats(Reduce[JSONObject]):
    """CouchDB's `_stats`: an object with `sum`, `count`, `min`, `max` and `sumsqr`, as they are stored."""

    needs_numbers = True

    def __init__(self) -> None:
        super().__init__("_stats")


class View(Declaration, Generic[K, V]):
    """A view: a row for each document of the design's model that has all key fields and fulfils `where`.

    `key` is a field, or a tuple of fields (a JSON array in CouchDB, which groups by its beginnings); `value`
    a field, or nothing; `reduce` what is computed over rows. The map function is generated JavaScript.
    """

    kind: ClassVar[str] = "view"

    @overload
    def __init__(
        self: "View[A, B]",
        *,
        key: Field[A],
        where: Expression = ...,
        value: Field[Any] | None = ...,
        reduce: Reduce[B],
    ) -> None: ...
    @overload
    def __init__(self: "View[A, B]", *, key: Field[A], where: Expression = ..., value: Field[B]) -> None: ...
    @overload
    def __init__(self: "View[A, None]", *, key: Field[A], where: Expression = ...) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[Any, ...], B]",
        *,
        key: tuple[Field[Any], ...],
        where: Expression = ...,
        value: Field[Any] | None = ...,
        reduce: Reduce[B],
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[Any, ...], B]",
        *,
        key: tuple[Field[Any], ...],
        where: Expression = ...,
        value: Field[B],
    ) -> None: ...
    @overload
    def __init__(
        self: "View[tuple[Any, ...], None]", *, key: tuple[Field[Any], ...], where: Expression = ...
    ) -> None: ...
    def __init__(
        self,
        *,
        key: Field[Any] | tuple[Field[Any], ...],
        where: Expression = TRUE,
        value: Field[Any] | None = None,
        reduce: Reduce[Any] | None = None,
    ) -> None:
        self._key = key
        self._fields = key if isinstance(key, tuple) else (key,)
        self._where = where
        self._value = value
        self._reduce = reduce
        values = () if value is None else (value,)
        if not self._fields or not all(isinstance(field, Field) for field in (*self._fields, *values)):
            raise DesignError(
                f"key= and value= of a view are fields such as Order.placed, got {key!r}, {value!r}"
            )
        if not isinstance(where, Expression):
            raise DesignError(f"where= is an expression such as Order.status == 'paid', got {where!r}")

    def definition(self, model: type[Document]) -> JSONObject:
        """Return the member of `views` in the design document; raises `DesignError`."""
        keys = [value_of(path_of(field)) for field in self._fields]
        key = f"[{', '.join(keys)}]" if isinstance(self._key, tuple) else keys[0]
        value = "null" if self._value is None else value_of(path_of(self._value))
        try:
            definition = {"map": map_function(self._guard(model), key, value)}
        except DesignError as error:
            raise DesignError(f"{self._name}: {error}") from error
        return definition if self._reduce is None else {**definition, "reduce": self._reduce.function}

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
        """Ask for the emitted fields; a sum fails on what is no number."""
        emitted = dict.fromkeys(map(path_of, self._fields))
        needed: list[Expression] = [Condition(path, "$exists", True) for path in emitted]
        if self._value is not None and path_of(self._value) not in emitted:
            needed.append(Condition(path_of(self._value), "$exists", True))
        if self._reduce is not None and self._reduce.needs_numbers:
            needed += _numbers_only(self._value)
        return needed

    def dump_key(self, key: Any) -> JSON:
        """Write a key as the view emits it; a tuple may stop early, and `{}` in it comes after all values."""
        if not isinstance(self._key, tuple):
            return _written(self._key, key)
        if not isinstance(key, tuple) or len(key) > len(self._key):
            raise DesignError(f"{self!r} has keys of {len(self._key)} fields, as a tuple; got {key!r}")
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

    def load_value(self, value: JSON, *, reduced: bool) -> V:
        """Read an emitted value, or a reduced one."""
        loaded: Any = value
        if reduced and self._reduce is not None:
            loaded = self._reduce.load(value, self._value)
        elif self._value is not None:
            loaded = codec_of(self._value).load(value, None)
        return loaded  # type: ignore[no-any-return]


def _written(field: Field[Any], value: Any) -> JSON:
    """Write a part of a key; an empty dict stays one, CouchDB's idiom for a key above all others."""
    return value if value is None or value == {} else write_operand(field, value)


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
