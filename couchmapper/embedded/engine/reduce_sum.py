"""`_sum`: numbers, arrays of numbers element by element, and objects of these member by member."""

from collections.abc import Sequence
from typing import Final

from couchmapper import jsonio
from couchmapper.typing import JSON, JSONObject

__all__ = ["total"]

_MOST: Final = 4906  # the number in CouchDB's source
_REFUSED: Final = (
    "The _sum function requires that map values be numbers, arrays of numbers, or objects. "
    "Objects cannot be mixed with other data structures. Objects can be arbitrarily nested, "
    "provided that the values for all fields are themselves numbers, arrays of numbers, or objects."
)


class _Refused(Exception):
    """A value that cannot be added; holds the object that takes the place of the sum."""

    def __init__(self, row: JSONObject) -> None:
        super().__init__(row)
        self.row = row


def total(values: Sequence[JSON], *, size: int) -> JSON:
    """Add up values as CouchDB's `_sum` does; `size` is what the rows take as text.

    A value that cannot be added, or a sum that hardly shrinks, gives an object that says so.
    """
    if all(type(value) is int or type(value) is float for value in values):
        return _plain(values)
    result: JSON = 0
    try:
        for value in values:
            result = _add(value, result)
    except _Refused as refused:
        return refused.row
    written = len(jsonio.dumps(result))
    if written > _MOST and written * 2 > size:
        shrink = f"Reduce output must shrink more rapidly: input size: {size} output size: {written}"
        return {"error": "builtin_reduce_error", "reason": shrink}
    return result


def _plain(values: Sequence[float]) -> float:
    """Add numbers one by one: `sum` would round otherwise than CouchDB does."""
    result: float = 0
    for value in values:
        result += value
    return result


def _add(value: JSON, result: JSON) -> JSON:
    match value, result:
        case (dict(), _):
            return _add_object(value, result)
        case (list(), list()):
            return _add_arrays(result, value)
        case (list(), _) if _is_number(result):
            return _add_arrays([result], value)
        case (_, list()) if _is_number(value):
            return _add_arrays(result, [value])
        case _ if _is_number(value) and _is_number(result):
            return result + value
    raise _refusal(value)


def _add_object(value: JSONObject, result: JSON) -> JSON:
    if value.get("error") == "builtin_reduce_error":
        raise _Refused(value)
    if result == 0 and type(result) is int:
        return value
    if not isinstance(result, dict):
        raise _refusal(value)
    names = sorted(value.keys() | result.keys(), key=str.encode)
    return {name: _add_member(name, value, result) for name in names}


def _add_member(name: str, value: JSONObject, result: JSONObject) -> JSON:
    if name in value and name in result:
        return _add(value[name], result[name])
    return value[name] if name in value else result[name]


def _add_arrays(left: list[JSON], right: list[JSON]) -> list[JSON]:
    shared = min(len(left), len(right))
    for place in range(shared):
        if not (_is_number(left[place]) and _is_number(right[place])):
            raise _refusal(left[place:])
    added = [left[place] + right[place] for place in range(shared)]
    return added + left[shared:] + right[shared:]


def _is_number(value: JSON) -> bool:
    return type(value) is int or type(value) is float


def _refusal(cause: JSON) -> _Refused:
    return _Refused({"error": "builtin_reduce_error", "reason": _REFUSED, "caused_by": cause})
