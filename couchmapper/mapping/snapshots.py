"""What the server last sent, laid under what is written: nothing that a model does not know is lost.

A loaded model keeps the JSON object that it came from as `_source`. Writing it puts the model's fields over
that object, so that unknown members survive in their places, and a field that did not change keeps the very
text that another writer gave it.
"""

from collections.abc import Iterable
from typing import Any, Final

import attrs

from couchmapper.jsonio import same
from couchmapper.mapping.carrying import carried
from couchmapper.mapping.codec import Codec
from couchmapper.mapping.metadata import converted
from couchmapper.typing import JSON, JSONObject

__all__ = ["ABSENT", "FieldCodec", "note_change", "remember_absent"]

ABSENT: Final = object()
"""Stands for a member that is not there."""


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


def note_change(
    changes: JSONObject, instance: Any, source: JSONObject, field: FieldCodec, written: JSON
) -> None:
    """Put what is written of a field among the changes, if it says something else than the source."""
    if _is_changed(instance, source, field, written):
        changes[field.name] = _kept(instance, source, field, written)


def _is_changed(instance: Any, source: JSONObject, field: FieldCodec, written: JSON) -> bool:
    """Tell whether what is written of a field says something else than the source of the instance."""
    stored = source.get(field.name, ABSENT)
    if stored is ABSENT:
        absent: JSONObject = instance.__dict__.get("_absent", {})
        return field.name not in absent or not same(absent[field.name], written)
    return not (same(stored, written) or same(_canonical(instance, field, stored), written))


def _kept(instance: Any, source: JSONObject, field: FieldCodec, written: JSON) -> JSON:
    """Return what is stored of a changed field: what is written, with what the source has beside it.

    Only what is read as the very same value again is kept.
    """
    stored = source.get(field.name)
    if not isinstance(stored, dict | list) or type(stored) is not type(written):
        return written
    changed = carried(stored, _canonical(instance, field, stored), written)
    if changed is written:
        return written
    try:
        is_same = same(_canonical(instance, field, changed), written)
    except Exception:  # noqa: BLE001 - a converter is the application's and may raise anything
        return written
    return changed if is_same else written


def _canonical(instance: Any, field: FieldCodec, stored: JSON) -> JSON:
    """Return what the model would write for a value that another writer spelt differently."""
    value = field.codec.load(stored, None)
    return field.codec.dump(converted(field.declared, value, instance))
