"""Single values ⇄ JSON, strictly: one line of the table for each Python type.

Reading refuses what another type wrote (`"5"` is no int); writing gives texts whose order is the order of the
values, so that indexes sort them: times in UTC with fixed width, ISO dates, durations as whole microseconds.
"""

import base64
import binascii
import copy
import math
import reprlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, DecimalException
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

from couchmapper import jsonio
from couchmapper.mapping.codec import Codec, Misfit, Plain, expected
from couchmapper.mapping.times import (
    dump_datetime,
    dump_timedelta,
    load_datetime,
    load_timedelta,
    read_time,
    show_time,
)
from couchmapper.typing import JSON

__all__ = ["JSON_VALUE", "SCALARS", "choice_codec", "scaled_decimal_codec"]

_MOST_DIGITS = 4300
_FINITE = Plain(*["type({0}) is float and {0} - {0} == 0.0"] * 2)  # the difference is NaN for all others
_UNICODE = Plain("type({0}) is str", "type({0}) is str and {0}.isascii()")
_EXACT = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX)


def _exactly(kind: type, what: str, value: JSON, _: Any = None) -> Any:
    if type(value) is kind:
        return value
    raise expected(what, value)


def _dump_str(value: Any) -> JSON:
    if type(value) is str and value.isascii():
        return value
    if not isinstance(value, str) or isinstance(value, Enum):
        raise expected("text", value)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Misfit(f"text with a lone surrogate is not Unicode, got {reprlib.repr(value)}") from error
    return str.__str__(value)


def _float(value: Any, _: Any = None) -> float:
    if type(value) is int:
        return _float_of_integer(value)
    if type(value) is not float:
        raise expected("a number", value)
    if not math.isfinite(value):
        raise Misfit(f"JSON has no {value}; store None or leave the field out")
    return value


def _float_of_integer(value: int) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if number == value:
        return number
    raise expected("a number that a float holds exactly", value)


def _load_text(parse: Callable[[str], Any], what: str, value: JSON, _: Any) -> Any:
    if type(value) is str:
        try:
            return parse(value)
        except (ValueError, DecimalException, binascii.Error):
            pass
    raise expected(what, value)


def _dump_text(kind: type, show: Callable[[Any], str], what: str, value: Any) -> JSON:
    if isinstance(value, kind) and not (kind is date and isinstance(value, datetime)):
        return show(value)
    raise expected(what, value)


def _read_decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number


def _show_decimal(number: Decimal) -> str:
    if not number.is_finite():
        raise Misfit(f"JSON has no {number}; store None or leave the field out")
    return str(number)


def _copy(value: JSON, _: Any) -> JSON:
    return copy.deepcopy(value) if isinstance(value, (list, dict)) else value


def _exact_codec(kind: type, what: str, json_kind: str) -> Codec:
    check = partial(_exactly, kind, what)
    test = "{0} is None" if kind is type(None) else f"type({{0}}) is {kind.__name__}"
    return Codec(check, check, frozenset({json_kind}), plain=Plain(test, test), by_equality=True)


def _text_codec(  # noqa: PLR0913 - a line of the table
    kind: type,
    parse: Callable[[str], Any],
    show: Callable[[Any], str],
    read: str,
    write: str,
    *,
    is_ordered: bool = True,
) -> Codec:
    load, dump = partial(_load_text, parse, read), partial(_dump_text, kind, show, write)
    return Codec(load, dump, frozenset({"string"}), is_ordered)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


SCALARS: dict[Any, Codec] = {
    bool: _exact_codec(bool, "true or false", "boolean"),
    int: _exact_codec(int, "an integer", "number"),
    float: Codec(_float, _float, frozenset({"number"}), plain=_FINITE, by_equality=True),
    str: Codec(partial(_exactly, str, "text"), _dump_str, frozenset({"string"}), plain=_UNICODE),
    type(None): _exact_codec(type(None), "null", "null"),
    datetime: Codec(load_datetime, dump_datetime, frozenset({"string"})),
    date: _text_codec(date, date.fromisoformat, date.isoformat, "a date such as '2026-11-23'", "a date"),
    time: _text_codec(time, read_time, show_time, "a time such as '10:00:00.000000'", "a time"),
    timedelta: Codec(load_timedelta, dump_timedelta, frozenset({"number"}), by_equality=True),
    Decimal: _text_codec(
        Decimal, _read_decimal, _show_decimal, "a decimal string", "a Decimal", is_ordered=False
    ),
    UUID: _text_codec(UUID, UUID, str, "a UUID", "a UUID"),
    bytes: _text_codec(
        bytes,
        partial(base64.b64decode, validate=True),
        _base64,
        "base64 text",
        "bytes",
        is_ordered=False,
    ),
}
"""The types with one JSON form each."""

JSON_VALUE = Codec(
    _copy,
    jsonio.checked_copy,
    frozenset({"null", "boolean", "number", "string", "array", "object"}),
)
"""`JSON`, `Any` and `object`: kept as it is, copied so that the loaded document is not shared."""


def scaled_decimal_codec(scale: int) -> Codec:
    """Build the codec of `field(scale=2)`: a Decimal as an integer, which sorts and sums."""

    def load(value: JSON, _: Any) -> Decimal:
        if type(value) is not int:
            raise expected(f"an integer (a decimal times 10^{scale})", value)
        return Decimal(value).scaleb(-scale, _EXACT)

    def dump(value: Any) -> JSON:
        if not isinstance(value, Decimal) or not value.is_finite():
            raise expected("a finite Decimal", value)
        if value.adjusted() + scale >= _MOST_DIGITS:
            raise Misfit(f"{value} has too many digits for a number in JSON")
        scaled = value.scaleb(scale, _EXACT)
        if scaled != scaled.to_integral_value():
            raise Misfit(f"{value} has more than {scale} decimal places; round it first, or raise the scale")
        return int(scaled)

    return Codec(load, dump, frozenset({"number"}), by_equality=True)


def choice_codec(choices: Sequence[tuple[Any, JSON]], what: str, kinds: frozenset[str]) -> Codec:
    """Build the codec of an Enum or a Literal from the pairs of a value and what is written for it."""
    values = {(type(written), written): value for value, written in choices}
    texts = {(type(value), value): written for value, written in choices}
    known = ", ".join(repr(written) for _, written in choices)

    def load(value: JSON, _: Any) -> Any:
        try:
            return values[type(value), value]
        except (KeyError, TypeError):
            raise expected(f"one of {known}", value) from None

    def dump(value: Any) -> JSON:
        try:
            return texts[type(value), value]
        except (KeyError, TypeError):
            raise expected(what, value) from None

    return Codec(load, dump, kinds)
