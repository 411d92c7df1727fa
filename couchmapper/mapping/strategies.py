"""What is done when a write meets another one: the values of `on_conflict=`."""

from typing import Any, Literal, Protocol, TypeAlias, get_args

from couchmapper.exceptions import ModelError

__all__ = ["ConflictResolver", "OnConflict", "Strategy", "checked_strategy"]

Strategy: TypeAlias = Literal["raise", "merge", "mine", "theirs"]
"""Tell the conflict, merge field by field, keep what is here, or take what is there."""


class ConflictResolver(Protocol):
    """A function that decides one conflict, which it is given with its base and both sides."""

    def __call__(self, conflict: Any, /) -> Any:
        """Return what is to be stored."""
        ...


OnConflict: TypeAlias = Strategy | ConflictResolver
"""A strategy by name, or a function."""


def checked_strategy(declared: Any) -> OnConflict | None:
    """Return the value of an `on_conflict=` argument; raises `ModelError` for one that means nothing."""
    names = get_args(Strategy)
    if declared is None or callable(declared) or (isinstance(declared, str) and declared in names):
        strategy: OnConflict | None = declared
        return strategy
    raise ModelError(f"on_conflict= is one of {', '.join(names)}, or a function, got {declared!r}")
