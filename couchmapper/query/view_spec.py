"""What a view is asked, as a value: which rows, in which order, reduced or not."""

from collections.abc import Iterator
from typing import Any, Final, Literal, Self, TypeAlias

import attrs

from couchmapper import collation
from couchmapper.exceptions import ExpressionError, QueryError
from couchmapper.query.partitions import check_partition
from couchmapper.query.views import DeclaredView
from couchmapper.typing import JSON, JSONObject

__all__ = ["BEHIND_ALL", "EXACT", "Beginning", "KeyRange", "Update", "ViewSpec"]

Update: TypeAlias = bool | Literal["lazy"]
"""Whether an index is brought up to date first (True), not at all (False), or after the answer (`lazy`)."""

EXACT: Final = -1
"""The `group_level` of one group for each key."""

BEHIND_ALL: Final[JSON] = {"\uffff": {}}
"""Sorts behind what people put into keys."""


@attrs.frozen(kw_only=True)
class KeyRange:
    """Keys from `low` up to `high`; each is a tuple that holds a key, or an empty one: that end is open."""

    low: tuple[JSON, ...] = ()
    high: tuple[JSON, ...] = ()
    inclusive: bool = True

    def __attrs_post_init__(self) -> None:
        if self.low and self.high and collation.compare(self.low[0], self.high[0]) > 0:
            raise ExpressionError(
                f"the range ends at {self.high[0]!r}, before its start {self.low[0]!r}: name the lower end"
                " first, also with descending()"
            )

    def parameters(self, *, descending: bool) -> JSONObject:
        """Return CouchDB's parameters, which name first what comes first."""
        first, last = (self.high, self.low) if descending else (self.low, self.high)
        found: JSONObject = {}
        if first:
            found["start_key"] = first[0]
        if last:
            found["end_key"] = last[0]
        if self.high and not self.inclusive:
            # CouchDB knows no exclusive start, but on the way down no row with that key is behind an empty id
            found.update({"start_key_doc_id": ""} if descending else {"inclusive_end": False})
        return found


@attrs.frozen(kw_only=True)
class Beginning:
    """Where to begin instead of at the first row: at those with this `key`, of this `id` unless reduced."""

    key: JSON
    id: str | None


@attrs.frozen(kw_only=True)
class ViewSpec:
    """A question to a view; `prefix` is what the text of each key begins with, `group_level` may be `EXACT`.

    Raises `QueryError` for what cannot be asked together.
    """

    view: DeclaredView[Any, Any, Any]
    keys: tuple[JSON, ...] | None = None
    range: KeyRange | None = None
    prefix: str | None = None
    descending: bool = False
    limit: int | None = None
    skip: int = 0
    reduced: bool = False
    group_level: int | None = None
    partition: str | None = None
    update: Update | None = None
    stable: bool = False
    beginning: Beginning | None = None

    def __attrs_post_init__(self) -> None:
        if self.keys is not None and self.descending:
            raise QueryError(
                f"{self.view!r}: rows of several keys come in the order in which the keys are given; turn the"
                " list of keys round instead of asking for descending()"
            )
        if self.group_level is not None and not self.reduced:
            raise QueryError(
                f"{self.view!r}: there are no groups without a reduce function; declare the view with reduce="
                " to have them, and leave rows() out"
            )
        if self.stable and self.partition is not None:
            raise QueryError(f"{self.view!r}: a partition is on the same nodes each time; leave stable() out")

    @property
    def is_one_group(self) -> bool:
        """Whether all rows are reduced to one."""
        return self.reduced and self.group_level is None

    @property
    def is_whole(self) -> bool:
        """Whether it asks for every row of the view."""
        return self.keys is None and self.range is None and self.partition is None

    def unreduced(self) -> Self:
        """Return the question for the rows below a reduction."""
        return attrs.evolve(self, reduced=False, group_level=None)

    def unlimited(self) -> Self:
        """Return the question for all rows, whatever their number."""
        return attrs.evolve(self, limit=None, skip=0)

    def accepts(self, row: JSONObject) -> bool:
        """Tell whether a row that the server has sent is asked for."""
        return self.prefix is None or (isinstance(row["key"], str) and row["key"].startswith(self.prefix))

    def check(self) -> None:
        """Raise `QueryError` for what is not complete, and `PartitionRequired` without a partition."""
        check_partition(self.view, self.partition)
        for sentence in self._missing():
            raise QueryError(f"{self.view!r}: {sentence}")

    def _missing(self) -> Iterator[str]:
        if self.is_one_group and self.prefix is not None:
            yield (
                "a reduce function cannot look at the beginnings of texts; add group() for one value per key,"
                " or rows() for the rows themselves"
            )
        if self.reduced and self.keys is not None and self.group_level != EXACT:
            yield (
                "several keys are reduced one by one; add group() for one value per key, or rows() for the"
                " rows themselves"
            )
        if self.reduced and self.partition is not None and self.keys is not None and len(self.keys) > 1:
            yield (
                "CouchDB reduces no more than one of several keys in a partition; ask for one at a time with"
                " key(), or for the rows themselves with rows()"
            )

    def parameters(self) -> JSONObject:
        """Return CouchDB's parameters, without `keys`, `limit` and `skip`."""
        options: JSONObject = {"descending": True} if self.descending else {}
        if self.range is not None:
            options |= self.range.parameters(descending=self.descending)
        if self.beginning is not None:
            options |= self._from_beginning(self.beginning)
        if self.view.reduce_function is not None:
            options["reduce"] = self.reduced
        if self.group_level is not None:
            options |= {"group": True} if self.group_level == EXACT else {"group_level": self.group_level}
        if self.update is not None:
            options["update"] = self.update
        return options | ({"stable": True} if self.stable else {})

    def _from_beginning(self, beginning: Beginning) -> JSONObject:
        """Begin at a row; on the way down a group begins behind all that it holds."""
        key = beginning.key
        is_cut = isinstance(key, list) and len(key) == self.group_level
        start = [*key, BEHIND_ALL] if is_cut and self.descending else key
        return {"start_key": start, "start_key_doc_id": beginning.id}
