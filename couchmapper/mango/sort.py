"""Sort specifications of `_find`, `["name", {"placed": "desc"}]`, and the order of documents they mean."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import attrs

from couchmapper import collation
from couchmapper.exceptions import BadRequest
from couchmapper.mango.nodes import Path
from couchmapper.mango.paths import Absent, compile_path, parse_path
from couchmapper.typing import JSON, JSONObject

__all__ = ["SortKey", "SortTerm", "parse_sort", "sort_key"]

SortKey: TypeAlias = Callable[[JSONObject], bytes]
"""Gives the key by whose bytes documents are in order."""

_INVERTED = bytes(range(255, -1, -1))


@attrs.frozen
class SortTerm:
    """A field and a direction: one item of a sort specification, `{"placed": "desc"}`."""

    path: Path
    descending: bool = False


def parse_sort(sort: JSON) -> tuple[SortTerm, ...]:
    """Read a sort specification; raises `BadRequest` with CouchDB's code for one that means nothing.

    Mixed directions pass: they mean something, only no index of CouchDB has them.
    """
    if not isinstance(sort, list):
        raise BadRequest(f"Sort must be an array of sort specs, not: {sort!r}", error="invalid_sort_json")
    return tuple([_term(item) for item in sort])


def sort_key(terms: Sequence[SortTerm]) -> SortKey:
    """Make the key of an order: CouchDB's order of values, and of ids where all values are equal.

    Ids are ordered by their bytes, also where a term names them, as `_all_docs` orders them. Descending is
    the ascending order read backwards, ids included; ids ascend where directions are mixed.
    """
    parts = [(_find(term.path), term.descending) for term in terms]
    backwards = all(term.descending for term in terms)

    def key(document: JSONObject) -> bytes:
        text = b"".join(_turned(find(document), descending=descending) for find, descending in parts)
        document_id = _id_key(document)
        return text + (document_id.translate(_INVERTED) if backwards else document_id)

    return key


def _find(path: Path) -> Callable[[JSONObject], bytes]:
    """Return the function that gives the key of a field; keys delimit themselves, and missing is lowest."""
    if path == ("_id",):
        return _id_key
    find = compile_path(path)

    def key(document: JSONObject) -> bytes:
        value = find(document)
        return b"\0" if isinstance(value, Absent) else collation.sort_key(value)

    return key


def _id_key(document: JSONObject) -> bytes:
    """Return the bytes of an id, which may hold NUL itself, with an end that sorts before any more of it."""
    document_id: str = document["_id"]
    return document_id.encode().replace(b"\0", b"\0\xff") + b"\0\0"


def _turned(key: bytes, *, descending: bool) -> bytes:
    return key.translate(_INVERTED) if descending else key


def _term(item: JSON) -> SortTerm:
    match item:
        case str() if item:
            return SortTerm(parse_path(item))
        case dict() if len(item) == 1:
            ((name, direction),) = item.items()
            if direction in ("asc", "desc"):
                return SortTerm(parse_path(name), direction == "desc")
    raise BadRequest(f"Invalid sort field: {item!r}", error="invalid_sort_field")
