"""What the type variables of a generic class stand for, in `class Page(List[Note])` and in `Box[int]`."""

from collections.abc import Mapping
from typing import Any, Generic, TypeAlias, TypeVar, Union, get_args, get_origin

__all__ = ["class_behind", "filled", "type_arguments"]

Arguments: TypeAlias = Mapping[Any, Any]


def class_behind(kind: Any) -> Any:
    """Return the class of `Box[int]`; of anything else, the thing itself."""
    origin = get_origin(kind)
    return origin if isinstance(origin, type) else kind


def filled(annotation: Any, arguments: Arguments) -> Any:
    """Put types in the place of type variables; one that nothing is known of stands for all it may be."""
    if isinstance(annotation, TypeVar):
        return arguments[annotation] if annotation in arguments else _widest(annotation)
    parameters: tuple[Any, ...] = getattr(annotation, "__parameters__", ())
    if isinstance(annotation, type) or not parameters:
        return annotation
    return annotation[tuple(filled(parameter, arguments) for parameter in parameters)]


def type_arguments(kind: Any) -> Mapping[type, Arguments]:
    """Return for a class, or `Box[int]`, and for each of its bases what their type variables stand for."""
    found: dict[type, Arguments] = {}
    _collect(class_behind(kind), get_args(kind), found)
    return found


def _collect(cls: Any, given: tuple[Any, ...], found: dict[type, Arguments]) -> None:
    arguments = dict(zip(getattr(cls, "__parameters__", ()), given, strict=False))
    if arguments or cls not in found:
        found[cls] = arguments
    for base in vars(cls).get("__orig_bases__", cls.__bases__):
        origin = class_behind(base)
        if origin is not Generic:
            _collect(origin, tuple(filled(one, arguments) for one in get_args(base)), found)


def _widest(variable: TypeVar) -> Any:
    if variable.__constraints__:
        return Union[variable.__constraints__]  # noqa: UP007 - the members are known at run time only
    return Any if variable.__bound__ is None else variable.__bound__
