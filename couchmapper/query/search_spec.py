"""What a search asks, as a value."""

from typing import Any, Literal, Protocol, TypeVar

import attrs

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.lucene import EVERYTHING, SearchField, SearchFields, quoted, write_query
from couchmapper.mango.nodes import FALSE, TRUE, And, Condition, Expression, Path
from couchmapper.mango.normalize import normalize
from couchmapper.mango.paths import readable_path
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping.document import Document
from couchmapper.query.partitions import check_partition

__all__ = ["DeclaredSearch", "SearchSpec", "checked_search", "words_query"]

D = TypeVar("D", bound=Document)
D_co = TypeVar("D_co", bound=Document, covariant=True)


class DeclaredSearch(Protocol[D_co]):
    """A search index that was declared in a design class; `couchmapper.design.SearchIndex` is one."""

    @property
    def model(self) -> type[D_co]:
        """The model whose documents it finds."""
        ...

    @property
    def ddoc(self) -> str:
        """The name of its design document, without `_design/`."""
        ...

    @property
    def name(self) -> str:
        """Its name in the design document."""
        ...

    @property
    def engine(self) -> Literal["clouseau", "nouveau"]:
        """The service that keeps it."""
        ...

    @property
    def partitioned(self) -> bool | None:
        """Whether each partition has an index of its own; None where nothing is said of partitions."""
        ...

    @property
    def fields(self) -> SearchFields:
        """The fields that it holds, by path."""
        ...

    @property
    def facets(self) -> frozenset[Path]:
        """The fields whose values it can count."""
        ...


@attrs.frozen(kw_only=True)
class SearchSpec:
    """A search: conditions, texts in Lucene's syntax that must all be found, order and number.

    `drilldown` are names of fields, each with values of which a document has one.
    """

    index: DeclaredSearch[Any]
    where: Expression = TRUE
    texts: tuple[str, ...] = ()
    order: tuple[SortTerm, ...] = ()
    limit: int | None = None
    partition: str | None = None
    drilldown: tuple[tuple[str, ...], ...] = ()

    def query(self) -> str | None:
        """Return the query in Lucene's syntax; None when no document can match, so that nothing is asked.

        Documents without a value in a field of the order are left out: the services put them in different
        places. Raises `ExpressionError` with every condition that the index cannot decide.
        """
        valued = (Condition(term.path, "$type", self.sortable(term.path).kind) for term in self.order)
        condition = normalize(And((self.where, *valued)))
        if condition == FALSE:
            return None
        parts = [] if condition == TRUE else [write_query(condition, self.index.fields)]
        parts += self.texts
        if len(parts) > 1:
            return " AND ".join(f"({part})" for part in parts)
        return parts[0] if parts else EVERYTHING

    def check(self) -> None:
        """Raise `PartitionRequired`, or `QueryError` where there are no partitions to ask."""
        check_partition(self.index, self.partition)

    def field(self, path: Path) -> SearchField:
        """Return how the index holds a field; raises `ExpressionError` when it does not."""
        known = self.index.fields.get(path)
        if known is None:
            raise ExpressionError(
                f"{readable_path(path)} is not in {self.index!r}; name it in SearchIndex(...)"
            )
        return known

    def sortable(self, path: Path) -> SearchField:
        """Return a field that can be sorted by: one value in each document, which is not analysed."""
        known = self.field(path)
        if known.form == "text" or known.is_list:
            what = "is a list" if known.is_list else "is analysed text; keyword= indexes it as one term"
            raise ExpressionError(f"{readable_path(path)} has no order in {self.index!r}: it {what}")
        return known

    def countable(self, path: Path) -> SearchField:
        """Return a field whose values can be counted; raises `ExpressionError`."""
        known = self.field(path)
        if path not in self.index.facets:
            raise ExpressionError(
                f"{readable_path(path)} is not counted by {self.index!r}: name it in facet="
            )
        return known


def checked_search(index: DeclaredSearch[D]) -> DeclaredSearch[D]:
    """Return a declared search index; raises `ExpressionError` for what is none, such as a view or a name."""
    if hasattr(index, "facets"):
        return index
    raise ExpressionError(
        f"session.search takes a SearchIndex of a Design class, such as OrderSearch.text, got {index!r};"
        " database.search.query(design, name, text) asks one that is not declared"
    )


def words_query(text: str) -> str | None:
    """Write a query for all the words of a text, whatever stands in it; None when there are none."""
    return " AND ".join(map(quoted, text.split())) or None
