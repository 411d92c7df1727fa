"""What `.include(Order.customer)` asks for: which references lead where, and on which documents they are."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, get_args, get_origin

import attrs

from couchmapper.exceptions import ExpressionError, ModelError
from couchmapper.mango.nodes import Path
from couchmapper.mapping.converter import field_codecs, is_written_by_fields
from couchmapper.mapping.document import Document
from couchmapper.mapping.expressions import Field, annotation_of, owner_of, path_of
from couchmapper.mapping.inverses import InverseField, KeyedView
from couchmapper.mapping.metadata import Nested, is_model, subclasses_of, type_hints
from couchmapper.mapping.parts import compound_fields, mentioned_types
from couchmapper.mapping.references import Ref, target_of

__all__ = ["Inclusion", "inclusions", "levels", "references_in"]


@attrs.frozen(kw_only=True)
class Inclusion:
    """A field whose references are to be loaded: `path` leads to them from each value of `owner`.

    `owner` is a Document, or an Embedded class whose values are looked for inside of documents. The documents
    that are loaded are of the class `target`. An inverse field has a function that returns its `view`.
    """

    owner: type
    path: Path
    target: type[Document]
    view: Callable[[], KeyedView] | None = None

    def __str__(self) -> str:
        return f"{self.owner.__name__}.{'.'.join(self.path)}"


def inclusions(
    fields: Iterable[Any], models: Iterable[type], before: Sequence[Inclusion] = ()
) -> tuple[Inclusion, ...]:
    """Read the fields to include in documents of some models, beside those that come `before`.

    Raises `ExpressionError` for what is no reference, and for a field of a class of which there can be no
    value: neither a model nor what a field before it loads is one, or holds one.
    """
    found, known = [*before], [*models, *(one.target for one in before)]
    for field in fields:
        inclusion = _inclusion(field)
        if not any(_may_hold(kind, inclusion.owner) for kind in known):
            names = " or ".join(dict.fromkeys(kind.__name__ for kind in known))
            raise ExpressionError(
                f"{inclusion} cannot be included: there is no {inclusion.owner.__name__} in {names}; name the"
                " field before it that leads there"
            )
        found.append(inclusion)
        known.append(inclusion.target)
    return tuple(found)


def levels(wanted: Sequence[Inclusion]) -> list[list[Inclusion]]:
    """Put together what can be loaded at once: a field waits for those before it that load its documents."""
    depths: list[int] = []
    for place, inclusion in enumerate(wanted):
        before = zip(wanted[:place], depths, strict=True)
        below = [depth for one, depth in before if _may_hold(one.target, inclusion.owner)]
        depths.append(1 + max(below, default=0))
    return [
        [inclusion for inclusion, depth in zip(wanted, depths, strict=True) if depth == level]
        for level in range(1, max(depths, default=0) + 1)
    ]


def references_in(document: Document, inclusion: Inclusion) -> Iterator[Ref[Any]]:
    """Yield the references that a document has in the field."""
    for holder in _values(inclusion.owner, document):
        yield from _references(_at(holder, inclusion.path))


def _inclusion(field: Any) -> Inclusion:
    if isinstance(field, InverseField):
        return Inclusion(owner=field.owner, path=(field.name,), target=_listed(field), view=field.view)
    if not isinstance(field, Field):
        raise ExpressionError(
            f"expected a field that holds references, such as Order.customer, got {field!r}"
        )
    mentioned = mentioned_types(annotation_of(field))
    targets = list(dict.fromkeys(target_of(kind) for kind in mentioned if get_origin(kind) is Ref))
    owner = owner_of(field)
    if not targets or owner is None:
        raise ExpressionError(
            f"{field!r} holds no reference that could be included; one inside of embedded values is named by"
            " their class, as Line.product"
        )
    if len(targets) > 1:
        names = " and ".join(target.__name__ for target in targets)
        raise ExpressionError(f"{field!r} leads to {names}; keep the two in fields of their own")
    return Inclusion(owner=owner, path=path_of(field), target=targets[0])


def _listed(field: InverseField) -> type[Document]:
    """Return the model of the documents in an inverse field."""
    annotation = type_hints(field.owner).get(field.name)
    target: Any = next(iter(get_args(annotation)), None)
    if get_origin(annotation) is list and isinstance(target, type) and issubclass(target, Document):
        return target
    raise ModelError(f"{field!r} is a list of the documents of a model, as list[Order]; got {annotation!r}")


def _may_hold(kind: type, wanted: type) -> bool:
    """Tell whether a value of a class, or of a class derived from it, can be or hold a value of another."""
    return any(issubclass(one, wanted) for one in _reachable(kind, set()))


def _reachable(kind: type, seen: set[type]) -> Iterator[type]:
    if kind in seen:
        return
    seen.add(kind)
    yield kind
    for _, classes in compound_fields(kind):
        for one in classes:
            yield from _reachable(one, seen)
    for child in subclasses_of(kind) if is_model(kind) else ():  # others are read as the class that is named
        yield from _reachable(child, seen)


def _values(wanted: type, value: Any) -> Iterator[Any]:
    """Yield the values of a class in a document: itself, or what it holds at any depth."""
    if isinstance(value, wanted):
        yield value
    if not issubclass(wanted, Nested):
        return
    for part in _parts(value):
        yield from _values(wanted, part)


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple, set, frozenset)):
        yield from value
    elif isinstance(value, dict):
        yield from value.values()
    else:
        kind: Any = type(value)
        fields = compound_fields(kind) if is_written_by_fields(kind) else ()
        yield from (getattr(value, attribute) for attribute, _ in fields)


def _at(value: Any, path: Path) -> Any:
    """Follow a path of JSON names through embedded values; None where it ends early."""
    for name in path:
        kind: Any = type(value)
        attribute = _attributes(kind).get(name) if attrs.has(kind) else None
        if attribute is None:
            return None
        value = getattr(value, attribute)
    return value


@cache
def _attributes(kind: Any) -> dict[str, str]:
    """Return the attributes of a class by their names in JSON."""
    return {field.name: field.attribute for field in field_codecs(kind)}


def _references(value: Any) -> Iterator[Ref[Any]]:
    """Yield the references in a value of a field, also the keys of a dict."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, (list, tuple, set, frozenset)):
        for part in value:
            yield from _references(part)
    elif isinstance(value, dict):
        yield from _references([*value, *value.values()])
