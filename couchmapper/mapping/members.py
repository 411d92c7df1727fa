"""What a model says of one member of its JSON, by path: its types, and whether it is always there."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

import attrs

from couchmapper.mango.nodes import Path
from couchmapper.mapping.annotations import alternatives, container, element_type, embedded_classes
from couchmapper.mapping.converter import field_codecs
from couchmapper.mapping.generics import class_behind
from couchmapper.mapping.metadata import Nested, metadata_of, type_hints
from couchmapper.mapping.registry import family, family_count, nested_family
from couchmapper.mapping.snapshots import FieldCodec

__all__ = ["is_always_there", "kinds_at", "knows", "spelled"]


def kinds_at(model: type, path: Path) -> frozenset[str] | None:
    """Return the JSON types, as `$type` names them, that a member may have; None when no model tells.

    All classes count that a query for the model may load. One that does not declare the member tells nothing,
    since documents keep what is not declared, nor does one with versions, since older documents differ.
    """
    return _joined(_kinds_at(kind, path) for kind in _classes(model))


def is_always_there(model: type, path: Path) -> bool:
    """Tell whether every document that can be loaded as the model has the member, be it null.

    Only a required field proves it: one with a default may be missing in what was written before the field
    was declared. A model with versions proves nothing, since documents of older ones are completed.
    """
    classes = list(_classes(model))
    if path[:1] == ("_id",):
        return len(path) == 1
    return bool(classes) and all(_is_required(kind, path) for kind in classes)


def knows(model: type, name: str) -> bool:
    """Tell whether a query for the model can mean a member by its name in JSON.

    That is a field of one of the classes that it may load, their type, or what CouchDB keeps (`_id`).
    """
    asked: Any = model
    return name.startswith("_") or _knows(asked, name, family_count())


@lru_cache(maxsize=1024)
def _knows(model: type, name: str, _families: int) -> bool:
    """Look once for each name, and anew when a family has changed: every `where` asks."""
    return any(
        any(field.name == name for field in field_codecs(kind)) or name in metadata_of(kind).tag
        for kind in chain([model], _classes(model))
    )


def spelled(model: type, path: Path) -> str | None:
    """Return how a member is written in Python, `Order.address.city` or `Order.tags[0]`; None if it is not.

    A member that subclasses alone have is written as one of these.
    """
    for kind in _classes(model):
        for owner, field in _members(kind, path[0]):
            below = _spelled_below(type_hints(owner)[field.attribute], path[1:])
            if below is not None:
                name = (model if hasattr(model, field.attribute) else kind).__name__
                return f"{name}.{field.attribute}{below}"
    return None


def _spelled_below(annotation: Any, path: Path) -> str | None:
    if not path:
        return ""
    for kind in embedded_classes(annotation):
        for owner, field in (found for one in _with_subclasses(kind) for found in _members(one, path[0])):
            below = _spelled_below(type_hints(owner)[field.attribute], path[1:])
            if below is not None:
                return f".{field.attribute}{below}"
    return _spelled_by_key(annotation, path)


def _spelled_by_key(annotation: Any, path: Path) -> str | None:
    """Write the way through a list, a map whose keys are text, or what is of any type."""
    origin, arguments = container(annotation)
    if origin is dict and arguments[:1] != (str,):
        return None
    if origin is dict or alternatives(annotation) == (Any,):
        key: str | int = path[0]
    elif origin in (list, tuple) and path[0].isdecimal():
        key = int(path[0])
    else:
        return None
    below = _spelled_below(element_type(annotation, key), path[1:])
    return None if below is None else f"[{key!r}]{below}"


def _is_required(kind: Any, path: Path) -> bool:
    metadata = metadata_of(class_behind(kind))
    if len(path) == 1 and path[0] in metadata.tag:
        return not issubclass(class_behind(kind), Nested)  # which are read without a tag as well
    if metadata.version is not None:
        return False
    for owner, field in _members(kind, path[0]):
        if field.declared.default is not attrs.NOTHING:
            return False
        if len(path) == 1:
            return True
        annotation = type_hints(owner)[field.attribute]
        nested = embedded_classes(annotation)
        is_object = field.codec.kinds == {"object"} and len(nested) == len(alternatives(annotation))
        below = [kind for one in nested for kind in _with_subclasses(one)]
        return is_object and all(_is_required(kind, path[1:]) for kind in below)
    return False


def _kinds_at(kind: Any, path: Path) -> frozenset[str] | None:
    metadata = metadata_of(class_behind(kind))
    if len(path) == 1 and path[0] in metadata.tag:
        return frozenset({"string"})
    if metadata.version is not None:
        return None
    for owner, field in _members(kind, path[0]):
        if len(path) == 1:
            return field.codec.kinds
        annotation = type_hints(owner)[field.attribute]
        nested = embedded_classes(annotation)
        if len(nested) < len(alternatives(annotation)):
            return None
        return _joined(_kinds_at(one, path[1:]) for kind in nested for one in _with_subclasses(kind))
    return None


def _joined(alternatives: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """Return what any of several may be; None when there are none, or one does not tell."""
    joined: frozenset[str] = frozenset()
    for kinds in alternatives:
        if kinds is None:
            return None
        joined |= kinds
    return joined or None


def _members(kind: Any, name: str) -> Iterator[tuple[Any, FieldCodec]]:
    return ((kind, field) for field in field_codecs(kind) if field.name == name)


def _classes(model: type) -> Iterator[Any]:
    """Yield the classes that a query for a model loads documents as."""
    found = family(model)
    yield from dict.fromkeys(found.values()) if found else [model]


def _with_subclasses(nested: Any) -> list[Any]:
    others = [
        kind for kind in nested_family(class_behind(nested)).values() if kind is not class_behind(nested)
    ]
    return [nested, *others]
