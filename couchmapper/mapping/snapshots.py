"""What the server last sent, laid under what is written: nothing that a model does not know is lost.

A loaded model keeps the JSON object that it came from as `_source`. Writing it puts the model's fields over
that object, so that unknown members survive in their places, and a field that did not change keeps the very
text that another writer gave it.
"""

from collections.abc import Iterable
from typing import Any

import attrs

from couchmapper.jsonio import same
from couchmapper.mapping.codec import Codec
from couchmapper.mapping.metadata import converted
from couchmapper.typing import JSON, JSONObject

__all__ = ["FieldCodec", "overlay", "remember_absent"]

_ABSENT = object()


@attrs.frozen
class FieldCodec:
    """A field of a model: its attribute, its name in JSON, its codec, and how it was declared."""

    attribute: str
    name: str
    codec: Codec
    declared: "attrs.Attribute[Any]"


def remember_absent(instance: Any, source: JSONObject, fields: Iterable[FieldCodec]) -> None:
    """Note what fills the fields that the source leaves out, so that they stay out until changed."""
    instance.__dict__["_absent"] = {
        field.name: field.codec.dump(getattr(instance, field.attribute))
        for field in fields
        if field.name not in source
    }


def overlay(instance: Any, plain: JSONObject, fields: Iterable[FieldCodec]) -> JSONObject:
    """Lay the written fields over the source that the instance was loaded from.

    An instance without changes is written as its source, the very object.
    """
    source: JSONObject = instance.__dict__["_source"]
    changes = {
        field.name: plain[field.name]
        for field in fields
        if source.get(field.name, _ABSENT) is not plain[field.name]
        and not _is_unchanged(instance, source, field, plain[field.name])
    }
    return {**source, **changes} if changes else source


def _is_unchanged(instance: Any, source: JSONObject, field: FieldCodec, written: JSON) -> bool:
    if field.name not in source:
        absent: JSONObject = instance.__dict__.get("_absent", {})
        return field.name in absent and same(absent[field.name], written)
    stored = source[field.name]
    return same(stored, written) or same(_canonical(instance, field, stored), written)


def _canonical(instance: Any, field: FieldCodec, stored: JSON) -> JSON:
    """Return what the model would write for a value that another writer spelt differently."""
    value = field.codec.load(stored, None)
    return field.codec.dump(converted(field.declared, value, instance))
