"""Moments, dates, times of day and durations: texts and numbers in whose order time passes."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from couchmapper.collation import compare
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.structure import SCALARS


def dump(kind: type, value: Any) -> Any:
    return SCALARS[kind].dump(value)


def load(kind: type, value: Any) -> Any:
    return SCALARS[kind].load(value, kind)


moments = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001
    timezones=st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(
        lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
    ),
)


@given(moments)
def test_moments_round_trip_in_utc(moment: datetime):
    loaded = load(datetime, dump(datetime, moment))

    assert loaded == moment
    assert loaded.tzinfo is UTC


@given(moments, moments)
def test_the_order_of_written_moments_is_that_of_time(one: datetime, other: datetime):
    first, second = dump(datetime, one), dump(datetime, other)

    assert (first < second, first == second) == (one < other, one == other)
    assert compare(first, second) == (one > other) - (one < other)


@given(st.dates(), st.dates(), st.times(), st.times())
def test_the_order_of_written_dates_and_times_is_their_own(one: date, other: date, early: time, late: time):
    assert compare(dump(date, one), dump(date, other)) == (one > other) - (one < other)
    assert compare(dump(time, early), dump(time, late)) == (early > late) - (early < late)


@given(st.timedeltas())
@example(timedelta.min)
@example(timedelta.max)
def test_durations_round_trip_as_whole_microseconds(duration: timedelta):
    assert load(timedelta, dump(timedelta, duration)) == duration


def test_a_moment_without_zone_is_refused_with_advice():
    with pytest.raises(Misfit, match=r"give it one, as datetime\.now\(UTC\) does"):
        dump(datetime, datetime(2026, 11, 23))  # noqa: DTZ001 - this is the point
    with pytest.raises(Misfit, match="names none"):
        load(datetime, "2026-11-23T10:00:00")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T10:00:00Z",
        "2026-11-23T10:00:00.0Z",
        "2026-11-23 11:00:00+01:00",
        "20261123T100000Z",
        "Mon, 23 Nov 2026 10:00:00 GMT",
        "Mon Nov 23 2026 10:00:00 GMT+0000",
        "November 23, 2026 10:00 am UTC",
        "23.11.2026 10:00:00 +00:00",
    ],
)
def test_moments_that_other_writers_wrote_are_read(text: str):
    assert load(datetime, text) == datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10:00",
        "10:00Z",
        "yesterday",
        "2026-11-23",
        "23 Nov 10:00 UTC",
        "03/04/2026 10:00 UTC",
        "Nov 23 2026 10:00 EST",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-13-01T00:00:00Z",
        "1" * 100,
        "20262026202612345678901234567890h",
    ],
)
def test_text_that_does_not_name_one_moment_is_refused(text: str):
    with pytest.raises(Misfit, match="expected a date and time with its zone"):
        load(datetime, text)


date_like = st.text("0123456789:-/., TZ+JanMonUTC", max_size=30)


@given(st.one_of(st.text(), date_like))
def test_any_text_is_a_moment_or_a_misfit(text: str):
    try:
        loaded = load(datetime, text)
    except Misfit:
        return
    assert loaded.tzinfo is UTC


def test_a_moment_outside_the_calendar_of_utc_is_refused():
    with pytest.raises(Misfit, match="years 1 to 9999"):
        dump(datetime, datetime.min.replace(tzinfo=timezone(timedelta(hours=1))))


def test_a_moment_is_no_date_and_a_date_no_moment():
    with pytest.raises(Misfit):
        dump(date, datetime(2026, 11, 23, tzinfo=UTC))
    with pytest.raises(Misfit):
        dump(datetime, date(2026, 11, 23))


def test_a_time_of_day_has_no_zone():
    with pytest.raises(Misfit, match="leave the zone out"):
        dump(time, time(10, tzinfo=UTC))
    with pytest.raises(Misfit, match="expected a time such as"):
        load(time, "10:00+02:00")


def test_a_duration_longer_than_python_knows_is_refused():
    with pytest.raises(Misfit, match="whole microseconds"):
        load(timedelta, 10**30)
