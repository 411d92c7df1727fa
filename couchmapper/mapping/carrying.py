"""What a changed value keeps of the JSON that it was read from: unknown members, other writers' spelling.

An `Embedded` remembers its own source. Other values do not: a plain attrs class, a list of dates. So the
change is found by comparing what the model would have written before with what it writes now, and is made in
the JSON that was stored.
"""

import operator
from collections import defaultdict, deque
from itertools import takewhile
from typing import Any

from couchmapper import jsonio
from couchmapper.jsonio import same
from couchmapper.typing import JSON, JSONObject

__all__ = ["carried"]


def carried(stored: JSON, before: JSON, after: JSON) -> JSON:
    """Make the change from `before` to `after`, both as the model writes them, in what was `stored`."""
    if same(before, after):
        return stored
    if stored is before:
        return after
    match stored, before, after:
        case dict(), dict(), dict():
            return _carried_object(stored, before, after)
        case list(), list(), list() if len(stored) == len(before):
            return _carried_list(stored, before, after)
    return after


def _carried_object(stored: JSONObject, before: JSONObject, after: JSONObject) -> JSONObject:
    """Keep the members that the model does not know; leave out those that were only filled with a default."""
    kept = {
        name: carried(value, before[name], after[name]) if name in before and name in after else value
        for name, value in stored.items()
        if name in after or name not in before
    }
    added = {
        name: value
        for name, value in after.items()
        if name not in stored and not (name in before and same(before[name], value))
    }
    return {**kept, **added}


def _carried_list(stored: list[Any], before: list[Any], after: list[Any]) -> list[Any]:
    """Find each element again: the equal ones wherever they are, a changed one in its place."""
    if all(map(operator.is_, stored, before)):
        return after
    origins = _origins([jsonio.dumps(one) for one in before], [jsonio.dumps(one) for one in after])
    free = set(range(len(before))).difference(origins) if len(before) == len(after) else set()
    result: list[Any] = []
    for place, (origin, element) in enumerate(zip(origins, after, strict=True)):
        if origin is not None:
            result.append(stored[origin])
        elif place in free and _is_changed_one(before[place], element):
            result.append(carried(stored[place], before[place], element))
        else:
            result.append(element)
    return result


def _origins(before: list[bytes], after: list[bytes]) -> list[int | None]:
    """Tell for each element where it was: what begins and what ends alike stays, the rest is searched for."""
    shortest = min(len(before), len(after))
    start = next((place for place in range(shortest) if before[place] != after[place]), shortest)
    alike = (before[-place] == after[-place] for place in range(1, shortest - start + 1))
    end = sum(takewhile(bool, alike))
    places: dict[bytes, deque[int]] = defaultdict(deque)
    for place in range(start, len(before) - end):
        places[before[place]].append(place)
    middle = [places[text].popleft() if places[text] else None for text in after[start : len(after) - end]]
    return [*range(start), *middle, *range(len(before) - end, len(before))]


def _is_changed_one(before: JSON, after: JSON) -> bool:
    """Tell a changed element from another one that took its place: they have something in common."""
    if isinstance(before, dict) and isinstance(after, dict):
        return len(before) == 1 or _have_in_common(before, after)
    return isinstance(before, list) and isinstance(after, list)


def _have_in_common(before: JSON, after: JSON) -> bool:
    """Tell whether two values have a part in the same place in common, however deep."""
    match before, after:
        case dict(), dict():
            pairs = [(value, after[name]) for name, value in before.items() if name in after]
        case list(), list():
            pairs = list(zip(before, after, strict=False))
        case _:
            return False
    return any(same(*pair) or _have_in_common(*pair) for pair in pairs)
