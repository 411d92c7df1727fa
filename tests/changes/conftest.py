"""A new database in memory."""

from collections.abc import Iterator

import pytest

from couchmapper.connect import connect
from couchmapper.database import Database


@pytest.fixture
def database() -> Iterator[Database]:
    with connect("memory:") as client:
        yield client.database("shop", create=True)
