"""The ids of new documents: from a template over the fields, from a callable, or random but sortable."""

import secrets
import string
import time
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeAlias

from couchmapper.exceptions import IllegalDocumentId, ModelError

__all__ = ["IdMaker", "id_maker", "sortable_id", "template_fields"]

IdMaker: TypeAlias = Callable[[Any], str]
"""Makes the id of a new document from its fields."""


def id_maker(declared: str | IdMaker) -> IdMaker:
    """Turn the class argument `id=`, a template or a callable, into the function that makes ids."""
    return _template_id(declared) if isinstance(declared, str) else declared


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
        raise ModelError(f"the id template {template!r} must name fields, as 'order:{{number}}'")
    return names


def _template_id(template: str) -> IdMaker:
    names = sorted(template_fields(template))

    def make_id(document: Any) -> str:
        values = {name: _plain(getattr(document, name)) for name in names}
        empty = [name for name, value in values.items() if value is None or value == ""]
        if empty:
            raise IllegalDocumentId(f"the id {template!r} needs a value for {', '.join(empty)}")
        return template.format(**values)

    return make_id


def _plain(value: Any) -> Any:
    """Write a member of an Enum as it stands in JSON, and not by its name in Python."""
    return value.value if isinstance(value, Enum) else value
