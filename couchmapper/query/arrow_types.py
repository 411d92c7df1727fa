"""Types of fields as types of Arrow, a line of the table each, and how values are handed over.

Exact or not at all: a value that its type cannot hold is refused, never rounded.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args, get_origin
from uuid import UUID

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import MissingExtra
from couchmapper.mapping.annotations import alternatives, real_type
from couchmapper.mapping.codec import Codec, expected
from couchmapper.mapping.converter import codec, field_codecs, is_written_by_fields
from couchmapper.mapping.generics import class_behind
from couchmapper.mapping.metadata import is_model, options_of, type_hints
from couchmapper.mapping.references import Ref
from couchmapper.mapping.registry import nested_family

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DECIMAL_PLACES", "ArrowType", "arrow_type", "load_arrow"]

Write: TypeAlias = Callable[[Any], Any]

DECIMAL_PLACES: Final = 18
"""The places of a Decimal that has no `scale=`; 20 digits are left before the point."""

_DIGITS: Final = 38


@attrs.frozen(kw_only=True)
class ArrowType:
    """A type of Arrow, and what makes of a value what pyarrow takes; it refuses what is of another type.

    Values of the class `plain` are taken as they are. pyarrow itself would make 1 of 1.5, and UTC of no zone.
    """

    type: "pa.DataType"
    write: Write
    plain: Any = NoneType
    is_nullable: bool = False

    def written(self, values: Sequence[Any]) -> Sequence[Any]:
        """Return values as pyarrow takes them; raises `Misfit` for one that is none of this type."""
        kinds = set(map(type, values))
        if NoneType in kinds and not self.is_nullable:
            raise expected("a value, since the field is not optional", None)
        if kinds <= {self.plain, NoneType}:
            return values
        write = self.write
        return [None if value is None else write(value) for value in values]


def load_arrow() -> Any:
    """Return the module pyarrow; raises `MissingExtra` when it is not installed."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtra(
            "tables of Arrow need an extra: python -m pip install 'couchmapper[arrow]'"
        ) from error
    return pa


def arrow_type(annotation: Any, scale: int | None = None) -> ArrowType:
    """Return the Arrow type of a field: `int` is int64, `Decimal` decimal128, `list[int]` a list.

    `T | None` is nullable; embedded values are structs, maps are maps. What may be of several types, JSON,
    and values that hold values of their own class are JSON text.
    """
    return _arrow_type(annotation, scale, ())


def _arrow_type(annotation: Any, scale: int | None, around: tuple[Any, ...]) -> ArrowType:
    members = alternatives(annotation)
    known = _single(real_type(members[0]), scale, around) if len(members) == 1 else None
    if known is None:
        known = _json_text(annotation)
    is_optional = NoneType in get_args(real_type(annotation)) or real_type(annotation) in (NoneType, Any)
    return attrs.evolve(known, is_nullable=known.is_nullable or is_optional)


def _single(kind: Any, scale: int | None, around: tuple[Any, ...]) -> ArrowType | None:
    """Return the type of what is no union; None when it is JSON text."""
    pa = load_arrow()
    if kind is Decimal:
        places = DECIMAL_PLACES if scale is None else scale
        return ArrowType(type=pa.decimal128(_DIGITS, places), write=_checked(codec(Decimal)))
    if kind in _SCALARS:
        return _SCALARS[kind](pa)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _choices(kind, [member.value for member in kind])
    origin = get_origin(kind)
    if origin in _GENERIC and get_args(kind):
        return _GENERIC[origin](kind, around)
    return _struct(kind, around) if is_written_by_fields(kind) else None


def _choices(kind: Any, values: Sequence[Any]) -> ArrowType | None:
    """Return the type of an Enum or a Literal: that of its values, if they are of one type."""
    kinds = {type(value) for value in values}
    if len(kinds) > 1 or not kinds <= {bool, int, float, str}:
        return None
    return ArrowType(type=_SCALARS[kinds.pop()](load_arrow()).type, write=codec(kind).dump)


def _reference(kind: Any, _: tuple[Any, ...]) -> ArrowType:
    return ArrowType(type=load_arrow().string(), write=codec(kind).dump)


def _map(kind: Any, around: tuple[Any, ...]) -> ArrowType:
    pa = load_arrow()
    keys, values = (_arrow_type(argument, None, around) for argument in get_args(kind))

    def write(value: Any) -> list[tuple[Any, Any]]:
        _check_kind(value, dict)
        return list(zip(keys.written(list(value)), values.written(list(value.values())), strict=True))

    item = pa.field("value", values.type, values.is_nullable)
    return ArrowType(type=pa.map_(keys.type, item), write=write)


def _sequence(kind: Any, around: tuple[Any, ...]) -> ArrowType | None:
    """Return a list of what a list, tuple or set holds; None for `tuple[A, B]`, a record without names."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple and arguments[-1] is not Ellipsis:
        return None
    pa, dump = load_arrow(), codec(arguments[0]).dump
    element = _arrow_type(arguments[0], None, around)

    def write(value: Any) -> Sequence[Any]:
        _check_kind(value, origin)
        if origin in (set, frozenset):  # the order in which they are stored
            value = sorted(value, key=lambda one: jsonio.dumps(dump(one)))
        return element.written(list(value))

    return ArrowType(type=pa.list_(pa.field("item", element.type, element.is_nullable)), write=write)


def _struct(kind: Any, around: tuple[Any, ...]) -> ArrowType | None:
    """Return the struct of a class with fields; None when it may be of several, or holds its own kind."""
    cls = class_behind(kind)
    if kind in around or (is_model(cls) and set(nested_family(cls).values()) - {cls}):
        return None
    pa, hints = load_arrow(), type_hints(kind)
    members = {
        field.attribute: _arrow_type(
            hints.get(field.attribute, Any), options_of(field.declared).scale, (*around, kind)
        )
        for field in field_codecs(kind)
    }
    fields = [pa.field(name, member.type, member.is_nullable) for name, member in members.items()]

    def write(value: Any) -> dict[str, Any]:
        _check_kind(value, cls)
        return {name: member.written([getattr(value, name)])[0] for name, member in members.items()}

    return ArrowType(type=pa.struct(fields), write=write)


def _json_text(annotation: Any) -> ArrowType:
    dump = codec(annotation).dump
    return ArrowType(type=load_arrow().string(), write=lambda value: jsonio.dumps(dump(value)).decode())


def _check_kind(value: Any, kind: type) -> None:
    if not isinstance(value, kind):
        raise expected(f"a {kind.__name__}", value)


def _checked(known: Codec) -> Write:
    """Make the function that returns values as they are, once it is known that they could be stored."""

    def check(value: Any) -> Any:
        known.dump(value)
        return value

    return check


def _plain(kind: type, name: str) -> Callable[[Any], ArrowType]:
    dump = codec(kind).dump
    return lambda pa: ArrowType(type=getattr(pa, name)(), write=dump, plain=kind)


def _exact(kind: type, make: Callable[[Any], Any]) -> Callable[[Any], ArrowType]:
    check = _checked(codec(kind))
    return lambda pa: ArrowType(type=make(pa), write=check)


_SCALARS: Final[dict[Any, Callable[[Any], ArrowType]]] = {
    NoneType: _plain(NoneType, "null"),
    bool: _plain(bool, "bool_"),
    int: _plain(int, "int64"),
    float: _plain(float, "float64"),
    str: _plain(str, "string"),
    UUID: lambda pa: ArrowType(type=pa.string(), write=codec(UUID).dump),
    bytes: _exact(bytes, lambda pa: pa.binary()),
    datetime: _exact(datetime, lambda pa: pa.timestamp("us", tz="UTC")),
    date: _exact(date, lambda pa: pa.date32()),
    time: _exact(time, lambda pa: pa.time64("us")),
    timedelta: _exact(timedelta, lambda pa: pa.duration("us")),
}
"""What makes the type of Arrow for each type of one JSON form."""

_GENERIC: Final[dict[Any, Callable[[Any, tuple[Any, ...]], ArrowType | None]]] = {
    Literal: lambda kind, _: _choices(kind, get_args(kind)),
    Ref: _reference,
    dict: _map,
    **dict.fromkeys((list, tuple, set, frozenset), _sequence),
}
"""What makes it for a generic type, with the classes around it."""
