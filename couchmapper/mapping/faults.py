"""Every fault of a document at once, each with its path.

Those of JSON and of types are looked for when the quick way has failed.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, TypeAlias, get_args, get_origin

import attrs

from couchmapper.exceptions import Fault, InvalidJSON
from couchmapper.mapping.annotations import alternatives
from couchmapper.mapping.codec import Codec
from couchmapper.mapping.containers import CONTAINERS
from couchmapper.mapping.converter import codec, field_codecs, is_written_by_fields, key_codec, model_codec
from couchmapper.mapping.generics import class_behind
from couchmapper.mapping.metadata import converted, is_model, metadata_of, type_hints
from couchmapper.mapping.parts import compound_fields
from couchmapper.mapping.registry import nested_family
from couchmapper.mapping.snapshots import FieldCodec
from couchmapper.typing import JSON, JSONObject

__all__ = ["faults_in_json", "faults_in_values", "faults_of_validators"]

_Direction: TypeAlias = Literal["load", "dump"]


def faults_in_json(model: type, document: JSONObject) -> list[Fault]:
    """List what keeps a JSON object from being read as a model, validators included."""
    return list(_faults("load", model, model_codec(model), document, ""))


def faults_in_values(instance: Any) -> list[Fault]:
    """List what keeps the values of a model from being written as JSON."""
    model: Any = type(instance)
    return list(_faults("dump", model, model_codec(model), instance, ""))


def faults_of_validators(instance: Any) -> list[Fault]:
    """List what validators have against the values of a model, and of what these hold, as they are now.

    They were asked when a field was set, and not when the list in it was changed.
    """
    kind: Any = type(instance)
    fields = _validated_fields(kind)
    if not fields or not any(
        not inside or _may_refuse(getattr(instance, one.attribute)) for one, inside in fields
    ):
        return []
    return [] if attrs.validators.get_disabled() else list(_refusals(instance, ""))


def _may_refuse(value: Any) -> bool:
    """Tell at a glance whether a validator may have something against a value, or against what is in it."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple, set, frozenset)):
        value = (value,)
    return any(map(_is_validated, set(map(type, value))))


@cache
def _is_validated(kind: Any) -> bool:
    return kind in CONTAINERS or bool(_validated_fields(kind))


def _refusals(instance: Any, path: str) -> Iterator[Fault]:
    kind: Any = type(instance)
    for field, is_compound in _validated_fields(kind):
        value, place = getattr(instance, field.attribute), _joined(path, field.name)
        inside = list(_refusals_inside(value, place)) if is_compound and _may_refuse(value) else []
        yield from inside or _fault_of_validator(instance, field, place, is_whole=True)


def _refusals_inside(value: Any, path: str) -> Iterator[Fault]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _refusals_inside(item, _joined(path, str(key)))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for index, item in enumerate(value):
            yield from _refusals_inside(item, f"{path}[{index}]")
    else:
        yield from _refusals(value, path)


@cache
def _validated_fields(kind: Any) -> tuple[tuple[FieldCodec, bool], ...]:
    """Return the fields of a class that have a validator, or hold values that may have: True for these."""
    if not is_written_by_fields(kind):
        return ()
    compound = {attribute for attribute, _ in compound_fields(kind)}
    fields = ((field, field.attribute in compound) for field in field_codecs(kind))
    return tuple((field, inside) for field, inside in fields if inside or field.declared.validator)


def _faults(direction: _Direction, annotation: Any, own: Codec, value: Any, path: str) -> Iterator[Fault]:
    """Look inside first, so that a fault is named where it is and not where it was noticed."""
    inner = list(_faults_inside(direction, _actual(direction, annotation, value), value, path))
    yield from inner or _fault_of_codec(direction, annotation, own, value, path)


def _actual(direction: _Direction, annotation: Any, value: Any) -> Any:
    """Return the member of a union, or the subclass, that a value is meant for."""
    members = alternatives(annotation)
    for member in members:
        if direction == "dump" and _has_fields(member) and isinstance(value, class_behind(member)):
            return member if type(value) is class_behind(member) else type(value)
        if direction == "load" and isinstance(value, dict) and is_model(member):
            for tag, kind in nested_family(member).items():
                if tag in value.items():
                    return kind
    return members[0] if len(members) == 1 else annotation


def _has_fields(kind: Any) -> bool:
    behind = class_behind(kind)
    return isinstance(behind, type) and attrs.has(behind)


def _faults_inside(direction: _Direction, kind: Any, value: Any, path: str) -> Iterator[Fault]:
    if _has_fields(kind):
        if direction == "load" and isinstance(value, dict) and not _is_of_another(kind, value):
            yield from _faults_in_object(kind, value, path)
        elif direction == "dump" and isinstance(value, class_behind(kind)):
            yield from _faults_in_instance(kind, value, path)
    yield from _faults_in_keys(direction, kind, value, path)
    for argument, part, place in _parts(kind, value, path):
        yield from _faults(direction, argument, codec(argument), part, place)


def _faults_in_keys(direction: _Direction, annotation: Any, value: Any, path: str) -> Iterator[Fault]:
    if get_origin(annotation) is dict and isinstance(value, dict):
        keys = key_codec(get_args(annotation)[0])
        for key in value:
            yield from _fault_of_codec(direction, annotation, keys, key, path)


def _fault_of_codec(
    direction: _Direction, annotation: Any, own: Codec, value: Any, path: str
) -> Iterator[Fault]:
    try:
        own.load(value, annotation) if direction == "load" else own.dump(value)
    except InvalidJSON as error:
        yield Fault(_joined(path, error.path), error.message)
    except Exception as error:  # noqa: BLE001 - validators and hooks are the application's and may raise anything
        yield Fault(path, _message(error))


def _is_of_another(kind: Any, value: JSONObject) -> bool:
    """Tell whether an object says that it is of another class, so that its members mean something else."""
    cls = class_behind(kind)
    tag = metadata_of(cls).tag if is_model(cls) else {}
    return any(value.get(field, name) != name for field, name in tag.items())


def _faults_in_instance(kind: Any, value: Any, path: str) -> Iterator[Fault]:
    hints = type_hints(kind)
    for field in field_codecs(kind):
        place = _joined(path, field.name)
        if not hasattr(value, field.attribute):
            yield Fault(place, "it was deleted; give it a value")
            continue
        part = getattr(value, field.attribute)
        yield from _faults("dump", hints.get(field.attribute, Any), field.codec, part, place)


def _faults_in_object(kind: Any, value: JSONObject, path: str) -> Iterator[Fault]:
    """Build an instance field by field, as far as that goes, and let the validators look at it."""
    hints: dict[str, Any] = type_hints(kind)
    instance: Any = object.__new__(class_behind(kind))
    faults: dict[str, list[Fault]] = {}
    for field in field_codecs(kind):
        place = _joined(path, field.name)
        if field.name in value:
            stored, annotation = value[field.name], hints.get(field.attribute, Any)
            inside = list(_faults("load", annotation, field.codec, stored, place))
            faults[place] = inside or list(_fault_of_converter(instance, field, stored, place))
        else:
            faults[place] = list(_fault_of_default(instance, field, place))
    is_whole = not any(faults.values())
    for field in field_codecs(kind):
        place = _joined(path, field.name)
        if field.name in value and not faults[place]:
            faults[place].extend(_fault_of_validator(instance, field, place, is_whole=is_whole))
        yield from faults[place]


def _fault_of_converter(instance: Any, field: FieldCodec, stored: JSON, place: str) -> Iterator[Fault]:
    try:
        value = converted(field.declared, field.codec.load(stored, None), instance)
    except Exception as error:  # noqa: BLE001 - a converter is the application's and may raise anything
        yield Fault(place, _message(error))
    else:
        object.__setattr__(instance, field.attribute, value)


def _fault_of_default(instance: Any, field: FieldCodec, place: str) -> Iterator[Fault]:
    default: Any = field.declared.default
    if default is attrs.NOTHING:
        yield Fault(place, "missing, and the field has no default")
        return
    try:
        made = default.factory(*[instance] * default.takes_self) if hasattr(default, "factory") else default
        value = converted(field.declared, made, instance)
    except Exception:  # noqa: BLE001 - one that is made from other fields cannot be made while those are wrong
        return
    object.__setattr__(instance, field.attribute, value)
    for fault in _faults("dump", Any, field.codec, value, place):
        yield Fault(fault.path, f"the default does not fit: {fault.message}")


def _fault_of_validator(instance: Any, field: FieldCodec, place: str, *, is_whole: bool) -> Iterator[Fault]:
    validator: Any = field.declared.validator
    if validator is None:
        return
    try:
        validator(instance, field.declared, getattr(instance, field.attribute))
    except Exception as error:  # noqa: BLE001 - a validator is the application's and may raise anything
        # One that looks at another field cannot be asked as long as that field has no value.
        if is_whole or not isinstance(error, AttributeError):
            yield Fault(place, _message(error))


def _parts(annotation: Any, value: Any, path: str) -> Iterator[tuple[Any, Any, str]]:
    """Yield type, value and path of what a container holds; nothing for a single value."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict and isinstance(value, dict):
        yield from ((arguments[1], item, _joined(path, str(key))) for key, item in value.items())
    elif origin in (list, tuple, set, frozenset) and isinstance(value, (list, tuple, set, frozenset)):
        is_record = origin is tuple and arguments[-1] is not Ellipsis
        kinds = arguments if is_record else (arguments[0],) * len(value)
        if len(kinds) == len(value):
            yield from (
                (kind, item, f"{path}[{index}]")
                for index, (kind, item) in enumerate(zip(kinds, value, strict=True))
            )


def _joined(path: str, rest: str) -> str:
    return path + rest if not (path and rest) or rest.startswith("[") else f"{path}.{rest}"


def _message(error: Exception) -> str:
    """Return the sentence of an error; attrs's validators have more arguments behind it."""
    return str(error.args[0]) if error.args else type(error).__name__
