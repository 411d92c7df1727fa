"""Search indexes as attributes of a design class: full text, and exact values beside it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, ClassVar, Final, Generic, TypeVar, get_args
from uuid import UUID

import attrs

from couchmapper.design.declaration import Declaration
from couchmapper.design.search_functions import Engine, IndexedField, index_function
from couchmapper.exceptions import DesignError
from couchmapper.mango.lucene import DEFAULT, ID, TYPES, SearchField, SearchFields, index_name
from couchmapper.mango.nodes import TRUE, And, Expression, Path
from couchmapper.mango.paths import readable_path
from couchmapper.mapping.annotations import alternatives, element_type
from couchmapper.mapping.converter import codec
from couchmapper.mapping.document import Document
from couchmapper.mapping.expressions import Field, annotation_of, codec_of, path_of
from couchmapper.mapping.registry import type_condition
from couchmapper.typing import JSONObject

__all__ = ["SearchIndex"]

D = TypeVar("D", bound=Document)

_ORDERED: Final = frozenset({datetime, date, time, UUID})
_SINGLE_KINDS: Final = frozenset({"string", "number", "boolean"})
_MEMBERS: Final = {"clouseau": "indexes", "nouveau": "nouveau"}


class SearchIndex(Declaration, Generic[D]):
    """A search index over fields of the documents of the design's model that fulfil `where`.

    `SearchIndex(Order.note, Order.placed, keyword=[Order.customer], facet=[Order.status])`. Fields of `str`
    are analysed, which finds words in them; those in `keyword` are one term, which can be compared. Dates,
    UUIDs, enums and references are terms as well, and so are numbers and booleans; of a list, each element.
    A field in both `keyword` and `text` is analysed under its name with `_text` behind it. `store` (fields,
    or True for all) keeps values for hits, `facet` lets them be counted; what stands there is indexed too.
    `analyzer` splits text into words, by one of the service's names. `engine` is `clouseau`, which is
    `_search`, or `nouveau`.
    """

    kind: ClassVar[str] = "search index"

    def __init__(  # noqa: PLR0913 - what an index has
        self: "SearchIndex[Any]",
        *fields: Field[Any],
        text: Iterable[Field[Any]] = (),
        keyword: Iterable[Field[Any]] = (),
        store: Iterable[Field[Any]] | bool = (),
        facet: Iterable[Field[Any]] = (),
        where: Expression = TRUE,
        analyzer: str = "standard",
        engine: Engine = "clouseau",
    ) -> None:
        if engine not in get_args(Engine):
            raise DesignError(f"engine= is 'clouseau' or 'nouveau', got {engine!r}")
        if not isinstance(where, Expression):
            raise DesignError(f"where= is an expression such as Order.status == 'paid', got {where!r}")
        self.member = _MEMBERS[engine]
        self.engine: Engine = engine
        self._where = where
        self._analyzer = analyzer
        texts, terms, facets = _by_path(text), _by_path(keyword), _by_path(facet)
        stored = {} if isinstance(store, bool) else _by_path(store)
        named = {**_by_path(fields), **terms, **texts, **stored, **facets}
        self._indexed = [
            IndexedField(field=one, store=store is True or path in stored, facet=path in facets)
            for path, field in named.items()
            for one in _forms(field, is_text=path in texts, is_term=path in terms or path in facets)
        ]
        self._check()

    @property
    def model(self) -> type[D]:
        """The model whose documents it finds."""
        owner: Any = self._owner()
        return owner  # type: ignore[no-any-return]  # what D says

    @property
    def fields(self) -> SearchFields:
        """The fields that it holds, by path, as conditions see them; every index holds the id."""
        exact = {one.field.path: one.field for one in reversed(self._indexed)}
        return {ID.path: ID, **exact}

    @property
    def facets(self) -> frozenset[Path]:
        """The fields whose values it can count."""
        return frozenset(one.field.path for one in self._indexed if one.facet)

    def definition(self, model: type[Document]) -> JSONObject:
        """Return the member of `indexes`, or of `nouveau`; raises `DesignError`."""
        guard = And((type_condition(model), self._where))
        try:
            function = index_function(self.engine, guard, self._indexed)
        except DesignError as error:
            raise DesignError(f"{self.name}: {error}") from error
        exact = {
            one.field.name: "keyword" for one in self._indexed if one.field.form in {"keyword", "boolean"}
        }
        analyzers = {ID.name: "keyword", TYPES: "keyword", **exact}
        if self.engine == "nouveau":
            return {"default_analyzer": self._analyzer, "field_analyzers": analyzers, "index": function}
        return {
            "analyzer": {"name": "perfield", "default": self._analyzer, "fields": analyzers},
            "index": function,
        }

    def _check(self) -> None:
        """Refuse an index without fields, names that mean two fields, and facets that no service counts."""
        if not self._indexed:
            raise DesignError("a search index needs fields, such as SearchIndex(Order.note)")
        names: dict[str, Path] = {DEFAULT: ()}
        for one in self._indexed:
            other = names.setdefault(one.field.name, one.field.path)
            if other != one.field.path:
                raise DesignError(
                    f"{readable_path(one.field.path)} would be indexed as {one.field.name!r}, the name of"
                    f" {readable_path(other) if other else 'all text together'}; give the field another name="
                )
            if one.facet and one.field.is_list and one.field.form == "number":
                raise DesignError(
                    f"{readable_path(one.field.path)} is a list of numbers, which no service counts in ranges"
                )


def _by_path(fields: Iterable[Field[Any]]) -> Mapping[Path, Field[Any]]:
    given = (fields,) if isinstance(fields, Field) else tuple(fields)
    for field in given:
        if not isinstance(field, Field):
            raise DesignError(f"a search index holds fields such as Order.note, got {field!r}")
    return {path_of(field): field for field in given if path_of(field) != ID.path}


def _forms(field: Field[Any], *, is_text: bool, is_term: bool) -> Iterator[SearchField]:
    """Yield how a field is indexed, the form that conditions see first."""
    known = _as_term(field)
    can_be_text = known.kind == "string"
    if is_text and not can_be_text:
        raise DesignError(f"{field!r} in text= holds no text, but values of type {known.kind}")
    if not is_text and not is_term and can_be_text and _item(field) == (str,):
        is_text = True
    if is_term or not is_text:
        yield known
    if is_text:
        name = f"{known.name}_text" if is_term else known.name
        yield attrs.evolve(known, name=name, form="text", is_ordered=False)


def _as_term(field: Field[Any]) -> SearchField:
    """Return a field as it can be compared; raises `DesignError` for what no index holds."""
    path, kinds = path_of(field), codec_of(field).kinds
    is_list = kinds - {"null"} == {"array"}
    values = codec(element_type(annotation_of(field))).kinds if is_list else kinds
    single = values - {"null"}
    if len(single) != 1 or not single <= _SINGLE_KINDS:
        raise DesignError(
            f"{field!r} holds {' or '.join(sorted(single))}; a search index takes fields of one type: text,"
            " numbers or booleans, and lists of these. Of an embedded value, name its fields"
        )
    (kind,) = single
    return SearchField(
        path=path,
        name=index_name(path),
        form="keyword" if kind == "string" else "number" if kind == "number" else "boolean",
        kinds=kinds,
        is_list=is_list,
        elements=values if is_list else frozenset(),
        is_ordered=kind == "number" or (len(_item(field)) == 1 and _ORDERED.issuperset(_item(field))),
    )


def _item(field: Field[Any]) -> Sequence[Any]:
    """Return the types of the values that are indexed, without None."""
    annotation = annotation_of(field)
    if codec_of(field).kinds - {"null"} == {"array"}:
        annotation = element_type(annotation)
    return alternatives(annotation)
