"""`_explain`: what `_find` would do, and why not otherwise.

https://docs.couchdb.org/en/stable/api/database/find.html#db-explain
"""

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from couchmapper.embedded.engine.find import FindQuery
from couchmapper.embedded.engine.find_plan import Choice
from couchmapper.embedded.engine.indexes import StoredIndex
from couchmapper.mango.indexes import ALL_DOCS, Index, candidates, covers, obstacles
from couchmapper.mango.nodes import Expression, Path
from couchmapper.mango.paths import join_path
from couchmapper.mango.ranges import KeyRange, field_range, indexable_fields, named_fields
from couchmapper.typing import JSON, JSONObject

__all__ = ["explain"]

_MAX: Final = "<MAX>"
_NOTHING: Final[tuple[JSONObject, ...]] = ({"$and": []}, {"$or": []})

_Judgement: TypeAlias = tuple[bool, str, int]
"""Whether an index is usable, why it is not used, and its place in the ranking."""


def explain(
    database: str,
    query: FindQuery,
    choice: Choice,
    indexes: Sequence[StoredIndex],
    *,
    partitioned: bool = False,
) -> JSONObject:
    """Write the answer of `_explain` for a query on the database of this name."""
    answer: JSONObject = {
        "dbname": database,
        "index": choice.chosen.shown() if choice.chosen is not None else None,
        "partitioned": partitioned,
        "selector": query.selector.normal,
        "opts": _options(query),
        "limit": query.limit,
        "skip": query.skip,
        "fields": list(query.fields),
        "index_candidates": _candidates(query, choice, indexes),
        "selector_hints": [_hints(query.selector.plan)],
    }
    if choice.chosen is not None:
        answer |= {"mrargs": _view_arguments(query, choice), "covering": choice.covering(query)}
    return answer


def _options(query: FindQuery) -> JSONObject:
    return {
        "use_index": list(query.use_index),
        "bookmark": query.bookmark or "nil",
        "limit": query.limit,
        "skip": query.skip,
        "sort": dict(query.sort),
        "fields": list(query.fields),
        "partition": query.partition,
        "r": query.r,
        "conflicts": query.conflicts,
        "stale": query.stale,
        "update": query.update,
        "stable": query.stable,
        "execution_stats": query.execution_stats,
        "allow_fallback": query.allow_fallback,
    }


def _hints(selector: Expression) -> JSONObject:
    indexable = indexable_fields(selector)
    return {
        "type": "json",
        "indexable_fields": sorted(map(_text, indexable)),
        "unindexable_fields": sorted(map(_text, named_fields(selector) - indexable)),
    }


def _text(path: Path) -> str:
    return join_path(path) if path else ""


def _view_arguments(query: FindQuery, choice: Choice) -> JSONObject:
    """Write how CouchDB asks the index's view."""
    start, end = _bounds(query, choice)
    if query.descending:
        start, end = end, start
    return {
        "include_docs": query.r == 1 and not choice.covering(query),
        "view_type": "map",
        "reduce": False,
        "partition": query.partition or None,
        "start_key": start,
        "end_key": end,
        "direction": "rev" if query.descending else "fwd",
        "stable": query.stable or query.stale == "ok",
        "update": query.update and query.stale != "ok",
        "conflicts": True if query.conflicts else "undefined",
    }


def _bounds(query: FindQuery, choice: Choice) -> tuple[JSON, JSON]:
    if choice.chosen is None:
        return None, None
    plan = query.selector.plan
    empty = [path for path in sorted(indexable_fields(plan)) if field_range(plan, path) is None]
    if query.selector.normal in _NOTHING or (empty and empty[:1] == list(choice.chosen.index.fields[:1])):
        return None, None
    if choice.chosen.index != ALL_DOCS:
        keys = KeyRange() if empty else choice.keys(query)
        return list(keys.start), [*keys.end, _MAX]
    found = field_range(plan, ("_id",))
    if found is None or empty or ("_id",) not in indexable_fields(plan):
        return None, _MAX
    return (
        found.low.value if found.low is not None else "",
        found.high.value if found.high is not None else _MAX,
    )


def _candidates(query: FindQuery, choice: Choice, indexes: Sequence[StoredIndex]) -> list[JSONObject]:
    """Write every index but the chosen one, and what speaks against it."""
    chosen = choice.chosen.index if choice.chosen is not None else None
    judgements = dict(_judgements(query, choice, indexes))
    return [
        {
            "index": stored.shown(),
            "analysis": {
                "usable": judgements[stored.index][0],
                "reasons": [{"name": judgements[stored.index][1]}],
                "ranking": judgements[stored.index][2],
                "covering": _covering(query, stored.index),
            },
        }
        for stored in indexes
        if stored.index != chosen
    ]


def _covering(query: FindQuery, index: Index) -> bool | None:
    if index == ALL_DOCS:
        return None
    return bool(query.fields) and covers(index, query.field_paths)


def _judgements(
    query: FindQuery, choice: Choice, indexes: Sequence[StoredIndex]
) -> Iterator[tuple[Index, _Judgement]]:
    """Judge the indexes group by group, the most promising first; the rank grows behind each group."""
    pool = [stored.index for stored in choice.pool]
    json = [index for index in pool if index != ALL_DOCS]
    favoured = json or pool
    width = len(choice.chosen.index.fields) if choice.chosen is not None else 0
    ranked = candidates(favoured, query.selector.plan)
    for rank, candidate in enumerate(ranked):
        yield candidate.index, (True, _shortcoming(candidate.distance, candidate.index, width), rank)
    usable = [stored.index for stored in choice.usable]
    considered = [stored.index for stored in choice.considered]
    others = [stored.index for stored in indexes if stored.index not in considered]
    rank = max(1, len(ranked))
    for members, usability, reason in (
        ([index for index in pool if index not in favoured], True, "unfavored_type"),
        ([index for index in usable if index not in pool], True, "excluded_by_user"),
        ([index for index in considered if index not in usable], False, None),
        ([index for index in others if not index.partial], False, "scope_mismatch"),
        ([index for index in others if index.partial], False, "is_partial"),
    ):
        for index in members:
            why = reason or ("is_partial" if index.partial else _obstacle(index, query))
            yield index, (usability, why, rank)
        rank += bool(members)


def _obstacle(index: Index, query: FindQuery) -> str:
    return obstacles(index, query.selector.plan, sort=query.sort_paths)[0]


def _shortcoming(distance: int, index: Index, width: int) -> str:
    if distance > 0:
        return "less_overlap"
    return "too_many_fields" if len(index.fields) > width else "alphabetically_comes_after"
