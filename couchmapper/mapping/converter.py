"""Python types ⇄ JSON: the codec of every annotation, built on first use.

Single values come from the table in `structure`; classes get functions that cattrs writes for them, one
expression a field. A type that is not known here is left to `converter`, where applications register theirs.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from couchmapper import jsonio
from couchmapper.exceptions import ModelError
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

_ARRAY = frozenset({"array"})
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
        return _literal_codec(arguments)
    if (origin or annotation) in _COLLECTIONS:
        return _COLLECTIONS[origin or annotation](arguments)
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
    return _optional(scaled) if NoneType in get_args(annotation) else scaled


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


def _optional(inner: Codec) -> Codec:
    load_inner, dump_inner = inner.load, inner.dump
    return Codec(
        lambda value, annotation: None if value is None else load_inner(value, annotation),
        lambda value: None if value is None else dump_inner(value),
        inner.kinds | {"null"},
    )


def _union_codec(members: tuple[Any, ...]) -> Codec:
    """Read the first member that fits, text last, or the one that the type tag names; write by class."""
    rest = tuple(member for member in members if member is not NoneType)
    if len(rest) == 1:
        return _optional(codec(rest[0]))
    # Most text is a str and few texts are dates, so a str in the union must not hide the stricter members.
    codecs = [codec(member) for member in sorted(members, key=lambda member: member is str)]
    tagged = _by_tag(members)

    def load(value: JSON, annotation: Any) -> Any:
        if tagged and type(value) is dict:
            for field, tag, one in tagged:
                if value.get(field) == tag:
                    return one.load(value, annotation)
        return _first_fit([partial(one.load, value, annotation) for one in codecs], members, value)

    def dump(value: Any) -> JSON:
        return _first_fit([partial(one.dump, value) for one in codecs], members, value)

    return Codec(load, dump, frozenset().union(*(one.kinds for one in codecs)))


def _first_fit(attempts: Iterable[Callable[[], Any]], members: tuple[Any, ...], value: Any) -> Any:
    for attempt in attempts:
        try:
            return attempt()
        except (Misfit, KeyError):
            continue
    names = " or ".join(getattr(member, "__name__", repr(member)) for member in members)
    raise Misfit(f"expected {names}, got {value!r:.80}")


def _by_tag(members: tuple[Any, ...]) -> list[tuple[str, str, Codec]]:
    models = [member for member in members if is_model(member)]
    return [(field, tag, codec(model)) for model in models for field, tag in metadata_of(model).tag.items()]


def _literal_codec(values: tuple[Any, ...]) -> Codec:
    inner = _one_codec({type(value) for value in values})

    def load(value: JSON, _: Any = None) -> Any:
        if any(jsonio.same(value, allowed) for allowed in values):
            return value
        raise Misfit(f"expected one of {', '.join(map(repr, values))}, got {value!r:.80}")

    return Codec(load, load, inner.kinds)


def _item(arguments: tuple[Any, ...]) -> Codec:
    return codec(arguments[0]) if arguments and not isinstance(arguments[0], TypeVar) else JSON_VALUE


def _array(value: JSON) -> list[JSON]:
    if type(value) is list:
        return value
    raise Misfit(f"expected a list, got {value!r:.80}")


def _sequence_codec(kind: Any) -> Callable[[tuple[Any, ...]], Codec]:
    def build(arguments: tuple[Any, ...]) -> Codec:
        item = _item(arguments)
        load, dump = item.load, item.dump

        def load_all(value: JSON, annotation: Any) -> Any:
            return kind([load(element, annotation) for element in _array(value)])

        def dump_all(value: Any) -> JSON:
            if not isinstance(value, kind):
                raise Misfit(f"expected a {kind.__name__}, got {value!r:.80}")
            written = [dump(element) for element in value]
            # A set has no order; a stable one keeps equal sets equal documents.
            return sorted(written, key=jsonio.dumps) if kind in (set, frozenset) else written

        return Codec(load_all, dump_all, _ARRAY)

    return build


def _tuple_codec(arguments: tuple[Any, ...]) -> Codec:
    if not arguments or arguments[-1] is Ellipsis:
        return _sequence_codec(tuple)(arguments)
    items = [codec(argument) for argument in arguments]

    def check(value: Any) -> Any:
        if len(value) == len(items):
            return value
        raise Misfit(f"expected {len(items)} elements, got {len(value)}")

    def load(value: JSON, annotation: Any) -> Any:
        return tuple(
            one.load(part, annotation) for one, part in zip(items, check(_array(value)), strict=True)
        )

    def dump(value: Any) -> JSON:
        if not isinstance(value, tuple):
            raise Misfit(f"expected a tuple, got {value!r:.80}")
        return [one.dump(part) for one, part in zip(items, check(value), strict=True)]

    return Codec(load, dump, _ARRAY)


def _dict_codec(arguments: tuple[Any, ...]) -> Codec:
    if not arguments:
        return _dict_codec((str, Any))
    keys, values = _key_codec(arguments[0]), codec(arguments[1])

    def load(value: JSON, annotation: Any) -> Any:
        if type(value) is not dict:
            raise Misfit(f"expected an object, got {value!r:.80}")
        return {keys.load(key, annotation): values.load(item, annotation) for key, item in value.items()}

    def dump(value: Any) -> JSON:
        if not isinstance(value, dict):
            raise Misfit(f"expected a dict, got {value!r:.80}")
        return {keys.dump(key): values.dump(item) for key, item in value.items()}

    return Codec(load, dump, _OBJECT)


def _key_codec(annotation: Any) -> Codec:
    """JSON's keys are text: types written as text serve as they are, integers by their digits."""
    keys = codec(annotation)
    if keys.kinds == {"string"}:
        return keys
    if annotation is not int:
        raise ModelError(f"the keys of a JSON object are text; {annotation!r} is not written as text")

    def load(value: JSON, _: Any) -> int:
        try:
            return int(value)
        except ValueError:
            raise Misfit(f"expected an integer as key, got {value!r}") from None

    return Codec(load, lambda value: str(keys.dump(value)), keys.kinds)


_COLLECTIONS: dict[Any, Callable[[tuple[Any, ...]], Codec]] = {
    list: _sequence_codec(list),
    set: _sequence_codec(set),
    frozenset: _sequence_codec(frozenset),
    tuple: _tuple_codec,
    dict: _dict_codec,
}
