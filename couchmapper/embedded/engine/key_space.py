"""The keys of an index that a query can see: all of them, or those of one partition."""

from collections.abc import Callable

import attrs

from couchmapper.typing import JSON

__all__ = ["KeySpace"]


@attrs.frozen
class KeySpace:
    """Turns the bounds of a query into the bytes by which rows are ordered.

    `lowest` and `highest` take the place of bounds that are not given; None is no bound.
    """

    key: Callable[[JSON], bytes]
    lowest: bytes | None = None
    highest: bytes | None = None

    @property
    def is_partition(self) -> bool:
        """Whether it is one partition of an index."""
        return self.lowest is not None
