"""The bodies of `POST /{db}/_index` and of `_index/_bulk_delete`, read and checked as CouchDB does."""

from collections.abc import Mapping
from typing import Final

import attrs

from couchmapper.embedded.engine.find_selector import read_selector
from couchmapper.embedded.engine.indexes_names import index_name
from couchmapper.embedded.engine.members import (
    Reader,
    read_directions,
    read_members,
    read_positive,
    shown,
)
from couchmapper.exceptions import BadRequest, InvalidSelector, ServiceUnavailable
from couchmapper.typing import JSON, JSONMapping, JSONObject

__all__ = ["IndexRequest", "read_deletions", "read_index"]

_SERVICES: Final = frozenset({"text", "nouveau"})


@attrs.frozen(kw_only=True)
class IndexRequest:
    """An index to make: `map` is what is stored, `definition` what the request said."""

    ddoc: str
    name: str
    map: JSONObject
    definition: JSONObject
    partitioned: bool | None = None


def read_index(body: JSONMapping) -> IndexRequest:
    """Read the body that asks for an index; raises `BadRequest` with CouchDB's code."""
    found = read_members(body, _MEMBERS, required=("index",))
    kind = found.get("type", "json")
    if kind in _SERVICES:
        raise ServiceUnavailable(kind, error="required index service unavailable")
    if kind != "json":
        raise BadRequest(f"Invalid type for index: {kind}", error="invalid_index")
    definition = found["index"]
    if not isinstance(definition, dict):
        reason = f"JSON indexes must be an object, not: {shown(definition)}"
        raise BadRequest(reason, error="invalid_index")
    read = read_members(definition, _DEFINITION, required=("fields",))
    own_name = index_name(found) if "name" not in found or "ddoc" not in found else ""
    ddoc = str(found.get("ddoc", own_name))
    return IndexRequest(
        ddoc=ddoc if ddoc.startswith("_design/") else f"_design/{ddoc}",
        name=str(found.get("name", own_name)),
        map={"fields": read["fields"], "partial_filter_selector": read.get("partial_filter_selector", {})},
        definition=definition,
        partitioned=found.get("partitioned"),
    )


def read_deletions(body: JSONMapping) -> list[str]:
    """Read the design documents whose index is to be deleted."""
    docids: list[str] = read_members(body, _DELETION, required=("docids",))["docids"]
    return docids


def _anything(value: JSON) -> JSON:
    return value


def _text(value: JSON) -> str:
    if isinstance(value, str):
        return value
    raise BadRequest(f"Invalid string: {shown(value)}", error="invalid_string")


def _name(value: JSON) -> str:
    if value == "":
        raise BadRequest("Index name or ddoc cannot be empty string", error="invalid_empty_string")
    return _text(value)


def _partitioned(value: JSON) -> bool:
    if isinstance(value, bool):
        return value
    raise BadRequest(f"Invalid value for partitioned: {shown(value)}", error="invalid_value")


def _selector(value: JSON) -> JSON:
    if not isinstance(value, dict):
        raise InvalidSelector(f"Selector must be a JSON object, not: {shown(value)}")
    return read_selector(value).normal


def _docids(value: JSON) -> list[str]:
    if not isinstance(value, list):
        reason = f"Bulk Delete requires an array of non-null docids. Docids: {shown(value)}"
        raise BadRequest(reason, error="invalid_bulk_docs")
    for item in value:
        if not isinstance(item, str):
            raise BadRequest(f"Invalid index name: {shown(item)}", error="invalid_index_name")
    return value


_MEMBERS: Final[Mapping[str, Reader]] = {
    "index": _anything,
    "type": _text,
    "name": _name,
    "ddoc": _name,
    "w": read_positive,
    "partitioned": _partitioned,
}

_DEFINITION: Final[Mapping[str, Reader]] = {
    "fields": read_directions,
    "partial_filter_selector": _selector,
}

_DELETION: Final[Mapping[str, Reader]] = {"docids": _docids, "w": read_positive}
