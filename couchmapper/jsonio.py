"""JSON text ⇄ values, exactly: integers of any size, no `NaN`, errors that name the place."""

import math
from collections.abc import Iterator
from enum import Enum

import msgspec

from couchmapper.exceptions import InvalidJSON
from couchmapper.typing import JSON

__all__ = ["checked_copy", "dumps", "dumps_json", "loads", "same"]

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


def dumps(value: JSON) -> bytes:
    """Write a value as compact UTF-8 JSON; members keep their order, integers every digit.

    Raises `InvalidJSON` with the path of the first value that JSON cannot hold. msgspec writes NaN as null
    and a date as text, so what was written is read and compared; only a difference needs the second look.
    """
    return _written_and_read(value)[0]


def dumps_json(value: JSON) -> bytes:
    """Write, in half the time, a value that is made of JSON alone: it was read as JSON, or checked before.

    Raises `InvalidJSON` for what no text can hold: a number of too many digits, or a nesting too deep.
    """
    try:
        return _encoder.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return dumps(value)


def checked_copy(value: JSON) -> JSON:
    """Copy a value by writing and reading it; raises `InvalidJSON` as `dumps` does."""
    return _written_and_read(value)[1]


def _written_and_read(value: JSON) -> tuple[bytes, JSON]:
    try:
        text = _encoder.encode(value)
        read = _decoder.decode(text)
        if read != value:
            for misfit in _misfits(value, ""):
                raise misfit
    except InvalidJSON:
        raise
    except RecursionError as error:
        raise InvalidJSON("a value contains itself, or is nested too deeply") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise next(_misfits(value, ""), None) or InvalidJSON(str(error)) from error
    return text, read


def loads(text: bytes | str) -> JSON:
    """Read JSON text; raises `InvalidJSON` when it is none (a number beyond a double's range included)."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidJSON(f"not valid JSON: {error}") from error


def same(left: JSON, right: JSON) -> bool:
    """Tell whether two values are the same JSON: unlike `==`, `1`, `1.0` and `True` differ.

    The order of members does not count, because CouchDB's readers do not see it.
    """
    return left is right or (left == right and _are_alike(left, right))


def _are_alike(left: JSON, right: JSON) -> bool:
    """Tell whether two equal values are of the same types, at every depth."""
    if left is right:
        return True
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return all(_are_alike(item, right[name]) for name, item in left.items())
    return not isinstance(left, list) or all(map(_are_alike, left, right))


def _misfits(value: JSON, path: str) -> Iterator[InvalidJSON]:
    """Yield an error for each value below `path` that JSON cannot hold."""
    match value:
        case None | bool():
            return
        case int() | float() | str() if type(value) in {int, float, str} or isinstance(value, Enum):
            yield from (InvalidJSON(reason, path) for reason in _refusals(value))
        case list() | tuple():
            for index, item in enumerate(value):
                yield from _misfits(item, f"{path}[{index}]")
        case dict():
            for name, item in value.items():
                if not isinstance(name, str) or not _is_unicode(name):
                    yield InvalidJSON(f"the names of members are text, got {name!r}", path)
                else:
                    yield from _misfits(item, f"{path}.{name}" if path else name)
        case _:
            yield InvalidJSON(f"JSON has no {type(value).__name__}; write it as text or a number", path)


def _refusals(value: float | str) -> Iterator[str]:
    """Yield why JSON cannot hold a single value."""
    if isinstance(value, str):
        if not _is_unicode(value):
            yield "text with a lone surrogate is not Unicode"
    elif isinstance(value, int):
        if not _is_writable(value):
            yield "the number has too many digits to be written; store it as text"
    elif not math.isfinite(value):
        yield f"JSON has no {value}; store None or leave the field out"


def _is_writable(number: int) -> bool:
    """Tell whether a number has no more digits than Python writes."""
    try:
        str(number)
    except ValueError:
        return False
    return True


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
