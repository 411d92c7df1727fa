"""The indexes that a query may use: those that are declared for its model, and those that the server has."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import attrs

from couchmapper.collation import compare
from couchmapper.exceptions import InvalidSelector
from couchmapper.mango.indexes import Index
from couchmapper.mango.match import compile_match
from couchmapper.mango.nodes import TRUE, And, Condition, Expression, Or, Path
from couchmapper.mango.paths import parse_path
from couchmapper.mango.ranges import field_range, named_fields, requires
from couchmapper.mapping.declared import DeclaredIndex, declaration_count, declared_for
from couchmapper.mapping.registry import family_count
from couchmapper.query.spec import ID
from couchmapper.typing import JSON, JSONObject

__all__ = ["KnownIndex", "conjuncts", "declared_indexes", "implies", "stored_indexes"]

_RANGES: Final = frozenset({"$lt", "$lte", "$gt", "$gte"})
_COLLATED: Final = _RANGES | {"$eq", "$ne", "$in", "$nin", "$type", "$exists"}


_Version: TypeAlias = tuple[int, int]


@attrs.frozen(kw_only=True)
class KnownIndex:
    """An index with the documents that are in it: those that have all its fields and fulfil `filter`.

    `is_stored` says that the server has told of it; one that is only declared may not be deployed yet.
    """

    index: Index
    filter: Expression = TRUE
    is_stored: bool = False
    partitioned: bool = False

    @property
    def fields(self) -> tuple[Path, ...]:
        """The fields by which its rows are in order; equal ones by the id of the document."""
        return self.index.fields

    @property
    def use_index(self) -> list[str]:
        """What `_find` is told to use it."""
        return [self.index.ddoc, self.index.name]

    @classmethod
    def of(cls, declared: DeclaredIndex) -> "KnownIndex":
        """Return what is known of a declared index."""
        index = Index(
            ddoc=f"_design/{declared.ddoc}",
            name=declared.stored_name,
            fields=declared.fields,
            partial=declared.filter != TRUE,
        )
        return cls(index=index, filter=declared.filter, partitioned=declared.partitioned)


_known: "WeakKeyDictionary[type, tuple[_Version, tuple[KnownIndex, ...]]]" = WeakKeyDictionary()


def declared_indexes(model: type) -> tuple[KnownIndex, ...]:
    """Return the JSON indexes that are declared for a model."""
    version = family_count(), declaration_count()
    known = _known.get(model)
    if known is None or known[0] != version:
        found = tuple(KnownIndex.of(index) for index in declared_for(model) if index.kind == "json")
        known = _known[model] = version, found
    return known[1]


def stored_indexes(told: Iterable[JSONObject]) -> Iterator[KnownIndex]:
    """Yield the JSON indexes of an answer to `GET /{db}/_index`.

    The filter of a partial one is not read: such an index serves only when it is declared, by a name that
    tells what is in it.
    """
    for one in told:
        if one["type"] != "json":
            continue
        definition = one["def"]
        try:
            fields = tuple(parse_path(name) for field in definition["fields"] for name in _names(field))
        except InvalidSelector:
            continue  # CouchDB makes an index on "a.", a field that no selector can ask for
        is_partial = bool(definition.get("partial_filter_selector"))
        index = Index(ddoc=one["ddoc"], name=one["name"], fields=fields, partial=is_partial)
        yield KnownIndex(index=index, is_stored=True, partitioned=bool(one.get("partitioned")))


def conjuncts(expression: Expression) -> tuple[Expression, ...]:
    """Return the conditions that must all hold."""
    return expression.operands if isinstance(expression, And) else (expression,)


def implies(condition: Expression, wanted: Expression) -> bool:
    """Tell whether it is plain that every document that fulfils `condition` fulfils `wanted` as well.

    Both are in normal form. False says only that it is not plain.
    """
    given = conjuncts(condition)
    return all(one in given or _is_implied(condition, given, one) for one in conjuncts(wanted))


def _is_implied(condition: Expression, given: tuple[Expression, ...], wanted: Expression) -> bool:
    fields = named_fields(wanted)
    if len(fields) != 1:
        return False
    (path,) = fields
    match wanted:
        case Condition(_, "$exists", True) | Condition(_, "$gte", None):
            return requires(condition, path)
        case _ if path == ID:
            return False  # ids are compared by bytes, and all that follows is by collation
        case Condition(_, operator, _) if operator in _RANGES and requires(condition, path):
            bounds = And(tuple(one for one in given if not _is_prefix(one)))
            return field_range(bounds, path) == field_range(And((bounds, wanted)), path)
        case Condition(_, "$in", names) if any(_is_subset(one, path, names) for one in given):
            return True
    return _is_collated(wanted) and _is_pinned_to_fulfil(given, path, wanted)


def _is_subset(given: Expression, path: Path, values: list[JSON]) -> bool:
    match given:
        case Condition(field, "$in", some) if field == path:
            return all(any(compare(one, value) == 0 for value in values) for one in some)
    return False


def _is_collated(wanted: Expression) -> bool:
    """Tell whether a condition holds for all values or none that CouchDB takes for equal to one another."""
    match wanted:
        case And(operands) | Or(operands):
            return all(map(_is_collated, operands))
        case Condition(_, operator):
            return operator in _COLLATED
    return False


def _is_pinned_to_fulfil(given: tuple[Expression, ...], path: Path, wanted: Expression) -> bool:
    """Tell whether a field has one value by the condition, and that one fulfils what is wanted."""
    for one in given:
        match one:
            case Condition(field, "$eq", value) if field == path:
                return compile_match(wanted)(_nested(path, value))
    return False


def _is_prefix(node: Expression) -> bool:
    """Tell whether a condition is a prefix: not every text sorts behind its own, as in Thai."""
    return isinstance(node, Condition) and node.operator == "$beginsWith"


def _nested(path: Path, value: JSON) -> JSONObject:
    document: Any = value
    for name in reversed(path):
        document = {name: document}
    found: JSONObject = document
    return found


def _names(field: str | JSONObject) -> Iterable[str]:
    return [field] if isinstance(field, str) else field
