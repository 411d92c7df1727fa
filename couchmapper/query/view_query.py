"""`ViewQuery`: the fluent, immutable form of a question to a declared view."""

from collections.abc import Iterable, Iterator
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, overload

import attrs

from couchmapper import collation
from couchmapper.exceptions import (
    ExpressionError,
    MultipleResultsFound,
    NoResultFound,
    QueryError,
    UnexpectedType,
)
from couchmapper.mapping.document import Document
from couchmapper.mapping.references import Ref
from couchmapper.query.prefixes import text_bounds
from couchmapper.query.view_pages import ViewPage, find_page
from couchmapper.query.view_spec import BEHIND_ALL, EXACT, KeyRange, Update, ViewSpec
from couchmapper.query.views import Row, read_rows
from couchmapper.typing import JSON, JSONObject

if TYPE_CHECKING:
    from couchmapper.mapping.links import Link

__all__ = ["ViewExecutor", "ViewQuery"]

K = TypeVar("K")
V = TypeVar("V")
E = TypeVar("E")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D", bound=Document)

_PAGE_SIZE = 1000


class ViewExecutor(Protocol):
    """Asks views: a session."""

    def rows(self, spec: ViewSpec, *, size: int) -> Iterator[JSONObject]:
        """Yield the rows as the server sends them, in pages of at most `size`."""
        ...

    def count(self, spec: ViewSpec) -> int:
        """Return how many rows there are, whatever the limit; the view need not send them."""
        ...

    def documents(self, spec: ViewSpec, *, unique: bool) -> Iterator[Document]:
        """Yield the documents of the rows."""
        ...


class ViewQuery(Generic[K, V, E]):
    """A question to a view: rows with keys K and values V, made of emitted values E by a reduce function.

    Every method gives a new query; iterating asks the server, and goes through all pages in constant memory.
    A view with a reduce function gives one reduced row, see `value`, unless `group` or `rows` is asked for.
    The rows are those of what is saved: the server does not know the changes that wait for `commit`.
    """

    def __init__(self, executor: ViewExecutor, spec: ViewSpec) -> None:
        self._executor = executor
        self.spec = spec

    def __repr__(self) -> str:
        return f"<query of {self.spec.view!r}: {self.spec.parameters()}>"

    @overload
    def key(self: "ViewQuery[Ref[D], V, E]", key: Ref[D] | D | str) -> "ViewQuery[K, V, E]": ...
    @overload
    def key(self, key: K) -> "ViewQuery[K, V, E]": ...
    def key(self, key: Any) -> "ViewQuery[K, V, E]":
        """`{"key": ...}`: the rows with this key; CouchDB takes texts for equal that Unicode does."""
        written = (self._whole_key(key),)
        return self._chosen(range=KeyRange(low=written, high=written))

    @overload
    def keys(self: "ViewQuery[Ref[D], V, E]", keys: Iterable[Ref[D] | D | str]) -> "ViewQuery[K, V, E]": ...
    @overload
    def keys(self, keys: Iterable[K]) -> "ViewQuery[K, V, E]": ...
    def keys(self, keys: Iterable[Any]) -> "ViewQuery[K, V, E]":
        """`{"keys": [...]}`: the rows of each key, in the order of the keys; one given twice counts once."""
        if isinstance(keys, str | bytes):
            raise ExpressionError(
                f"keys takes a list of keys, got the text {keys!r}; one key is asked by key()"
            )
        written: dict[bytes, JSON] = {}
        for key in map(self._whole_key, keys):
            written.setdefault(collation.sort_key(key), key)
        return self._chosen(keys=tuple(written.values()))

    @overload
    def range(
        self: "ViewQuery[tuple[A, B], V, E]",
        start: tuple[A] | tuple[A, B] | EllipsisType = ...,
        end: tuple[A] | tuple[A, B] | EllipsisType = ...,
        *,
        inclusive_end: bool = ...,
    ) -> "ViewQuery[K, V, E]": ...
    @overload
    def range(
        self: "ViewQuery[tuple[A, B, C], V, E]",
        start: tuple[A] | tuple[A, B] | tuple[A, B, C] | EllipsisType = ...,
        end: tuple[A] | tuple[A, B] | tuple[A, B, C] | EllipsisType = ...,
        *,
        inclusive_end: bool = ...,
    ) -> "ViewQuery[K, V, E]": ...
    @overload
    def range(
        self, start: K | EllipsisType = ..., end: K | EllipsisType = ..., *, inclusive_end: bool = ...
    ) -> "ViewQuery[K, V, E]": ...
    def range(self, start: Any = ..., end: Any = ..., *, inclusive_end: bool = True) -> "ViewQuery[K, V, E]":
        """`{"start_key", "end_key"}`: the rows from one key up to another; `...` leaves an end open.

        It is the lower key first, whatever the order of the rows. A tuple may stop early: as the start it is
        before all keys that begin so, as the end behind them, or before them without `inclusive_end`.
        """
        low = () if start is ... else (self._dump_key(start),)
        high = () if end is ... else (self._dump_key(end),)
        if high and inclusive_end:
            high = (self._behind(high[0]),)
        return self._chosen(range=KeyRange(low=low, high=high, inclusive=inclusive_end))

    @overload
    def prefix(
        self: "ViewQuery[tuple[A, B], V, E]", prefix: tuple[A] | tuple[A, B]
    ) -> "ViewQuery[K, V, E]": ...
    @overload
    def prefix(
        self: "ViewQuery[tuple[A, B, C], V, E]", prefix: tuple[A] | tuple[A, B] | tuple[A, B, C]
    ) -> "ViewQuery[K, V, E]": ...
    @overload
    def prefix(self: "ViewQuery[Ref[D], V, E]", prefix: str) -> "ViewQuery[K, V, E]": ...
    @overload
    def prefix(self, prefix: K) -> "ViewQuery[K, V, E]": ...
    def prefix(self, prefix: Any) -> "ViewQuery[K, V, E]":
        """Choose the rows whose keys begin so: with the values of a tuple, or with a text, where case counts.

        CouchDB's order of texts mixes `a` and `A`, so the rows of a text's range that do not begin with it
        are read, and left out here. Raises `ExpressionError` for a prefix that has no range.
        """
        written = self._dump_key(prefix)
        if isinstance(written, list):
            return self._chosen(range=KeyRange(low=(written,), high=(self._behind(written),)))
        if not isinstance(written, str):
            raise ExpressionError(f"a prefix is a text, or the beginning of a tuple, got {prefix!r}")
        bounds = text_bounds(written)
        if bounds is None:
            raise ExpressionError(
                f"texts that begin with {prefix!r} do not lie together in CouchDB's order, so all would be"
                " read: choose a range of keys, and look at their beginnings"
            )
        low, high = bounds
        return self._chosen(range=KeyRange(low=(low,), high=(high,)), prefix=written)

    def descending(self) -> Self:
        """`{"descending": true}`: the largest key first; a range stays as it was given."""
        return self._with(descending=True)

    def limit(self, count: int) -> Self:
        """Give at most so many rows."""
        return self._with(limit=_natural(count, "limit"))

    def skip(self, count: int) -> Self:
        """Leave out the first rows."""
        return self._with(skip=_natural(count, "skip"))

    @overload
    def group(self) -> Self: ...
    @overload
    def group(self, *, level: int) -> "ViewQuery[tuple[Any, ...], V, E]": ...
    def group(self, *, level: int | None = None) -> "ViewQuery[Any, V, E]":
        """`{"group": true}`: reduce the rows of each key to one; `level` of each beginning of so many values.

        Raises `QueryError` when the view has no reduce function, or its keys are no tuples of that length.
        """
        length = self.spec.view.key_length
        if level is not None and (type(level) is not int or not 1 <= level <= (length or 0)):
            raise QueryError(
                f"{self.spec.view!r} has keys of {'one value' if length is None else f'{length} fields'}:"
                f" level {level!r} groups none of them; group() makes a group of each key"
            )
        return self._with(group_level=EXACT if level is None else level)

    def rows(self) -> "ViewQuery[K, E, E]":
        """`{"reduce": false}`: the rows that the documents emitted, which a reduce function would reduce."""
        return ViewQuery(self._executor, self.spec.unreduced())

    def partition(self, name: str) -> Self:
        """Ask one partition of a partitioned database only."""
        return self._with(partition=name)

    def update(self, when: Update) -> Self:
        """`{"update": ...}`: False takes the index as it is, "lazy" brings it up to date afterwards."""
        if not isinstance(when, bool) and when != "lazy":
            raise ExpressionError(f"update takes True, False or 'lazy', got {when!r}")
        return self._with(update=when)

    def stable(self) -> Self:
        """`{"stable": true}`: ask the same copies of the index each time."""
        return self._with(stable=True)

    def __iter__(self) -> Iterator[Row[K, V]]:
        return read_rows(self.spec.view, self._executor.rows(self.spec, size=_PAGE_SIZE))

    def all(self) -> list[Row[K, V]]:
        """Return every row, through all pages."""
        return list(self)

    def first(self) -> Row[K, V] | None:
        """Return the first row, or None."""
        return next(iter(self._at_most(1)), None)

    def one(self) -> Row[K, V]:
        """Return the only row; raises `NoResultFound` or `MultipleResultsFound`."""
        found = self.one_or_none()
        if found is None:
            raise NoResultFound(f"{self!r} has no row")
        return found

    def one_or_none(self) -> Row[K, V] | None:
        """Return the only row, or None; raises `MultipleResultsFound`."""
        found = self._at_most(2).all()
        if len(found) > 1:
            raise MultipleResultsFound(f"{self!r} has more than one row; narrow it, or take first()")
        return found[0] if found else None

    def count(self) -> int:
        """Return the number of rows; where all would be reduced to one, of those that it would be made of.

        They are counted by the server when the view's reduce function is `Count()`, or for a whole view; and
        otherwise read.
        """
        spec = self.spec.unreduced() if self.spec.is_one_group else self.spec
        if spec.reduced or spec.prefix is not None:
            return sum(1 for _ in self._executor.rows(spec, size=_PAGE_SIZE))
        left = max(0, self._executor.count(spec) - spec.skip)
        return left if spec.limit is None else min(left, spec.limit)

    def value(self) -> V | None:
        """Return what all rows are reduced to; None when there is no row.

        Raises `QueryError` for a view without a reduce function, and for groups.
        """
        if not self.spec.is_one_group:
            raise QueryError(
                f"{self.spec.view!r}: one value is what a reduce function makes of all rows; ask a view that"
                " has one, without group() and rows()"
            )
        row = self.one_or_none()
        return None if row is None else row.value

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dicts with `id` (where there is one), `key` and `value`, in Python's types."""
        return [
            {**({} if row.id is None else {"id": row.id}), "key": row.key, "value": row.value} for row in self
        ]

    @overload
    def documents(self: "ViewQuery[Any, Any, Link[D]]", *, unique: bool = ...) -> Iterator[D]: ...
    @overload
    def documents(self, *, unique: bool = ...) -> Iterator[Document]: ...
    @overload
    def documents(self, model: type[D], *, unique: bool = ...) -> Iterator[D]: ...
    def documents(self, model: Any = None, *, unique: bool = False) -> Iterator[Any]:
        """Yield the document of each row, in the order of the rows, as the session holds it.

        A document with several rows comes several times, or with `unique` once. For a view with `link=` they
        are the documents that are linked to; a link to nothing yields none. Those that wait for their
        deletion are left out, before limit and skip count; these count rows. `model` tells type checkers what
        comes; `UnexpectedType` is raised for other documents.
        """
        if self.spec.reduced:
            raise QueryError(
                f"{self.spec.view!r}: reduced rows have no documents; ask for rows().documents()"
            )
        found = self._executor.documents(self.spec, unique=unique)
        return found if model is None else (_as_model(model, document) for document in found)

    def page(self, size: int, *, after: str | None = None, before: str | None = None) -> ViewPage[K, V]:
        """Return one page: the first one, or the one behind or before a page, by its `next` or `previous`.

        Rows that come or go move no border. Raises `InvalidCursor` for a token that is broken, or of another
        query.
        """
        page: ViewPage[K, V] = find_page(self._executor, self.spec, size, after=after, before=before)
        return page

    def _at_most(self, count: int) -> Self:
        limit = self.spec.limit
        return self._with(limit=count if limit is None else min(count, limit))

    def _chosen(self, **choice: Any) -> "ViewQuery[K, V, E]":
        """Choose rows by key, which is done once."""
        if self.spec.range is not None or self.spec.keys is not None:
            raise QueryError(
                f"{self.spec.view!r}: the rows are chosen once, by one of key, keys, range and prefix"
            )
        return self._with(**choice)

    def _with(self, **changes: Any) -> Self:
        return type(self)(self._executor, attrs.evolve(self.spec, **changes))

    def _dump_key(self, key: Any) -> JSON:
        return self.spec.view.dump_key(key)

    def _whole_key(self, key: Any) -> JSON:
        written = self._dump_key(key)
        if isinstance(written, list) and len(written) != self.spec.view.key_length:
            raise ExpressionError(
                f"{self.spec.view!r} has keys of {self.spec.view.key_length} fields, got {key!r};"
                " prefix() chooses the rows whose keys begin so"
            )
        return written

    def _behind(self, key: JSON) -> JSON:
        """Return a key behind all that begin with this one, which may be a whole one."""
        length = self.spec.view.key_length
        return [*key, BEHIND_ALL] if length is not None and len(key) < length else key


def _natural(count: int, name: str) -> int:
    if type(count) is not int or count < 0:
        raise ExpressionError(f"{name} takes a whole number of rows, got {count!r}")
    return count


def _as_model(model: type[D], document: Document) -> D:
    if isinstance(document, model):
        return document
    raise UnexpectedType(f"{document.id!r} is a {type(document).__name__}, and no {model.__name__}")
