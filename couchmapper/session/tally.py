"""Keeps count of a commit on its way: what became of each write so far."""

from collections.abc import Iterable

import attrs

from couchmapper.exceptions import CouchMapperError
from couchmapper.mapping.document import Document
from couchmapper.session.conflicts import Conflict
from couchmapper.session.report import CommitReport, Rejected
from couchmapper.session.unit_of_work import Write

__all__ = ["Tally"]


@attrs.define
class Tally:
    """The writes of a commit by what became of them; those of which nothing is known yet are open."""

    saved: list[Document] = attrs.field(factory=list)
    merged: list[Document] = attrs.field(factory=list)
    deleted: list[Document] = attrs.field(factory=list)
    yielded: list[Document] = attrs.field(factory=list)
    resurrected: list[Document] = attrs.field(factory=list)
    accepted: list[Document] = attrs.field(factory=list)
    conflicts: list[Conflict] = attrs.field(factory=list)
    rejected: list[Rejected] = attrs.field(factory=list)
    unheard: set[int] = attrs.field(factory=set)
    _open: dict[int, Write] = attrs.field(factory=dict)

    def open(self, writes: Iterable[Write]) -> None:
        """Begin with these writes."""
        for write in writes:
            self._open[id(write.document)] = write

    def close(self, write: Write) -> None:
        """Note that it is known what became of a write."""
        self._open.pop(id(write.document), None)

    def is_open(self, document: Document) -> bool:
        """Tell whether a document still waits."""
        return id(document) in self._open

    def is_left(self, document: Document) -> bool:
        """Tell whether a document is one of those that were not written."""
        failed = (*(one.document for one in self.conflicts), *(one.document for one in self.rejected))
        return self.is_open(document) or any(one is document for one in failed)

    def accept(self, documents: Iterable[Document]) -> None:
        """Note that the server took documents without a quorum."""
        known = {id(document) for document in self.accepted}
        for document in documents:
            if id(document) not in known:
                known.add(id(document))
                self.accepted.append(document)

    def reject(self, write: Write, error: CouchMapperError) -> None:
        """Note that a document was not written, and why; of several reasons the first is told."""
        if not self.is_open(write.document):
            return
        self.close(write)
        self.rejected.append(Rejected(document=write.document, error=error))

    def report(self) -> CommitReport:
        """Return what became of the commit."""
        left = [write.document for write in self._open.values()]
        return CommitReport(
            saved=tuple(self.saved),
            merged=tuple(self.merged),
            deleted=tuple(self.deleted),
            yielded=tuple(self.yielded),
            resurrected=tuple(self.resurrected),
            accepted=tuple(self.accepted),
            conflicts=tuple(self.conflicts),
            rejected=tuple(self.rejected),
            unanswered=tuple(document for document in left if id(document) in self.unheard),
            unsent=tuple(document for document in left if id(document) not in self.unheard),
        )
