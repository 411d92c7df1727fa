"""The ids of new documents: from a template over the fields, from a callable, or random but sortable.

In a partitioned database they begin with the partition: https://docs.couchdb.org/en/stable/partitioned-dbs/
"""

import secrets
import string
import time
from collections.abc import Callable
from enum import Enum
from typing import Any, Final, TypeAlias, TypeGuard

import attrs

from couchmapper.exceptions import IllegalDocumentId, ModelError
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.converter import field_codecs
from couchmapper.mapping.metadata import fields_of, metadata_of
from couchmapper.mapping.references import Ref

__all__ = [
    "IdMaker",
    "IdTemplate",
    "check_declaration",
    "check_id",
    "id_maker",
    "is_partition",
    "new_id",
    "partition_of",
    "sortable_id",
    "template_fields",
]

_DOTS: Final = frozenset({".", ".."})

IdMaker: TypeAlias = Callable[[Any], str]
"""Makes the id of a new document from its fields."""


@attrs.frozen
class IdTemplate:
    """Makes ids from the fields that a template such as `order:{number}` names."""

    text: str
    names: frozenset[str]

    def __call__(self, document: Any) -> str:
        """Fill the template; raises `IllegalDocumentId` when a field has no value."""
        values = {name: _plain(getattr(document, name)) for name in sorted(self.names)}
        empty = [name for name, value in values.items() if value is None or value == ""]
        if empty:
            raise IllegalDocumentId(f"the id {self.text!r} needs a value for {', '.join(empty)}")
        return self.text.format(**values)


def id_maker(declared: str | IdMaker) -> IdMaker:
    """Turn the class argument `id=`, a template or a callable, into the function that makes ids."""
    if isinstance(declared, str):
        return IdTemplate(declared, frozenset(template_fields(declared)))
    if callable(declared):
        return declared
    raise ModelError(f"id= is a template such as 'order:{{number}}', or a function, got {declared!r}")


def sortable_id(_: Any = None, *, milliseconds: int | None = None) -> str:
    """Make an id as 32 hex digits that sort by time of creation (the layout of UUID version 7, RFC 9562).

    Neighbours in time are neighbours in the database's tree, which CouchDB writes fastest.
    """
    now = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    number = now << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return f"{number:032x}"


def template_fields(template: str) -> set[str]:
    """Return the fields that a template such as `order:{number}` names; raises `ModelError` for none."""
    names = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    if not names or "" in names:
        raise ModelError(
            f"the id template {template!r} must name fields, as 'order:{{number}}'; a model with one document"
            f" has a function, as id=lambda _: {template!r}"
        )
    return names


def check_declaration(model: type) -> None:
    """Raise `ModelError` when the id or the partition of a model is not made of its fields."""
    metadata = metadata_of(model)
    names = {attribute.name for attribute in fields_of(model) if attribute.name != "id"}
    template = metadata.make_id if isinstance(metadata.make_id, IdTemplate) else None
    unknown = template.names - names if template else frozenset()
    if template and unknown:
        raise ModelError(
            f"{model.__name__}: the id template {template.text!r} names {', '.join(sorted(unknown))},"
            " no field"
        )
    if metadata.partition is None:
        return
    if metadata.partition not in names:
        known = f"it has {', '.join(sorted(names))}" if names else "it has none"
        raise ModelError(f"{model.__name__}: partition={metadata.partition!r} must name a field; {known}")
    if template and metadata.partition in template.names:
        raise ModelError(
            f"{model.__name__}: the id template {template.text!r} has the partition {metadata.partition},"
            " which stands before every id: leave it out"
        )


def new_id(document: Any) -> str:
    """Make the id of a new document as its model says, behind its partition if it has one."""
    metadata = metadata_of(type(document))
    made: object = (metadata.make_id or sortable_id)(document)
    if not isinstance(made, str) or not made:
        raise IllegalDocumentId(f"the id of a new {type(document).__name__} must be text, got {made!r}")
    partition = partition_of(document)
    return made if partition is None else f"{partition}:{made}"


def partition_of(document: Any) -> str | None:
    """Return the partition that the fields of a document name; None when its model has none.

    Raises `IllegalDocumentId` for a value that CouchDB refuses as a partition.
    """
    name = metadata_of(type(document)).partition
    if name is None:
        return None
    value = _plain(getattr(document, name))
    stored = value if isinstance(value, str) else _as_stored(type(document), name, value)
    if is_partition(stored):
        return str.__str__(stored)
    raise IllegalDocumentId(
        f"{type(document).__name__}.{name} is the partition: a text that does not begin with an underscore"
        f" and has no colon, and is not '.' or '..', got {value!r}"
    )


def is_partition(value: object) -> TypeGuard[str]:
    """Tell whether a value can be a partition, and the path of a URL can name it."""
    return isinstance(value, str) and value[:1] not in ("", "_") and ":" not in value and value not in _DOTS


def _as_stored(model: type, name: str, value: Any) -> Any:
    """Write a value that is text in JSON alone, such as a UUID or a date."""
    field = next(field for field in field_codecs(model) if field.attribute == name)
    try:
        return field.codec.dump(value)
    except Misfit:
        return value


def check_id(document: Any) -> None:
    """Raise `IllegalDocumentId` when the id of a document is not in the partition that its fields name."""
    if document.__metadata__.partition is None:
        return
    partition = partition_of(document)
    before, _, key = document.id.partition(":")
    if before != partition or not key or key[0] == "_":
        name = metadata_of(type(document)).partition
        advice = (
            f"leave the id out and it is made as '{partition}:key'"
            if document.rev is None
            else f"set {name} back, or delete this document and add one in the other partition"
        )
        raise IllegalDocumentId(f"{document.id!r} is no id in the partition {partition!r} ({name}): {advice}")


def _plain(value: Any) -> Any:
    """Write a member of an Enum and a reference as they stand in JSON, and not as Python shows them."""
    if isinstance(value, Ref):
        return value.id
    return value.value if isinstance(value, Enum) else value
