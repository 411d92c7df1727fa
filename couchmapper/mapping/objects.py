"""Classes with fields ⇄ JSON objects, by functions that are written for each of them on first use."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from couchmapper.mapping.codec import Codec, Dump, Load, Misfit, expected
from couchmapper.mapping.dump_functions import dump_function
from couchmapper.mapping.load_functions import load_function
from couchmapper.mapping.metadata import is_model, metadata_of
from couchmapper.mapping.registry import nested_class_of, nested_family
from couchmapper.mapping.snapshots import FieldCodec
from couchmapper.mapping.versions import version_tag
from couchmapper.typing import JSON

__all__ = ["object_codec", "write_functions"]

Fields: TypeAlias = Sequence[FieldCodec]

_OBJECT = frozenset({"object"})


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
    tag = {**metadata_of(kind).tag, **version_tag(kind)} if is_model(kind) else {}
    return load_function(kind, fields), dump_function(kind, fields, tag)
