"""The marks that `@Order.before_save` and its kin leave on models, and the calls that they ask for.

They run in the process that saves, loads or deletes; `on_change` is for changes that anyone makes.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, ClassVar, Literal, Protocol, Self, TypeAlias, TypeVar

import attrs

__all__ = [
    "Event",
    "Lifecycle",
    "LifecycleHook",
    "LifecycleMark",
    "has_hooks",
    "hooks_for",
    "run_hooks",
    "run_hooks_of_all",
]

D_contra = TypeVar("D_contra", contravariant=True)

Event: TypeAlias = Literal["before_save", "after_save", "after_load", "before_delete", "after_delete"]
"""What happens to a document."""


class LifecycleHook(Protocol[D_contra]):
    """A function that is called with a document when something happens to it."""

    def __call__(self, document: D_contra, /) -> object:
        """Act on the document; what is raised here stops what is being done."""
        ...


@attrs.frozen(kw_only=True)
class LifecycleMark:
    """A declared hook: `function` is called with the documents of the class that carries the mark."""

    event: Event
    function: Callable[[Any], object]


class Lifecycle:
    """The decorators of a `Document`.

    A hook is called with the documents of its class and of its subclasses. The hooks of base classes come
    first, nearest last; those of one class in the order of their declaration.
    """

    __lifecycle__: ClassVar[tuple[LifecycleMark, ...]] = ()

    @classmethod
    def before_save(cls, function: LifecycleHook[Self], /) -> LifecycleHook[Self]:
        """Call the function before a document is written, new or changed; what it changes is written too."""
        return cls.__marked("before_save", function)

    @classmethod
    def after_save(cls, function: LifecycleHook[Self], /) -> LifecycleHook[Self]:
        """Call the function when the server has a document that was written; its revision is the new one."""
        return cls.__marked("after_save", function)

    @classmethod
    def after_load(cls, function: LifecycleHook[Self], /) -> LifecycleHook[Self]:
        """Call the function when a document was read from the server; what it changes is to be saved."""
        return cls.__marked("after_load", function)

    @classmethod
    def before_delete(cls, function: LifecycleHook[Self], /) -> LifecycleHook[Self]:
        """Call the function before the deletion of a document is sent."""
        return cls.__marked("before_delete", function)

    @classmethod
    def after_delete(cls, function: LifecycleHook[Self], /) -> LifecycleHook[Self]:
        """Call the function when the server has deleted a document."""
        return cls.__marked("after_delete", function)

    @classmethod
    def __marked(cls, event: Event, function: LifecycleHook[Self]) -> LifecycleHook[Self]:
        mark = LifecycleMark(event=event, function=function)
        cls.__lifecycle__ = (*_own_marks(cls), mark)
        hooks_for.cache_clear()
        return function


def _own_marks(cls: type) -> tuple[LifecycleMark, ...]:
    marks: tuple[LifecycleMark, ...] = vars(cls).get("__lifecycle__", ())
    return marks


@cache
def hooks_for(model: type, event: Event) -> tuple[Callable[[Any], object], ...]:
    """Return what is called when something happens to a document of a model, in the order of the calls."""
    marks = (mark for base in reversed(model.__mro__) for mark in _own_marks(base))
    return tuple(mark.function for mark in marks if mark.event == event)


def has_hooks(model: type, event: Event) -> bool:
    """Tell whether anything is called when something happens to a document of a model."""
    return bool(hooks_for(model, event))


def run_hooks_of_all(event: Event, documents: Iterable[Any]) -> None:
    """Call the hooks of each of some documents, in their order; those of classes without are passed over."""
    several = list(documents)
    if any(has_hooks(kind, event) for kind in set(map(type, several))):
        for document in several:
            run_hooks(event, document)


def run_hooks(event: Event, document: Any) -> None:
    """Call the hooks of a document's class; what one raises is passed on as it is, and no other is called."""
    model: type = type(document)
    for hook in hooks_for(model, event):
        hook(document)
