"""Views with typed rows: what a query needs to know of a declared view, and how its rows are read."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, Protocol, TypeVar

import attrs

from couchmapper.exceptions import ExpressionError
from couchmapper.mapping.document import Document
from couchmapper.typing import JSON, JSONObject

__all__ = ["DeclaredView", "Row", "checked_view", "read_rows"]

K = TypeVar("K")
V = TypeVar("V")
E = TypeVar("E")
K_co = TypeVar("K_co", covariant=True)
V_co = TypeVar("V_co", covariant=True)
E_co = TypeVar("E_co", covariant=True)


@attrs.frozen(kw_only=True)
class Row(Generic[K, V]):
    """A row of a view: `id` is the document that emitted it, None in a reduced row."""

    key: K
    value: V
    id: str | None = None


class DeclaredView(Protocol[K_co, V_co, E_co]):
    """A view that was declared in a design class; `couchmapper.design.View` is one.

    Its rows have keys K, and emitted values E; with a reduce function, which makes values V of them, it is
    reduced unless asked otherwise. Without one, V is E.
    """

    @property
    def model(self) -> type[Document]:
        """The model of whose documents it has rows."""
        ...

    @property
    def target(self) -> type[Document] | None:
        """The model that its values link to; None when they are no links."""
        ...

    @property
    def design_name(self) -> str:
        """The name of its design document, without `_design/`."""
        ...

    @property
    def name(self) -> str:
        """Its name in the design document."""
        ...

    @property
    def partitioned(self) -> bool | None:
        """Whether each partition has a view of its own; None where nothing is said of partitions."""
        ...

    @property
    def reduce_function(self) -> str | None:
        """The reduce function, as it stands in the design document; None without one."""
        ...

    @property
    def key_length(self) -> int | None:
        """How many fields its keys have as tuples; None when a key is one value."""
        ...

    def dump_key(self, key: Any) -> JSON:
        """Write a key as the view emits it; a shorter tuple is the beginning of one."""
        ...

    def load_key(self, key: JSON) -> K_co:
        """Read an emitted key."""
        ...

    def load_value(self, value: JSON) -> E_co:
        """Read an emitted value."""
        ...

    def load_reduced(self, value: JSON) -> V_co:
        """Read a reduced value."""
        ...


def checked_view(view: DeclaredView[K, V, E]) -> DeclaredView[K, V, E]:
    """Return a declared view; raises `ExpressionError` for what is none, such as an index or a name."""
    if hasattr(view, "load_key"):
        return view
    raise ExpressionError(
        f"session.view takes a View of a Design class, such as OrderViews.by_customer, got {view!r}; indexes"
        " are used by session.query, and database.views.query(design, name) asks a view that is not declared"
    )


def read_rows(view: DeclaredView[K, V, Any], rows: Iterable[JSONObject]) -> Iterator[Row[K, V]]:
    """Turn the rows of an answer into typed ones."""
    for row in rows:
        document_id = row.get("id")
        load: Callable[[JSON], Any] = view.load_reduced if document_id is None else view.load_value
        yield Row(key=view.load_key(row["key"]), value=load(row["value"]), id=document_id)
