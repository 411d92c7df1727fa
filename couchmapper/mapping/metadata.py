"""What is known of a model class: its type tag, how its ids are made, the names of its fields."""

import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import attrs

from couchmapper.exceptions import ModelError
from couchmapper.mapping.generics import class_behind, filled, type_arguments
from couchmapper.mapping.strategies import MergeRule, OnConflict

__all__ = [
    "Annotation",
    "FieldOptions",
    "Identified",
    "Metadata",
    "Nested",
    "converted",
    "fields_of",
    "inherited",
    "is_model",
    "json_name",
    "metadata_of",
    "options_of",
    "snake_case",
    "subclasses_of",
    "type_hints",
]

T_co = TypeVar("T_co", covariant=True)


class Annotation(Generic[T_co]):
    """A generic that stands for its argument in an annotation: the base of `Mapped`."""


class Nested:
    """The base of `Embedded`: marks classes whose fields are reached through the field that holds them."""


class Identified:
    """The base of `Document`: marks classes whose instances have an `id`, by which others refer to them."""


@attrs.frozen(kw_only=True)
class FieldOptions:
    """What `field` says beyond attrs: the JSON `name`, the `scale` of a Decimal, how changes `merge`."""

    name: str | None = None
    scale: int | None = None
    merge: MergeRule | None = None


def fields_of(kind: Any) -> "tuple[attrs.Attribute[Any], ...]":
    """Return the attributes of an attrs class that are stored, in the order of their declaration.

    Those with `init=False` follow from the others, so they are made anew and not stored.
    """
    attributes: tuple[attrs.Attribute[Any], ...] = attrs.fields(kind)
    return tuple(attribute for attribute in attributes if attribute.init)


_PLAIN = FieldOptions()


def options_of(attribute: "attrs.Attribute[Any]") -> FieldOptions:
    """Return what `field` said about an attrs attribute; nothing, when it was not declared with `field`."""
    options: FieldOptions = attribute.metadata.get(FieldOptions, _PLAIN)
    return options


@attrs.frozen(kw_only=True)
class Metadata:
    """The class arguments of a model, its parents' included.

    `type` is the value that `type_field` has in the JSON of this class; both are None when it carries none.
    `make_id` makes the id of a new document from its fields; the value of the field `partition` stands before
    it. `on_conflict` is what a session does about a conflict, None when the session may choose. `version` is
    that of the JSON, told under `version_field`; None for a model without versions.
    """

    type: str | None = None
    type_field: str | None = None
    make_id: Callable[[Any], str] | None = None
    partition: str | None = None
    on_conflict: OnConflict | None = None
    version: int | None = None
    version_field: str = "schema_version"
    abstract: bool = False

    @property
    def tag(self) -> dict[str, str]:
        """The member that tells this class from others in JSON; empty when there is none."""
        if self.type is None or self.type_field is None or self.abstract:
            return {}
        return {self.type_field: self.type}


def is_model(kind: Any) -> bool:
    """Tell whether a class is a `Document` or an `Embedded`."""
    return isinstance(getattr(kind, "__metadata__", None), Metadata)


def metadata_of(model: type) -> Metadata:
    """Return the metadata of a model class."""
    metadata: Metadata = model.__metadata__  # type: ignore[attr-defined]
    return metadata


def subclasses_of(kind: type) -> Iterator[type]:
    """Yield the subclasses of a class, at every depth.

    A model without metadata of its own was refused as it is declared; Python remembers such a class as well.
    """
    children: list[type] = kind.__subclasses__()
    for child in children:
        if "__metadata__" in vars(child) or not is_model(child):
            yield child
            yield from subclasses_of(child)


def inherited(model: type, name: str) -> Any:
    """Return the value of a class argument in the nearest base class that has one, or None."""
    bases = [metadata_of(base) for base in model.__mro__[1:] if is_model(base)]
    return next((value for base in bases if (value := getattr(base, name)) is not None), None)


def json_name(attribute: "attrs.Attribute[Any]") -> str:
    """Return the name of a field in JSON."""
    return options_of(attribute).name or attribute.name


def converted(attribute: "attrs.Attribute[Any]", value: Any, instance: Any) -> Any:
    """Return a value as the attrs converter of an attribute makes it."""
    converter: Any = attribute.converter
    if converter is None:
        return value
    if not hasattr(converter, "takes_self"):  # a plain callable; the other kind is attrs.Converter
        return converter(value)
    context = [instance] * converter.takes_self + [attribute] * converter.takes_field
    return converter.converter(value, *context)


@cache
def type_hints(kind: Any) -> dict[str, Any]:
    """Return the type of each field of a class, or of `Box[int]`, without its `Mapped`.

    Names in text are looked up in the module of the class, then among all models: that of another module may
    be imported for type checkers alone. Raises `ModelError` when a name cannot be found.
    """
    model: type = class_behind(kind)
    hints = _evaluated_hints(model, of=model)
    arguments = type_arguments(kind)
    bases = reversed(model.__mro__)
    owners = {name: base for base in bases for name in vars(base).get("__annotations__", ())}
    hints = {name: filled(hint, arguments[owners[name]]) for name, hint in hints.items()}
    if any(arguments.values()):  # which may be text as well: Page["Note"]
        hints = _evaluated_hints(model, of=SimpleNamespace(__annotations__=hints))
    return {name: _without_mapped(hint) for name, hint in hints.items()}


def _evaluated_hints(model: type, *, of: Any) -> dict[str, Any]:
    module = None if of is model else vars(sys.modules[model.__module__])
    names: dict[str, Any] = {base.__name__: base for base in reversed(model.__mro__)}
    while True:
        try:
            return get_type_hints(of, module, names)
        except NameError as error:
            missing = error.name or ""
            found = _models_named(missing, model)
            if len(found) != 1 or missing in names:
                several = f"; {' and '.join(found)} are models of that name" if found else ""
                raise ModelError(
                    f"{model.__name__}: {error}{several}; annotations in text are looked up in module"
                    f" {model.__module__!r}: define the class there, or annotate without quotes"
                ) from error
            names[missing] = next(iter(found.values()))


def _models_named(name: str, near: type) -> dict[str, type]:
    """Return the models of a name by their full names; only the one beside the class when there is one."""
    roots = [base for base in near.__mro__ if is_model(base)]
    models = {
        f"{kind.__module__}.{kind.__qualname__}": kind
        for root in roots[-1:]
        for kind in subclasses_of(root)
        if kind.__name__ == name
    }
    beside = f"{near.__module__}.{near.__qualname__}".rpartition(".")[0] + f".{name}"
    return {beside: models[beside]} if beside in models else models


def _without_mapped(hint: Any) -> Any:
    origin = get_origin(hint)
    return get_args(hint)[0] if isinstance(origin, type) and issubclass(origin, Annotation) else hint


def snake_case(name: str) -> str:
    """Write a class name as a type name: `LineItem` as `line_item`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
