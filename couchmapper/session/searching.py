"""Asks search services for a session, and gives what they find as the session holds it."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from couchmapper.client.operation import PagedOperation
from couchmapper.client.paging import Pages
from couchmapper.exceptions import (
    BadRequest,
    DatabaseNotFound,
    InvalidCursor,
    NotFound,
    NotImplementedByStore,
    SearchUnavailable,
    ServiceUnavailable,
)
from couchmapper.mapping.document import Document
from couchmapper.query.search import FoundRows
from couchmapper.query.search_services import SERVICES
from couchmapper.query.search_spec import SearchSpec
from couchmapper.session.guard import Guard
from couchmapper.session.loading import Take, documents_by_id
from couchmapper.session.workspace import Workspace
from couchmapper.typing import JSONObject

__all__ = ["Searching"]

_PAGE_SIZE: Final = 200
_NO_SERVICE: Final = {
    "clouseau": "the server has no search service: `_search` needs Clouseau beside CouchDB",
    "nouveau": "the server has no search service: `_nouveau` needs Nouveau beside CouchDB",
}


@attrs.frozen
class Searching:
    """The `SearchExecutor` of a session: `home` tells where a model lives, `take` makes the documents."""

    guard: Guard
    home: Callable[[type], Workspace]
    take: Take

    def documents(self, spec: SearchSpec) -> Iterator[Document]:
        """Yield the documents that are found, as the session holds them.

        Those that wait for their deletion, or were deleted since, are left out before the limit counts.
        """
        with self.guard:
            workspace = self.home(spec.index.model)
        left = spec.limit
        pages = self._pages(attrs.evolve(spec, limit=None) if len(workspace.deleted) else spec)
        with workspace.observed() as written:
            while left != 0:
                read_at = written.now
                written.forget(read_at)
                rows = next(pages, None)
                if rows is None:
                    return
                for row in rows:
                    with self.guard:
                        is_old = written.is_older(read_at, row["id"])
                        document = self._document(workspace, spec, row, is_old=is_old)
                    if document is None:
                        continue
                    yield document
                    left = None if left is None else left - 1
                    if left == 0:
                        return

    def rows(self, spec: SearchSpec) -> Iterator[JSONObject]:
        """Yield the rows of all answers, without documents."""
        for rows in self._pages(spec, include_docs=False):
            yield from rows

    def page(self, spec: SearchSpec, *, size: int, after: str | None) -> FoundRows:
        """Return the rows behind a cursor, with their documents; raises `InvalidCursor`."""
        with self.guard:
            workspace = self.home(spec.index.model)
            asked = self._asked(attrs.evolve(spec, limit=None), include_docs=True)
            if asked is None:
                return FoundRows(rows=(), documents=(), next=None)
            try:
                behind = asked.of(size).after(after)
            except BadRequest as error:
                raise InvalidCursor(f"this cursor is broken, or of another search: {error.reason}") from error
            page = self._turn(spec, iter(behind))
            rows = () if page is None else page.rows
            found = [self._document(workspace, spec, row) for row in rows]
        documents = tuple(one for one in found if one is not None)
        return FoundRows(rows=tuple(rows), documents=documents, next=None if page is None else page.token)

    def ask(self, spec: SearchSpec, options: JSONObject) -> JSONObject:
        """Return the answer to one request; `spec` must be one that can find something."""
        with self.guard:
            operation = self._operation(spec)
            given = {**SERVICES[spec.index.engine].options(spec), **options}
            try:
                return operation(spec.index.ddoc, spec.index.name, spec.query(), **given)
            except (NotFound, ServiceUnavailable, NotImplementedByStore) as error:
                raise _explained(spec, error) from error

    def _pages(self, spec: SearchSpec, *, include_docs: bool = True) -> Iterator[tuple[JSONObject, ...]]:
        with self.guard:
            asked = self._asked(spec, include_docs=include_docs)
            turner = iter(()) if asked is None else iter(asked.of(_PAGE_SIZE))
        while True:
            with self.guard:
                page = self._turn(spec, turner)
            if page is None:
                return
            yield page.rows

    def _turn(self, spec: SearchSpec, turner: Iterator[Any]) -> Any:
        try:
            return next(turner, None)
        except (NotFound, ServiceUnavailable, NotImplementedByStore) as error:
            raise _explained(spec, error) from error

    def _asked(self, spec: SearchSpec, *, include_docs: bool) -> Pages | None:
        """Return the pages of a search; None when nothing can be found."""
        query = spec.query()
        if query is None:
            return None
        options = SERVICES[spec.index.engine].options(spec)
        return self._operation(spec).pages(
            spec.index.ddoc, spec.index.name, query, limit=spec.limit, include_docs=include_docs, **options
        )

    def _operation(self, spec: SearchSpec) -> PagedOperation[..., JSONObject]:
        spec.check()
        database = self.home(spec.index.model).database
        place = database if spec.partition is None else database.partition(spec.partition)
        return place.search.query if spec.index.engine == "clouseau" else place.search.nouveau

    def _document(
        self, workspace: Workspace, spec: SearchSpec, row: JSONObject, *, is_old: bool = False
    ) -> Document | None:
        """Return the document of a row; one that this session has written since is read anew."""
        document_id, json = row["id"], row.get("doc")
        model: type[Document] = spec.index.model
        if workspace.deleted.find(document_id) is not None:
            return None
        if is_old:
            return documents_by_id(workspace, {document_id: model}, self.take).get(document_id)
        if not json or json.get("_deleted"):
            return None
        return self.take(workspace, model, json)


def _explained(spec: SearchSpec, error: NotFound | ServiceUnavailable | NotImplementedByStore) -> Exception:
    """Say what is missing; Nouveau that is not there answers as an index that is not there does."""
    if isinstance(error, DatabaseNotFound):
        return error
    absent = f"{spec.index!r} is not in the database: deploy its design class"
    instead = "conditions can be asked with session.query as well"
    reason = _NO_SERVICE[spec.index.engine]
    if isinstance(error, NotFound):
        reason = absent if spec.index.engine == "clouseau" else f"{reason}; or {absent}"
    return SearchUnavailable(f"{reason}; {instead} ({error})")
