"""The parameters of views: their names and spellings, read from a query string or from a JSON body."""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from couchmapper import jsonio
from couchmapper.exceptions import BadRequest, InvalidJSON
from couchmapper.typing import JSON, JSONObject

__all__ = ["Options", "read_body", "read_query_string"]

Options: TypeAlias = JSONObject
"""Options by the names of `ViewQuery`, not yet checked against each other.

`start` and `end` are one-element tuples. An option that was not given is not there.
"""

_INTEGER: Final = re.compile(r"[+-]?[0-9]+")


def read_query_string(query: Mapping[str, str], options: Options | None = None) -> Options:
    """Read a query string, over `options` that were read before; raises `BadRequest`."""
    found = dict(options or {})
    for name, text in query.items():
        if name in _PARAMETERS:
            read, to = _PARAMETERS[name]
            found.update(read(_CONVERTED[read](text) if read in _CONVERTED else text, to))
    return found


def read_body(body: Mapping[str, JSON], options: Options | None = None) -> Options:
    """Read the members of a JSON body, over `options` that were read before; raises `BadRequest`."""
    found = dict(options or {})
    for name, value in body.items():
        if name in _PARAMETERS:
            read, to = _PARAMETERS[name]
            found.update(read(value, to))
    return found


def _integer(text: str) -> JSON:
    return int(text) if _INTEGER.fullmatch(text) else text


def _json(text: str) -> JSON:
    try:
        return jsonio.loads(text)
    except InvalidJSON as error:
        raise BadRequest("invalid UTF-8 JSON") from error


def _flag(value: JSON, name: str) -> Options:
    if isinstance(value, bool):
        return {name: value}
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return {name: value.lower() == "true"}
    raise _error(f"Invalid boolean parameter: {_shown(value)}")


def _number(value: JSON, name: str) -> Options:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _error(f"Invalid value for integer: {_shown(value)}")
    if value < 0:
        raise _error(f'Invalid value for positive integer: "{value}"')
    return {name: value}


def _text(value: JSON, name: str) -> Options:
    return {name: value if isinstance(value, str) else _shown(value)}


def _edge(value: JSON, name: str) -> Options:
    return {name: (value,)}


def _key(value: JSON, _name: str) -> Options:
    return {"start": (value,), "end": (value,)}


def _keys(value: JSON, name: str) -> Options:
    """Take a single key in `keys` for `key`."""
    return _key(value[0], name) if isinstance(value, list) and len(value) == 1 else {name: value}


def _stale(value: JSON, _name: str) -> Options:
    if value not in ("ok", "update_after"):
        raise _error("Invalid value for `stale`.")
    return {"update": "false" if value == "ok" else "lazy"}


def _update(value: JSON, name: str) -> Options:
    written = _shown(value) if isinstance(value, bool) else value
    if written not in ("true", "false", "lazy"):
        raise _error("Invalid value for `update`.")
    return {name: written}


def _stable(value: JSON, _name: str) -> Options:
    """Which node answers means nothing here; the value is checked all the same."""
    if value not in ("true", "false", True, False):
        raise _error("Invalid value for `stable`.")
    return {}


def _ignored_flag(value: JSON, name: str) -> Options:
    _flag(value, name)
    return {}


def _shown(value: JSON) -> str:
    return jsonio.dumps(value).decode()


def _error(reason: str) -> BadRequest:
    return BadRequest(reason, error="query_parse_error")


_CONVERTED: Final[Mapping[Callable[[JSON, str], Options], Callable[[str], JSON]]] = {
    _edge: _json,
    _key: _json,
    _keys: _json,
    _number: _integer,
}
"""What the texts of a query string become before they are read; in a body they have types already."""

_PARAMETERS: Final[Mapping[str, tuple[Callable[[JSON, str], Options], str]]] = {
    "reduce": (_flag, "reduce"),
    "key": (_key, ""),
    "keys": (_keys, "keys"),
    "startkey": (_edge, "start"),
    "start_key": (_edge, "start"),
    "startkey_docid": (_text, "start_id"),
    "start_key_doc_id": (_text, "start_id"),
    "endkey": (_edge, "end"),
    "end_key": (_edge, "end"),
    "endkey_docid": (_text, "end_id"),
    "end_key_doc_id": (_text, "end_id"),
    "limit": (_number, "limit"),
    "skip": (_number, "skip"),
    "group": (_flag, "group"),
    "group_level": (_number, "group_level"),
    "inclusive_end": (_flag, "inclusive_end"),
    "descending": (_flag, "descending"),
    "include_docs": (_flag, "include_docs"),
    "conflicts": (_flag, "conflicts"),
    "update_seq": (_flag, "update_seq"),
    "stale": (_stale, ""),
    "stable": (_stable, ""),
    "update": (_update, "update"),
    "partition": (_text, "partition"),
    "sorted": (_ignored_flag, ""),
    "attachments": (_flag, "attachments"),
    "att_encoding_info": (_flag, "att_encoding_info"),
}
"""From a parameter to what reads it and the option that it sets."""
