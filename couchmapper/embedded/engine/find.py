"""The body of `_find` and `_explain`: its members, read and checked as CouchDB does.

https://docs.couchdb.org/en/stable/api/database/find.html
"""

from collections.abc import Mapping
from typing import Final

import attrs

from couchmapper.embedded.engine.find_selector import Selector, read_selector
from couchmapper.embedded.engine.members import (
    Reader,
    read_directions,
    read_members,
    read_positive,
    shown,
)
from couchmapper.embedded.engine.partitions import check_partition
from couchmapper.exceptions import BadRequest
from couchmapper.mango.nodes import Path
from couchmapper.mango.paths import parse_path
from couchmapper.typing import JSON, JSONMapping

__all__ = ["FindQuery", "read_find"]

_PARTS_OF_INDEX_NAME: Final = 2


@attrs.frozen(kw_only=True)
class FindQuery:
    """A checked body, its members in the order in which `_explain` shows them.

    `use_index` names a design document, and then maybe a view. Empty `fields` are whole documents. An empty
    `partition` is the whole database.
    """

    selector: Selector
    use_index: tuple[str, ...] = ()
    bookmark: str | None = None
    limit: int = 25
    skip: int = 0
    sort: Mapping[str, str] = attrs.field(factory=dict)
    fields: tuple[str, ...] = ()
    partition: str = ""
    r: int = 1
    conflicts: bool = False
    stale: str | bool = False
    update: bool = True
    stable: bool = False
    execution_stats: bool = False
    allow_fallback: bool = True

    @property
    def sort_paths(self) -> tuple[Path, ...]:
        """The fields of the sort."""
        return tuple(parse_path(field) for field in self.sort)

    @property
    def field_paths(self) -> tuple[Path, ...]:
        """The fields that the documents shall have."""
        return tuple(parse_path(field) for field in self.fields)

    @property
    def descending(self) -> bool:
        """Whether the sort goes down; it has one direction for all fields."""
        return "desc" in self.sort.values()


def read_find(body: JSONMapping) -> FindQuery:
    """Read a body; raises `BadRequest` with CouchDB's code for what it does not take."""
    query = FindQuery(**read_members(body, _MEMBERS, required=("selector",)))
    for field in (*query.sort, *query.fields):
        parse_path(field)  # raises for a name that is none
    return query


def _use_index(value: JSON) -> tuple[str, ...]:
    match value:
        case None:
            return ()
        case str():
            parts = value.removeprefix("_design/").split("/")
            if len(parts) <= _PARTS_OF_INDEX_NAME:
                return tuple(parts)
        case list() if len(value) <= _PARTS_OF_INDEX_NAME and all(isinstance(part, str) for part in value):
            return tuple(part.removeprefix("_design/") for part in value[:1]) + tuple(value[1:])
    raise BadRequest(f"Invalid index name: {shown(value)}", error="invalid_index_name")


def _bookmark(value: JSON) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    raise BadRequest(f"Invalid bookmark value: {shown(value)}", error="invalid_bookmark")


def _non_negative(value: JSON) -> int:
    if type(value) is int and value >= 0:
        return value
    reason = f"{shown(value)} is not an integer greater than or equal to zero"
    raise BadRequest(reason, error="invalid_non_neg_integer")


def _boolean(value: JSON) -> bool:
    if isinstance(value, bool):
        return value
    raise BadRequest(f"Invalid boolean value: {shown(value)}", error="invalid_boolean")


def _stale(value: JSON) -> str | bool:
    if value == "ok":
        return "ok"
    if value is False or value == "false":
        return False
    raise BadRequest(f"Invalid value for stale: {shown(value)}", error="invalid_value")


def _fields(value: JSON) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise BadRequest(f"Fields must be an array of strings, not: {shown(value)}", error="invalid_fields")
    for item in value:
        if not isinstance(item, str):
            raise BadRequest(f"Invalid JSON for field spec: {shown(item)}", error="invalid_field")
    return tuple(value)


def _partition(value: JSON) -> str:
    return "" if value == "" else check_partition(value)


_MEMBERS: Final[Mapping[str, Reader]] = {
    "selector": read_selector,
    "use_index": _use_index,
    "bookmark": _bookmark,
    "limit": _non_negative,
    "skip": _non_negative,
    "sort": read_directions,
    "fields": _fields,
    "partition": _partition,
    "r": read_positive,
    "conflicts": _boolean,
    "stale": _stale,
    "update": _boolean,
    "stable": _boolean,
    "execution_stats": _boolean,
    "allow_fallback": _boolean,
}
