"""Dates, times and durations ⇄ JSON: texts and numbers in whose order time passes."""

import reprlib
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

from dateutil import parser as dateutil_parser

from couchmapper.mapping.codec import Misfit, expected
from couchmapper.typing import JSON

__all__ = ["dump_datetime", "dump_timedelta", "load_datetime", "load_timedelta", "read_time", "show_time"]

_MICROSECOND = timedelta(microseconds=1)
_SHORTEST, _LONGEST = timedelta.min // _MICROSECOND, timedelta.max // _MICROSECOND
_MOMENT = "a date and time with its zone, such as '2026-11-23T10:00:00.000000Z'"
_FEWEST_LETTERS = 8
_DEFAULT_DATES = (datetime(2001, 1, 7), datetime(2005, 2, 3))  # noqa: DTZ001 - for texts that name no zone


def load_datetime(value: JSON, _: Any) -> datetime:
    """Read a moment that names its zone, in UTC."""
    if type(value) is not str:
        raise expected(_MOMENT, value)
    try:
        moment = _read_datetime(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, ArithmeticError) as error:  # dateutil overflows in more than one way
        raise expected(_MOMENT, value) from error
    raise Misfit(f"expected a date and time with its zone, got {reprlib.repr(value)}, which names none")


def _read_datetime(text: str) -> datetime:
    """Read ISO 8601, or any whole date and time that reads in one way only."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    # dateutil fills what a text leaves out from a default, and takes 3/4 for March 4 or April 3; where two
    # defaults or both orders do not give one moment, the text does not say which one it means.
    day_first = (False, not text[:4].isdecimal())
    first, second = (
        dateutil_parser.parse(text, default=default, dayfirst=day_is_first, tzinfos=_zone)
        for default, day_is_first in zip(_DEFAULT_DATES, day_first, strict=True)
    )
    if first != second or len(text) < _FEWEST_LETTERS:
        raise ValueError(text)
    return first


def _zone(_name: str | None, offset: int | None) -> timezone | None:
    """Trust offsets only: the names of zones mean different things in different places."""
    return None if offset is None else timezone(timedelta(seconds=offset))


def dump_datetime(value: Any) -> JSON:
    """Write a moment in UTC with fixed width, so that the order of texts is that of time."""
    if not isinstance(value, datetime):
        raise expected("a datetime", value)
    if value.tzinfo is None:
        raise Misfit(
            f"a datetime without a zone is ambiguous: give it one, as datetime.now(UTC) does; got {value!r}"
        )
    try:
        return value.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
    except OverflowError as error:
        raise expected("a datetime of the years 1 to 9999 in UTC", value) from error


def read_time(text: str) -> time:
    """Read a time of day without a zone; raises `ValueError`."""
    value = time.fromisoformat(text)
    if value.tzinfo is not None:
        raise ValueError(text)
    return value


def show_time(value: time) -> str:
    """Write a time of day with fixed width."""
    if value.tzinfo is not None:
        raise Misfit("a time of day with a zone has no order: store a datetime, or leave the zone out")
    return value.isoformat(timespec="microseconds")


def load_timedelta(value: JSON, _: Any) -> timedelta:
    """Read a duration from whole microseconds."""
    if type(value) is int and _SHORTEST <= value <= _LONGEST:
        return value * _MICROSECOND
    raise expected("a duration in whole microseconds", value)


def dump_timedelta(value: Any) -> JSON:
    """Write a duration as whole microseconds."""
    if isinstance(value, timedelta):
        return value // _MICROSECOND
    raise expected("a timedelta", value)
