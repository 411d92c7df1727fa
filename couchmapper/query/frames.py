"""Rows as tables: Arrow's, and frames of pandas by way of them.

The types are those of the columns and never guessed from values, so an empty result has them as well.
"""

import reprlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import attrs

from couchmapper.exceptions import ExpressionError, MissingExtra, QueryError
from couchmapper.query.arrow_types import DECIMAL_PLACES, ArrowType, arrow_type, load_arrow
from couchmapper.query.columns import Column

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["BATCH_SIZE", "schema_of", "to_arrow", "to_pandas"]

BATCH_SIZE: Final = 10_000
"""How many rows are made into a batch at once."""


def schema_of(columns: Sequence[Column]) -> "pa.Schema":
    """Return the schema of a table of these columns; raises `MissingExtra` without pyarrow."""
    return _schema(columns, _types(columns))


def to_arrow(
    rows: Iterable[Sequence[Any]], columns: Sequence[Column], *, batch_size: int = BATCH_SIZE
) -> "pa.Table":
    """Return a table of rows, made of batches of so many; the rows are gone through once.

    Raises `MissingExtra` without pyarrow, before any row is asked for, and `QueryError` for a value that its
    type of Arrow does not hold exactly.
    """
    pa = load_arrow()
    if type(batch_size) is not int or batch_size < 1:
        raise ExpressionError(f"batch_size is a number of rows from 1 up, got {batch_size!r}")
    types = _types(columns)
    schema = _schema(columns, types)
    return pa.Table.from_batches(_batches(rows, columns, types, schema, batch_size), schema)


def to_pandas(
    rows: Iterable[Sequence[Any]], columns: Sequence[Column], *, batch_size: int = BATCH_SIZE
) -> "pd.DataFrame":
    """Return a frame of rows, with pandas's Int64 for integers, which are exact beside missing values.

    For other choices, convert the table: `to_arrow().to_pandas(...)`. Raises what `to_arrow` does.
    """
    integers = _load_pandas().Int64Dtype()
    table = to_arrow(rows, columns, batch_size=batch_size)
    integer = load_arrow().int64()
    return table.to_pandas(types_mapper={integer: integers}.get)


def _load_pandas() -> Any:
    try:
        import pandas as pd  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtra(
            "frames of pandas need an extra: python -m pip install 'couchmapper[pandas]'"
        ) from error
    return pd


def _types(columns: Sequence[Column]) -> list[ArrowType]:
    known = [arrow_type(column.annotation, column.scale) for column in columns]
    return [
        attrs.evolve(kind, is_nullable=kind.is_nullable or column.is_nullable)
        for column, kind in zip(columns, known, strict=True)
    ]


def _schema(columns: Sequence[Column], types: Sequence[ArrowType]) -> "pa.Schema":
    pa = load_arrow()
    both = zip(columns, types, strict=True)
    return pa.schema([pa.field(column.name, kind.type, kind.is_nullable) for column, kind in both])


def _batches(
    rows: Iterable[Sequence[Any]],
    columns: Sequence[Column],
    types: Sequence[ArrowType],
    schema: "pa.Schema",
    size: int,
) -> Iterator["pa.RecordBatch"]:
    pa, left, start = load_arrow(), iter(rows), 0
    while batch := list(islice(left, size)):
        arrays = [
            _array(values, column, kind, start)
            for values, column, kind in zip(zip(*batch, strict=True), columns, types, strict=True)
        ]
        start += len(batch)
        batch.clear()  # before the rows of the next one are made
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(values: Sequence[Any], column: Column, kind: ArrowType, start: int) -> "pa.Array":
    """Make the part of a column; when that fails, look for the value that does not fit."""
    pa = load_arrow()
    try:
        return pa.array(kind.written(values), kind.type)
    except Exception as error:
        for row, value in enumerate(values, start):
            try:
                pa.array(kind.written([value]), kind.type)
            except Exception as misfit:
                raise _refusal(column, row, value, kind, misfit) from misfit
        raise QueryError(f"column {column.name!r} is no column of Arrow: {error}") from error


def _refusal(column: Column, row: int, value: Any, kind: ArrowType, misfit: Exception) -> QueryError:
    advice = "to_dicts() gives rows of values of any size"
    if load_arrow().types.is_decimal(kind.type) and column.scale is None:
        advice += (
            f"; a Decimal without scale= has room for {DECIMAL_PLACES} places here, and field(scale=...) says"
            " how many it needs"
        )
    return QueryError(
        f"column {column.name!r}, row {row}: {reprlib.repr(value)} does not fit the type {kind.type} of Arrow"
        f" ({misfit}); {advice}"
    )
