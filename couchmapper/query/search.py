"""`SearchQuery`: full text, and conditions beside it, asked of a declared search index."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Generic, Protocol, Self, TypeVar

import attrs

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.lucene import SearchField
from couchmapper.mango.nodes import Expression
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping.document import Document
from couchmapper.mapping.expressions import Field, path_of, write_operand
from couchmapper.query.search_results import SearchGroup, SearchHit, SearchPage
from couchmapper.query.search_services import SERVICES, SearchService
from couchmapper.query.search_spec import SearchSpec, words_query
from couchmapper.typing import JSON, JSONObject

__all__ = ["FoundRows", "SearchExecutor", "SearchQuery"]

D = TypeVar("D", bound=Document)

_PAGE_SIZE: Final = 200


@attrs.frozen(kw_only=True)
class FoundRows:
    """The rows of one answer, the documents of them that are there, and the cursor of the next ones."""

    rows: tuple[JSONObject, ...]
    documents: tuple[Document, ...]
    next: str | None


class SearchExecutor(Protocol):
    """Runs a search: a session."""

    def documents(self, spec: SearchSpec) -> Iterator[Document]:
        """Yield the documents that are found, as the session holds them."""
        ...

    def rows(self, spec: SearchSpec) -> Iterator[JSONObject]:
        """Yield the rows of all answers, without documents."""
        ...

    def page(self, spec: SearchSpec, *, size: int, after: str | None) -> FoundRows:
        """Return the rows behind a cursor, with their documents; raises `InvalidCursor`."""
        ...

    def ask(self, spec: SearchSpec, options: JSONObject) -> JSONObject:
        """Return the answer to one request."""
        ...


class SearchQuery(Generic[D]):
    """A search for documents; every method gives a new search, iterating asks the server.

    Iteration goes through all pages. Without `order_by`, the most relevant documents come first. The server
    answers from what is saved: it does not know the changes that wait for `commit`.
    """

    def __init__(self, executor: SearchExecutor, spec: SearchSpec) -> None:
        self._executor = executor
        self.spec = spec

    def __repr__(self) -> str:
        return f"<search of {self.spec.index!r} for {self.spec.query() or 'nothing'}>"

    def where(self, *conditions: Expression) -> Self:
        """Keep the documents that fulfil every condition, exactly as `session.query` would.

        Raises `ExpressionError`, when it is asked, with every condition that the index cannot decide so.
        """
        for condition in conditions:
            if not isinstance(condition, Expression):
                raise ExpressionError(
                    f"expected an expression such as `Order.status == 'paid'`, got {condition!r}"
                )
            self = self._with(where=self.spec.where & condition)  # noqa: PLW0642 - a query is a value
        return self

    def matching(self, query: str) -> Self:
        """Keep what a query in Lucene's syntax finds, `"tea AND (cup OR pot)"`; names are those of the index.

        It is sent as it is: for what people type, take `words`.
        """
        match query:
            case str() if query.strip():
                return self._with(texts=(*self.spec.texts, query))
        raise ExpressionError(f"expected a query such as 'tea AND cup', got {query!r}")

    def words(self, text: str) -> Self:
        """Keep the documents whose analysed text has all words of any text, in any order.

        Nothing in it is taken for syntax. A text without words keeps every document.
        """
        if not isinstance(text, str):
            raise ExpressionError(f"expected a text, got {text!r}")
        query = words_query(text)
        return self if query is None else self.matching(query)

    def order_by(self, *fields: Field[Any] | SortTerm) -> Self:
        """Sort by fields, `Order.placed` or `Order.placed.desc()`, in place of the relevance.

        Text is sorted by code points, capitals first. Documents that have no value there are left out.
        """
        terms = tuple(field.asc() if isinstance(field, Field) else field for field in fields)
        for term in terms:
            if not isinstance(term, SortTerm):
                raise ExpressionError(
                    f"expected a field such as `Order.placed` or `Order.placed.desc()`, got {term!r}"
                )
            self.spec.sortable(term.path)
        return self._with(order=terms)

    def limit(self, count: int) -> Self:
        """Give at most so many documents."""
        if type(count) is not int or count < 0:
            raise ExpressionError(f"limit takes a whole number of documents, got {count!r}")
        return self._with(limit=count)

    def partition(self, name: str) -> Self:
        """Search one partition of a partitioned database; services do not count or group there."""
        return self._with(partition=name)

    def drilldown(self, field: Field[Any], *values: Any) -> Self:
        """Keep the documents with one of these values in a field that is counted; Clouseau only."""
        known = self._labelled(field)
        wanted = tuple(_label(write_operand(field, value)) for value in values)
        asked = self._with(drilldown=(*self.spec.drilldown, (known.name, *wanted)))
        asked._service.options(asked.spec)  # noqa: SLF001 - of this class; refuses what the service has not
        return asked

    def __iter__(self) -> Iterator[D]:
        return self._executor.documents(self.spec)  # type: ignore[return-value]  # of the index's model

    def all(self) -> list[D]:
        """Return every document, through all pages."""
        return list(self)

    def first(self) -> D | None:
        """Return the first document, or None."""
        return next(iter(self if self.spec.limit == 0 else self.limit(1)), None)

    def hits(self) -> Iterator[SearchHit]:
        """Yield what was found without its documents: ids, relevance or order, and stored values."""
        return (self._service.hit(row, self.spec) for row in self._executor.rows(self.spec))

    def page(self, size: int, *, after: str | None = None) -> SearchPage[D]:
        """Return the next `size` documents (at most 200) with their hits; `limit` is not looked at.

        `after` is the `next` of the page before. Raises `InvalidCursor` for one of another search.
        """
        if type(size) is not int or not 0 < size <= _PAGE_SIZE:
            raise ExpressionError(f"a page of a search has 1 to {_PAGE_SIZE} documents, not {size!r}")
        found = self._executor.page(self.spec, size=size, after=after)
        return SearchPage(
            documents=found.documents,  # type: ignore[arg-type]  # of the index's model
            hits=tuple(self._service.hit(row, self.spec) for row in found.rows),
            next=found.next,
        )

    def count(self) -> int:
        """Return how many documents are found, whatever the limit.

        Nouveau stops counting after a thousand: what it does not count is gone through here.
        """
        if self.spec.query() is None:
            return 0
        total = self._service.total(self._counted({}))
        if total is None:
            total = sum(1 for _ in self._executor.rows(attrs.evolve(self.spec, limit=None, order=())))
        return total

    def counts(self, *fields: Field[Any]) -> dict[str, dict[str, int]]:
        """Count the documents for each value of fields: `{"status": {"new": 3}}`.

        Fields must be in `facet=`, and hold text or booleans. Nouveau tells the 1000 most frequent values.
        """
        known = [self._labelled(field) for field in fields]
        if self.spec.query() is None:
            return {one.name: {} for one in known}
        told = self._counted(self._service.counting(known)).get("counts") or {}
        return {one.name: dict(told.get(one.name) or {}) for one in known}

    def ranges(self, field: Field[Any], ranges: Mapping[str, tuple[Any, Any]]) -> dict[str, int]:
        """Count the documents in named ranges of a field of numbers.

        `{"cheap": (0, 10), "dear": (10, None)}`: the first value is in its range, the second is not; None is
        an open end.
        """
        known = self.spec.countable(path_of(field))
        if known.form != "number":
            raise ExpressionError(f"{field!r} holds no numbers; its values are counted by counts(...)")
        written = {
            name: (_written(field, low), _written(field, high)) for name, (low, high) in ranges.items()
        }
        if self.spec.query() is None:
            return dict.fromkeys(written, 0)
        told = self._counted(self._service.counting_ranges(known, written)).get("ranges") or {}
        found = told.get(known.name) or {}
        return {name: found.get(name) or 0 for name in written}

    def group_by(self, field: Field[Any], *, groups: int = 25, size: int = 1) -> list[SearchGroup]:
        """Return the first groups of documents with the same value, each with its first hits; Clouseau only.

        The field is one text, indexed as `keyword=`; up to 200 groups are given.
        """
        known = self.spec.sortable(path_of(field))
        if self.spec.index.engine != "clouseau" or known.form == "number":
            raise ExpressionError("documents are grouped by Clouseau only, and by texts: " + repr(field))
        if self.spec.query() is None:
            return []
        options = {"group_field": f"{known.name}<string>", "group_limit": groups, "limit": size}
        answer = self._executor.ask(self.spec, options)
        return [
            SearchGroup(
                value=group["by"],
                total=group["total_rows"],
                hits=tuple(self._service.hit(row, self.spec) for row in group["rows"]),
            )
            for group in answer["groups"]
        ]

    @property
    def _service(self) -> SearchService:
        return SERVICES[self.spec.index.engine]

    def _labelled(self, field: Field[Any]) -> SearchField:
        """Return a field whose values are counted one by one; raises `ExpressionError`."""
        known = self.spec.countable(path_of(field))
        if known.form == "number":
            raise ExpressionError(f"{field!r} holds numbers, which are counted by ranges(...)")
        return known

    def _counted(self, options: JSONObject) -> JSONObject:
        return self._executor.ask(
            attrs.evolve(self.spec, limit=None), {"limit": self._service.fewest, **options}
        )

    def _with(self, **changes: Any) -> Self:
        return type(self)(self._executor, attrs.evolve(self.spec, **changes))


def _written(field: Field[Any], value: Any) -> JSON:
    return None if value is None else write_operand(field, value)


def _label(value: JSON) -> str:
    """Return the text under which a value is counted."""
    return value if isinstance(value, str) else str(value).lower()
