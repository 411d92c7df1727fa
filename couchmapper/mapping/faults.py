"""Every fault of a document at once, each with its path; run only after the quick way has failed."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias, get_args, get_origin

import attrs

from couchmapper.exceptions import Fault, InvalidJSON
from couchmapper.mapping.converter import codec, field_codecs
from couchmapper.mapping.metadata import fields_of, type_hints
from couchmapper.mapping.structure import Codec
from couchmapper.typing import JSON

__all__ = ["faults_in_json", "faults_in_values"]

_Direction: TypeAlias = Literal["load", "dump"]


def faults_in_json(model: type, document: JSON) -> list[Fault]:
    """List what keeps a JSON object from being read as a model, validators included."""
    faults = list(_faults("load", model, codec(model), document, ""))
    return faults or list(_refused_by_validators(model, document))


def faults_in_values(instance: Any) -> list[Fault]:
    """List what keeps the values of a model from being written as JSON."""
    return list(_faults("dump", type(instance), codec(type(instance)), instance, ""))


def _faults(direction: _Direction, annotation: Any, own: Codec, value: Any, path: str) -> Iterator[Fault]:
    """Look into containers, so that the fault is named where it is and not where it was noticed."""
    inner = _without_none(annotation)
    if value is None and inner is not annotation:
        return
    if (
        isinstance(inner, type)
        and attrs.has(inner)
        and isinstance(value, dict if direction == "load" else inner)
    ):
        yield from _faults_in_fields(direction, inner if direction == "load" else type(value), value, path)
        return
    parts = list(_parts(inner, value, path))
    if parts:
        for argument, part, place in parts:
            yield from _faults(direction, argument, codec(argument), part, place)
        return
    try:
        own.load(value, annotation) if direction == "load" else own.dump(value)
    except InvalidJSON as error:
        yield Fault(_joined(path, error.path), error.message)
    except (ValueError, TypeError, KeyError) as error:
        yield Fault(path, str(error))


def _joined(path: str, rest: str) -> str:
    return path + rest if not (path and rest) or rest.startswith("[") else f"{path}.{rest}"


def _faults_in_fields(direction: _Direction, kind: type, value: Any, path: str) -> Iterator[Fault]:
    hints = type_hints(kind)
    for attribute, field in zip(fields_of(kind), field_codecs(kind), strict=True):
        place = _joined(path, field.name)
        if direction == "dump":
            part = getattr(value, field.attribute)
        elif field.name in value:
            part = value[field.name]
        else:
            if attribute.default is attrs.NOTHING:
                yield Fault(place, "missing, and the field has no default")
            continue
        yield from _faults(direction, hints.get(field.attribute, Any), field.codec, part, place)


def _parts(annotation: Any, value: Any, path: str) -> Iterator[tuple[Any, Any, str]]:
    """Yield type, value and path of what a container holds; nothing for a single value."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict and isinstance(value, dict):
        yield from ((arguments[1], item, _joined(path, str(key))) for key, item in value.items())
    elif _is_collection(origin, arguments) and isinstance(value, (list, tuple, set, frozenset)):
        yield from _elements(arguments[0], value, path)


def _is_collection(origin: Any, arguments: tuple[Any, ...]) -> bool:
    return origin in (list, set, frozenset) or (origin is tuple and arguments[-1:] == (Ellipsis,))


def _elements(annotation: Any, values: Iterable[Any], path: str) -> Iterator[tuple[Any, Any, str]]:
    return ((annotation, item, f"{path}[{index}]") for index, item in enumerate(values))


def _without_none(annotation: Any) -> Any:
    rest = [argument for argument in get_args(annotation) if argument is not type(None)]
    return rest[0] if type(None) in get_args(annotation) and len(rest) == 1 else annotation


def _refused_by_validators(model: Any, document: JSON) -> Iterator[Fault]:
    instance = model.__new__(model)
    for attribute, field in zip(fields_of(model), field_codecs(model), strict=True):
        if field.name not in document or attribute.validator is None:
            continue
        try:
            attribute.validator(instance, attribute, field.codec.load(document[field.name], None))
        except Exception as error:  # noqa: BLE001 - a validator is the application's and may raise anything
            yield Fault(field.name, str(error.args[0] if error.args else error))
