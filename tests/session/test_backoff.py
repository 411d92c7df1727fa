"""How long a writer waits that somebody else was faster than."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.session.backoff import Backoff

numbers = st.integers(1, 10**9)


@pytest.mark.parametrize(
    ("number", "longest"), [(1, 0.02), (2, 0.04), (3, 0.08), (6, 0.64), (7, 1.0), (8, 1.0)]
)
def test_the_longest_pause_doubles_up_to_the_cap(number: int, longest: float):
    assert Backoff().pause(number, 1.0) == pytest.approx(longest)


@given(number=numbers, random=st.floats(0, 1))
def test_a_pause_is_a_part_of_the_longest(number: int, random: float):
    assert Backoff().pause(number, random) == random * Backoff().pause(number, 1.0)


@given(number=numbers)
def test_no_pause_is_longer_than_the_cap(number: int):
    assert Backoff(cap=0.5).pause(number, 1.0) <= 0.5


def test_a_writer_is_patient_for_about_a_minute():
    backoff = Backoff()

    assert 30 < sum(backoff.pause(number, 0.5) for number in range(1, backoff.limit)) < 60
