"""Python types ⇄ JSON: the codec of every annotation, built on first use.

Single values come from the table in `structure`, what holds values from `containers`, classes with fields
from `objects`. A type that is not known here is left to `converter`, where applications register theirs.
"""

from decimal import Decimal
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs
import cattrs

from couchmapper.exceptions import ModelError
from couchmapper.mapping.annotations import alternatives, is_hashable, real_type
from couchmapper.mapping.codec import Codec, expected
from couchmapper.mapping.containers import (
    CONTAINERS,
    INTEGER_KEYS,
    dict_codec,
    optional_codec,
    sequence_codec,
    tuple_codec,
    union_codec,
)
from couchmapper.mapping.decisions import check_merge
from couchmapper.mapping.generics import class_behind
from couchmapper.mapping.metadata import (
    Nested,
    fields_of,
    is_model,
    json_name,
    metadata_of,
    options_of,
    type_hints,
)
from couchmapper.mapping.objects import object_codec, write_functions
from couchmapper.mapping.references import Ref, reference_codec
from couchmapper.mapping.registry import is_tagged_as
from couchmapper.mapping.snapshots import FieldCodec
from couchmapper.mapping.structure import JSON_VALUE, SCALARS, choice_codec, scaled_decimal_codec
from couchmapper.typing import JSON, JSONObject

__all__ = ["codec", "converter", "field_codecs", "is_written_by_fields", "key_codec", "model_codec"]

_OBJECT = frozenset({"object"})
_SINGLE = {**SCALARS, Any: JSON_VALUE, object: JSON_VALUE}
# In a union the narrow types are tried first: most text is a str, and few texts are dates.
_WIDTH: dict[Any, int] = {float: 1, bytes: 2, str: 3, Any: 4, object: 4}


def codec(annotation: Any) -> Codec:
    """Return how a type is read and written; raises `ModelError` for one that has no JSON form."""
    return _codec(annotation)


@cache
def _codec(annotation: Any) -> Codec:
    annotation = real_type(annotation)
    if annotation in _SINGLE:
        return _SINGLE[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return _union_codec(annotation)
    if origin is Literal:
        return _choice_codec([(value, value) for value in arguments], f"one of {arguments!r:.200}")
    if (origin or annotation) in CONTAINERS:
        return _container_codec(origin or annotation, arguments)
    if (origin or annotation) is Ref:
        return reference_codec(annotation)
    if isinstance(class_behind(annotation), type):
        return _class_codec(annotation)
    raise ModelError(f"{annotation!r} has no JSON form; annotate the field with a concrete type")


@cache
def field_codecs(model: Any) -> tuple[FieldCodec, ...]:
    """Return how each field of an attrs class, or of `Box[int]`, is read and written."""
    hints = type_hints(model)
    return tuple(
        FieldCodec(field.name, json_name(field), _field_codec(model, field, hints), field)
        for field in fields_of(model)
    )


def _field_codec(model: type, field: "attrs.Attribute[Any]", hints: dict[str, Any]) -> Codec:
    annotation = hints.get(field.name, Any)
    scale = options_of(field).scale
    try:
        plain = codec(annotation)
        known = plain if scale is None else _scaled(plain, scale)
        _check_default(field, known)
        check_merge(options_of(field).merge, annotation)
    except ModelError as error:
        raise ModelError(f"{model.__name__}.{field.name}: {error}") from error
    return known


def _check_default(field: "attrs.Attribute[Any]", known: Codec) -> None:
    """Refuse a default that could not be stored; what factories and converters make is seen when made."""
    default: Any = field.default
    if default is attrs.NOTHING or hasattr(default, "factory") or field.converter is not None:
        return
    try:
        known.dump(default)
    except (ValueError, TypeError) as error:
        advice = "; annotate the field with | None" if default is None else ""
        if callable(default):
            advice = "; what makes a value is given as field(factory=...)"
        raise ModelError(f"the default {default!r} does not fit: {error}{advice}") from error


def _scaled(plain: Codec, scale: int) -> Codec:
    """Apply `scale=` to `Decimal` and to `Decimal | None`."""
    if plain is codec(Decimal):
        return scaled_decimal_codec(scale)
    if plain is codec(Decimal | None):
        return optional_codec(scaled_decimal_codec(scale))
    raise ModelError("scale= is for Decimal and Decimal | None; leave it out")


def _class_codec(annotation: Any) -> Codec:
    kind: type = class_behind(annotation)
    registered = _registered_codec(kind)
    if registered is not None:
        return registered
    if issubclass(kind, Enum):
        return _choice_codec([(member, member.value) for member in kind], f"a member of {kind.__name__}")
    if is_model(kind) and not issubclass(kind, Nested):
        raise ModelError(
            f"{kind.__name__} is a Document of its own; refer to it, Ref[{kind.__name__}], or embed an"
            " Embedded"
        )
    if attrs.has(kind):
        return object_codec(kind, lambda own: field_codecs(annotation if own is kind else own), codec)
    if kind.__module__ in {"collections", "collections.abc"}:
        raise ModelError(
            f"{kind.__name__} has no JSON form; annotate the field as list, tuple, set, frozenset or dict"
        )
    raise ModelError(
        f"{kind.__name__} has no JSON form; use an attrs class or an Embedded, or register both hooks on"
        " couchmapper.mapping.converter.converter"
    )


def _load_known(value: JSON, kind: Any) -> Any:
    return codec(kind).load(value, kind)


def _dump_known(value: Any) -> JSON:
    return codec(type(value)).dump(value)


def _anything(_: Any) -> bool:
    return True


converter = cattrs.Converter(detailed_validation=False)
"""The cattrs converter for types that couchmapper does not know; register hooks here before first use.

Everything else it reads and writes as couchmapper does, so a hook may leave parts of its work to it.
"""

converter.register_structure_hook_func(_anything, _load_known)
converter.register_unstructure_hook_func(_anything, _dump_known)

# What cattrs has of its own for classes that derive from str and the like is not strict, so it is not used.
_UNREGISTERED = (
    _load_known,
    _dump_known,
    converter.get_structure_hook(str),
    converter.get_unstructure_hook(str),
)


def _registered_codec(kind: type) -> Codec | None:
    """Return the codec of a class for which an application registered both hooks."""
    load, write = converter.get_structure_hook(kind), converter.get_unstructure_hook(kind)
    if load in _UNREGISTERED or write in _UNREGISTERED:
        return None

    def dump(value: Any) -> JSON:
        if isinstance(value, kind):
            return JSON_VALUE.dump(write(value))  # what a hook returns may be shared, or no JSON at all
        raise expected(f"a value of {kind.__name__}", value)

    return Codec(lambda value, _: load(value, kind), dump, JSON_VALUE.kinds)


def _choice_codec(choices: list[tuple[Any, Any]], what: str) -> Codec:
    """Build the codec of an Enum or a Literal, whose values are written as values of their own types are."""
    codecs = {kind: codec(kind) for kind in {type(value) for _, value in choices}}
    written = [(choice, codecs[type(value)].dump(value)) for choice, value in choices]
    if any(isinstance(value, (list, dict)) for _, value in written):
        raise ModelError(f"the values of {what} must be single values, such as text or numbers")
    return choice_codec(written, what, frozenset[str]().union(*(known.kinds for known in codecs.values())))


def is_written_by_fields(kind: Any) -> bool:
    """Tell whether a class is written by its fields; a hook of the application may write anything."""
    cls = class_behind(kind)
    return attrs.has(cls) and (
        (is_model(cls) and not issubclass(cls, Nested)) or codec(kind).kinds == _OBJECT
    )


@cache
def model_codec(model: Any) -> Codec:
    """Return how a Document class is read and written; raises `ModelError` for an abstract one."""
    if metadata_of(model).abstract:
        raise ModelError(f"{model.__name__} is abstract and has no documents; use one of its subclasses")
    return Codec(*write_functions(model, field_codecs(model)), _OBJECT)


def _union_codec(annotation: Any) -> Codec:
    members, rest = get_args(annotation), alternatives(annotation)
    if len(rest) == 1:
        return optional_codec(codec(rest[0]))
    _check_objects(rest)
    _check_references(rest)
    ordered = sorted(members, key=lambda member: _WIDTH.get(member, 0))

    def by_tag(value: JSONObject) -> Codec | None:
        return next((codec(member) for member in rest if is_tagged_as(member, value)), None)

    return union_codec(
        [codec(member) for member in ordered],
        untagged=[codec(member) for member in ordered if not _tag(member)],
        by_tag=by_tag,
        names=" or ".join(map(_shown, members)),
    )


def _tag(member: Any) -> dict[str, str]:
    return metadata_of(member).tag if is_model(member) else {}


def _check_objects(members: tuple[Any, ...]) -> None:
    """Refuse a union in which an object in JSON would not say of which class it is."""
    tags = [tag for member in members for tag in _tag(member).items()]
    untagged = [member for member in members if attrs.has(member) and not _tag(member)]
    if len(tags) != len(set(tags)) or len(untagged) > 1:
        raise ModelError(
            f"{' and '.join(map(_shown, members))} cannot be told apart in JSON; derive them from Embedded"
            " and give each a type=... of its own"
        )


def _check_references(members: tuple[Any, ...]) -> None:
    """Refuse a union in which a text in JSON would not say whether it is the id of a reference."""
    if any(get_origin(member) is Ref for member in members):
        texts = [member for member in members if "string" in codec(member).kinds]
        if len(texts) > 1:
            raise ModelError(
                f"{' and '.join(map(_shown, texts))} cannot be told apart in JSON; refer to a base class that"
                " the models share, or keep the two in fields of their own"
            )


def _shown(member: Any) -> str:
    name = getattr(member, "__name__", repr(member))
    return name + "".join(f" ({field} {value!r})" for field, value in _tag(member).items())


def _container_codec(origin: Any, arguments: tuple[Any, ...]) -> Codec:
    if origin is dict:
        keys, values = arguments or (str, Any)
        return dict_codec(key_codec(keys), codec(values))
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        return tuple_codec([codec(argument) for argument in arguments])
    if origin in (set, frozenset) and not all(map(is_hashable, arguments)):
        raise ModelError(
            f"{_shown(arguments[0])} cannot be an element of a set, since its values can change; hold them in"
            " a list, or freeze the class: attrs.frozen"
        )
    return sequence_codec(origin, codec(arguments[0]) if arguments else JSON_VALUE)


def key_codec(annotation: Any) -> Codec:
    """Return how the keys of a map are written: types written as text as they are, integers by their digits.

    Raises `ModelError` for another type, since the keys of a JSON object are text.
    """
    if annotation is int:
        return INTEGER_KEYS
    keys = codec(annotation)
    if keys.kinds != {"string"}:
        raise ModelError(f"the keys of a JSON object are text; {annotation!r} is not written as text")
    return keys
