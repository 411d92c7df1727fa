"""`Selection`: rows of some fields of the documents that a query finds."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import attrs

from couchmapper.exceptions import ExpressionError, MultipleResultsFound, NoResultFound
from couchmapper.mango.nodes import Path
from couchmapper.query import frames
from couchmapper.query.records import plain
from couchmapper.query.shapes import Shape
from couchmapper.typing import JSONObject

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["ProjectedRows", "Selection"]

R = TypeVar("R")
A = TypeVar("A")


class ProjectedRows(Protocol):
    """Asks for the documents of a query, and for some fields of each: a session does."""

    def __call__(self, paths: tuple[Path, ...], /, *, at_most: int | None = None) -> Iterator[JSONObject]:
        """Yield the documents, in the order of the query, as `fields` of `_find` gives them.

        Each has its `_id`, which is among the paths. Without any path the documents are whole. No more than
        `at_most` are needed.
        """
        ...


class Selection(Generic[R]):
    """Rows of some fields; iterating asks the server for these fields alone.

    Rows are values of their own: no session holds them, and a change to one is never saved.
    """

    def __init__(self, rows: ProjectedRows, shape: Shape[R], *, selector: JSONObject | None = None) -> None:
        self._rows = rows
        self._shape = shape
        self._selector = selector

    def __repr__(self) -> str:
        return f"<selection of {', '.join(self._names)} of {self._shape.model.__name__}>"

    @property
    def _names(self) -> list[str]:
        return [column.name for column in self._shape.columns]

    def __iter__(self) -> Iterator[R]:
        return self._found(None)

    def _found(self, at_most: int | None) -> Iterator[R]:
        shape = self._shape
        return map(shape.read, self._rows(shape.paths, at_most=at_most))

    def scalars(self: "Selection[tuple[A]]") -> "Selection[A]":
        """Give the values of the only field themselves, without a tuple around each."""
        shape = self._shape
        if len(shape.columns) > 1 or shape.make is not tuple:
            raise ExpressionError(f"scalars() is for the selection of one field, this is {self!r}")
        alone: Shape[Any] = attrs.evolve(shape, make=_only, cells=_alone)
        return Selection(self._rows, alone, selector=self._selector)

    def all(self) -> list[R]:
        """Return every row, through all pages."""
        return list(self)

    def first(self) -> R | None:
        """Return the first row, or None."""
        return next(self._found(1), None)

    def one(self) -> R:
        """Return the only row; raises `NoResultFound` or `MultipleResultsFound`."""
        found = self._two()
        if not found:
            raise NoResultFound(f"no {self._asked()}")
        return found[0]

    def one_or_none(self) -> R | None:
        """Return the only row, or None; raises `MultipleResultsFound`."""
        return next(iter(self._two()), None)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dicts of plain values; a nested field is called as in Python, `address.city`.

        Embedded values are dicts as well, and references the ids that they lead to.
        """
        names, cells = self._names, self._shape.cells
        return [dict(zip(names, map(plain, cells(row)), strict=True)) for row in self]

    def to_arrow(self, *, batch_size: int = frames.BATCH_SIZE) -> "pa.Table":
        """Return the rows as a table of Arrow, typed as the fields are; see `frames`.

        Documents are read in batches, so that no more than one of them is in memory as Python objects.
        """
        return frames.to_arrow(map(self._shape.cells, self), self._shape.columns, batch_size=batch_size)

    def to_pandas(self, *, batch_size: int = frames.BATCH_SIZE) -> "pd.DataFrame":
        """Return the rows as a frame of pandas, by way of Arrow."""
        return frames.to_pandas(map(self._shape.cells, self), self._shape.columns, batch_size=batch_size)

    def _two(self) -> list[R]:
        found = list(self._found(2))
        if len(found) > 1:
            raise MultipleResultsFound(f"more than one {self._asked()}; narrow the query, or take first()")
        return found

    def _asked(self) -> str:
        name = self._shape.model.__name__
        return f"{name} is found" if self._selector is None else f"{name} matches {self._selector}"


def _only(values: Any) -> Any:
    return values[0]


def _alone(row: Any) -> tuple[Any]:
    return (row,)
