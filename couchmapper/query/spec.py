"""What a query asks, as a value."""

from functools import cached_property
from typing import Any, Generic, Literal, Self, TypeAlias, TypeVar, get_args

import attrs

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.dump import dump
from couchmapper.mango.nodes import FALSE, TRUE, And, Condition, Expression, Path
from couchmapper.mango.normalize import normalize
from couchmapper.mango.ranges import requires
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping.document import Document
from couchmapper.mapping.inclusion import Inclusion
from couchmapper.mapping.registry import type_condition
from couchmapper.typing import JSONObject

__all__ = ["ID", "QuerySpec", "Scans", "checked_model", "checked_scans"]

D = TypeVar("D", bound=Document)

ID: Path = ("_id",)

Scans: TypeAlias = Literal["allow", "warn", "forbid"]
"""What becomes of a query that no index serves: it runs, runs with a warning, or is refused before."""


def checked_model(model: type[D]) -> type[D]:
    """Return the model of a query; raises `ExpressionError` for what is no class of documents."""
    given: Any = model
    if isinstance(given, type) and issubclass(given, Document):
        return model
    raise ExpressionError(
        f"a query is for a class of documents, such as Order, got {model!r}; conditions go into .where(...),"
        " and .select(...) gives some fields alone"
    )


def checked_scans(allowed: Scans | None) -> Scans | None:
    """Return what a query may do without an index; raises `ExpressionError` for another word."""
    if allowed is None or allowed in get_args(Scans):
        return allowed
    raise ExpressionError(f"scans is one of {', '.join(map(repr, get_args(Scans)))}, got {allowed!r}")


@attrs.frozen(kw_only=True, slots=False)
class QuerySpec(Generic[D]):
    """A query for documents of `model`: condition, order and number; `page_size` is that of one request.

    `include` are the fields whose references are loaded with the documents. `across` says that all
    partitions are meant. Without `scans`, a query warns once it has read many documents in vain.
    """

    model: type[D]
    where: Expression = TRUE
    order: tuple[SortTerm, ...] = ()
    limit: int | None = None
    skip: int = 0
    page_size: int = 1000
    include: tuple[Inclusion, ...] = ()
    scans: Scans | None = None
    across: bool = False

    @cached_property
    def condition(self) -> Expression:
        """The whole condition in normal form: the model's type, what was asked, and the sort fields.

        An index holds only documents that have its fields, so an order asks for them: the answer is then the
        same with and without an index.
        """
        asked = normalize(And((type_condition(self.model), self.where)))
        present = tuple(
            Condition(term.path, "$gte", None)
            for term in self.order
            if term.path == ID or not requires(asked, term.path)  # by id CouchDB sorts only with bounds
        )
        return normalize(And((asked, *present))) if present else asked

    def selector(self) -> JSONObject | None:
        """Return the Mango selector; None when no document can match, so that nothing need be asked."""
        return None if self.condition == FALSE else dump(self.condition)

    def is_mixed(self) -> bool:
        """Tell whether the order goes up and down, which no index of CouchDB does."""
        return len({field.descending for field in self.order}) > 1

    def names_ids(self) -> bool:
        """Tell whether the id is a field of the order, which then leaves no two documents equal."""
        return any(term.path == ID for term in self.order)

    def changed(self, **changes: Any) -> Self:
        """Return the query with some of its parts changed; what was worked out of them is not kept."""
        parts = {name: value for name, value in vars(self).items() if name != "condition"}
        return type(self)(**{**parts, **changes})

    def unordered(self) -> Self:
        """Return the query for the same documents in any order."""
        present = tuple(Condition(term.path, "$gte", None) for term in self.order)
        return attrs.evolve(self, where=And((self.where, *present)), order=())

    def widened(self, count: int) -> Self:
        """Return the query that skips nothing and finds the same when `count` documents are taken away."""
        limit = None if self.limit is None else self.skip + self.limit + count
        return attrs.evolve(self, skip=0, limit=limit)
