"""Polymorphic families: which class a document of a given type is loaded as."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from couchmapper.exceptions import ModelError, UnexpectedType
from couchmapper.mango.nodes import TRUE, Condition, Expression
from couchmapper.mapping.metadata import metadata_of
from couchmapper.typing import JSONMapping

__all__ = ["class_of", "family", "forget_families", "type_condition"]


@cache
def family(model: type) -> Mapping[str, type]:
    """Return the concrete classes that a query for `model` may load, by their type; empty without types.

    Raises `ModelError` when two of them share one type.
    """
    members: dict[str, type] = {}
    for kind in _descendants(model):
        for name in metadata_of(kind).tag.values():
            if members.setdefault(name, kind) is not kind:
                raise ModelError(
                    f"{kind.__name__} and {members[name].__name__} both have the type {name!r};"
                    " give one of them type=..."
                )
    return MappingProxyType(members)


def type_condition(model: type) -> Expression:
    """Return the condition that chooses the documents of a model and its subclasses."""
    field, names = metadata_of(model).type_field, list(family(model))
    if field is None:
        return TRUE
    return Condition((field,), "$eq", names[0]) if len(names) == 1 else Condition((field,), "$in", names)


def forget_families() -> None:
    """Look the families up again, since a class was added."""
    family.cache_clear()


def class_of(model: type, document: JSONMapping) -> type:
    """Return the class to load a document as; raises `UnexpectedType` when it is of another family."""
    field = metadata_of(model).type_field
    if field is None:
        return model
    members = family(model)
    found = document.get(field)
    kind = members.get(found) if isinstance(found, str) else None
    if kind is None:
        expected = " or ".join(map(repr, members)) or f"a subclass of the abstract {model.__name__}"
        raise UnexpectedType(
            f"the document {document.get('_id')!r} has {field} {found!r}, {model.__name__} expects {expected}"
        )
    return kind


def _descendants(model: type) -> Iterator[type]:
    yield model
    children: list[type] = model.__subclasses__()
    for child in children:
        yield from _descendants(child)
