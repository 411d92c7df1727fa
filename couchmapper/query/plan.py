"""The ways in which a query can be answered, as values; what runs them is in `results`."""

from typing import TypeAlias

import attrs

from couchmapper.mango.dump import dump
from couchmapper.mango.nodes import Expression
from couchmapper.mango.paths import join_path
from couchmapper.mango.ranges import KeyRange
from couchmapper.mango.sort import SortTerm
from couchmapper.query.indexes import KnownIndex
from couchmapper.typing import JSON, JSONObject

__all__ = ["ById", "Find", "IdRange", "InTurn", "NothingToAsk", "Plan", "finds"]


@attrs.frozen
class NothingToAsk:
    """No document can match, so that nothing is asked."""


@attrs.frozen(kw_only=True)
class ById:
    """The ids are known, in their order by bytes; what comes of them is checked by `condition` here."""

    ids: tuple[str, ...]
    condition: Expression


@attrs.frozen(kw_only=True)
class IdRange:
    """A part of `_all_docs`, from `first` up to `end`, which is not in it; checked by `condition` here."""

    first: str
    end: str | None
    condition: Expression
    partition: str | None = None


@attrs.frozen(kw_only=True)
class Find:
    """A Mango query; `index` is the one that it names, None where the server chooses.

    `sort` is what the server sorts by, and `rows` the whole order in which documents come then, their ids
    last; empty when it is not known. With `sorts_here` the order of the query is made here, from all that is
    found. `is_id_order` says that documents with equal sort fields must come by their ids. `keys` is the part
    of the index that is read. `is_scan` says that no index narrows what is read, None that this is not known.
    With `check`, CouchDB can only be asked for more than is meant, and what comes is looked at here.
    """

    condition: Expression
    index: KnownIndex | None = None
    sort: tuple[SortTerm, ...] = ()
    rows: tuple[SortTerm, ...] = ()
    sorts_here: bool = False
    is_id_order: bool = False
    keys: KeyRange = attrs.field(factory=KeyRange)
    is_scan: bool | None = None
    partition: str | None = None
    check: Expression | None = None

    def selector(self) -> JSONObject:
        """Return the selector that is sent."""
        return dump(self.condition)

    def sort_body(self) -> list[JSON]:
        """Return the sort specification that is sent."""
        return [{join_path(term.path): "desc" if term.descending else "asc"} for term in self.sort]


@attrs.frozen(kw_only=True)
class InTurn:
    """Several partitions, each asked by a plan of its own; they are in the order of their ids."""

    parts: tuple[IdRange | Find, ...]

    @property
    def partitions(self) -> list[str]:
        """The names of the partitions."""
        return [part.partition for part in self.parts if part.partition is not None]


Plan: TypeAlias = NothingToAsk | ById | IdRange | Find | InTurn
"""How a query is answered."""


def finds(plan: Plan) -> tuple[Find, ...]:
    """Return the Mango queries that a plan asks."""
    match plan:
        case Find():
            return (plan,)
        case InTurn(parts=parts):
            return tuple(part for part in parts if isinstance(part, Find))
    return ()
