"""Whole documents as records: dicts of plain values, and rows for tables."""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any, Final

import attrs

from couchmapper.mapping.document import Document
from couchmapper.mapping.metadata import fields_of, options_of, type_hints
from couchmapper.mapping.references import Ref
from couchmapper.mapping.registry import family
from couchmapper.query.columns import Column, joined

__all__ = ["columns_of", "plain", "record_of", "values_of"]


def record_of(document: Document) -> dict[str, Any]:
    """Return a document as a dict: `id`, `rev`, and its stored fields by their names in Python.

    Values are plain, as `plain` makes them. What the model does not know is not among them, nor is what other
    documents hold.
    """
    kind: Any = type(document)
    fields = {field.name: plain(getattr(document, field.name)) for field in fields_of(kind)}
    return {"id": document.id, "rev": document.rev, **fields}


def plain(value: Any) -> Any:
    """Return a value without classes of couchmapper: embedded values as dicts, references as their ids.

    So are instances of attrs classes, at every depth; all other values stay what they are.
    """
    kind: Any = type(value)
    if kind in _PLAIN:
        return _PLAIN[kind](value)
    if attrs.has(kind) and not isinstance(value, Enum):
        return {field.name: plain(getattr(value, field.name)) for field in fields_of(kind)}
    return value


def _plain_set(value: set[Any] | frozenset[Any]) -> Any:
    """Return a set as one; as a list, when its elements are dicts now, which no set holds."""
    items = [plain(item) for item in value]
    return items if any(isinstance(item, (dict, list)) for item in items) else type(value)(items)


_PLAIN: Final[dict[type, Callable[[Any], Any]]] = {
    Ref: lambda value: value.id,
    dict: lambda value: {key: plain(item) for key, item in value.items()},
    list: lambda value: [plain(item) for item in value],
    tuple: lambda value: tuple(plain(item) for item in value),
    set: _plain_set,
    frozenset: _plain_set,
}


def columns_of(model: type[Document]) -> tuple[Column, ...]:
    """Return the columns of the documents of a query for a model: the id, the revision, the stored fields.

    A subclass may have fields of its own; None stands in them for the documents of the other classes.
    """
    asked: Any = model
    kinds: list[Any] = list(dict.fromkeys(family(asked).values())) or [asked]
    found: dict[str, list[Column]] = {}
    for kind in kinds:
        for column in _columns(kind):
            found.setdefault(column.name, []).append(column)
    everywhere = {name for name, columns in found.items() if len(columns) == len(kinds)}
    columns = [joined(several) for several in found.values()]
    return tuple(
        attrs.evolve(column, is_nullable=column.is_nullable or column.name not in everywhere)
        for column in columns
    )


def _columns(kind: Any) -> Iterator[Column]:
    hints = type_hints(kind)
    yield Column(name="id", annotation=str)
    yield Column(name="rev", annotation=str | None)
    for field in fields_of(kind):
        if field.name != "id":
            annotation, scale = hints.get(field.name, Any), options_of(field).scale
            yield Column(name=field.name, annotation=annotation, scale=scale)


def values_of(columns: Sequence[Column]) -> Callable[[Document], tuple[Any, ...]]:
    """Return the function that gives what stands in the columns of a document."""
    names = [column.name for column in columns]
    return lambda document: tuple(getattr(document, name, None) for name in names)
