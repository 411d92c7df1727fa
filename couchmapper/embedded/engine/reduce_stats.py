"""`_stats`: sum, count, min, max and sum of squares, of numbers or of arrays of numbers place by place."""

from collections.abc import Sequence
from typing import Final, TypeAlias

from couchmapper.exceptions import ServerError
from couchmapper.typing import JSON, JSONObject

__all__ = ["statistics"]

_MEMBERS: Final = ("sum", "count", "min", "max", "sumsqr")

_Five: TypeAlias = tuple[float, float, float, float, float]
_Partial: TypeAlias = "_Five | list[_Partial]"


def statistics(values: Sequence[JSON]) -> JSON:
    """Return `{"sum", "count", "min", "max", "sumsqr"}` of the values, or an array of these.

    An object with these members counts as statistics that were made before. Raises `ServerError`
    (`invalid_value`) for anything else, as CouchDB does.
    """
    if not values:
        return _shown((0, 0, 0, 0, 0))
    result = _begun(values[0])
    for value in values[1:]:
        result = _joined(value, result)
    return _shown(result)


def _begun(value: JSON) -> _Partial:
    if isinstance(value, list):
        return [_begun(item) for item in value]
    five = _five(value)
    if five is None:
        raise _refusal(f"non-numeric _stats input: {value!r}")
    return five


def _joined(value: JSON, result: _Partial) -> _Partial:
    if isinstance(value, list) and isinstance(result, list):
        if len(value) != len(result):
            raise _refusal("The _stats function requires arrays of one length")
        return [_joined(item, partial) for item, partial in zip(value, result, strict=True)]
    five = _five(value)
    if five is None or isinstance(result, list):
        raise _refusal(
            f"The _stats function requires that map values be numbers or arrays of numbers, not {value!r}"
        )
    return (
        five[0] + result[0],
        five[1] + result[1],
        min(five[2], result[2]),
        max(five[3], result[3]),
        five[4] + result[4],
    )


def _five(value: JSON) -> _Five | None:
    """Return the statistics of one value, or None when it has none."""
    match value:
        case bool():
            return None
        case int() | float():
            return value, 1, value, value, value * value
        case dict():
            return _made_before(value)
    return None


def _made_before(members: JSONObject) -> _Five:
    for name in _MEMBERS:
        if name not in members:
            raise _refusal(f"user _stats input missing required field {name}")
        if type(members[name]) not in {int, float}:
            raise _refusal(f"non-numeric _stats input received for {name}: {members[name]!r}")
    return members["sum"], members["count"], members["min"], members["max"], members["sumsqr"]


def _shown(result: _Partial) -> JSON:
    if isinstance(result, list):
        return [_shown(partial) for partial in result]
    return dict(zip(_MEMBERS, result, strict=True))


def _refusal(reason: str) -> ServerError:
    return ServerError(reason, error="invalid_value")
