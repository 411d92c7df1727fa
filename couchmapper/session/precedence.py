"""Which documents are written before which, where somebody asked for an order."""

from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

from couchmapper.exceptions import SessionError
from couchmapper.mapping.document import Document
from couchmapper.session.unit_of_work import Write

__all__ = ["Precedence"]


class Precedence:
    """The order between documents of a session: one of them is sent when those before it are saved."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[Document, list[Document]]] = {}

    def note(self, document: Document, after: Iterable[Document]) -> None:
        """Note that a document is to be written after others."""
        if earlier := list(after):
            self._before.setdefault(id(document), (document, []))[1].extend(earlier)

    def before(self, document: Document) -> Sequence[Document]:
        """Return the documents that are written before one."""
        return self._before[id(document)][1] if id(document) in self._before else ()

    def forget(self, document: Document) -> None:
        """Forget what was asked for a document."""
        self._before.pop(id(document), None)

    def forget_all(self, documents: Iterable[Document]) -> None:
        """Forget what was asked for documents."""
        for document in documents if self._before else ():
            self.forget(document)

    def clear(self) -> None:
        """Forget everything."""
        self._before.clear()

    def waves(self, writes: Sequence[Write]) -> list[Sequence[Write]]:
        """Put the writes into groups, of which each waits for the one before it.

        Documents that are not written do not matter. Raises `SessionError` for an order that is a circle.
        """
        if not self._before:
            return [writes]
        written = {id(write.document): write for write in writes}
        graph = {
            key: [id(one) for one in self.before(write.document) if id(one) in written]
            for key, write in written.items()
        }
        sorter = TopologicalSorter(graph)
        try:
            sorter.prepare()
        except CycleError as error:
            circle = ", ".join(repr(written[key].id) for key in error.args[1][:-1])
            raise SessionError(f"after= goes round in a circle: {circle}; leave one of them out") from error
        waves: list[Sequence[Write]] = []
        while sorter.is_active():
            ready = sorter.get_ready()
            waves.append([write for key, write in written.items() if key in ready])
            sorter.done(*ready)
        return waves
