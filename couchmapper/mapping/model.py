"""What documents and embedded values share: an attrs class whose fields are expressions on the class."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import MemberDescriptorType
from typing import Any, ClassVar, dataclass_transform

import attrs
from attrs.exceptions import UnannotatedAttributeError

from couchmapper.exceptions import IdentityError, ModelError
from couchmapper.mapping.expressions import Field, nested_field
from couchmapper.mapping.fields import field
from couchmapper.mapping.inverses import InverseAccess, inverse, inverses_of, is_inverse
from couchmapper.mapping.load_functions import InDict
from couchmapper.mapping.metadata import Metadata, Nested, fields_of, json_name, metadata_of
from couchmapper.mapping.references import Ref
from couchmapper.mapping.registry import forget_families
from couchmapper.typing import JSONObject

__all__ = ["Embedded", "Model", "no_model_if_refused"]


class _FieldAccess(InDict):
    """Gives the expression of a field on the class; on an instance its own attribute comes first."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Field[Any]:
        if instance is not None:
            raise AttributeError(f"{owner.__name__}.{self._name} has no value yet")
        known: dict[str, Field[Any]] = owner.__dict__["__expressions__"]
        found = known.get(self._name)
        if found is None:
            found = known[self._name] = nested_field((), (owner,), self._name, owner=owner)
        return found


class _IdAccess(_FieldAccess):
    """Gives the id, and keeps it as it is once the document is saved."""

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is not None and self._name in instance.__dict__:
            return instance.__dict__[self._name]
        return super().__get__(instance, owner)

    def __set__(self, instance: Any, value: Any) -> None:
        if instance.rev is not None and value != instance.id:
            raise IdentityError(
                f"the id of {instance.id!r} cannot become {value!r}: a saved document keeps its id; add a new"
                " document under the other id and delete this one"
            )
        instance.__dict__[self._name] = value


def _access(cls: type, attribute: "attrs.Attribute[Any]") -> _FieldAccess:
    is_id = json_name(attribute) == "_id" and not issubclass(cls, Nested)
    return _IdAccess(attribute.name) if is_id else _FieldAccess(attribute.name)


def _checked_fields(cls: type, attributes: "list[attrs.Attribute[Any]]") -> "list[attrs.Attribute[Any]]":
    """Refuse fields that cannot be stored as they are declared; give the id its value last."""
    names: dict[str, str] = {}
    for attribute in attributes:
        place = f"{cls.__name__}.{attribute.name}"
        _check_attribute(cls, attribute, place)
        if is_inverse(attribute):
            continue
        name = json_name(attribute)
        other = names.setdefault(name, attribute.name)
        if other != attribute.name:
            raise ModelError(f"{cls.__name__}: {other} and {attribute.name} have one JSON name, {name!r}")
        if name in metadata_of(cls).tag:
            raise ModelError(
                f"{place} would stand in JSON where the type of the model stands, under {name!r}; give it"
                " another name=..., or the model another type_field=... (None for none)"
            )
        if not issubclass(cls, Nested) and name.startswith("_") and name != "_id":
            raise ModelError(
                f"{place}: names that begin with an underscore are CouchDB's own at the top of a document;"
                f" give its JSON name: field(name={name.lstrip('_')!r})"
            )
    return sorted(attributes, key=lambda attribute: attribute.name == "id" and json_name(attribute) == "_id")


def _check_attribute(cls: type, attribute: "attrs.Attribute[Any]", place: str) -> None:
    """Refuse a field that would hide something of a base class, or share one default among all instances."""
    name, default = attribute.name, attribute.default
    held = [vars(base)[name] for base in cls.__mro__[1:] if name in vars(base)]
    if not all(isinstance(one, (_FieldAccess, InverseAccess, MemberDescriptorType)) for one in held):
        raise ModelError(
            f"{place} would hide what its base has; call the field otherwise and give its JSON name:"
            f" field(name={json_name(attribute)!r})"
        )
    is_inherited: bool = getattr(attribute, "inherited", False)  # attrs's type stubs leave it out
    if is_inherited and name in vars(cls):
        raise ModelError(
            f"{place} would be lost behind the field of its base class; annotate it, {name}: Mapped[...] ="
            " field(...), or call it otherwise"
        )
    if held and name == "id" and json_name(attribute) != "_id" and not issubclass(cls, Nested):
        raise ModelError(f"{place} is there already; say how ids are made with the class argument id=...")
    if _can_change(default):
        raise ModelError(
            f"{place}: all instances would share the default {default!r}; write field(factory=...), which"
            " makes a new one for each"
        )


def _can_change(default: object) -> bool:
    if isinstance(default, tuple):
        return any(map(_can_change, default))
    return type(default).__hash__ is None or isinstance(default, Ref)


def _check_tag(cls: type, metadata: Metadata) -> None:
    """Refuse a tag that cannot stand in JSON."""
    given: dict[str, Any] = {"type": metadata.type, "type_field": metadata.type_field}
    for name, value in given.items():
        if value is not None and (not isinstance(value, str) or not value):
            raise ModelError(f"{cls.__name__}: {name}= is a text that is not empty, got {value!r}")
    if not issubclass(cls, Nested) and (metadata.type_field or "").startswith("_"):
        raise ModelError(
            f"{cls.__name__}: names that begin with an underscore are CouchDB's own at the top of a document,"
            f" got type_field={metadata.type_field!r}"
        )


@contextmanager
def no_model_if_refused(cls: type) -> Iterator[None]:
    """Take a class that is refused out of its family, where Python may keep it for long."""
    try:
        yield
    except BaseException:
        del cls.__metadata__  # type: ignore[attr-defined]
        forget_families()
        raise


def _define(cls: type) -> None:
    try:
        attrs.define(cls, slots=False, kw_only=True, auto_attribs=True, field_transformer=_checked_fields)
    except UnannotatedAttributeError as error:
        raise ModelError(f"{cls.__name__}: {error} Write `name: Mapped[str] = field(...)`.") from error


@dataclass_transform(kw_only_default=True, field_specifiers=(field, inverse))
class Model:
    """The base of `Document` and `Embedded`: turns each subclass into an attrs class with mapped fields."""

    __metadata__: ClassVar[Metadata] = Metadata(abstract=True)

    __expressions__: ClassVar[dict[str, Field[Any]]] = {}

    _source: ClassVar[JSONObject | None] = None
    _absent: ClassVar[JSONObject | None] = None

    def __init_subclass__(cls, *, metadata: Metadata = __metadata__) -> None:
        super().__init_subclass__()
        _check_tag(cls, metadata)
        cls.__metadata__ = metadata
        cls.__expressions__ = {}
        with no_model_if_refused(cls):
            _define(cls)
        for attribute in fields_of(cls):
            setattr(cls, attribute.name, _access(cls, attribute))
        for attribute in inverses_of(cls):
            setattr(cls, attribute.name, InverseAccess(cls, attribute))
        forget_families()


class Embedded(Model, Nested, metadata=Metadata(abstract=True, type_field="type")):
    """A value inside a document: an object in JSON, without id and revision of its own.

    `type=` gives the class a tag in JSON, under `type_field` (`"type"`, inherited), by which the members of a
    union are told apart, and by which a field of a base class loads each value as its own subclass.
    """

    def __init_subclass__(cls, *, type: str | None = None, type_field: str | None = None) -> None:
        inherited = metadata_of(cls).type_field
        super().__init_subclass__(metadata=Metadata(type=type, type_field=type_field or inherited))
