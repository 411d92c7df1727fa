"""Polymorphic families: which class a document of a given type is loaded as."""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import count
from types import MappingProxyType
from typing import Any, TypeVar

from couchmapper.exceptions import ModelError, UnexpectedType
from couchmapper.mango.nodes import TRUE, Condition, Expression
from couchmapper.mapping.codec import expected
from couchmapper.mapping.metadata import is_model, metadata_of, subclasses_of
from couchmapper.typing import JSONMapping

__all__ = [
    "class_of",
    "family",
    "family_count",
    "forget_families",
    "is_tagged_as",
    "nested_class_of",
    "nested_family",
    "type_condition",
]

Key = TypeVar("Key", str, tuple[str, str])


@cache
def family(model: type) -> Mapping[str, type]:
    """Return the concrete classes that a query for `model` may load, by their type; empty without types.

    Raises `ModelError` when two of them share one type, or one could not be found by its type.
    """
    members: dict[str, type] = {}
    own = metadata_of(model)
    for kind in _descendants(model):
        metadata = metadata_of(kind)
        if metadata.type_field == own.type_field:
            for name in metadata.tag.values():
                _add(members, name, kind)
        elif own.type is not None and not metadata.abstract:
            raise ModelError(
                f"{kind.__name__} has its type under {metadata.type_field!r} and {model.__name__} under"
                f" {own.type_field!r}: a query for {model.__name__} would miss it; give both one type_field"
            )
    return MappingProxyType(members)


@cache
def nested_family(model: type) -> Mapping[tuple[str, str], type]:
    """Return an embedded class and its subclasses by the member that tells each in JSON, a name and a value.

    Raises `ModelError` when two of them share one.
    """
    members: dict[tuple[str, str], type] = {}
    for kind in _descendants(model):
        for tag in metadata_of(kind).tag.items():
            _add(members, tag, kind)
    return MappingProxyType(members)


def nested_class_of(model: type, value: JSONMapping) -> type:
    """Return the class to load an embedded value as; raises `Misfit` when it is tagged as another one."""
    for (field, name), kind in nested_family(model).items():
        if value.get(field) == name:
            return kind
    for field, name in metadata_of(model).tag.items():
        if field in value:
            raise expected(f"{field} {name!r} ({model.__name__})", value[field])
    return model


def is_tagged_as(kind: Any, value: JSONMapping) -> bool:
    """Tell whether an object says in JSON that it is of an embedded class, or of a subclass."""
    return is_model(kind) and any(value.get(field) == name for field, name in nested_family(kind))


def _add(members: dict[Key, type], key: Key, kind: type) -> None:
    """Put a class among the members; one that is defined again, as notebooks do, takes its own place."""
    other = members.setdefault(key, kind)
    if (other.__module__, other.__qualname__) == (kind.__module__, kind.__qualname__):
        members[key] = kind
    else:
        raise ModelError(
            f"{kind.__name__} and {other.__name__} both have the type {key!r}; give one of them type=..."
        )


def type_condition(model: type) -> Expression:
    """Return the condition that chooses the documents of a model and its subclasses.

    Their types are in alphabetical order: the text of views follows from it, and shall not change when a
    program imports its modules in another one.
    """
    asked: Any = model
    return _type_condition(asked)


@cache
def _type_condition(model: type) -> Expression:
    field, names = metadata_of(model).type_field, sorted(family(model))
    if field is None:
        return TRUE
    return Condition((field,), "$eq", names[0]) if len(names) == 1 else Condition((field,), "$in", names)


_changes = count()
_last_change = next(_changes)


def family_count() -> int:
    """Return a number that is another one whenever a family has changed."""
    return _last_change


def forget_families() -> None:
    """Look the families up again, since a class was added."""
    global _last_change  # noqa: PLW0603 - there is one registry of classes
    _last_change = next(_changes)
    for known in (family, nested_family, _type_condition, _types):
        known.cache_clear()


def class_of(model: type, document: JSONMapping) -> type:
    """Return the class to load a document as; raises `UnexpectedType` when it is of another family."""
    field, members = _types(model)
    if field is None:
        return model
    found = document.get(field)
    if isinstance(found, str) and found in members:
        return members[found]
    expected = " or ".join(map(repr, members)) or f"a subclass of the abstract {model.__name__}"
    raise UnexpectedType(
        f"the document {document.get('_id')!r} has {field} {found!r}, {model.__name__} expects {expected}"
    )


@cache
def _types(model: type) -> tuple[str | None, Mapping[str, type]]:
    """Return under which name documents of a model say what they are, and what each word means."""
    field = metadata_of(model).type_field
    return field, {} if field is None else dict(family(model))


def _descendants(model: type) -> Iterator[type]:
    yield model
    yield from subclasses_of(model)
