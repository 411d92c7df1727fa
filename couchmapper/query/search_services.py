"""The two search services: how each is told what a search asks, and what its answers say."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Literal, Protocol

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.lucene import SearchField, between, number
from couchmapper.mango.sort import SortTerm
from couchmapper.query.search_results import SearchHit
from couchmapper.query.search_spec import SearchSpec
from couchmapper.typing import JSON, JSONObject

__all__ = ["SERVICES", "Ranges", "SearchService"]

Ranges = Mapping[str, tuple[JSON, JSON]]
"""Named ranges of numbers: from the first one up to the second, which is not in it; None is an open end."""

_MOST_VALUES: Final = 1000


class SearchService(Protocol):
    """A service that keeps search indexes."""

    fewest: ClassVar[int]
    """The smallest number of rows that can be asked for."""

    def options(self, spec: SearchSpec) -> JSONObject:
        """Return the options that go with the query."""
        ...

    def counting(self, fields: Sequence[SearchField]) -> JSONObject:
        """Return the options that count the values of fields."""
        ...

    def counting_ranges(self, field: SearchField, ranges: Ranges) -> JSONObject:
        """Return the options that count the documents in ranges of a field."""
        ...

    def total(self, answer: JSONObject) -> int | None:
        """Return how many documents there are, None when the service did not count to the end."""
        ...

    def hit(self, row: JSONObject, spec: SearchSpec) -> SearchHit:
        """Read one row."""
        ...


class _Clouseau:
    """Clouseau: https://docs.couchdb.org/en/stable/ddocs/search.html."""

    fewest: ClassVar[int] = 0

    def options(self, spec: SearchSpec) -> JSONObject:
        given: JSONObject = {}
        if spec.order:
            given["sort"] = [self._sorted(spec, term) for term in spec.order]
        if spec.drilldown:
            given["drilldown"] = [list(values) for values in spec.drilldown]
        return given

    def _sorted(self, spec: SearchSpec, term: SortTerm) -> str:
        field = spec.sortable(term.path)
        kind = "number" if field.form == "number" else "string"
        return f"{_sign(term)}{field.name}<{kind}>"

    def counting(self, fields: Sequence[SearchField]) -> JSONObject:
        return {"counts": [field.name for field in fields]}

    def counting_ranges(self, field: SearchField, ranges: Ranges) -> JSONObject:
        return {"ranges": {field.name: {name: _range(*ends) for name, ends in ranges.items()}}}

    def total(self, answer: JSONObject) -> int | None:
        found: int = answer["total_rows"]
        return found

    def hit(self, row: JSONObject, spec: SearchSpec) -> SearchHit:
        # The last one is Lucene's own number of the document.
        return _hit(row, row["order"][:-1], spec)


class _Nouveau:
    """Nouveau: https://docs.couchdb.org/en/stable/ddocs/nouveau.html."""

    fewest: ClassVar[int] = 1

    def options(self, spec: SearchSpec) -> JSONObject:
        if spec.drilldown:
            raise ExpressionError("Nouveau has no drilldown: write .where(field.in_([...]))")
        # In another language a number may have a comma, and dots between its thousands.
        given: JSONObject = {"locale": "en"}
        if spec.order:
            given["sort"] = [f"{_sign(term)}{spec.sortable(term.path).name}" for term in spec.order]
        return given

    def counting(self, fields: Sequence[SearchField]) -> JSONObject:
        return {"counts": [field.name for field in fields], "top_n": _MOST_VALUES}

    def counting_ranges(self, field: SearchField, ranges: Ranges) -> JSONObject:
        told = [
            {"label": name, **_ends(low, high), "min_inclusive": True, "max_inclusive": False}
            for name, (low, high) in ranges.items()
        ]
        return {"ranges": {field.name: told}, "top_n": _MOST_VALUES}

    def total(self, answer: JSONObject) -> int | None:
        found: int = answer["total_hits"]
        return found if answer.get("total_hits_relation") == "EQUAL_TO" else None

    def hit(self, row: JSONObject, spec: SearchSpec) -> SearchHit:
        values = [one.get("value") for one in row["order"]]
        # The id is the last one, asked for or not.
        ends_with_id = bool(spec.order) and spec.order[-1].path == ("_id",)
        return _hit(row, values if ends_with_id else values[:-1], spec)


SERVICES: Final[Mapping[Literal["clouseau", "nouveau"], SearchService]] = {
    "clouseau": _Clouseau(),
    "nouveau": _Nouveau(),
}
"""The services by the names that declarations give them."""


def _sign(term: SortTerm) -> str:
    return "-" if term.descending else ""


def _hit(row: JSONObject, order: Sequence[Any], spec: SearchSpec) -> SearchHit:
    is_sorted = bool(spec.order)
    return SearchHit(
        id=row["id"],
        score=None if is_sorted else order[0],
        order=tuple(order) if is_sorted else (),
        fields=dict(row.get("fields") or {}),
    )


def _range(low: JSON, high: JSON) -> str:
    first, last = (None if one is None else number(one) for one in (low, high))
    return between(first, last, ends=(True, False), is_text=False)


def _ends(low: JSON, high: JSON) -> JSONObject:
    return {name: one for name, one in (("min", low), ("max", high)) if one is not None}
