"""Single values ⇄ JSON, strictly: one line of the table for each Python type.

Reading refuses what another type wrote (`"5"` is no int); writing gives texts whose order is the order of the
values, so that indexes sort them: times in UTC with fixed width, ISO dates, durations as whole microseconds.
"""

import base64
import binascii
import copy
import math
import reprlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, DecimalException
from enum import Enum
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID

import attrs
from dateutil import parser as dateutil_parser

from couchmapper import jsonio
from couchmapper.exceptions import MappingError
from couchmapper.typing import JSON

__all__ = ["JSON_VALUE", "SCALARS", "Codec", "Dump", "Load", "Misfit", "enum_codec", "scaled_decimal_codec"]

Load: TypeAlias = Callable[[JSON, Any], Any]
"""Reads a JSON value; the second argument is the type, as cattrs passes it."""

Dump: TypeAlias = Callable[[Any], JSON]
"""Writes a value as JSON."""

_MICROSECOND = timedelta(microseconds=1)
_SHORTEST_DATE = 8
_DEFAULT_DATES = (datetime(2001, 1, 7), datetime(2005, 2, 3))  # noqa: DTZ001 - for texts that name no zone


class Misfit(MappingError, ValueError):
    """A value does not fit a type; the message says what was expected."""


@attrs.frozen
class Codec:
    """How one type is read and written, and as which JSON types (`kinds`, as `$type` names them)."""

    load: Load
    dump: Dump
    kinds: frozenset[str]


def _expected(what: str, value: object) -> Misfit:
    return Misfit(f"expected {what}, got {reprlib.repr(value)}")


def _exactly(kind: type, what: str, value: JSON, _: Any = None) -> Any:
    if type(value) is kind:
        return value
    raise _expected(what, value)


def _dump_str(value: Any) -> JSON:
    if isinstance(value, str) and not isinstance(value, Enum):
        return value
    raise _expected("text", value)


def _load_float(value: JSON, _: Any) -> float:
    if type(value) is float:
        return value
    if type(value) is int and abs(value) <= 2**53:
        return float(value)
    raise _expected("a number", value)


def _dump_float(value: Any) -> JSON:
    if type(value) not in (float, int):
        raise _expected("a number", value)
    if not math.isfinite(value):
        raise Misfit(f"JSON has no {value}; store None or leave the field out")
    return float(value)


def _load_datetime(value: JSON, _: Any) -> datetime:
    if type(value) is not str:
        raise _expected("a date and time with its zone, such as '2026-11-23T10:00:00.000000Z'", value)
    moment = _read_datetime(value)
    if moment.tzinfo is None:
        raise Misfit(f"expected a date and time with its zone, got {value!r}, which names none")
    return moment.astimezone(UTC)


def _read_datetime(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    # dateutil fills what a text leaves out from a default; two defaults show whether it left out the day.
    try:
        first, second = (dateutil_parser.parse(text, default=default) for default in _DEFAULT_DATES)
    except (ValueError, OverflowError) as error:
        raise _expected(
            "a date and time with its zone, such as '2026-11-23T10:00:00.000000Z'", text
        ) from error
    if first != second or len(text) < _SHORTEST_DATE:
        raise _expected("a whole date and time with its zone", text)
    return first


def _dump_datetime(value: Any) -> JSON:
    if not isinstance(value, datetime):
        raise _expected("a datetime", value)
    if value.tzinfo is None:
        raise Misfit(
            f"a datetime without a zone is ambiguous: give it one, as datetime.now(UTC) does; got {value!r}"
        )
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def _load_text(parse: Callable[[str], Any], what: str, value: JSON, _: Any) -> Any:
    if type(value) is str:
        try:
            return parse(value)
        except (ValueError, DecimalException, binascii.Error):
            pass
    raise _expected(what, value)


def _dump_text(kind: type, show: Callable[[Any], str], what: str, value: Any) -> JSON:
    if isinstance(value, kind) and not (kind is date and isinstance(value, datetime)):
        return show(value)
    raise _expected(what, value)


def _show_time(value: time) -> str:
    if value.tzinfo is not None:
        raise Misfit("a time of day with a zone has no order: store a datetime, or leave the zone out")
    return value.isoformat(timespec="microseconds")


def _read_decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number


def _show_decimal(number: Decimal) -> str:
    if not number.is_finite():
        raise Misfit(f"JSON has no {number}; store None or leave the field out")
    return str(number)


def _load_timedelta(value: JSON, _: Any) -> timedelta:
    if type(value) is int:
        return value * _MICROSECOND
    raise _expected("a duration in whole microseconds", value)


def _dump_timedelta(value: Any) -> JSON:
    if isinstance(value, timedelta):
        return value // _MICROSECOND
    raise _expected("a timedelta", value)


def _copy(value: JSON, _: Any) -> JSON:
    return copy.deepcopy(value) if isinstance(value, (list, dict)) else value


def _checked_copy(value: Any) -> JSON:
    """Copy by writing and reading, which also refuses what JSON cannot hold, with its path."""
    return jsonio.loads(jsonio.dumps(value))


def _exact_codec(kind: type, what: str, json_kind: str) -> Codec:
    check = partial(_exactly, kind, what)
    return Codec(check, check, frozenset({json_kind}))


def _text_codec(
    kind: type, parse: Callable[[str], Any], show: Callable[[Any], str], read: str, write: str
) -> Codec:
    return Codec(
        partial(_load_text, parse, read), partial(_dump_text, kind, show, write), frozenset({"string"})
    )


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


SCALARS: dict[Any, Codec] = {
    bool: _exact_codec(bool, "true or false", "boolean"),
    int: _exact_codec(int, "an integer", "number"),
    float: Codec(_load_float, _dump_float, frozenset({"number"})),
    str: Codec(partial(_exactly, str, "text"), _dump_str, frozenset({"string"})),
    type(None): _exact_codec(type(None), "null", "null"),
    datetime: Codec(_load_datetime, _dump_datetime, frozenset({"string"})),
    date: _text_codec(date, date.fromisoformat, date.isoformat, "a date such as '2026-11-23'", "a date"),
    time: _text_codec(time, time.fromisoformat, _show_time, "a time such as '10:00:00.000000'", "a time"),
    timedelta: Codec(_load_timedelta, _dump_timedelta, frozenset({"number"})),
    Decimal: _text_codec(Decimal, _read_decimal, _show_decimal, "a decimal string", "a Decimal"),
    UUID: _text_codec(UUID, UUID, str, "a UUID", "a UUID"),
    bytes: _text_codec(bytes, partial(base64.b64decode, validate=True), _base64, "base64 text", "bytes"),
}
"""The types with one JSON form each."""

JSON_VALUE = Codec(
    _copy, _checked_copy, frozenset({"null", "boolean", "number", "string", "array", "object"})
)
"""`JSON`, `Any` and `object`: kept as it is, copied so that the loaded document is not shared."""


def scaled_decimal_codec(scale: int) -> Codec:
    """Build the codec of `field(scale=2)`: a Decimal as an integer, which sorts and sums."""

    def load(value: JSON, _: Any) -> Decimal:
        if type(value) is not int:
            raise _expected(f"an integer (a decimal times 10^{scale})", value)
        return Decimal(value).scaleb(-scale)

    def dump(value: Any) -> JSON:
        if not isinstance(value, Decimal) or not value.is_finite():
            raise _expected("a finite Decimal", value)
        scaled = value.scaleb(scale)
        if scaled != scaled.to_integral_value():
            raise Misfit(f"{value} has more than {scale} decimal places; round it first, or raise the scale")
        return int(scaled)

    return Codec(load, dump, frozenset({"number"}))


def enum_codec(kind: type[Enum], values: Codec) -> Codec:
    """Build the codec of an Enum class: its members by value, where `values` writes the values."""
    members = {(type(wire), wire): member for member in kind for wire in (values.dump(member.value),)}
    written = {member: wire for (_, wire), member in members.items()}

    def load(value: JSON, _: Any) -> Enum:
        try:
            return members[type(value), value]
        except (KeyError, TypeError):
            raise _expected(f"one of {', '.join(map(repr, written.values()))}", value) from None

    def dump(value: Any) -> JSON:
        if isinstance(value, kind):
            return written[value]
        raise _expected(f"a member of {kind.__name__}", value)

    return Codec(load, dump, values.kinds)
