"""What documents and embedded values share: an attrs class whose fields are expressions on the class."""

from typing import Any, ClassVar, dataclass_transform

import attrs

from couchmapper.exceptions import ModelError
from couchmapper.mapping.expressions import Field, nested_field
from couchmapper.mapping.fields import field
from couchmapper.mapping.metadata import Metadata, Nested, fields_of, json_name
from couchmapper.mapping.registry import forget_families
from couchmapper.typing import JSONObject

__all__ = ["Embedded", "Model"]


class _FieldAccess:
    """Gives the expression of a field on the class; on an instance its own attribute comes first."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Field[Any]:
        if instance is not None:
            raise AttributeError(f"{owner.__name__}.{self._name} has no value yet")
        return nested_field((), owner, self._name)


def _checked_fields(cls: type, attributes: "list[attrs.Attribute[Any]]") -> "list[attrs.Attribute[Any]]":
    """Refuse fields that would hide a method, or share one name in JSON; give the id its value last."""
    names: dict[str, str] = {}
    for attribute in attributes:
        inherited = next(
            (vars(base)[attribute.name] for base in cls.__mro__[1:] if attribute.name in vars(base)), None
        )
        if inherited is not None and not isinstance(inherited, _FieldAccess):
            raise ModelError(
                f"{cls.__name__}.{attribute.name} would hide what its base has; call the field otherwise"
                f" and give its JSON name: field(name={attribute.name!r})"
            )
        other = names.setdefault(json_name(attribute), attribute.name)
        if other != attribute.name:
            raise ModelError(
                f"{cls.__name__}: {other} and {attribute.name} have one JSON name, {json_name(attribute)!r}"
            )
    return sorted(attributes, key=lambda attribute: attribute.name == "id" and json_name(attribute) == "_id")


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
class Model:
    """The base of `Document` and `Embedded`: turns each subclass into an attrs class with mapped fields."""

    __metadata__: ClassVar[Metadata] = Metadata(abstract=True)

    _source: ClassVar[JSONObject | None] = None

    def __init_subclass__(cls, *, metadata: Metadata = __metadata__) -> None:
        super().__init_subclass__()
        cls.__metadata__ = metadata
        attrs.define(cls, slots=False, kw_only=True, field_transformer=_checked_fields)
        for attribute in fields_of(cls):
            setattr(cls, attribute.name, _FieldAccess(attribute.name))
        forget_families()


class Embedded(Model, Nested, metadata=Metadata(abstract=True)):
    """A value inside a document: an object in JSON, without id and revision of its own.

    `type=` gives the class a tag in JSON, under `type_field` (`"type"`), by which a union of embedded classes
    tells its members apart.
    """

    def __init_subclass__(cls, *, type: str | None = None, type_field: str = "type") -> None:
        super().__init_subclass__(metadata=Metadata(type=type, type_field=type_field if type else None))
