"""What the server last sent, laid under what is written: nothing that a model does not know is lost.

A loaded model keeps the JSON object that it came from as `_source`. Writing it puts the model's fields over
that object, so that unknown members survive in their places, and a field that did not change keeps the very
text that another writer gave it.
"""

from collections.abc import Iterable
from typing import Any

import attrs

from couchmapper.jsonio import same
from couchmapper.mapping.structure import Codec
from couchmapper.typing import JSONObject

__all__ = ["FieldCodec", "overlay", "remember_absent"]


@attrs.frozen
class FieldCodec:
    """A field of a model: its attribute, its name in JSON and how it is read and written."""

    attribute: str
    name: str
    codec: Codec


def remember_absent(instance: Any, source: JSONObject, fields: Iterable[FieldCodec]) -> None:
    """Note what fills the fields that the source leaves out, so that they stay out until changed."""
    instance.__dict__["_absent"] = {
        field.name: field.codec.dump(getattr(instance, field.attribute))
        for field in fields
        if field.name not in source
    }


def overlay(instance: Any, plain: JSONObject, fields: Iterable[FieldCodec]) -> JSONObject:
    """Lay the written fields over the source that the instance was loaded from."""
    source: JSONObject = instance.__dict__["_source"]
    absent: JSONObject = instance.__dict__.get("_absent", {})
    merged = {**source, **plain}
    for field in fields:
        name, written = field.name, plain[field.name]
        if name in source:
            if not same(source[name], written) and same(_canonical(field.codec, source[name]), written):
                merged[name] = source[name]
        elif name in absent and same(absent[name], written):
            del merged[name]
    return merged


def _canonical(codec: Codec, value: Any) -> Any:
    """Return what the model would write for a value that another writer spelt differently."""
    return codec.dump(codec.load(value, None))
