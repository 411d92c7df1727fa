"""JSON indexes as attributes of a design class: what serves the queries for a model."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from couchmapper.design.declaration import Declaration
from couchmapper.exceptions import DesignError, ExpressionError
from couchmapper.mango.dump import dump
from couchmapper.mango.nodes import FALSE, TRUE, Expression
from couchmapper.mango.normal_form import normal_selector
from couchmapper.mango.paths import join_path
from couchmapper.mango.selector import searches
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping.converter import field_codecs
from couchmapper.mapping.declared import DeclaredIndex
from couchmapper.mapping.document import Document
from couchmapper.mapping.expressions import Field, path_of
from couchmapper.mapping.metadata import metadata_of, subclasses_of
from couchmapper.typing import JSON, JSONObject

__all__ = ["Index"]


class Index(Declaration):
    """A JSON index of the documents of the design's model that have all these fields and fulfil `where`.

    It is what `POST /{db}/_index` makes of `{"fields": [...], "partial_filter_selector": {...}}`, in a design
    document of its own, `_design/<design>.<name>`, so that a new index rebuilds no other. The name is that of
    the attribute unless given; in the database it has a mark of what the index holds behind it. A field that
    is null is there. All fields may descend (`Order.placed.desc()`);
    CouchDB reads an index both ways.

    `partial=False` makes an index of the documents of all types, with the type as its first field: CouchDB
    takes it for programs that do not name it as well.
    """

    kind: ClassVar[str] = "index"
    language: ClassVar[str] = "query"

    def __init__(
        self,
        *fields: Field[Any] | SortTerm,
        where: Expression = TRUE,
        name: str | None = None,
        partial: bool = True,
    ) -> None:
        faults = [*_faults_of_fields(fields), *_faults_of_options(where, name, partial=partial)]
        if faults:
            raise DesignError("; ".join(faults))
        self._terms = [_term(field) for field in fields]
        self._where = where
        self._partial = partial
        self._name = name or ""

    @property
    def ddoc(self) -> str:
        """The name of its design document, without `_design/`."""
        return f"{self.design_name}.{self._name}"

    @property
    def name(self) -> str:
        """The name in the database: that of the class attribute, with a mark of its fields and its filter."""
        return self._index_of(self.model, self.ddoc).stored_name

    def declared(self) -> DeclaredIndex:
        """Return what queries may count on when this is deployed."""
        return self._index_of(self.model, self.ddoc)

    def definition(self, model: type[Document]) -> JSONObject:
        """Return what CouchDB itself writes for `POST /{db}/_index`; raises `DesignError`."""
        index = self._index_of(model, "")
        reasons = list(_reasons_against(self._terms, index))
        if reasons:
            raise DesignError(f"{self._name}: " + "; ".join(reasons))
        direction = "desc" if self._terms[0].descending else "asc"
        names = [join_path(path) for path in index.fields]
        selector = dump(index.filter)
        fields: list[JSON] = [{name: direction} if direction == "desc" else name for name in names]
        return {
            "map": {
                "fields": dict.fromkeys(names, direction),
                "partial_filter_selector": normal_selector(selector),
            },
            "reduce": "_count",
            "options": {
                "def": {"fields": fields, **({"partial_filter_selector": selector} if selector else {})}
            },
        }

    def _index_of(self, model: type[Document], ddoc: str) -> DeclaredIndex:
        type_field = None if self._partial else metadata_of(model).type_field
        leading = () if type_field is None else ((type_field,),)
        return DeclaredIndex(
            model=model,
            ddoc=ddoc,
            name=self._name,
            fields=(*leading, *(term.path for term in self._terms)),
            where=self._where,
            partial=self._partial,
        )


def _term(field: Field[Any] | SortTerm) -> SortTerm:
    return field if isinstance(field, SortTerm) else SortTerm(path_of(field))


def _faults_of_fields(fields: Sequence[Any]) -> Iterator[str]:
    """Yield what no index can have for its fields."""
    strange = [field for field in fields if not isinstance(field, Field | SortTerm)]
    if strange or not fields:
        yield f"an index has fields such as Order.placed, got {', '.join(map(repr, strange)) or 'none'}"
        return
    terms = [_term(field) for field in fields]
    if len({term.path for term in terms}) < len(terms):
        yield f"an index has each field once, got {', '.join(map(repr, fields))}"
    if len({term.descending for term in terms}) > 1:
        yield "the fields of an index have one direction: write .desc() behind all of them, or behind none"


def _faults_of_options(where: Any, name: Any, *, partial: bool) -> Iterator[str]:
    if not isinstance(where, Expression):
        yield f"where= is an expression such as Order.status == 'paid', got {where!r}"
    elif not partial and where != TRUE:
        yield "partial=False makes an index of all documents; leave out where=, or partial="
    if name is not None and (not isinstance(name, str) or not name or name.startswith("_") or "/" in name):
        yield f"name= is a text without a slash that begins with no underscore, got {name!r}"


def _reasons_against(terms: Sequence[SortTerm], index: DeclaredIndex) -> Iterator[str]:
    """Yield why an index cannot be made for its model."""
    kinds = [index.model, *subclasses_of(index.model)]
    known = {field.name for kind in kinds for field in field_codecs(kind)}
    for term in terms:
        if term.path[:1] and term.path[0] not in known:
            yield f"{index.model.__name__} has no field {term.path[0]!r}"
    if index.filter == FALSE:
        yield "no document could be in it, since where= holds for none"
    if searches(index.filter):
        yield "CouchDB does not look at $text in where=, and would take in every document"
    yield from index.filter.supports("mango").reasons
    for path in index.fields:
        try:
            join_path(path)
        except ExpressionError as error:
            yield str(error)
