"""Views with typed rows: what a session needs to know of a declared view."""

from collections.abc import Iterator
from typing import Any, Generic, Protocol, TypeVar

import attrs

from couchmapper.typing import JSON, JSONObject

__all__ = ["DeclaredView", "Row", "read_rows"]

K = TypeVar("K")
V = TypeVar("V")
K_co = TypeVar("K_co", covariant=True)
V_co = TypeVar("V_co", covariant=True)


@attrs.frozen(kw_only=True)
class Row(Generic[K, V]):
    """A row of a view: `id` is the document that emitted it, None in a reduced row."""

    key: K
    value: V
    id: str | None = None


class DeclaredView(Protocol[K_co, V_co]):
    """A view that was declared in a design class; `couchmapper.design.View` is one."""

    @property
    def model(self) -> type:
        """The model of whose documents it has rows."""
        ...

    @property
    def design_name(self) -> str:
        """The name of its design document, without `_design/`."""
        ...

    @property
    def name(self) -> str:
        """Its name in the design document."""
        ...

    def dump_key(self, key: Any) -> JSON:
        """Write a key as the view emits it; a shorter tuple is the beginning of one."""
        ...

    def load_key(self, key: JSON) -> K_co:
        """Read an emitted key."""
        ...

    def load_value(self, value: JSON, *, reduced: bool) -> V_co:
        """Read an emitted, or a reduced, value."""
        ...


def read_rows(view: DeclaredView[K, V], answer: JSONObject) -> Iterator[Row[K, V]]:
    """Turn the answer of a view query into typed rows."""
    for row in answer["rows"]:
        document_id = row.get("id")
        yield Row(
            key=view.load_key(row["key"]),
            value=view.load_value(row["value"], reduced=document_id is None),
            id=document_id,
        )
