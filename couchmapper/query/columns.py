"""Fields of a projected document: where each one stands, and how its value is read."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Union

import attrs

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.nodes import Path
from couchmapper.mango.paths import Absent, LookUp, compile_path
from couchmapper.mapping import mapper
from couchmapper.mapping.annotations import alternatives, container, element_type, real_type
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.converter import field_codecs, is_written_by_fields, key_codec
from couchmapper.mapping.generics import class_behind
from couchmapper.mapping.metadata import converted, is_model, options_of, type_hints
from couchmapper.mapping.registry import nested_family
from couchmapper.mapping.snapshots import FieldCodec
from couchmapper.typing import JSON, JSONObject

__all__ = ["Column", "FieldReader", "column_of", "joined", "outermost", "reader_of"]


@attrs.frozen(kw_only=True)
class Column:
    """What stands at one place of all rows: its name, the type of its values, the scale of a Decimal.

    `is_nullable` says that None may stand there although the type does not have it.
    """

    name: str
    annotation: Any
    scale: int | None = None
    is_nullable: bool = False


@attrs.frozen(kw_only=True)
class _Step:
    """One name of a path: how it is written, what stands there, and the field, unless it is an element.

    `key` is by what a value is asked for it: the name in JSON of a field, the key of a map, an index.
    """

    key: Any
    shown: str
    place: str
    annotation: Any
    field: FieldCodec | None = None


@attrs.frozen(kw_only=True)
class FieldReader:
    """Reads a field of a class out of a projection, as loading the whole document would read it.

    `path` is what is asked for: the field itself, or what holds it where that may be null, have a default or
    be of several classes, since a projection does not tell why a field is not in it; `inner` leads on from
    there. Where `needs_whole`, nothing less than the whole document will do.
    """

    path: Path
    place: str
    field: FieldCodec
    inner: tuple[Any, ...] = ()
    needs_whole: bool = False
    _look_up: LookUp = attrs.field(
        init=False, default=attrs.Factory(lambda self: compile_path(self.path), takes_self=True)
    )

    def read(self, model: type[Any], document: JSONObject) -> Any:
        """Return the value; None where what holds it is None. Raises `Misfit` when there is none."""
        stored = self._look_up(document)
        if isinstance(stored, Absent) or self.field.declared.converter is not None:
            value = self._made(model, document, stored)
        else:
            value = self.field.codec.load(stored, None)
        for key in self.inner:
            if value is None:
                return None
            value = _member(value, key)
        return value

    def _made(self, model: type[Any], document: JSONObject, stored: JSON) -> Any:
        """Return what is no mere value of JSON: a default, or what a converter makes."""
        if self.needs_whole:
            return getattr(mapper.load(model, document), self.field.attribute)
        declared = self.field.declared
        is_absent = isinstance(stored, Absent)
        value = _default(declared) if is_absent else self.field.codec.load(stored, None)
        return converted(declared, value, None)


def column_of(model: type, path: Path) -> Column:
    """Return the name and the type of a field of a model; raises `ExpressionError` when it has none there."""
    steps = list(_steps(model, path))
    last, name = steps[-1], "".join(step.shown for step in steps).removeprefix(".")
    scale = None if last.field is None else options_of(last.field.declared).scale
    is_nullable = any(step.field is not None and "null" in step.field.codec.kinds for step in steps[:-1])
    return Column(name=name, annotation=last.annotation, scale=scale, is_nullable=is_nullable)


def joined(columns: Sequence[Column]) -> Column:
    """Return the column of a field that several classes have, each of a type of its own."""
    annotations: list[Any] = []
    for column in columns:
        if column.annotation not in annotations:
            annotations.append(column.annotation)
    scales = [column.scale for column in columns]
    return attrs.evolve(
        columns[0],
        annotation=Union[tuple(annotations)],  # noqa: UP007 - as many as there are
        scale=None if None in scales else max(scale or 0 for scale in scales),
        is_nullable=any(column.is_nullable for column in columns),
    )


def reader_of(model: type, path: Path) -> FieldReader:
    """Return what reads a field of a class of documents; raises `ExpressionError` when it has none there."""
    steps = list(_steps(model, path))
    asked = _asked(steps)
    return FieldReader(
        path=path[: len(asked)],
        place="".join(step.place for step in steps).removeprefix("."),
        field=asked[-1],
        inner=tuple(step.key for step in steps[len(asked) :]),
        needs_whole=asked[-1].name != "_id" and _needs_self(asked[-1]),
    )


def outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Leave out the paths that lie inside of another one, which CouchDB may answer with an error."""
    several = dict.fromkeys(paths)
    return tuple(path for path in several if not any(path[:end] in several for end in range(1, len(path))))


def _asked(steps: Sequence[_Step]) -> list[FieldCodec]:
    """Return the fields at the beginning of a path that are asked for by their names."""
    fields: list[FieldCodec] = []
    for step in steps:
        if step.field is None or (fields and _may_be_missing(step.field)):
            break
        fields.append(step.field)
        if not _is_plain(step.field, step.annotation):
            break
    return fields


def _is_plain(field: FieldCodec, annotation: Any) -> bool:
    """Tell whether a field always holds a value of one class, so that what is missing in it is a fault."""
    kind = class_behind(real_type(annotation))
    return (
        is_model(kind)
        and not set(nested_family(kind).values()) - {kind}
        and field.declared.default is attrs.NOTHING
        and field.declared.converter is None
        and field.codec.kinds == {"object"}
    )


def _may_be_missing(field: FieldCodec) -> bool:
    """Tell whether a value is there also when the field is not, so that one must know what lacks it."""
    return field.declared.default is not attrs.NOTHING or _needs_self(field)


def _needs_self(field: FieldCodec) -> bool:
    """Tell whether a value is made from other fields of its object as well."""
    made: tuple[Any, ...] = (field.declared.default, field.declared.converter)
    return any(getattr(one, "takes_self", False) for one in made)


def _default(declared: "attrs.Attribute[Any]") -> Any:
    default: Any = declared.default
    if default is attrs.NOTHING:
        raise Misfit("missing, and the field has no default")
    return default.factory() if hasattr(default, "factory") else default


def _steps(model: Any, path: Path) -> Iterator[_Step]:
    owners, annotation = [model], model
    for name in path:
        step = _field_step(owners, name) if owners else _element_step(annotation, name)
        yield step
        annotation = step.annotation
        owners = list(_classes(annotation))


def _classes(annotation: Any) -> Iterator[Any]:
    """Yield the classes whose fields a value may have, subclasses that a tag tells included."""
    for kind in alternatives(annotation):
        cls = class_behind(kind)
        if isinstance(cls, type) and is_written_by_fields(kind):
            yield kind
            if is_model(cls):
                yield from (one for one in nested_family(cls).values() if one is not cls)


def _field_step(owners: Sequence[Any], name: str) -> _Step:
    for owner in owners:
        for field in field_codecs(owner):
            if field.name == name:
                kind = type_hints(owner).get(field.attribute, Any)
                shown = f".{field.attribute}"
                return _Step(key=name, shown=shown, place=f".{name}", annotation=kind, field=field)
    names = " or ".join(class_behind(owner).__name__ for owner in owners)
    raise ExpressionError(f"{names} has no field that is stored as {name!r}; select fields of that class")


def _element_step(annotation: Any, name: str) -> _Step:
    origin, arguments = container(annotation)
    if origin is dict:
        key = key_codec(arguments[0]).load(name, None) if arguments else name
        return _Step(key=key, shown=f"[{key!r}]", place=f".{name}", annotation=element_type(annotation))
    if origin in (list, tuple) and name.isdecimal():
        element, shown = element_type(annotation, int(name)), f"[{name}]"
        return _Step(key=int(name), shown=shown, place=shown, annotation=element)
    if real_type(annotation) in (Any, object):
        return _Step(key=name, shown=f"[{name!r}]", place=f".{name}", annotation=Any)
    raise ExpressionError(
        f"{name!r} of a value of {annotation!r} cannot be selected alone; select the field that holds it"
    )


def _member(value: Any, key: Any) -> JSON:
    """Return what a value holds: a field by its name in JSON, a member by key, an element by index."""
    found: Any = Absent.MISSING
    if isinstance(value, dict):
        found = value.get(key, found)
    elif isinstance(value, (list, tuple)):
        index = int(key) if str(key).isdecimal() else len(value)
        found = value[index] if index < len(value) else found
    else:
        kind: Any = type(value)
        attribute = _attribute(kind, key)
        found = found if attribute is None else getattr(value, attribute)
    if found is Absent.MISSING:
        raise Misfit("missing; keep the documents that have it, with .where(field.exists())")
    return found


@cache
def _attribute(kind: Any, name: str) -> str | None:
    """Return which attribute of a class stands in JSON under a name."""
    if not is_written_by_fields(kind):
        return None
    return next((field.attribute for field in field_codecs(kind) if field.name == name), None)
