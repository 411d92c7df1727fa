"""Which fields of a class can hold values that have fields of their own."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_origin

from couchmapper.mapping.annotations import alternatives
from couchmapper.mapping.converter import field_codecs, is_written_by_fields
from couchmapper.mapping.generics import class_behind
from couchmapper.mapping.metadata import type_hints
from couchmapper.mapping.references import Ref

__all__ = ["compound_fields", "mentioned_types"]


def mentioned_types(annotation: Any) -> Iterator[Any]:
    """Yield the types that an annotation is made of, inside of unions and containers too."""
    for kind in alternatives(annotation):
        yield kind
        if get_origin(kind) is not Ref:
            for argument in get_args(kind):
                yield from mentioned_types(argument)


@cache
def compound_fields(kind: Any) -> tuple[tuple[str, tuple[type, ...]], ...]:
    """Return the attributes whose values have fields of their own, each with the classes of these values.

    Those of a generic class may hold anything.
    """
    hints = type_hints(kind)
    is_generic = bool(getattr(kind, "__parameters__", ()))
    found: list[tuple[str, tuple[type, ...]]] = []
    for field in field_codecs(kind):
        mentioned = map(class_behind, mentioned_types(hints.get(field.attribute, Any)))
        classes = tuple(one for one in mentioned if isinstance(one, type) and is_written_by_fields(one))
        if classes or is_generic:
            found.append((field.attribute, classes))
    return tuple(found)
