"""Whoever counts together counts right."""

from pathlib import Path

import counters
import pytest

from couchmapper import connect


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_totals_are_exact(store: str, tmp_path: Path):
    url = "memory:" if store == "memory" else f"sqlite:///{tmp_path / 'counters.db'}"
    with connect(url) as client:
        database = counters.fresh_database(client)

        counters.count_together(database, url, workers=2, rounds=5)

        assert counters.totals(database) == [10] * counters.COUNTERS
