"""How a field is declared: `name: Mapped[str] = field(...)`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

import attrs

from couchmapper.exceptions import ModelError
from couchmapper.mapping.expressions import (  # noqa: TC001 - typing.get_type_hints sees them
    EmbeddedField,
    Field,
    ReferenceField,
)
from couchmapper.mapping.metadata import Annotation, FieldOptions, Identified, Nested
from couchmapper.mapping.references import Ref  # noqa: TC001 - likewise
from couchmapper.mapping.strategies import MergeRule, checked_merge

__all__ = ["Mapped", "field"]

T_co = TypeVar("T_co", covariant=True)
R = TypeVar("R", bound=Identified)


class Mapped(Annotation[T_co]):
    """The annotation of a mapped field: `T` on an instance, a typed expression on the class.

    `order.status` is a `str`, `Order.status == "paid"` an expression. A plain annotation (`status: str`) maps
    the field as well; only type checkers then take `Order.status` for a `str`.
    """

    if TYPE_CHECKING:
        # `Any` and None fit every annotation, and type checkers take the first that fits.
        @overload
        def __get__(self: "Mapped[None]", instance: None, owner: Any) -> Field[T_co]: ...
        @overload
        def __get__(self: "Mapped[Ref[R] | None]", instance: None, owner: Any) -> ReferenceField[R]: ...
        @overload
        def __get__(self: "Mapped[Nested | None]", instance: None, owner: Any) -> EmbeddedField[T_co]: ...
        @overload
        def __get__(self, instance: None, owner: Any) -> Field[T_co]: ...
        @overload
        def __get__(self, instance: object, owner: Any) -> T_co: ...
        def __get__(self, instance: object, owner: Any) -> Any: ...
        def __set__(self, instance: Any, value: T_co) -> None: ...  # type: ignore[misc]


def field(  # noqa: PLR0913 - one keyword an option, as in attrs
    *,
    default: Any = attrs.NOTHING,
    factory: Callable[[], Any] | None = None,
    name: str | None = None,
    scale: int | None = None,
    merge: MergeRule | None = None,
    validator: Any = None,
    converter: Any = None,
    repr: bool = True,
) -> Any:
    """Declare what a field has beyond its type.

    `default` is a value and `factory` a callable that makes one; a field with neither is required. `name` is
    the field's name in JSON. `scale=2` stores a Decimal as an integer number of hundredths, which indexes
    sort and reduce functions sum. `merge` says what becomes of the field when two writers changed it and a
    session merges: `"union"` of lists and sets, `"add"` both changes of a number, the `"newest"` (largest)
    number or date, `"mine"`, `"theirs"`, or a `MergeFunction`; without it, two values clash. `validator` and
    `converter` are attrs's, run on creation and on assignment.
    """
    if scale is not None and (type(scale) is not int or scale < 0):
        raise ModelError(f"scale= is a number of decimal places, got {scale!r}")
    given: Any = name
    if given is not None and (not isinstance(given, str) or not given):
        raise ModelError(f"name= is a text that is not empty, got {name!r}")
    if factory is not None and not callable(factory):
        raise ModelError(f"factory= is what makes the default, such as list or a function, got {factory!r}")
    if factory is not None and default is not attrs.NOTHING:
        raise ModelError("default= and factory= both say what the default is; leave one of them out")
    return attrs.field(
        default=default,
        factory=factory,
        validator=validator,
        converter=converter,
        repr=repr,
        metadata={FieldOptions: FieldOptions(name=name, scale=scale, merge=checked_merge(merge))},
    )
