"""What changed between two JSON objects, as a JSON Patch (RFC 6902) with JSON Pointers (RFC 6901)."""

from collections.abc import Iterator, Sequence

from couchmapper.jsonio import same
from couchmapper.typing import JSON, JSONMapping, JSONObject

__all__ = ["patch"]


def patch(before: JSONObject, after: JSONObject) -> list[JSONObject]:
    """Return the `add`, `remove` and `replace` operations that make `after` of `before`; none when equal.

    Objects are compared by member, the order of which does not count. Of lists only what lies between the
    elements that are equal at both ends is touched. The operations are to be applied in their order, and
    share values with `after`.
    """
    return list(_objects(before, after, ""))


def _changes(before: JSON, after: JSON, pointer: str) -> Iterator[JSONObject]:
    if same(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _objects(before, after, pointer)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, pointer)
    else:
        yield _operation("replace", pointer, after)


def _objects(before: JSONMapping, after: JSONMapping, pointer: str) -> Iterator[JSONObject]:
    for name, value in before.items():
        place = f"{pointer}/{_escaped(name)}"
        if name in after:
            yield from _changes(value, after[name], place)
        else:
            yield {"op": "remove", "path": place}
    for name in after:
        if name not in before:
            yield _operation("add", f"{pointer}/{_escaped(name)}", after[name])


def _lists(before: Sequence[JSON], after: Sequence[JSON], pointer: str) -> Iterator[JSONObject]:
    """Change the elements that both lists have, then remove the rest from its end, or add what is more."""
    shorter = min(len(before), len(after))
    start = _equal_elements(before, after, shorter)
    ending = _equal_elements(before[::-1], after[::-1], shorter - start)
    both = shorter - ending
    for index in range(start, both):
        yield from _changes(before[index], after[index], f"{pointer}/{index}")
    for index in reversed(range(both, len(before) - ending)):
        yield {"op": "remove", "path": f"{pointer}/{index}"}
    for index in range(both, len(after) - ending):
        yield _operation("add", f"{pointer}/{index}", after[index])


def _equal_elements(before: Sequence[JSON], after: Sequence[JSON], most: int) -> int:
    """Count the equal elements at the beginning of two lists."""
    for index in range(most):
        if not same(before[index], after[index]):
            return index
    return most


def _operation(name: str, pointer: str, value: JSON) -> JSONObject:
    return {"op": name, "path": pointer, "value": value}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
