"""The views of a design document, and what their indexes are made from."""

from collections.abc import Iterator, Mapping
from hashlib import md5
from typing import Final

import attrs

from couchmapper import collation, jsonio
from couchmapper.embedded.engine.key_space import KeySpace
from couchmapper.embedded.engine.partitions import partition_of
from couchmapper.embedded.engine.view_keys import MAX_DEFAULT, raw_key
from couchmapper.exceptions import NotFound
from couchmapper.typing import JSON, JSONMapping, JSONObject

__all__ = ["Definition", "View", "find_view", "read_views"]

_FORMAT: Final = 1
"""Counts the ways in which this engine has written indexes; another number builds all anew."""


@attrs.frozen(kw_only=True)
class Definition:
    """All that decides what is in the index of a view; views with equal definitions share one.

    `map` is text, or for the language `query` the fields of a Mango index. `options` are the view's own,
    `design_options` those of its design document, `library` the modules that JavaScript may require.
    `partitioned` rows are ordered by the partition of their document, and then by their keys.
    """

    language: str
    map: JSON
    options: JSONObject = attrs.field(factory=dict)
    design_options: JSONObject = attrs.field(factory=dict)
    library: JSONObject = attrs.field(factory=dict)
    partitioned: bool = False

    @property
    def signature(self) -> str:
        """Name the index: it stays the same as long as what is in it does."""
        parts = [_FORMAT, *attrs.astuple(self, recurse=False, filter=_is_definite), collation.version()]
        return md5(jsonio.dumps(parts), usedforsecurity=False).hexdigest()

    @property
    def includes_design(self) -> bool:
        """Whether design documents are mapped as well."""
        return self.design_options.get("include_design") is True

    @property
    def shows_sequence(self) -> bool:
        """Whether a document that is mapped shows its update sequence, as `_local_seq`."""
        return self.design_options.get("local_seq") is True

    def key(self, value: JSON) -> bytes:
        """Make the bytes by which the rows are ordered."""
        return raw_key(value) if self._is_raw else collation.sort_key(value)

    def space(self, partition: str | None) -> KeySpace:
        """Return the keys that a query of a partition can see, or with None those of the whole index.

        In the raw order CouchDB's bounds of a partition leave out what is lower than null, and arrays and
        strings.
        """
        if partition is None:
            return KeySpace(self.key)
        beginning = self.key(partition)
        return KeySpace(
            lambda value: beginning + self.key(value),
            lowest=beginning + self.key(None),
            highest=beginning + (MAX_DEFAULT if self._is_raw else collation.MAX_KEY),
        )

    def space_of(self, document_id: str) -> KeySpace:
        """Return the keys among which the rows of a document stand."""
        return self.space(partition_of(document_id) if self.partitioned else None)

    @property
    def _is_raw(self) -> bool:
        return self.options.get("collation") == "raw"


@attrs.frozen
class View:
    """One view: what its rows come from, and the reduce function if it has one."""

    name: str
    definition: Definition
    reduce: str | None = None


def read_views(design: JSONMapping, *, partitioned: bool = False) -> dict[str, View]:
    """Return the views of a design document by name; what is no view with a map is passed over.

    In a `partitioned` database they are partitioned too, unless the design document says otherwise.
    """
    views = _object(design.get("views"))
    language = design.get("language", "javascript")
    options = _object(design.get("options"))
    shared: JSONObject = {
        "language": language,
        "design_options": options,
        "partitioned": partitioned and options.get("partitioned") is not False,
        "library": _object(views.get("lib")) if language != "query" else {},
    }
    return {view.name: view for view in _views(views, shared)}


def find_view(design: JSONMapping, name: str, *, partitioned: bool = False) -> View:
    """Return one view of a design document; raises `NotFound` (`missing_named_view`)."""
    view = read_views(design, partitioned=partitioned).get(name)
    if view is None:
        raise NotFound("missing_named_view")
    return view


def _views(views: Mapping[str, JSON], shared: JSONObject) -> Iterator[View]:
    for name, view in views.items():
        if isinstance(view, dict) and view.get("map") is not None:
            # The options of a Mango index repeat its definition.
            options = {} if shared["language"] == "query" else _object(view.get("options"))
            yield View(name, Definition(map=view["map"], options=options, **shared), view.get("reduce"))


def _is_definite(attribute: "attrs.Attribute[object]", value: JSON) -> bool:
    """Leave `partitioned` out of the signatures of indexes that are not: they are older than it."""
    return attribute.name != "partitioned" or bool(value)


def _object(value: JSON) -> JSONObject:
    return value if isinstance(value, dict) else {}
