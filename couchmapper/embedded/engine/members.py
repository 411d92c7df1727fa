"""The members of a JSON body, read and checked by a table: what `_find` and `_index` have in common."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from couchmapper import jsonio
from couchmapper.exceptions import BadRequest
from couchmapper.typing import JSON, JSONMapping

__all__ = ["Reader", "read_directions", "read_members", "read_positive", "shown"]

Reader: TypeAlias = Callable[[JSON], Any]
"""Checks the value of one member and returns what it means."""


def read_members(
    body: JSONMapping, members: Mapping[str, Reader], *, required: tuple[str, ...]
) -> dict[str, Any]:
    """Read the members of a body by a table; those that are not there are left out.

    Raises `BadRequest` for a member that is needed and missing, has a wrong value, or is none of the table.
    """
    found: dict[str, Any] = {}
    for name, read in members.items():
        if name in body:
            found[name] = read(body[name])
        elif name in required:
            raise BadRequest(f"Missing required key: {name}", error="missing_required_key")
    for name in body:
        if name not in members:
            raise BadRequest(f"Invalid key {name} for this request.", error="invalid_key")
    return found


def read_directions(value: JSON) -> dict[str, str]:
    """Read a sort, or the fields of an index: `["a", {"b": "asc"}]` is `{"a": "asc", "b": "asc"}`."""
    if not isinstance(value, list):
        raise BadRequest(
            f"Sort must be an array of sort specs, not: {shown(value)}", error="invalid_sort_json"
        )
    found: dict[str, str] = {}
    for item in value:
        match item:
            case str() if item:
                found[item] = "asc"
            case dict() if len(item) == 1 and next(iter(item.values())) in ("asc", "desc"):
                found.update(item)
            case _:
                raise BadRequest(f"Invalid sort field: {shown(item)}", error="invalid_sort_field")
    if len(set(found.values())) > 1:
        reason = "Sorts currently only support a single direction for all fields."
        raise BadRequest(reason, error="unsupported_mixed_sort")
    return found


def read_positive(value: JSON) -> int:
    """Read an integer greater than zero."""
    if type(value) is int and value > 0:
        return value
    raise BadRequest(f"{shown(value)} is not an integer greater than zero", error="invalid_pos_integer")


def shown(value: JSON) -> str:
    """Write a value as it stands in the reasons of errors."""
    return jsonio.dumps(value).decode()
