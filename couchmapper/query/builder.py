"""`Query`: the fluent, immutable form of a question."""

from collections.abc import Iterator
from typing import Any, Generic, Protocol, Self, TypeVar

import attrs

from couchmapper.exceptions import ExpressionError, MultipleResultsFound, NoResultFound
from couchmapper.mango.nodes import Expression
from couchmapper.mango.parse import parse
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping.document import Document
from couchmapper.mapping.expressions import Field
from couchmapper.mapping.inclusion import inclusions
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSONObject

__all__ = ["Executor", "Query"]

D = TypeVar("D", bound=Document)


class Executor(Protocol):
    """Runs a query: a session."""

    def execute(self, spec: QuerySpec[D]) -> Iterator[D]:
        """Yield the documents that the query asks for, in its order."""
        ...


class Query(Generic[D]):
    """A question for documents of one model; every method gives a new query, iterating asks the server.

    Iteration goes through all pages. Without `order_by`, documents come in the order of the index that the
    server chose.
    """

    def __init__(self, executor: Executor, spec: QuerySpec[D]) -> None:
        self._executor = executor
        self.spec = spec

    def __repr__(self) -> str:
        return f"<query for {self.spec.model.__name__}: {self.spec.selector()}>"

    def where(self, *conditions: Expression) -> Self:
        """Keep the documents that fulfil every condition, beside those given before."""
        for condition in conditions:
            if not isinstance(condition, Expression):
                raise ExpressionError(
                    f"expected an expression such as `Order.status == 'paid'`, got {condition!r}"
                )
            self = self._with(where=self.spec.where & condition)  # noqa: PLW0642 - a query is a value
        return self

    def raw(self, selector: JSONObject) -> Self:
        """Keep the documents that a Mango selector matches, beside the other conditions."""
        return self.where(parse(selector))

    def order_by(self, *fields: Field[Any] | SortTerm) -> Self:
        """Sort by fields, `Order.placed` or `Order.placed.desc()`, by CouchDB's order of values.

        Takes the place of an order given before. Documents that do not have a sort field at all are left out,
        as by CouchDB's indexes; those with equal values come in the order of their ids. Without an index on
        these fields, or in mixed directions, all matching documents are read before the first one is given.
        """
        return self._with(order=tuple(map(_sort_field, fields)))

    def limit(self, count: int) -> Self:
        """Give at most so many documents."""
        return self._with(limit=_natural(count, "limit"))

    def skip(self, count: int) -> Self:
        """Leave out the first documents."""
        return self._with(skip=_natural(count, "skip"))

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

    def _at_most(self, count: int) -> Self:
        limit = self.spec.limit
        return self._with(limit=count if limit is None else min(count, limit))

    def _with(self, **changes: Any) -> Self:
        return type(self)(self._executor, attrs.evolve(self.spec, **changes))


def _sort_field(field: Field[Any] | SortTerm) -> SortTerm:
    if isinstance(field, Field):
        return field.asc()
    if isinstance(field, SortTerm):
        return field
    raise ExpressionError(f"expected a field such as `Order.placed` or `Order.placed.desc()`, got {field!r}")


def _natural(count: int, name: str) -> int:
    if type(count) is not int or count < 0:
        raise ExpressionError(f"{name} takes a whole number of documents, got {count!r}")
    return count
