"""What becomes of a projected document: a tuple of fields, or an instance of a class with some of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, TypeVar, overload

import attrs

from couchmapper.exceptions import DocumentInvalid, ExpressionError, Fault, ModelError
from couchmapper.mango.nodes import Path
from couchmapper.mapping import versions
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.document import Document
from couchmapper.mapping.expressions import Field, owner_of, path_of
from couchmapper.mapping.faults import faults_in_json
from couchmapper.mapping.metadata import Identified, fields_of, json_name, metadata_of, type_hints
from couchmapper.mapping.registry import class_of, family
from couchmapper.query.columns import Column, FieldReader, column_of, joined, outermost, reader_of
from couchmapper.query.spec import ID
from couchmapper.typing import JSONObject

__all__ = ["Shape", "shape_of"]

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
R = TypeVar("R")


@attrs.frozen(kw_only=True)
class Shape(Generic[R]):
    """How a projected document becomes a row: what is asked for, how it is read, what is made of it.

    `readers` are those of each class that a document may be of; `cells` gives what stands in the columns
    of a row. Types and converters are those of the model; validators are not asked, as they may look at
    fields that are not there.
    """

    model: type[Document]
    columns: tuple[Column, ...]
    readers: Mapping[type, tuple[FieldReader, ...]]
    make: Callable[[Sequence[Any]], R]
    cells: Callable[[R], Sequence[Any]]

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The fields to ask for, the id first; none at all where whole documents are needed.

        Older versions are upcast as whole documents only.
        """
        readers = [reader for several in self.readers.values() for reader in several]
        if any(reader.needs_whole for reader in readers) or any(map(versions.is_versioned, self.readers)):
            return ()
        field = metadata_of(self.model).type_field
        tag = [(field,)] if field is not None and len(self.readers) > 1 else []
        return outermost([ID, *tag, *(reader.path for reader in readers)])

    def read(self, document: JSONObject) -> R:
        """Make the row of a document; raises `DocumentInvalid` with all faults of the selected fields."""
        kind: Any = class_of(self.model, document) if self._is_told else next(iter(self.readers))
        if versions.is_versioned(kind):
            document = versions.upcast(kind, document)
        values: list[Any] = []
        faults: list[Fault] = []
        for reader in self.readers[kind]:
            try:
                values.append(reader.read(kind, document))
            except (DocumentInvalid, ModelError):
                raise
            except Exception as error:  # noqa: BLE001 - converters are the application's and may raise anything
                faults += _faults(kind, document, reader, error)
        if faults:
            raise DocumentInvalid(kind.__name__, document.get("_id"), list(dict.fromkeys(faults)))
        try:
            return self.make(values)
        except Misfit as error:
            raise DocumentInvalid(kind.__name__, document.get("_id"), [Fault("", str(error))]) from error

    @cached_property
    def _is_told(self) -> bool:
        """Whether documents are asked for that say of which class they are."""
        return len(self.readers) > 1 or not self.paths


@overload
def shape_of(model: type[Document], a: Field[A], /) -> Shape[tuple[A]]: ...
@overload
def shape_of(model: type[Document], a: Field[A], b: Field[B], /) -> Shape[tuple[A, B]]: ...
@overload
def shape_of(model: type[Document], a: Field[A], b: Field[B], c: Field[C], /) -> Shape[tuple[A, B, C]]: ...
@overload
def shape_of(
    model: type[Document], a: Field[A], b: Field[B], c: Field[C], d: Field[D], /
) -> Shape[tuple[A, B, C, D]]: ...
@overload
def shape_of(
    model: type[Document], a: Field[A], b: Field[B], c: Field[C], d: Field[D], e: Field[E], /
) -> Shape[tuple[A, B, C, D, E]]: ...
@overload
def shape_of(model: type[Document], /, *fields: Field[Any]) -> Shape[tuple[Any, ...]]: ...
@overload
def shape_of(model: type[Document], row: type[R], /, **fields: Field[Any]) -> Shape[R]: ...
def shape_of(model: type[Document], /, *selected: Any, **fields: Field[Any]) -> Shape[Any]:
    """Return the shape of rows of some fields, or of an attrs class whose fields are called as the model's.

    `shape_of(Order, Order.number, Order.address.city)` gives tuples, `shape_of(Order, Summary,
    city=Order.address.city)` instances of `Summary`, whose other fields come from those of the same name.
    Raises `ExpressionError` for what is no field of the model, and for a field of the class that nothing
    fills.
    """
    if len(selected) == 1 and isinstance(selected[0], type):
        return _shape_of_class(model, selected[0], fields)
    if fields:
        raise ExpressionError(
            f"{', '.join(fields)}: fields are named for an attrs class alone, as in select(Summary,"
            " city=Order.address.city)"
        )
    paths = [_path(model, field) for field in selected]
    if not paths or len(set(paths)) < len(paths):
        raise ExpressionError(f"select takes fields, each of them once, or one attrs class; got {selected!r}")
    return Shape(
        model=model,
        columns=tuple(_column(model, path) for path in paths),
        readers={kind: tuple(reader_of(kind, path) for path in paths) for kind in _classes(model)},
        make=tuple,
        cells=tuple,
    )


def _shape_of_class(model: type[Document], row: type, fields: Mapping[str, Any]) -> Shape[Any]:
    if not attrs.has(row) or issubclass(row, Identified) or not attrs.fields(row):
        raise ExpressionError(
            f"select takes fields such as {model.__name__}.id, or an attrs class with some of them; got"
            f" {row.__name__}"
        )
    paths = _paths_of_class(model, row, fields)
    aliases = [attribute.alias or attribute.name for attribute in fields_of(row) if attribute.name in paths]

    def make(values: Sequence[Any]) -> Any:
        try:
            return row(**dict[str, Any](zip(aliases, values, strict=True)))
        except Exception as error:  # validators and converters are the application's and may raise anything
            raise Misfit(f"no {row.__name__} can be made of it: {_message(error)}") from error

    names = [attribute.name for attribute in attrs.fields(row)]
    get = attrgetter(*names)
    return Shape(
        model=model,
        columns=tuple(_columns_of_class(model, row, paths)),
        readers={kind: tuple(reader_of(kind, path) for path in paths.values()) for kind in _classes(model)},
        make=make,
        cells=get if len(names) > 1 else lambda made: (get(made),),
    )


def _paths_of_class(model: type[Document], row: type, given: Mapping[str, Any]) -> dict[str, Path]:
    """Return which field of the model each field of a class is filled from, by name or as it is given."""
    own = [attribute.name for attribute in fields_of(row)]
    for name in given:
        if name not in own:
            raise ExpressionError(f"{row.__name__} has no field {name!r}{_meant(name, own)}")
    stored = {attribute.name: json_name(attribute) for attribute in fields_of(model)}
    paths: dict[str, Path] = {}
    for attribute in fields_of(row):
        name = attribute.name
        if name in given:
            paths[name] = _path(model, given[name])
        elif name in stored:
            paths[name] = (stored[name],)
        elif attribute.default is attrs.NOTHING:
            raise ExpressionError(
                f"{row.__name__}.{name}: {model.__name__} has no field of that name{_meant(name, stored)};"
                f" say what fills it, select({row.__name__}, {name}=...), or give it a default"
            )
    return paths


def _meant(name: str, names: Sequence[str] | Mapping[str, str]) -> str:
    close = get_close_matches(name, list(names), n=1)
    return f", did you mean {close[0]!r}?" if close else f"; there are {', '.join(names)}"


def _columns_of_class(model: type[Document], row: Any, paths: Mapping[str, Path]) -> Iterator[Column]:
    """Yield the columns of a class: what the model says of a field, unless the class makes its own of it."""
    hints = type_hints(row)
    for attribute in attrs.fields(row):
        name = attribute.name
        if name in paths and attribute.converter is None:
            yield attrs.evolve(_column(model, paths[name]), name=name)
        else:
            yield Column(name=name, annotation=hints.get(name, Any))


def _path(model: type[Document], field: Any) -> Path:
    if not isinstance(field, Field):
        raise ExpressionError(
            f"select takes fields such as {model.__name__}.id, or one attrs class with some of them; got"
            f" {field!r}"
        )
    owner = owner_of(field)
    if owner is not None and not (issubclass(model, owner) or issubclass(owner, model)):
        raise ExpressionError(
            f"{field!r} is a field of {owner.__name__}, and the query is for {model.__name__}: name the field"
            f" as {model.__name__} has it"
        )
    return path_of(field)


def _classes(model: type[Document]) -> list[type]:
    """Return the classes that documents of a query for a model may be of."""
    asked: Any = model
    return list(dict.fromkeys(family(asked).values())) or [asked]


def _column(model: type[Document], path: Path) -> Column:
    """Return the column of a field, of whose type the classes of the model may have notions of their own."""
    return joined([column_of(kind, path) for kind in _classes(model)])


def _faults(kind: type, document: JSONObject, reader: FieldReader, error: Exception) -> list[Fault]:
    """Name the faults of one field where they are; other fields are not there and nobody's concern."""
    place = ".".join(reader.path)
    found = [fault for fault in faults_in_json(kind, document) if _is_within(fault.path, place)]
    return found or [Fault(reader.place, _message(error))]


def _is_within(path: str, place: str) -> bool:
    return path == place or path.startswith((f"{place}.", f"{place}["))


def _message(error: Exception) -> str:
    """Return the sentence of an error; attrs's validators have more arguments behind it."""
    return str(error.args[0]) if error.args else type(error).__name__
