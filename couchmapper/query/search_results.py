"""What a search finds, as values."""

from collections.abc import Iterator
from typing import Generic, TypeVar

import attrs

from couchmapper.mapping.document import Document
from couchmapper.typing import JSON, JSONObject

__all__ = ["SearchGroup", "SearchHit", "SearchPage"]

D = TypeVar("D", bound=Document)


@attrs.frozen(kw_only=True)
class SearchHit:
    """A document that was found: its id, and `fields`, the stored values by their names in the index.

    `score` is its relevance, None when the search has an order; `order` are then the values sorted by.
    """

    id: str
    score: float | None
    order: tuple[JSON, ...]
    fields: JSONObject


@attrs.frozen(kw_only=True)
class SearchGroup:
    """What was found with one value of a field (None is without it): how many, and the first hits."""

    value: str | None
    total: int
    hits: tuple[SearchHit, ...]


@attrs.frozen(kw_only=True)
class SearchPage(Generic[D]):
    """Some documents that were found, in order, and their hits; `next` is the cursor to pass as `after=`.

    `next` is None on the last page. A document that was deleted meanwhile has a hit and is not there.
    """

    documents: tuple[D, ...]
    hits: tuple[SearchHit, ...]
    next: str | None

    def __iter__(self) -> Iterator[D]:
        return iter(self.documents)

    def __len__(self) -> int:
        return len(self.documents)
