"""Classes with fields ⇄ JSON objects, by functions that cattrs writes for them, one expression a field."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from couchmapper.mapping.codec import Codec, Dump, Load, Misfit, expected
from couchmapper.mapping.generics import filled
from couchmapper.mapping.metadata import is_model, metadata_of
from couchmapper.mapping.registry import nested_class_of, nested_family
from couchmapper.mapping.snapshots import FieldCodec, overlay, remember_absent
from couchmapper.typing import JSON, JSONObject

__all__ = ["object_codec", "write_functions"]

Fields: TypeAlias = Sequence[FieldCodec]

_OBJECT = frozenset({"object"})
_writer = cattrs.Converter(detailed_validation=False)


def object_codec(kind: type, fields_of: Callable[[type], Fields], codec_of: Callable[[type], Codec]) -> Codec:
    """Build the codec of an attrs class or an `Embedded`.

    Its functions are written when the first value passes, because a class may hold values of its own kind.
    """
    functions: list[tuple[Load, Dump]] = []

    def load(value: JSON, annotation: Any) -> Any:
        if type(value) is not dict:
            raise expected(f"an object ({kind.__name__})", value)
        actual = nested_class_of(kind, value) if has_family and nested_family(kind) else kind
        if actual is not kind:
            return codec_of(actual).load(value, actual)
        if not functions:
            functions.append(write_functions(kind, fields_of(kind)))
        return functions[0][0](value, annotation)

    def dump(value: Any) -> JSON:
        if type(value) is not kind:
            return codec_of(_subclass(kind, value)).dump(value)
        if not functions:
            functions.append(write_functions(kind, fields_of(kind)))
        return functions[0][1](value)

    has_family = is_model(kind)
    return Codec(load, dump, _OBJECT)


def _subclass(kind: type, value: Any) -> type:
    """Return the class of a value, if it is a subclass whose tag lets it be read as what it is."""
    actual = type(value)
    if not isinstance(value, kind):
        raise expected(f"a {kind.__name__}", value)
    if not is_model(kind) or actual not in nested_family(kind).values():
        raise Misfit(
            f"a {actual.__name__} would be read again as a {kind.__name__}; derive both from Embedded and"
            f" give {actual.__name__} a type=..."
        )
    return actual


def write_functions(kind: type, fields: Fields) -> tuple[Load, Dump]:
    """Write the functions that read and write instances of a class and nothing else."""
    overrides: dict[str, Any] = {
        field.attribute: override(
            rename=field.name, struct_hook=field.codec.load, unstruct_hook=field.codec.dump
        )
        for field in fields
    }
    parameters: tuple[Any, ...] = getattr(kind, "__parameters__", ())
    shape: Any = filled(kind[parameters], {}) if parameters else kind  # type: ignore[index]
    load: Load = make_dict_structure_fn(shape, _writer, _cattrs_detailed_validation=False, **overrides)
    dump: Dump = make_dict_unstructure_fn(kind, _writer, **overrides)
    if not is_model(kind):
        return load, dump
    return _remembering(load, fields), _overlaying(dump, metadata_of(kind).tag, fields)


def _remembering(load: Load, fields: Fields) -> Load:
    """Keep what a model was loaded from on the instance."""
    names = frozenset(field.name for field in fields)

    def load_model(value: JSON, annotation: Any) -> Any:
        instance = load(value, annotation)
        instance.__dict__["_source"] = value
        if not names <= value.keys():
            remember_absent(instance, value, fields)
        return instance

    return load_model


def _overlaying(dump: Dump, tag: dict[str, str], fields: Fields) -> Dump:
    """Write a model over what it was loaded from; a new one gets its type tag."""

    def dump_model(instance: Any) -> JSONObject:
        plain: JSONObject = dump(instance)
        if instance._source is not None:  # noqa: SLF001 - the mapping's own mark on its instances
            return overlay(instance, plain, fields)
        return {**tag, **plain} if tag else plain

    return dump_model
