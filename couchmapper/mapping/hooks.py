"""The marks that `@Order.on_change` leaves on a model; `couchmapper.changes` finds and runs them."""

from typing import Any, Generic, Protocol, TypeVar

import attrs

from couchmapper.mango.dump import dump
from couchmapper.mango.nodes import Expression
from couchmapper.mango.normalize import normalize
from couchmapper.mapping.registry import type_condition
from couchmapper.typing import JSONObject

__all__ = ["Change", "ChangeHook", "HookMark"]

D = TypeVar("D")


@attrs.frozen(kw_only=True)
class Change(Generic[D]):
    """One change that a hook is given: the document as it is now, its id and revision, and the sequence."""

    id: str
    rev: str
    seq: str
    document: D


class ChangeHook(Protocol):
    """A function that is called for each change; it may be called again for the same change."""

    def __call__(self, change: "Change[Any]", /) -> object:
        """Act on a change; an exception stops the run, and the change comes again with the next."""
        ...


@attrs.frozen(kw_only=True)
class HookMark:
    """A declared hook: under `name` its checkpoint is kept, `where` chooses the documents on the server."""

    name: str
    model: Any
    where: Expression
    function: ChangeHook

    def selector(self) -> JSONObject:
        """Return the selector by which the server filters the feed: the model's type and the condition."""
        return dump(normalize(type_condition(self.model) & self.where))
