"""What a search index holds of each document, and under which names."""

from typing import Final, Literal, TypeAlias

import attrs

from couchmapper.mango.nodes import Path

__all__ = ["DEFAULT", "ID", "LONGEST", "TYPES", "Form", "SearchField", "index_name", "missing", "typed"]

Form: TypeAlias = Literal["text", "keyword", "number", "boolean"]
"""How values are indexed: analysed text, text as one term, numbers, and `true` and `false` as terms."""

TYPES: Final = "$types"
"""The field of the index that says of each field of a document of which JSON type it is."""

DEFAULT: Final = "default"
"""The field of the index with all analysed text: a query without names looks there."""

LONGEST: Final = 10921
"""So many UTF-16 units of a text are indexed as a term: Lucene takes 32766 bytes."""


@attrs.frozen(kw_only=True)
class SearchField:
    """A field in a search index: values at `path` are indexed as `form` under `name`.

    `kinds` are the JSON types that documents have there. With `is_list`, `form` and `is_ordered` speak of the
    elements, and `elements` are their types. `is_ordered` says that the order of the terms is CouchDB's.
    """

    path: Path
    name: str
    form: Form
    kinds: frozenset[str]
    is_list: bool = False
    elements: frozenset[str] = frozenset()
    is_ordered: bool = False

    @property
    def kind(self) -> str:
        """The JSON type of the values that are indexed."""
        return self.form if self.form in {"number", "boolean"} else "string"


ID: Final = SearchField(
    path=("_id",), name="_id", form="keyword", kinds=frozenset({"string"}), is_ordered=True
)
"""The id, which Lucene has of each document and compares by its bytes, as CouchDB does."""


def index_name(path: Path) -> str:
    """Name a field in an index by its path; sorting takes only letters, digits, dots and underscores."""
    return ".".join(map(_plain, path))


def typed(name: str, kind: str) -> str:
    """Return the term in `TYPES` of a document whose field is of a JSON type."""
    return f"{name}={kind}"


def missing(name: str) -> str:
    """Return the term in `TYPES` of a document that misses the field, as `is_missing` means it."""
    return f"no {name}"


def _plain(name: str) -> str:
    return "".join(
        one if one.isascii() and (one.isalnum() or one == "_") else f"_{ord(one):x}_" for one in name
    )
