"""What is done when a write meets another one: the values of `on_conflict=`, and of `merge=` for a field."""

from typing import Any, Literal, Protocol, TypeAlias, get_args

from couchmapper.exceptions import ModelError

__all__ = [
    "ConflictResolver",
    "MergeFunction",
    "MergeName",
    "MergeRule",
    "OnConflict",
    "Strategy",
    "checked_merge",
    "checked_strategy",
]

Strategy: TypeAlias = Literal["raise", "merge", "mine", "theirs"]
"""Tell the conflict, merge field by field, keep what is here, or take what is there."""


class ConflictResolver(Protocol):
    """A function that decides one conflict, which it is given with its base and both sides."""

    def __call__(self, conflict: Any, /) -> Any:
        """Return what is to be stored."""
        ...


OnConflict: TypeAlias = Strategy | ConflictResolver
"""A strategy by name, or a function."""

_NAMES: tuple[Strategy, ...] = get_args(Strategy)


def checked_strategy(declared: Any) -> OnConflict | None:
    """Return the value of an `on_conflict=` argument; raises `ModelError` for one that means nothing."""
    strategy: OnConflict | None = declared
    if declared is None or callable(declared) or (isinstance(declared, str) and declared in _NAMES):
        return strategy
    raise ModelError(f"on_conflict= is one of {', '.join(_NAMES)}, or a function, got {declared!r}")


MergeName: TypeAlias = Literal["union", "add", "newest", "mine", "theirs"]
"""Keep the elements of both, add up both changes, take the later value, ours, or that of the other writer."""


class MergeFunction(Protocol):
    """A function that makes one value of a field of two: `field(merge=function)`.

    It is given values as the field's type has them, and called when both sides changed the field, each to
    another value. `base` is None where there was none before; `mine` and `theirs` are None only when the
    field may be. The result should not depend on which side is which, and the arguments stay as they are.
    """

    def __call__(self, base: Any, mine: Any, theirs: Any, /) -> Any:
        """Return the value of both."""
        ...


MergeRule: TypeAlias = MergeName | MergeFunction
"""A rule by name, or a function."""

_RULES: tuple[MergeName, ...] = get_args(MergeName)


def checked_merge(declared: Any) -> MergeRule | None:
    """Return the value of a `merge=` argument; raises `ModelError` for one that means nothing."""
    if declared is None or callable(declared):
        function: MergeFunction | None = declared
        return function
    for name in _RULES:
        if declared == name:
            return name
    raise ModelError(
        f"merge= is one of {', '.join(_RULES)}, or a function (base, mine, theirs), got {declared!r}"
    )
