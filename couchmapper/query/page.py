"""A page of documents, and the cursors of the pages beside it."""

from collections.abc import Iterator
from typing import Generic, TypeVar

import attrs

from couchmapper.mapping.document import Document

__all__ = ["Page"]

D = TypeVar("D", bound=Document)


@attrs.frozen(kw_only=True)
class Page(Generic[D]):
    """Some documents of a query, in its order.

    `next` is the cursor to pass as `after=` for the page that follows, None on the last one; `previous` the
    one to pass as `before=`, None on the first page. The way back to where a page was come from is always
    there, also when others have deleted all that was on it: then that page is empty, and leads back in turn.
    A page has fewer documents where some wait for their deletion in the session.
    """

    documents: tuple[D, ...]
    next: str | None
    previous: str | None

    def __iter__(self) -> Iterator[D]:
        return iter(self.documents)

    def __len__(self) -> int:
        return len(self.documents)
