"""One object per document: the identity map of a session."""

from collections.abc import Iterator

from couchmapper.exceptions import IdentityError
from couchmapper.mapping.document import Document

__all__ = ["IdentityMap"]


class IdentityMap:
    """The documents of a session by id, in the order in which they came."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}

    def __len__(self) -> int:
        return len(self._documents)

    def __iter__(self) -> Iterator[tuple[str, Document]]:
        return iter(list(self._documents.items()))

    def find(self, document_id: str) -> Document | None:
        """Return the document of an id, or None."""
        return self._documents.get(document_id)

    def holds(self, document: Document) -> bool:
        """Tell whether this very object is in the map."""
        return self._documents.get(document.id) is document

    def check(self, document: Document) -> None:
        """Raise `IdentityError` when the id of a document has another object here."""
        other = self._documents.get(document.id)
        if other is not None and other is not document:
            raise IdentityError(
                f"the session holds another object for {document.id!r}: change that one (session.get), commit"
                " its deletion, or expunge it first"
            )

    def add(self, document: Document) -> None:
        """Put a document into the map; raises `IdentityError` when its id has another object there."""
        self.check(document)
        self._documents[document.id] = document

    def remove(self, document_id: str) -> None:
        """Forget a document; one that is not there is forgotten already."""
        self._documents.pop(document_id, None)

    def clear(self) -> None:
        """Forget every document."""
        self._documents.clear()
