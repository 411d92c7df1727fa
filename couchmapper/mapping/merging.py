"""How the members of a model's JSON are merged: its rules, and those of what it holds."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import attrs

from couchmapper.exceptions import UnexpectedType
from couchmapper.mapping.annotations import alternatives, container, element_type, real_type
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.converter import field_codecs, is_written_by_fields
from couchmapper.mapping.decisions import ABSENT, Decision, decision
from couchmapper.mapping.generics import class_behind
from couchmapper.mapping.metadata import Nested, is_model, metadata_of, options_of, type_hints
from couchmapper.mapping.registry import class_of, is_tagged_as, nested_class_of
from couchmapper.mapping.snapshots import FieldCodec
from couchmapper.typing import JSON, JSONMapping

__all__ = ["PLAIN", "Rules", "merge_rules"]


@attrs.frozen(kw_only=True, eq=False)
class Rules:
    """How the members of an object are merged, by their names in JSON.

    `decisions` are what `field(merge=...)` says. `types` are the types of the other fields: by them the rules
    of nested objects are found when there is something to merge, since an object may be of several classes,
    and of the same one again; `other` is the type of members that are not named. `tags` say of which class
    and version an object is: two that differ there cannot become one. `model` is the class, None for a map.
    """

    model: type | None = None
    decisions: Mapping[str, Decision] = MappingProxyType({})
    types: Mapping[str, Any] = MappingProxyType({})
    other: Any = Any
    tags: frozenset[str] = frozenset()

    def of_document(self, mine: JSONMapping, theirs: JSONMapping) -> "Rules":
        """Return the rules of the subclass that both documents are of; these, when they are of two."""
        if self.model is None:
            return self
        try:
            kinds = {class_of(self.model, document) for document in (mine, theirs)}
        except UnexpectedType:
            return self
        return merge_rules(kinds.pop()) if len(kinds) == 1 else self

    def of_member(self, name: str, base: JSON, mine: JSON, theirs: JSON) -> "Rules | None":
        """Return the rules of the objects under a name; None for what is merged as one value.

        That is what is no object on a side, is of two classes, is of a class with a JSON form of its own, or
        has no type and was no object before.
        """
        if not (isinstance(mine, dict) and isinstance(theirs, dict)):
            return None
        annotation = self.types.get(name, self.other)
        kinds = {_class_in(annotation, side) for side in (mine, theirs)}
        kind = kinds.pop()
        if kinds:
            return None
        if kind is not None:
            return merge_rules(kind)
        origin, _ = container(annotation)
        members = {real_type(member) for member in alternatives(annotation)}
        if origin is dict or dict in members:
            return Rules(other=element_type(annotation))
        return PLAIN if isinstance(base, dict) and members & {Any, object} else None


PLAIN: Final = Rules()
"""The rules of an object without a model."""


def merge_rules(model: Any) -> Rules:
    """Return how the documents of a model are merged, or the values of an attrs class, or of `Box[int]`.

    Raises `ModelError` when a rule does not fit its field.
    """
    return _merge_rules(model)


@cache
def _merge_rules(model: Any) -> Rules:
    hints = type_hints(model)
    cls = class_behind(model)
    decisions: dict[str, Decision] = {}
    types: dict[str, Any] = {}
    for field in field_codecs(model):
        rule, annotation = options_of(field.declared).merge, hints.get(field.attribute, Any)
        if rule is None:
            types[field.name] = annotation
        else:
            place = f"{cls.__name__}.{field.attribute}"
            decisions[field.name] = decision(rule, annotation, field.codec, place=place, start=_start(field))
    return Rules(model=cls, decisions=decisions, types=types, tags=_tags(cls))


def _start(field: FieldCodec) -> JSON:
    """Return what stands for a field that a document does not have; nothing when a function makes it."""
    default: Any = field.declared.default
    if default is attrs.NOTHING or hasattr(default, "factory") or field.declared.converter is not None:
        return ABSENT
    return field.codec.dump(default)


def _tags(model: type) -> frozenset[str]:
    if not is_model(model) or issubclass(model, Nested):
        return frozenset()
    metadata = metadata_of(model)
    version = None if metadata.version is None else metadata.version_field
    return frozenset(name for name in (metadata.type_field, version) if name is not None)


def _class_in(annotation: Any, value: JSONMapping) -> Any:
    """Return the class that an object is read as; None when it is none that is written by its fields."""
    kinds = [kind for kind in map(real_type, alternatives(annotation)) if is_written_by_fields(kind)]
    tagged = [kind for kind in kinds if is_tagged_as(class_behind(kind), value)]
    untagged = kinds if len(kinds) == 1 else [kind for kind in kinds if not _is_told_by_tag(kind)]
    return next((_subclass(kind, value) for kind in tagged or untagged), None)


def _subclass(kind: Any, value: JSONMapping) -> Any:
    cls = class_behind(kind)
    if not is_model(cls):
        return kind
    try:
        actual = nested_class_of(cls, value)
    except Misfit:
        return None
    return kind if actual is cls else actual


def _is_told_by_tag(kind: Any) -> bool:
    cls = class_behind(kind)
    return is_model(cls) and bool(metadata_of(cls).tag)
