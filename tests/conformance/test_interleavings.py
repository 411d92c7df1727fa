"""Two sessions on one database, in any order of steps and with any faults: no change is lost in silence."""

import os
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interleavings import FATES, KEYS, STEPS, World

from couchmapper.database import Database

# What a tape holds was asked for in one order only.
on_a_server = "COUCHMAPPER_TEST_URL" in os.environ and "COUCHMAPPER_RECORD" not in os.environ
pytestmark = pytest.mark.stores("memory", "sqlite", *(["couchdb"] if on_a_server else []))

_numbers = count()

step = st.tuples(st.sampled_from(STEPS), st.sampled_from((0, 1)), st.sampled_from(KEYS))
commit = st.tuples(
    st.just(None), st.sampled_from((0, 1)), st.lists(st.sampled_from(("", "", *FATES)), max_size=4).map(tuple)
)
interleaving = given(
    st.lists(st.one_of(step, step, step, commit), min_size=10, max_size=50),
    st.tuples(*[st.sampled_from(("raise", "merge"))] * 2),
)
of_one_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def run(database: Database, steps: list, strategies: tuple[str, str]) -> None:
    world = World(database.transport, database.name, f"world-{next(_numbers)}", strategies)
    for act, who, argument in steps:
        if act is None:
            world.commit(who, argument)
        else:
            act(world, who, argument)
    world.end()


@settings(of_one_database, max_examples=40)
@interleaving
def test_no_change_is_lost_in_silence_and_none_is_written_twice(database: Database, steps, strategies):
    run(database, steps, strategies)


@pytest.mark.long
@settings(of_one_database, max_examples=1000, derandomize=False)
@interleaving
def test_a_thousand_interleavings_lose_nothing(database: Database, steps, strategies):
    run(database, steps, strategies)
