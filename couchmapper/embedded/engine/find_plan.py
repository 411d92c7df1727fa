"""Which index a `_find` uses, which part of it, and what CouchDB has to say about that."""

from collections.abc import Sequence
from typing import Final

import attrs

from couchmapper.collation import MAX_KEY
from couchmapper.embedded.engine.find import FindQuery
from couchmapper.embedded.engine.indexes import StoredIndex
from couchmapper.embedded.engine.key_space import KeySpace
from couchmapper.embedded.storage.ranges import IdRange
from couchmapper.embedded.storage.views_rows import RowEdge, RowRange
from couchmapper.exceptions import BadRequest, NoUsableIndex
from couchmapper.mango.indexes import ALL_DOCS, Index, candidates, covers, obstacles
from couchmapper.mango.ranges import KeyRange, field_range, key_range, named_fields

__all__ = ["Choice", "choose_index", "id_range", "row_range", "warnings"]

_ID: Final = ("_id",)
_PATIENCE: Final = 10  # how many documents CouchDB looks at for one result before it warns


@attrs.frozen(kw_only=True)
class Choice:
    """The index for a query, out of all that there are, and how it came to that.

    `considered` are the indexes that may serve this query at all, `usable` those that can, `pool` those that
    the user's wish leaves; `chosen` is None when none is usable.
    """

    chosen: StoredIndex | None
    considered: Sequence[StoredIndex]
    usable: Sequence[StoredIndex]
    pool: Sequence[StoredIndex]

    def covering(self, query: FindQuery) -> bool:
        """Tell whether the index holds all that the answer needs."""
        if self.chosen is None or not query.fields:
            return False
        return covers(self.chosen.index, {*query.field_paths, *named_fields(query.selector.plan)})

    def is_empty(self, query: FindQuery) -> bool:
        """Tell whether it is plain without a look that nothing matches."""
        if query.selector.is_never or self.chosen is None:
            return True
        first = self.chosen.index.fields[:1]
        return any(field_range(query.selector.plan, path) is None for path in first)

    def keys(self, query: FindQuery) -> KeyRange:
        """Return the part of the index that is read."""
        return KeyRange() if self.chosen is None else key_range(query.selector.plan, self.chosen.index.fields)


def choose_index(
    query: FindQuery, indexes: Sequence[StoredIndex], *, partitioned: bool = False, explain: bool = False
) -> Choice:
    """Choose as CouchDB does; raises `NoUsableIndex`, unless it is only explained.

    In a `partitioned` database a query of a partition has the partitioned indexes, and any other the others.
    Raises `BadRequest` (`invalid_index`) when the index that was asked for cannot serve and no other may.
    """
    considered = [
        stored
        for stored in indexes
        if _is_in_scope(stored, query)
        and (not stored.index.partial or _is_named(stored.index, query.use_index))
    ]
    usable = [
        stored
        for stored in considered
        if not obstacles(stored.index, query.selector.plan, sort=query.sort_paths)
    ]
    if not usable and not explain:
        kind = ("partitioned " if query.partition else "global ") if partitioned else ""
        raise NoUsableIndex(f"No {kind}index exists for this sort, try indexing by the sort fields.")
    pool = [stored for stored in usable if _is_named(stored.index, query.use_index)]
    if not pool:
        if not (query.allow_fallback or (not query.use_index and len(usable) > 1)):
            raise BadRequest(_refusal(query.use_index), error="invalid_index")
        pool = usable
    return Choice(chosen=_best(pool, query), considered=considered, usable=usable, pool=pool)


def id_range(query: FindQuery, *, after: str | None = None) -> IdRange | None:
    """Return the ids that may match, without those up to a bookmark's `after`; None for none at all.

    Ids order by bytes, behind every other JSON value.
    """
    found = field_range(query.selector.plan, _ID)
    if found is None:
        return None
    low = found.low.value if found.low is not None else None
    high = found.high.value if found.high is not None else ""
    if not isinstance(high, str):
        return None
    ids = IdRange(first=low if isinstance(low, str) else None, last=high if found.high is not None else None)
    if after is None:
        return ids
    if query.descending:
        return attrs.evolve(ids, last=after, last_included=False)
    return attrs.evolve(ids, first=after, first_included=False)


def row_range(
    keys: KeyRange, space: KeySpace, *, descending: bool = False, after: RowEdge | None = None
) -> RowRange:
    """Return the rows of an index that may match, without those up to a bookmark's `after`."""
    # Within an array's key, what ends the array sorts before every further element.
    lowest = space.key(list(keys.start)) if keys.start else space.lowest
    highest = space.key(list(keys.end))[:-1] + MAX_KEY if keys.end else space.highest
    first = None if lowest is None else RowEdge(key=lowest)
    last = None if highest is None else RowEdge(key=highest)
    if after is None:
        return RowRange(first=first, last=last)
    return RowRange(first=first, last=after) if descending else RowRange(first=after, last=last)


def warnings(query: FindQuery, choice: Choice, *, examined: int, returned: int) -> list[str]:
    """Return what CouchDB warns of: an index that was not used, no index at all, much reading for little."""
    found: list[str] = []
    chosen = choice.chosen.index if choice.chosen is not None else ALL_DOCS
    if query.use_index and not _is_named(chosen, query.use_index):
        what = "is not" if len(query.use_index) > 1 else "does not contain"
        found.append(
            f"_design/{', '.join(query.use_index)} was not used"
            f" because it {what} a valid index for this query."
        )
    if chosen == ALL_DOCS:
        found.append("No matching index found, create an index to optimize query time.")
    if examined / max(returned, 1) > _PATIENCE:
        found.append(
            "The number of documents examined is high in proportion to the number of results returned."
            " Consider adding a more specific index to improve this."
        )
    return found


def _best(pool: Sequence[StoredIndex], query: FindQuery) -> StoredIndex | None:
    """Return the best JSON index, or else `_all_docs`."""
    by_index = {stored.index: stored for stored in pool}
    ranked = candidates((index for index in by_index if index != ALL_DOCS), query.selector.plan)
    return by_index[ranked[0].index] if ranked else by_index.get(ALL_DOCS)


def _is_in_scope(stored: StoredIndex, query: FindQuery) -> bool:
    return stored.index == ALL_DOCS or stored.partitioned == bool(query.partition)


def _is_named(index: Index, use_index: tuple[str, ...]) -> bool:
    if not use_index:
        return False
    return index.ddoc == f"_design/{use_index[0]}" and index.name in (use_index[1:] or (index.name,))


def _refusal(use_index: tuple[str, ...]) -> str:
    if not use_index:
        return "You must specify an index with the `use_index` parameter."
    name = ", ".join(use_index)
    return f"_design/{name} specified by `use_index` could not be found or it is not suitable."
