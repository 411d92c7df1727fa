"""`Support`: whether a backend can decide an expression, and why not."""

from typing import Final

import attrs

__all__ = ["NO_SEARCH", "Support"]

NO_SEARCH: Final = "$text: only a search index on the server knows what a search finds"
"""The reason of every backend that cannot search."""


@attrs.frozen(kw_only=True)
class Support:
    """The answer of `Expression.supports`: true when the backend decides exactly as CouchDB's Mango does.

    `reasons` are all that speak against it, for people; `conditions` is what it takes where it is supported.
    """

    backend: str
    reasons: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return not self.reasons

    def __str__(self) -> str:
        told = "; ".join(self.reasons or self.conditions)
        answer = f"exact in {self.backend}" if self else f"not exact in {self.backend}"
        return f"{answer}: {told}" if told else answer
