"""`inverse`: the documents that refer to this one, as a field that is never stored."""

import sys
from collections.abc import Callable, Iterable
from functools import partial
from operator import attrgetter
from typing import Any, Final, Literal, NoReturn, Protocol, TypeVar

import attrs

from couchmapper.exceptions import ExpressionError, ModelError, NotLoaded, ReadOnlyField
from couchmapper.mapping.metadata import Nested
from couchmapper.typing import JSON

__all__ = [
    "FoundDocuments",
    "InverseAccess",
    "InverseField",
    "KeyedView",
    "inverse",
    "inverses_of",
    "is_inverse",
    "is_loaded",
    "keep_found",
]

T = TypeVar("T")


class KeyedView(Protocol):
    """A declared view whose keys are the ids of documents; `couchmapper.View` is one."""

    @property
    def design_name(self) -> str:
        """The name of its design document, without `_design/`."""
        ...

    @property
    def name(self) -> str:
        """Its name in the design document."""
        ...

    @property
    def partitioned(self) -> bool | None:
        """Whether each partition has a view of its own; None where nothing is said of partitions."""
        ...

    def dump_key(self, key: Any) -> JSON:
        """Write a key as the view emits it."""
        ...


@attrs.frozen
class _Inverse:
    """What `inverse` says of a field, kept in its metadata: a function that returns the view, or its name."""

    view: Callable[[], KeyedView] | str


def inverse(view: str | Callable[[], KeyedView], *, init: Literal[False] = False) -> Any:  # noqa: ARG001 - see below
    """Declare a list of the documents that refer to this one, which a view finds by this one's id.

    `orders: Mapped[list["Order"]] = inverse("OrderViews.by_customer")`, where the view is declared as
    `View(key=Order.customer)`, later than this field: hence the text, which is looked up in the module of the
    class, or a function, `inverse(lambda: OrderViews.by_customer)`. The list is no part of the JSON and no
    argument of the class. `.include(Customer.orders)` loads it, with one request for all documents; it stays
    as it is until the document is refreshed. Touching it before raises `NotLoaded`. `init` is there for type
    checkers.
    """
    if not callable(view) and not isinstance(view, str):
        raise ModelError(f"inverse takes the name of a view, such as 'OrderViews.by_customer', got {view!r}")
    return attrs.field(init=False, eq=False, repr=False, metadata={_Inverse: _Inverse(view)})


def is_inverse(attribute: "attrs.Attribute[Any]") -> bool:
    """Tell whether an attribute was declared with `inverse`."""
    return _Inverse in attribute.metadata


def inverses_of(kind: Any) -> "list[attrs.Attribute[Any]]":
    """Return the attributes of a class that were declared with `inverse`."""
    return [attribute for attribute in attrs.fields(kind) if is_inverse(attribute)]


def is_loaded(document: Any, name: str) -> bool:
    """Tell whether the documents of an inverse field are there."""
    return name in document.__dict__


def keep_found(document: Any, name: str, found: Iterable[Any]) -> None:
    """Give a document what was found for one of its inverse fields."""
    document.__dict__[name] = FoundDocuments(found)


class InverseField:
    """An inverse field on its class: it can be included, and takes no part in conditions."""

    __slots__ = ("name", "owner", "view")
    __hash__ = object.__hash__

    def __init__(self, owner: type, name: str, view: Callable[[], KeyedView]) -> None:
        self.owner = owner
        self.name = name
        self.view = view

    def __repr__(self) -> str:
        return f"<inverse field {self.owner.__name__}.{self.name}>"

    def _refuse(self, *_: object) -> NoReturn:
        raise ExpressionError(
            f"{self!r} is not stored, so it has no place in a condition: query the other model by its"
            " reference, as in session.query(Order).where(Order.customer == customer)"
        )

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __contains__ = __iter__ = __bool__ = __getitem__ = __mod__ = _refuse

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        self._refuse()


class InverseAccess:
    """Gives the inverse field on the class and the loaded documents on an instance."""

    def __init__(self, cls: type, attribute: "attrs.Attribute[Any]") -> None:
        if issubclass(cls, Nested):
            raise ModelError(
                f"{cls.__name__}.{attribute.name}: an embedded value has no id by which others refer to it;"
                " declare the inverse on the Document"
            )
        self._name = attribute.name
        view: Callable[[], KeyedView] | str = attribute.metadata[_Inverse].view
        self._view = partial(_view_named, view, cls, attribute.name) if isinstance(view, str) else view

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return InverseField(owner, self._name, self._view)
        try:
            return instance.__dict__[self._name]
        except KeyError:
            place = f"{owner.__name__}.{self._name}"
            raise NotLoaded(
                f"{place} is not loaded for {instance.id!r}, and touching it asks no server: name it in the"
                f" query, .include({place}), or load it now with session.include([document], {place})"
            ) from None

    def __set__(self, instance: Any, value: object) -> NoReturn:
        raise ReadOnlyField(
            f"{type(instance).__name__}.{self._name} holds the documents that refer to {instance.id!r}:"
            " change their references"
        )


def _view_named(text: str, cls: type, attribute: str) -> KeyedView:
    """Look up the view in the module of the class that declares the field."""
    declaring = next(base for base in cls.__mro__ if attribute in vars(base).get("__annotations__", ()))
    try:
        view: KeyedView = attrgetter(text)(sys.modules[declaring.__module__])
    except AttributeError as error:
        raise ModelError(
            f"{declaring.__name__}.{attribute}: {error}; a view is named as 'OrderViews.by_customer', in the"
            f" module of {declaring.__name__}, or given as lambda: OrderViews.by_customer"
        ) from error
    return view


class FoundDocuments(list[T]):
    """The documents of an inverse field: a list that cannot be changed, since nothing would come of it."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise ReadOnlyField(
            "the documents of an inverse field follow from their references: change those, or take a copy,"
            " list(...)"
        )

    def __deepcopy__(self, _: dict[int, Any]) -> "FoundDocuments[T]":
        """Hold the very same documents: a copy would be a second object for one document."""
        return self

    def __reduce__(self) -> tuple[type["FoundDocuments[T]"], tuple[list[T]]]:
        """Travel between processes with the documents."""
        return type(self), (list(self),)


_CHANGES: Final = (
    *("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"),
    *("__delitem__", "__iadd__", "__imul__", "__setitem__"),
)
for _change in _CHANGES:
    setattr(FoundDocuments, _change, FoundDocuments._refuse)  # noqa: SLF001 - of this module
