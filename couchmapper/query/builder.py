"""`Query`: the fluent, immutable form of a question."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, overload

from couchmapper.exceptions import ExpressionError, MultipleResultsFound, NoResultFound
from couchmapper.mango.nodes import And, Expression, Path
from couchmapper.mango.parse import parse
from couchmapper.mango.ranges import named_fields
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping.document import Document
from couchmapper.mapping.expressions import Field
from couchmapper.mapping.inclusion import inclusions
from couchmapper.mapping.members import knows
from couchmapper.query.advice import Advice, advise
from couchmapper.query.bulk_report import BulkReport
from couchmapper.query.explanation import Explanation
from couchmapper.query.frames import BATCH_SIZE, to_arrow, to_pandas
from couchmapper.query.indexes import conjuncts
from couchmapper.query.page import Page
from couchmapper.query.paging import PageRequest
from couchmapper.query.question import Question
from couchmapper.query.records import columns_of, record_of, values_of
from couchmapper.query.selection import Selection
from couchmapper.query.shapes import shape_of
from couchmapper.query.spec import ID, QuerySpec, Scans, checked_scans
from couchmapper.query.spelling import WellSpelled
from couchmapper.typing import JSONObject

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Executor", "Query"]

D = TypeVar("D", bound=Document)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
E = TypeVar("E")
R = TypeVar("R")


class Executor(Protocol):
    """Runs a query: a session."""

    def execute(self, spec: QuerySpec[D]) -> Iterator[D]:
        """Yield the documents that the query asks for, in its order."""
        ...

    def ask(self, spec: QuerySpec[D]) -> Question:
        """Return the query put to the database of its model."""
        ...

    def documents(self, spec: QuerySpec[D], found: Sequence[JSONObject]) -> list[D]:
        """Return the objects for what the database sent, with what the query includes."""
        ...

    def change(self, spec: QuerySpec[D], change: Callable[[D], object] | None, *, size: int) -> BulkReport:
        """Change, or without a function delete, every document that the query finds, and save them."""
        ...


class Query(WellSpelled, Generic[D]):
    """A question for documents of one model; every method gives a new query, iterating asks the server.

    Iteration goes through all pages. Without `order_by`, documents come in the order of the index that is
    read.
    """

    def __init__(self, executor: Executor, spec: QuerySpec[D]) -> None:
        self._executor = executor
        self.spec = spec

    def __repr__(self) -> str:
        return f"<query for {self.spec.model.__name__}: {self.spec.selector()}>"

    def where(self, *conditions: Expression) -> Self:
        """Keep the documents that fulfil every condition, beside those given before.

        Raises `ExpressionError` for a field that neither the model has nor a class that derives from it.
        """
        for condition in conditions:
            if not isinstance(condition, Expression):
                raise ExpressionError(
                    f"expected an expression such as `Order.status == 'paid'`, got {condition!r}"
                )
            self._check_fields(named_fields(condition))
        return self._fulfilling(*conditions)

    def raw(self, selector: JSONObject) -> Self:
        """Keep the documents that a Mango selector matches, beside the other conditions.

        It may name members that the model does not know.
        """
        return self._fulfilling(parse(selector))

    def order_by(self, *fields: Field[Any] | SortTerm) -> Self:
        """Sort by fields, `Order.placed` or `Order.placed.desc()`, by CouchDB's order of values.

        Takes the place of an order given before. Documents that do not have a sort field at all are left out,
        as by CouchDB's indexes. Those with equal values come in no certain order; `Order.id` as the last
        field makes it certain. Without an index on these fields, or in mixed directions, all matching
        documents are read before the first one is given. Raises `ExpressionError` for a field of another
        model.
        """
        order = tuple(map(_sort_field, fields))
        self._check_fields(term.path for term in order)
        return self._with(order=order)

    def limit(self, count: int) -> Self:
        """Give at most so many documents."""
        return self._with(limit=_natural(count, "limit"))

    def skip(self, count: int) -> Self:
        """Leave out the first documents."""
        return self._with(skip=_natural(count, "skip"))

    def scans(self, allowed: Scans) -> Self:
        """Say what becomes of the query when no index serves it, whatever the session says.

        `"allow"` runs it, `"warn"` runs it with a `FullScanWarning`, and `"forbid"` raises `FullScanRefused`
        before any document is read.
        """
        return self._with(scans=checked_scans(allowed))

    def across_partitions(self) -> Self:
        """Ask all partitions of a partitioned model, which costs the server more than asking one."""
        return self._with(across=True)

    def page_size(self, count: int) -> Self:
        """Ask for so many documents in one request (1000 by default)."""
        if _natural(count, "page_size") == 0:
            raise ExpressionError("a page holds at least one document, got 0")
        return self._with(page_size=count)

    def include(self, *fields: Field[Any]) -> Self:
        """Load what the documents refer to as well, beside what was included before.

        `include(Order.customer, Customer.company)`: a field applies to the documents of its class among those
        of the query and among those that a field before it loads; `include(Employee.manager,
        Employee.manager)` goes two steps up. References inside of embedded values are named by their class,
        as `Line.product`. For each page and step there is one request, for an inverse field another one.
        Raises `ExpressionError` for a field that holds no reference, and for one of a class that is not
        reached.
        """
        return self._with(include=inclusions(fields, [self.spec.model], self.spec.include))

    def __iter__(self) -> Iterator[D]:
        return self._executor.execute(self.spec)

    def all(self) -> list[D]:
        """Return every document, through all pages."""
        return list(self)

    def first(self) -> D | None:
        """Return the first document, or None."""
        return next(iter(self._at_most(1)), None)

    def one(self) -> D:
        """Return the only document; raises `NoResultFound` or `MultipleResultsFound`."""
        found = self.one_or_none()
        if found is None:
            raise NoResultFound(f"no {self.spec.model.__name__} matches {self.spec.selector()}")
        return found

    def one_or_none(self) -> D | None:
        """Return the only document, or None; raises `MultipleResultsFound`."""
        found = self._at_most(2).all()
        if len(found) > 1:
            raise MultipleResultsFound(
                f"more than one {self.spec.model.__name__} matches {self.spec.selector()}; narrow the query,"
                " or take first()"
            )
        return found[0] if found else None

    def exists(self) -> bool:
        """Tell whether a document matches on the server; changes that wait for `commit` do not count."""
        return any(self._executor.ask(self._at_most(1).spec).read([ID]).documents())

    def count(self) -> int:
        """Return how many documents match on the server; changes that wait for `commit` do not count.

        An index, or a view declared with `Count()`, tells the number at once where one stretch of its keys
        is what is asked for. Else the ids of all matching documents are gone through.
        """
        return self._executor.ask(self.spec).count()

    def page(
        self, size: int, *, after: str | None = None, before: str | None = None, key: bytes = b""
    ) -> Page[D]:
        """Return a page of `size` documents: the first one, or the one `after` or `before` a cursor.

        `page.next` and `page.previous` are the cursors, text that can be kept anywhere. A cursor is the place
        of a document in the order of the query, and stays right whatever is inserted, moved or deleted around
        it: on the way from page to page, each document that stays where it is comes exactly once. With a
        secret `key` nobody else can make one; whoever holds it can read the values in it. Raises
        `InvalidCursor` for a cursor that is broken or of another query. `skip` says where the first page
        begins, and is no limit to the way back; `limit` is for other methods.
        """
        if _natural(size, "page") == 0 or (after is not None and before is not None):
            raise ExpressionError("a page holds at least one document, and has one cursor: after= or before=")
        wanted = PageRequest(size=size, after=after, before=before, key=key)
        found = self._executor.ask(self.spec).page(wanted)
        documents = self._executor.documents(self.spec, found.documents)
        return Page(documents=tuple(documents), next=found.next, previous=found.previous)

    @overload
    def select(self, a: Field[A], /) -> Selection[tuple[A]]: ...
    @overload
    def select(self, a: Field[A], b: Field[B], /) -> Selection[tuple[A, B]]: ...
    @overload
    def select(self, a: Field[A], b: Field[B], c: Field[C], /) -> Selection[tuple[A, B, C]]: ...
    @overload
    def select(
        self, a: Field[A], b: Field[B], c: Field[C], d: Field[E], /
    ) -> Selection[tuple[A, B, C, E]]: ...
    @overload
    def select(self, /, *fields: Field[Any]) -> Selection[tuple[Any, ...]]: ...
    @overload
    def select(self, row: type[R], /, **fields: Field[Any]) -> Selection[R]: ...
    def select(self, /, *selected: Any, **fields: Any) -> Selection[Any]:
        """Ask for some fields alone: as tuples, or as instances of an attrs class with fields of their names.

        `select(Order.number, Order.address.city)`; `select(Summary, city=Order.address.city)` names those
        that are called otherwise. Such rows are values: no session holds them. An index that has all the
        fields answers without reading documents.
        """
        shape = shape_of(self.spec.model, *selected, **fields)
        return Selection(self._projected, shape, selector=self.spec.selector())

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the documents as dicts of plain values by the names of fields, with `id` and `rev`."""
        return [record_of(document) for document in self]

    def to_arrow(self, *, batch_size: int = BATCH_SIZE) -> "pa.Table":
        """Return the documents as a table of Arrow, typed as their fields are; needs the extra `arrow`."""
        columns = columns_of(self.spec.model)
        return to_arrow(map(values_of(columns), self), columns, batch_size=batch_size)

    def to_pandas(self, *, batch_size: int = BATCH_SIZE) -> "pd.DataFrame":
        """Return the documents as a frame of pandas, by way of Arrow; needs the extra `pandas`."""
        columns = columns_of(self.spec.model)
        return to_pandas(map(values_of(columns), self), columns, batch_size=batch_size)

    def update(self, change: Callable[[D], object], *, size: int = 500) -> BulkReport:
        """Change every document that matches by a function, and save them, `size` in a request.

        The ids are found first; each document is then read anew and changed if it still matches, so that none
        is changed twice. What somebody else changes in between is read and changed again, whatever the
        session does in conflicts. The session must have nothing else to save.

        An error of the function, or a document that does not fit its model, ends it and takes the documents
        of that request back; `CommitError` holds what could not be saved and waits for a commit. What came
        before is saved: a note on the error tells how many.
        """
        if not callable(change):
            raise ExpressionError(
                f"update takes a function that changes a document, such as lambda order: ..., got {change!r}"
            )
        return self._executor.change(self.spec, change, size=_positive(size))

    def delete(self, *, size: int = 500) -> BulkReport:
        """Delete every document that matches, `size` in a request, as `update` changes them."""
        return self._executor.change(self.spec, None, size=_positive(size))

    def advise(self) -> Advice:
        """Return the index that would serve the query; no server is asked."""
        return advise(self.spec)

    def explain(self) -> Explanation:
        """Return in words how the query is answered: which index, which part of it, and why no other one.

        The database is asked for its indexes and for what it says itself (`_explain`), not for documents.
        """
        return self._executor.ask(self.spec).explain()

    def _fulfilling(self, *conditions: Expression) -> Self:
        return self._with(where=And((*conjuncts(self.spec.where), *conditions)))

    def _check_fields(self, paths: Iterable[Path]) -> None:
        model = self.spec.model
        for name in sorted(path[0] for path in paths if path):
            if not knows(model, name):
                raise ExpressionError(
                    f"{model.__name__} has no field {name!r}: name the field as {model.__name__} has it,"
                    " `Order.lines.any(Line.sku == ...)` for elements of a list; members that no model"
                    " declares are asked for by raw({...})"
                )

    def _projected(self, paths: tuple[Path, ...], /, *, at_most: int | None = None) -> Iterator[JSONObject]:
        spec = self.spec if at_most is None else self._at_most(at_most).spec
        return self._executor.ask(spec).read(paths).documents()

    def _at_most(self, count: int) -> Self:
        limit = self.spec.limit
        return self._with(limit=count if limit is None else min(count, limit))

    def _with(self, **changes: Any) -> Self:
        return type(self)(self._executor, self.spec.changed(**changes))


def _sort_field(field: Field[Any] | SortTerm) -> SortTerm:
    if isinstance(field, Field):
        return field.asc()
    if isinstance(field, SortTerm):
        return field
    raise ExpressionError(f"expected a field such as `Order.placed` or `Order.placed.desc()`, got {field!r}")


def _positive(size: int) -> int:
    if _natural(size, "size") == 0:
        raise ExpressionError("a request has at least one document, got size=0")
    return size


def _natural(count: int, name: str) -> int:
    if type(count) is not int or count < 0:
        raise ExpressionError(f"{name} takes a whole number of documents, got {count!r}")
    return count
