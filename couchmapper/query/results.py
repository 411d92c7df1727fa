"""Runs a query against `_find`: every page, and the order also where no index gives it."""

import heapq
from collections.abc import Iterator
from itertools import chain
from typing import Any, Protocol

from couchmapper.exceptions import InvalidAnswer, NoUsableIndex
from couchmapper.mango.sort import sort_key
from couchmapper.mapping.document import Document
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSON, JSONObject

__all__ = ["FindOperation", "find_documents", "find_pages"]


class FindOperation(Protocol):
    """The operation `POST /{db}/_find`, as the client offers it."""

    def __call__(
        self,
        selector: JSONObject,
        *,
        sort: list[JSON] | None = None,
        limit: int | None = None,
        skip: int | None = None,
        bookmark: str | None = None,
    ) -> JSONObject:
        """Return one page: `docs` and a `bookmark`."""
        ...


def find_documents(find: FindOperation, spec: QuerySpec[Any]) -> Iterator[JSONObject]:
    """Yield the documents that a query asks for."""
    return chain.from_iterable(find_pages(find, spec))


def find_pages(find: FindOperation, spec: QuerySpec[Any]) -> Iterator[list[JSONObject]]:
    """Yield the documents that a query asks for, as lists, each by one request.

    CouchDB sorts only by an index, and all fields in one direction. Where none fits, all matching documents
    are read and sorted here, by CouchDB's own order of values.
    """
    selector = spec.selector()
    if selector is None or spec.limit == 0:
        return
    if spec.is_mixed():
        yield _sorted_here(find, selector, spec)
        return
    pages = _pages(find, selector, spec.sort() or None, spec)
    try:
        first = next(pages, [])
    except NoUsableIndex:
        yield _sorted_here(find, selector, spec)
        return
    yield first
    yield from pages


def _pages(
    find: FindOperation, selector: JSONObject, sort: list[JSON] | None, spec: QuerySpec[Document]
) -> Iterator[list[JSONObject]]:
    """Yield pages until one is short; CouchDB's bookmark of the last page must not be asked with."""
    left, skip, bookmark = spec.limit, spec.skip or None, None
    while left is None or left > 0:
        size = spec.page_size if left is None else min(left, spec.page_size)
        answer = find(selector, sort=sort, limit=size, skip=skip, bookmark=bookmark)
        page: list[JSONObject] = answer["docs"]
        if len(page) == size and answer["bookmark"] == bookmark:
            raise InvalidAnswer("POST /{db}/_find: the bookmark of a full page leads to the same page again")
        yield page
        if len(page) < size:
            return
        left = None if left is None else left - len(page)
        skip, bookmark = None, answer["bookmark"]


def _sorted_here(find: FindOperation, selector: JSONObject, spec: QuerySpec[Document]) -> list[JSONObject]:
    everything = QuerySpec(model=spec.model, page_size=spec.page_size)
    documents = (document for page in _pages(find, selector, None, everything) for document in page)
    order = sort_key(spec.order)
    if spec.limit is None:
        return sorted(documents, key=order)[spec.skip :]
    return heapq.nsmallest(spec.skip + spec.limit, documents, key=order)[spec.skip :]
