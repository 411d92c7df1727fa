"""What waits for the next commit."""

from collections.abc import Iterator

import attrs

from couchmapper.mapping.document import Document

__all__ = ["Pending"]


@attrs.frozen(kw_only=True)
class Pending:
    """The documents that the next commit would write: `new`, `changed` and `deleted` ones."""

    new: tuple[Document, ...] = ()
    changed: tuple[Document, ...] = ()
    deleted: tuple[Document, ...] = ()

    def __iter__(self) -> Iterator[Document]:
        yield from (*self.new, *self.changed, *self.deleted)

    def __len__(self) -> int:
        return len(self.new) + len(self.changed) + len(self.deleted)
