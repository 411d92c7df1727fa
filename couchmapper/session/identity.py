"""One object per document: the identity map of a session."""

import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from couchmapper.exceptions import IdentityError
from couchmapper.mapping.document import Document
from couchmapper.session.holding import is_held_elsewhere
from couchmapper.session.untouched import is_surely_untouched

__all__ = ["IdentityMap", "IsChanged"]

IsChanged: TypeAlias = Callable[[str, Document], bool]
"""Tells whether a document, known under an id, has something that the server does not have."""

_PATIENCE: Final = 1000
_LEAVES_VALUES: Final[bool] = sys.version_info >= (3, 13)


class _Loose(weakref.ref[Document]):
    """A document that goes when nobody else holds it; its values stay here until they were looked at."""

    __slots__ = ("id", "kind", "values")

    id: str
    kind: type[Document]
    values: dict[str, Any]

    def revive(self) -> Document:
        """Make an object of the values of the one that went."""
        document = object.__new__(self.kind)
        object.__setattr__(document, "__dict__", self.values)  # a class may have a __setattr__ of its own
        return document


class IdentityMap:
    """The documents of a session by id, in the order in which they came.

    What waits for its commit is held. A clean document is held loosely: when the program lets go of it, its
    values are looked at, now and then for many together, and leave the map. Should they have been changed, in
    a list perhaps that was held longer than the document, they come back as an object that is held, so that
    no change is lost.
    """

    def __init__(self, is_changed: IsChanged) -> None:
        self._documents: dict[str, Document | _Loose] = {}
        self._is_changed = is_changed
        self._gone: list[weakref.ref[Document]] = []
        self._note_gone = self._gone.append  # it holds the list, and not the map
        self._patience = _PATIENCE

    def __len__(self) -> int:
        return len(self._documents)

    def __iter__(self) -> Iterator[tuple[str, Document]]:
        for document_id, held in list(self._documents.items()):
            document = self.find(document_id) if isinstance(held, _Loose) else held
            if document is not None:
                yield document_id, document

    def __contains__(self, document_id: object) -> bool:
        """Tell whether an id has a document here."""
        return document_id in self._documents

    def find(self, document_id: str) -> Document | None:
        """Return the document of an id, or None."""
        held = self._documents.get(document_id)
        if held is None or not isinstance(held, _Loose):
            return held
        document = held()
        if document is None:  # it went, and was not looked at yet
            document = held.revive()
            self.loosen(document_id, document)
        return document

    def holds(self, document: Document) -> bool:
        """Tell whether this very object is in the map."""
        return self.find(document.id) is document

    def check(self, document_id: str, document: Document) -> None:
        """Raise `IdentityError` when an id has another object here."""
        other = self.find(document_id)
        if other is not None and other is not document:
            raise IdentityError(
                f"the session holds another object for {document_id!r}: change that one (session.get), commit"
                " its deletion, or expunge it first"
            )

    def add(self, document_id: str, document: Document) -> None:
        """Hold a document under its id; raises `IdentityError` when that has another object here."""
        if document_id in self._documents:
            self.check(document_id, document)
        self._documents[document_id] = document

    def loosen(self, document_id: str, document: Document) -> None:
        """Hold a document only as long as the program does, or when it was changed in the end."""
        loose = _Loose(document, self._note_gone)
        loose.id, loose.kind, loose.values = document_id, type(document), _own_values(document)
        self._documents[document_id] = loose
        if len(self._gone) >= self._patience:
            self._look_at_gone()

    def remove(self, document_id: str) -> None:
        """Forget a document; one that is not there is forgotten already."""
        self._documents.pop(document_id, None)

    def clear(self) -> None:
        """Forget every document."""
        self._documents.clear()
        self._gone.clear()

    def _look_at_gone(self) -> None:
        """Forget the documents that went, but those that changed, or still can by a part that is held."""
        gone = self._gone.copy()
        self._gone.clear()
        for loose in gone:
            if isinstance(loose, _Loose) and self._documents.get(loose.id) is loose:
                self._look_at(loose)
        self._patience = max(_PATIENCE, 2 * len(self._gone))

    def _look_at(self, loose: _Loose) -> None:
        if is_surely_untouched(loose.kind, loose.values):
            del self._documents[loose.id]
        elif is_held_elsewhere(loose.kind, loose.values):
            self._gone.append(loose)
        else:
            document = loose.revive()
            if self._is_changed(loose.id, document):
                self._documents[loose.id] = document
            else:
                del self._documents[loose.id]


def _own_values(document: Document) -> dict[str, Any]:
    """Return the `__dict__` of a document, as one that keeps its values alive when the document goes.

    From Python 3.13 on, the first one leaves them in the object: the garbage collector, which finds that in a
    circle of references, would empty the lists among them.
    """
    values = document.__dict__
    if _LEAVES_VALUES:
        values = values.copy()
        object.__setattr__(document, "__dict__", values)
    return values
