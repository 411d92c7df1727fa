"""What a query asks, as a value."""

from typing import Generic, Self, TypeVar

import attrs

from couchmapper.mango.dump import dump
from couchmapper.mango.nodes import FALSE, TRUE, And, Condition, Expression
from couchmapper.mango.normalize import normalize
from couchmapper.mango.paths import join_path
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping.document import Document
from couchmapper.mapping.inclusion import Inclusion
from couchmapper.mapping.registry import type_condition
from couchmapper.typing import JSON, JSONObject

__all__ = ["QuerySpec"]

D = TypeVar("D", bound=Document)


@attrs.frozen(kw_only=True)
class QuerySpec(Generic[D]):
    """A query for documents of `model`: condition, order and number; `page_size` is that of one request.

    `include` are the fields whose references are loaded with the documents.
    """

    model: type[D]
    where: Expression = TRUE
    order: tuple[SortTerm, ...] = ()
    limit: int | None = None
    skip: int = 0
    page_size: int = 1000
    include: tuple[Inclusion, ...] = ()

    def condition(self) -> Expression:
        """Return the whole condition in normal form: the model's type, what was asked, and the sort fields.

        An index holds only documents that have its fields, so an order asks for them: the answer is then the
        same with and without an index.
        """
        present = tuple(Condition(field.path, "$gte", None) for field in self.order)
        return normalize(And((type_condition(self.model), self.where, *present)))

    def selector(self) -> JSONObject | None:
        """Return the Mango selector; None when no document can match, so that nothing need be asked."""
        condition = self.condition()
        return None if condition == FALSE else dump(condition)

    def sort(self) -> list[JSON]:
        """Return the sort specification of `_find`."""
        return [{join_path(field.path): "desc" if field.descending else "asc"} for field in self.order]

    def is_mixed(self) -> bool:
        """Tell whether the order goes up and down, which no index of CouchDB does."""
        return len({field.descending for field in self.order}) > 1

    def widened(self, count: int) -> Self:
        """Return the query that skips nothing and finds the same when `count` documents are taken away."""
        limit = None if self.limit is None else self.skip + self.limit + count
        return attrs.evolve(self, skip=0, limit=limit)
