"""Python types ⇄ JSON: the codec of every annotation, built on first use.

Single values come from the table in `structure`; classes get functions that cattrs writes for them, one
expression a field. A type that is not known here is left to `converter`, where applications register theirs.
"""

from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from couchmapper.exceptions import ModelError
from couchmapper.mapping.containers import (
    CONTAINERS,
    INTEGER_KEYS,
    dict_codec,
    literal_codec,
    optional_codec,
    sequence_codec,
    tuple_codec,
    union_codec,
)
from couchmapper.mapping.metadata import fields_of, is_model, json_name, metadata_of, options_of, type_hints
from couchmapper.mapping.snapshots import FieldCodec, overlay, remember_absent
from couchmapper.mapping.structure import (
    JSON_VALUE,
    SCALARS,
    Codec,
    Dump,
    Load,
    Misfit,
    enum_codec,
    scaled_decimal_codec,
)
from couchmapper.typing import JSON, JSONObject

__all__ = ["codec", "converter", "field_codecs"]

converter = cattrs.Converter(detailed_validation=False)
"""The cattrs converter for types that couchmapper does not know; register hooks here before first use."""

_OBJECT = frozenset({"object"})


def codec(annotation: Any) -> Codec:
    """Return how a type is read and written; raises `ModelError` for one that has no JSON form."""
    return _codec(annotation)


@cache
def _codec(annotation: Any) -> Codec:
    if annotation in SCALARS:
        return SCALARS[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation in (Any, object):
        return JSON_VALUE
    if origin in (Union, UnionType):
        return _union_codec(arguments)
    if origin is Literal:
        return literal_codec(arguments, _one_codec({type(value) for value in arguments}))
    if (origin or annotation) in CONTAINERS:
        return _container_codec(origin or annotation, arguments)
    if isinstance(annotation, type):
        return _class_codec(annotation)
    raise ModelError(f"{annotation!r} has no JSON form; annotate the field with a concrete type")


@cache
def field_codecs(model: type) -> tuple[FieldCodec, ...]:
    """Return how each field of an attrs class is read and written."""
    hints = type_hints(model)
    return tuple(
        FieldCodec(field.name, json_name(field), _field_codec(model, field, hints))
        for field in fields_of(model)
    )


def _field_codec(model: type, field: "attrs.Attribute[Any]", hints: dict[str, Any]) -> Codec:
    annotation = hints.get(field.name, Any)
    scale = options_of(field).scale
    try:
        if scale is None:
            return codec(annotation)
        return _scaled(annotation, scaled_decimal_codec(scale))
    except ModelError as error:
        raise ModelError(f"{model.__name__}.{field.name}: {error}") from error


def _scaled(annotation: Any, scaled: Codec) -> Codec:
    """Apply `scale=` to `Decimal` and to `Decimal | None`."""
    return optional_codec(scaled) if NoneType in get_args(annotation) else scaled


def _class_codec(kind: type) -> Codec:
    if issubclass(kind, Enum):
        return enum_codec(kind, _one_codec({type(member.value) for member in kind}))
    if attrs.has(kind):
        return _attrs_codec(kind)
    load, dump = converter.get_structure_hook(kind), converter.get_unstructure_hook(kind)
    if kind.__module__ != "builtins" and load is not converter.get_structure_hook(_Unknown):
        return Codec(load, dump, JSON_VALUE.kinds)
    raise ModelError(
        f"{kind.__name__} has no JSON form; use an attrs class or an Embedded, or register hooks on"
        " couchmapper.mapping.converter.converter"
    )


class _Unknown:
    """A class that nobody registered, to know cattrs's answer for such."""


def _one_codec(kinds: set[type]) -> Codec:
    return codec(kinds.pop()) if len(kinds) == 1 else _union_codec(tuple(kinds))


def _attrs_codec(kind: type) -> Codec:
    """Build the codec of an attrs class; the functions are written when the first value passes."""
    functions: list[tuple[Load, Dump]] = []

    def load(value: JSON, annotation: Any) -> Any:
        if type(value) is not dict:
            raise Misfit(f"expected an object ({kind.__name__}), got {value!r:.80}")
        if not functions:
            functions.append(_write_functions(kind))
        return functions[0][0](value, annotation)

    def dump(value: Any) -> JSON:
        if type(value) is not kind:
            if isinstance(value, kind):
                return codec(type(value)).dump(value)
            raise Misfit(f"expected a {kind.__name__}, got {value!r:.80}")
        if not functions:
            functions.append(_write_functions(kind))
        return functions[0][1](value)

    return Codec(load, dump, _OBJECT)


def _write_functions(kind: type) -> tuple[Load, Dump]:
    overrides = {
        field.attribute: override(
            rename=field.name, struct_hook=field.codec.load, unstruct_hook=field.codec.dump
        )
        for field in field_codecs(kind)
    }
    return _load_function(kind, overrides), _dump_function(kind, overrides)


def _load_function(kind: type, overrides: dict[str, Any]) -> Load:
    load: Load = make_dict_structure_fn(kind, converter, _cattrs_detailed_validation=False, **overrides)
    if not is_model(kind):
        return load
    fields = field_codecs(kind)
    names = frozenset(field.name for field in fields)

    def load_model(value: JSON, annotation: Any) -> Any:
        instance = load(value, annotation)
        instance.__dict__["_source"] = value
        if not names <= value.keys():
            remember_absent(instance, value, fields)
        return instance

    return load_model


def _dump_function(kind: type, overrides: dict[str, Any]) -> Dump:
    dump: Dump = make_dict_unstructure_fn(kind, converter, **overrides)
    if not is_model(kind):
        return dump
    tag, fields = metadata_of(kind).tag, field_codecs(kind)

    def dump_model(instance: Any) -> JSONObject:
        plain: JSONObject = dump(instance)
        if instance._source is not None:  # noqa: SLF001 - the mapping's own mark on its instances
            return overlay(instance, plain, fields)
        return {**tag, **plain} if tag else plain

    return dump_model


def _union_codec(members: tuple[Any, ...]) -> Codec:
    rest = tuple(member for member in members if member is not NoneType)
    if len(rest) == 1:
        return optional_codec(codec(rest[0]))
    # Most text is a str and few texts are dates, so a str in the union must not hide the stricter members.
    ordered = sorted(members, key=lambda member: member is str)
    tags = [
        (member, tag) for member in members if is_model(member) for tag in metadata_of(member).tag.items()
    ]
    return union_codec(
        [codec(member) for member in ordered],
        names=" or ".join(getattr(member, "__name__", repr(member)) for member in members),
        tagged={tag: codec(member) for member, tag in tags},
    )


def _container_codec(origin: Any, arguments: tuple[Any, ...]) -> Codec:
    if origin is dict:
        keys, values = arguments or (str, Any)
        return dict_codec(_key_codec(keys), codec(values))
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        return tuple_codec([codec(argument) for argument in arguments])
    return sequence_codec(origin, codec(arguments[0]) if arguments else JSON_VALUE)


def _key_codec(annotation: Any) -> Codec:
    """JSON's keys are text: types written as text serve as they are, integers by their digits."""
    if annotation is int:
        return INTEGER_KEYS
    keys = codec(annotation)
    if keys.kinds != {"string"}:
        raise ModelError(f"the keys of a JSON object are text; {annotation!r} is not written as text")
    return keys
