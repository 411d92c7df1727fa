"""One run of a query: its documents as the objects of a session, in constant memory."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Generic, TypeVar

import attrs

from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.query.question import Question
from couchmapper.query.read_ahead import ReadAhead
from couchmapper.query.results import cut
from couchmapper.query.scans import Watch
from couchmapper.query.spec import QuerySpec
from couchmapper.session.guard import Guard
from couchmapper.session.including import in_pages
from couchmapper.session.loading import Take, as_model, documents_by_id
from couchmapper.session.observation import Observation
from couchmapper.session.tombstones import is_buried
from couchmapper.session.workspace import Workspace
from couchmapper.typing import JSONObject

__all__ = ["QueryRun"]

D = TypeVar("D", bound=Document)

_AT_ONCE: Final = 50
"""How many documents of a query are made before the first of them is given."""


@attrs.frozen(kw_only=True)
class QueryRun(Generic[D]):
    """Goes through what a query finds; `take` makes the objects, `include` loads more for them.

    A document that the session holds already is given as it is held, changes included. Documents that wait
    for their deletion are left out, before limit and skip count; those deleted meanwhile are, too. The next
    page is read while the program goes through the one before.
    """

    spec: QuerySpec[D]
    workspace: Workspace
    guard: Guard
    take: Take
    include: Callable[[Sequence[D]], object]

    def documents(self) -> Iterator[D]:
        """Yield the documents as the session holds them when it is their turn."""
        workspace = self.workspace
        with self.guard:
            hidden = len(workspace.deleted)
            spec = self.spec.widened(hidden) if hidden else self.spec
            reading = Question(spec, workspace.source).read()
        with workspace.observed() as written:
            ahead = ReadAhead(reading.pages, size=spec.page_size, now=lambda: written.now)
            found = self._found(ahead, reading.watch, written, self._visible(ahead) if hidden else ahead)
            if spec.include:
                found = in_pages(found, spec.page_size, self._include)
            for document in found:
                self.guard.check()
                if workspace.identities.find(document.id) is document:
                    yield document
                elif not is_buried(document) or document.id in workspace.identities:
                    yield from self._again(document, ahead.read_at, written)
                ahead.take()

    def _found(
        self,
        ahead: ReadAhead[JSONObject],
        watch: Watch,
        written: Observation,
        pages: Iterator[list[JSONObject]],
    ) -> Iterator[D]:
        """Yield documents, some of which are made at once; what the program lets go of is not held here."""
        while True:
            with self.guard:
                page = next(pages, None)
            if page is None:
                return
            watch.warn()
            written.forget(ahead.read_at)
            for start in range(0, len(page), _AT_ONCE):
                with self.guard:
                    documents = self._taken(page[start : start + _AT_ONCE], ahead.read_at, written)
                documents.reverse()
                while documents:
                    yield documents.pop()

    def _visible(self, pages: Iterator[list[JSONObject]]) -> Iterator[list[JSONObject]]:
        """Leave out the documents that wait for their deletion, and then skip and stop as the query says."""
        deleted = self.workspace.deleted
        visible = ([json for json in page if deleted.find(json["_id"]) is None] for page in pages)
        return cut(visible, self.spec)

    def _taken(self, batch: Sequence[JSONObject], read_at: int, written: Observation) -> list[D]:
        """Return the documents of a part of a page; what this session has written since is read anew."""
        workspace, model = self.workspace, self.spec.model
        if len(workspace.deleted):
            batch = [json for json in batch if workspace.deleted.find(json["_id"]) is None]
        old = [json["_id"] for json in batch if written.is_older(read_at, json["_id"])]
        if not old:
            return [self.take(workspace, model, json) for json in batch]
        new = documents_by_id(workspace, dict.fromkeys(old, model), self.take)
        found = [
            new.get(json["_id"]) if json["_id"] in old else self.take(workspace, model, json)
            for json in batch
        ]
        return [as_model(model, document) for document in found if document is not None]

    def _again(self, document: D, read_at: int, written: Observation) -> list[D]:
        """Return what the session has in place of a document that it does not hold any more, if anything."""
        with self.guard:
            documents = self._taken([mapper.source_of(document) or {}], read_at, written)
        self._include(documents)
        return documents

    def _include(self, page: list[D]) -> None:
        with self.guard:
            self.include(page)
