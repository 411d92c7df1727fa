"""Where a page of a query begins: behind a document, told by its sort values and its id.

Such a place stays right whatever happens to the documents around it: what was inserted, moved or deleted
neither shifts it nor needs to be there.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from couchmapper.mango.nodes import FALSE, And, Condition, Expression, Or
from couchmapper.mango.paths import look_up
from couchmapper.mango.ranges import pins
from couchmapper.mango.sort import SortTerm
from couchmapper.query.indexes import KnownIndex
from couchmapper.query.plan import Find
from couchmapper.query.planner import plan
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.typing import JSON, JSONObject

__all__ = ["Place", "Placed", "place_of", "reversed_order", "starting_at", "total_order"]


@attrs.frozen(kw_only=True)
class Place:
    """A document in an order in which no two are equal: its values of the order's fields, the id the last.

    Without values it is the end from which one goes: of everything. On a plateau many documents around it
    have the same values but for the id.
    """

    order: tuple[SortTerm, ...]
    values: tuple[JSON, ...] = ()
    is_plateau: bool = False

    @property
    def is_end(self) -> bool:
        """Whether it is no document, but the end."""
        return not self.values


@attrs.frozen
class Placed:
    """A document as the server sent it, and the place where it was found.

    That is the one that its values say, unless it moved while the server read it.
    """

    document: JSONObject
    place: Place


def total_order(spec: QuerySpec[Any], stored: Sequence[KnownIndex]) -> tuple[SortTerm, ...]:
    """Return an order that begins as the query's and leaves no two documents equal.

    It is the one that the index has that serves the query: those of its fields that vary, and then the id.
    """
    order = spec.order
    if any(term.path == ID for term in order):
        return order[: [term.path for term in order].index(ID) + 1]
    found = plan(spec, stored)
    descending = bool(order) and order[-1].descending
    if isinstance(found, Find) and found.index is not None and (found.sort or not order):
        named = {term.path for term in order}
        rest = (path for path in _below_id(found.index) if path not in named)
        order += tuple(SortTerm(path, descending) for path in rest if not pins(spec.condition, path))
    return (*order, SortTerm(ID, descending))


def place_of(document: JSONObject, order: tuple[SortTerm, ...]) -> Place:
    """Return the place of a document that has all fields of an order."""
    return Place(order=order, values=tuple(look_up(document, term.path) for term in order))


def starting_at(condition: Expression, place: Place) -> Expression:
    """Return the condition for the documents behind a place.

    Beside the exact condition stands a bound on the first field that varies, by which an index begins there.
    """
    terms = [
        (term, value)
        for term, value in zip(place.order, place.values, strict=True)
        if not pins(condition, term.path)
    ]
    if not terms:
        return FALSE  # one id is asked for, and nothing is behind its document
    (first, value), *others = terms
    behind = tuple(_alternatives(terms))
    if not others:
        return behind[0]
    return And((Condition(first.path, "$lte" if first.descending else "$gte", value), Or(behind)))


def reversed_order(order: Sequence[SortTerm]) -> tuple[SortTerm, ...]:
    """Return an order read backwards."""
    return tuple(SortTerm(term.path, not term.descending) for term in order)


def _alternatives(terms: Sequence[tuple[SortTerm, JSON]]) -> Iterator[Expression]:
    """Yield the ways to be behind: further in one field, and equal in all before it."""
    for number, (term, value) in enumerate(terms):
        equal = [Condition(one.path, "$eq", its) for one, its in terms[:number]]
        further = Condition(term.path, "$lt" if term.descending else "$gt", value)
        yield And((*equal, further)) if equal else further


def _below_id(index: KnownIndex) -> Iterator[Any]:
    """Yield the fields of an index as far as they order it as sorts mean it: ids are by collation there."""
    for path in index.fields:
        if path == ID:
            return
        yield path
