"""What an annotation says of the values it stands for: members of a union, elements of a container."""

from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from couchmapper.mapping.generics import class_behind
from couchmapper.mapping.metadata import is_model

__all__ = ["alternatives", "container", "element_type", "embedded_classes", "is_hashable", "real_type"]

_CONTAINERS = (list, tuple, set, frozenset, dict)


def real_type(annotation: Any) -> Any:
    """Return what stands behind `NewType`, `type X = ...`, `Annotated`, and the `None` in `list[None]`."""
    if annotation is None:
        return NoneType
    if get_origin(annotation) is Annotated:
        return real_type(get_args(annotation)[0])
    named = getattr(annotation, "__supertype__", getattr(annotation, "__value__", annotation))
    return named if named is annotation else real_type(named)


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union but None; of any other type, the type alone."""
    annotation = real_type(annotation)
    if get_origin(annotation) not in (Union, UnionType):
        return (annotation,)
    return tuple(kind for kind in get_args(annotation) if kind is not NoneType)


def embedded_classes(annotation: Any) -> list[type]:
    """Return the embedded classes that a value may be of; none for a collection of them."""
    return [kind for kind in alternatives(annotation) if is_model(class_behind(kind))]


def is_hashable(annotation: Any) -> bool:
    """Tell whether the values of a type may be elements of a set."""
    return all(_is_hashable(kind) for kind in alternatives(annotation))


def _is_hashable(kind: Any) -> bool:
    if get_origin(kind) is tuple:
        return all(is_hashable(argument) for argument in get_args(kind))
    return getattr(class_behind(kind), "__hash__", None) is not None


def container(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the class and the arguments of `list[T]` or `dict[K, T]`, also inside an optional."""
    for kind in alternatives(annotation):
        if get_origin(kind) in _CONTAINERS:
            return get_origin(kind), get_args(kind)
    return None, ()


def element_type(annotation: Any, place: object = None) -> Any:
    """Return the type of a list's elements or a map's values; `place` counts in `tuple[A, B]`."""
    origin, arguments = container(annotation)
    if origin is tuple and arguments[-1:] != (Ellipsis,):
        return arguments[place] if isinstance(place, int) and place < len(arguments) else Any
    return arguments[origin is dict] if arguments else Any
