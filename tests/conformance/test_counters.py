"""Eight processes that count together, on one file or one server, end with exact totals."""

import os

import counters
import pytest

from couchmapper.connect import connect

SERVER = os.environ.get("COUCHMAPPER_TEST_URL")

pytestmark = [
    pytest.mark.long,
    # What a tape holds was asked for in one order only.
    pytest.mark.stores("sqlite", *(["couchdb"] if SERVER else [])),
    pytest.mark.xdist_group("counters"),
]


def test_no_addition_is_lost(url: str):
    with connect(url) as client:
        database = counters.fresh_database(client)
        try:
            counters.count_together(database, url)

            assert counters.totals(database) == [counters.WORKERS * counters.ROUNDS] * counters.COUNTERS
            assert str(database.information()["update_seq"]).startswith(f"{expected_writes()}-")
        finally:
            client.databases.delete(database.name)


def expected_writes() -> int:
    """Return how many revisions there are: the new counters, and one for each addition."""
    return counters.COUNTERS * (1 + counters.WORKERS * counters.ROUNDS)
