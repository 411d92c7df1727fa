"""`fields` of `_find`: the part of a document that is asked for."""

from collections.abc import Sequence

from couchmapper.mango.nodes import Path
from couchmapper.mango.paths import Absent, look_up
from couchmapper.typing import JSON, JSONObject

__all__ = ["from_columns", "project"]


def project(document: JSONObject, fields: Sequence[Path]) -> JSONObject:
    """Return these fields of a document, nested as their paths say; what it lacks is left out.

    An element of an array comes back as a member: `tags.0` gives `{"tags": {"0": …}}`.
    """
    found: JSONObject = {}
    for path in fields:
        value = look_up(document, path)
        if not isinstance(value, Absent):
            _set(found, path, value)
    return found


def from_columns(document_id: str, fields: Sequence[Path], values: Sequence[JSON]) -> JSONObject:
    """Put together what an index knows of a document."""
    found: JSONObject = {"_id": document_id}
    for path, value in zip(fields, values, strict=True):
        _set(found, path, value)
    return found


def _set(target: JSONObject, path: Path, value: JSON) -> None:
    """Set a value at a path; objects on the way are copied, as they may be the document's own."""
    name, rest = path[0], path[1:]
    if not rest:
        target[name] = value
    elif name not in target:
        target[name] = {}
        _set(target[name], rest, value)
    elif isinstance(target[name], dict):
        target[name] = dict(target[name])
        _set(target[name], rest, value)
