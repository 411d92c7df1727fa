"""Mango's JSON indexes: design documents of the language `query`, and what they hold of a document."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from couchmapper import jsonio
from couchmapper.embedded.engine.views import Definition, read_views
from couchmapper.embedded.queryserver.maps import Emitted
from couchmapper.mango.indexes import ALL_DOCS, Index
from couchmapper.mango.match import Predicate, compile_match
from couchmapper.mango.normal_form import readable
from couchmapper.mango.parse import parse
from couchmapper.mango.paths import Absent, LookUp, compile_path, parse_path
from couchmapper.typing import JSON, JSONMapping, JSONObject

__all__ = ["MangoMaps", "StoredIndex", "read_indexes", "with_index", "without_index"]

_Maker: TypeAlias = Callable[[JSONObject], list[Emitted]]

_ALL_DOCS_SHOWN: Final = {
    "ddoc": None,
    "name": "_all_docs",
    "type": "special",
    "def": {"fields": [{"_id": "asc"}]},
}


@attrs.frozen
class StoredIndex:
    """An index that a database has: how it is chosen, and what it is made from (None for `_all_docs`)."""

    index: Index
    definition: Definition | None = None

    @property
    def partitioned(self) -> bool:
        """Whether it serves queries of one partition, and no others; `_all_docs` serves both kinds."""
        return self.definition is not None and self.definition.partitioned

    def shown(self) -> JSONObject:
        """Write the index as `GET /{db}/_index` lists it."""
        if self.definition is None:
            return dict(_ALL_DOCS_SHOWN)
        fields = self.definition.map["fields"]
        shown: JSONObject = {"fields": [{name: direction} for name, direction in fields.items()]}
        if self.index.partial:
            shown["partial_filter_selector"] = _partial_filter(self.definition.map)
        return {
            "ddoc": self.index.ddoc,
            "name": self.index.name,
            "type": "json",
            "partitioned": self.partitioned,
            "def": shown,
        }


class MangoMaps:
    """The `map` of several indexes, as functions over the same documents; see `queryserver.maps.Maps`.

    A document is in an index when it has every field of it (null counts) and matches the partial filter.
    """

    def __init__(self, definitions: Sequence[JSON]) -> None:
        self._makers = [_maker(definition) for definition in definitions]

    def map(self, documents: Sequence[bytes]) -> Iterator[list[list[Emitted]]]:
        """Yield for each document its row in each index, if it has one."""
        for text in documents:
            document = jsonio.loads(text)
            yield [make(document) for make in self._makers]


def read_indexes(designs: Iterable[JSONMapping], *, partitioned: bool = False) -> list[StoredIndex]:
    """Return the indexes of these design documents by id and name, `_all_docs` before them.

    `partitioned` says that their database is.
    """
    found = [
        stored
        for design in designs
        if design.get("language") == "query"
        for stored in _indexes_of(design, partitioned=partitioned)
    ]
    found.sort(key=lambda stored: (stored.index.ddoc.encode(), stored.index.name.encode()))
    return [StoredIndex(ALL_DOCS), *found]


def with_index(design: JSONMapping, name: str, *, map: JSONObject, definition: JSONObject) -> JSONObject:
    """Return a design document with one more index; `definition` is what the request said."""
    view = {"map": map, "reduce": "_count", "options": {"def": definition}}
    return {**design, "views": {**design.get("views", {}), name: view}}


def without_index(design: JSONMapping, name: str) -> JSONObject | None:
    """Return a design document without an index, or None when nothing but its language is left."""
    views = {other: view for other, view in design["views"].items() if other != name}
    if views:
        return {**design, "views": views}
    left = {member: value for member, value in design.items() if member != "views"}
    return None if {member for member in left if not member.startswith("_")} <= {"language"} else left


def _indexes_of(design: JSONMapping, *, partitioned: bool) -> Iterator[StoredIndex]:
    for name, view in read_views(design, partitioned=partitioned).items():
        found = view.definition.map
        # Like CouchDB, take a view without options for none of its own.
        if _is_map(found) and isinstance(design["views"][name].get("options"), dict):
            fields = tuple(parse_path(field) for field in found["fields"])
            partial = _partial_filter(found) != {}
            index = Index(ddoc=str(design["_id"]), name=name, fields=fields, partial=partial)
            yield StoredIndex(index, view.definition)


def _is_map(value: JSON) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("fields"), dict):
        return False
    return isinstance(_partial_filter(value), dict) and all(_is_path(field) for field in value["fields"])


def _is_path(field: str) -> bool:
    return "" not in field.replace("\\.", "_").split(".")


def _partial_filter(map: Mapping[str, JSON]) -> JSON:
    """Return the partial filter; indexes of older servers call it `selector`."""
    return map.get("partial_filter_selector") or map.get("selector") or {}


def _maker(map: JSON) -> _Maker:
    if not _is_map(map):
        return lambda _document: []
    look_ups = [compile_path(parse_path(field)) for field in map["fields"]]
    matches = compile_match(parse(readable(_partial_filter(map))))
    return lambda document: _row(document, look_ups, matches)


def _row(document: JSONObject, look_ups: list[LookUp], matches: Predicate) -> list[Emitted]:
    if document["_id"].startswith("_design/") or not matches(document):
        return []
    values = [look_up(document) for look_up in look_ups]
    if any(isinstance(value, Absent) for value in values):
        return []
    return [(jsonio.dumps(values), b"null")]
