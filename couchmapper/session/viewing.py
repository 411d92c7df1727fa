"""Asks views for a session, and gives the documents of their rows as the session holds them."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

import attrs

from couchmapper.client.operation import PagedOperation
from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.mapping.links import load_link
from couchmapper.query.view_spec import EXACT, ViewSpec
from couchmapper.session.guard import Guard
from couchmapper.session.loading import Take, as_model, documents_by_id
from couchmapper.session.tombstones import is_buried
from couchmapper.session.workspace import Workspace
from couchmapper.typing import JSONObject

__all__ = ["Viewing"]

_MOST_KEYS: Final = 500
_PAGE_SIZE: Final = 1000


@attrs.frozen
class Viewing:
    """The `ViewExecutor` of a session: `home` tells where a model lives, `take` makes the documents."""

    guard: Guard
    home: Callable[[type], Workspace]
    take: Take

    def rows(self, spec: ViewSpec, *, size: int) -> Iterator[JSONObject]:
        """Yield the rows as the server sends them, in pages of at most `size`.

        Raises `QueryError` now for a question that is not complete; what the server refuses is raised by the
        first row.
        """
        spec.check()
        if spec.prefix is None:
            return self._asked(spec, size)
        every = filter(spec.accepts, self._asked(spec.unlimited(), size))
        return islice(every, spec.skip, _end(spec))

    def count(self, spec: ViewSpec) -> int:
        """Return how many rows there are, whatever the limit."""
        spec.check()
        if spec.is_whole:
            told = self._ask(spec, limit=0)
            return int(told["total_rows"])
        if spec.view.reduce_function != "_count" or (spec.keys is not None and spec.partition is not None):
            return sum(1 for _ in self._asked(spec.unlimited(), _PAGE_SIZE))
        if spec.keys is None:
            rows = self._ask(attrs.evolve(spec, reduced=True))["rows"]
        else:
            rows = self._of_keys(attrs.evolve(spec, reduced=True, group_level=EXACT), None)
        return sum(row["value"] for row in rows)

    def documents(self, spec: ViewSpec, *, unique: bool) -> Iterator[Document]:
        """Yield the documents of the rows, which are loaded for a page of rows at a time."""
        model: type[Document] = spec.view.target or spec.view.model
        with self.guard:
            home = self.home(model)
            hidden = len(home.deleted)
        spec.check()
        rows = self.rows(spec.unlimited() if hidden else spec, size=_PAGE_SIZE)
        ids: Iterable[str] = map(_linked if spec.view.target else _emitting, rows)
        if hidden:
            visible = (one for one in ids if home.deleted.find(one) is None)
            ids = islice(visible, spec.skip, _end(spec))
        return self._loaded(home, model, _once(ids) if unique else iter(ids))

    def _asked(self, spec: ViewSpec, size: int) -> Iterator[JSONObject]:
        """Yield the rows that the server gives, be they asked for or not."""
        if spec.limit == 0:
            return
        if spec.keys is not None:
            yield from islice(self._of_keys(spec, _end(spec)), spec.skip, _end(spec))
        elif spec.is_one_group or (spec.limit is not None and spec.limit <= size):
            yield from self._ask(spec, limit=spec.limit, skip=spec.skip or None)["rows"]
        else:
            yield from self._paged(spec, size)

    def _paged(self, spec: ViewSpec, size: int) -> Iterator[JSONObject]:
        with self.guard:
            asked = self._operation(spec).pages(
                spec.view.design_name,
                spec.view.name,
                limit=spec.limit,
                skip=spec.skip or None,
                **spec.parameters(),
            )
            pages = iter(asked.of(size))
        while True:
            with self.guard:
                page = next(pages, None)
            if page is None:
                return
            yield from page.rows

    def _of_keys(self, spec: ViewSpec, limit: int | None) -> Iterator[JSONObject]:
        """Yield the rows of many keys, for some of the keys at a time."""
        keys = iter(spec.keys or ())
        while some := list(islice(keys, _MOST_KEYS)):
            yield from self._ask(spec, keys=some, limit=limit)["rows"]

    def _ask(self, spec: ViewSpec, **options: Any) -> JSONObject:
        with self.guard:
            ask = self._operation(spec)
            return ask(spec.view.design_name, spec.view.name, **options, **spec.parameters())

    def _operation(self, spec: ViewSpec) -> PagedOperation[..., JSONObject]:
        database = self.home(spec.view.model).database
        if spec.partition is None:
            return database.views.query
        return database.partition(spec.partition).views.query

    def _loaded(self, home: Workspace, model: type[Document], ids: Iterator[str]) -> Iterator[Document]:
        while page := list(islice(ids, _PAGE_SIZE)):
            with self.guard:
                found = documents_by_id(home, dict.fromkeys(page, model), self.take)
            for one in page:
                self.guard.check()
                document = found.get(one)
                if document is not None:
                    yield from self._as_held(home, model, document)

    def _as_held(self, home: Workspace, model: type[Document], document: Document) -> Iterator[Document]:
        """Yield a document as the session holds it when it is its turn, if it is not deleted by now."""
        if home.identities.find(document.id) is not document:
            if is_buried(document) or home.deleted.find(document.id) is not None:
                return
            with self.guard:
                document = self.take(home, model, mapper.source_of(document) or {})
        yield as_model(model, document)


def _end(spec: ViewSpec) -> int | None:
    """Return where the wanted rows end, counted from the first one."""
    return None if spec.limit is None else spec.skip + spec.limit


def _emitting(row: JSONObject) -> str:
    found: str = row["id"]
    return found


def _linked(row: JSONObject) -> str:
    return load_link(row["value"]).id


def _once(ids: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for one in ids:
        if one not in seen:
            seen.add(one)
            yield one
