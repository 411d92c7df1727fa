"""What both stores promise: blocks that commit, that undo, that end."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from couchmapper.embedded.storage import databases
from couchmapper.embedded.storage.store import Store, open_store
from couchmapper.exceptions import ConnectionFailed


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(None if request.param == "memory" else str(tmp_path / "store.db"))
    yield opened
    opened.close()


def names(store: Store) -> list[str]:
    with store.read() as connection:
        return databases.names(connection)


def create_and_break(store: Store) -> None:
    with store.write() as connection:
        databases.create(connection, "shop", uuid="u", created=0)
        raise RuntimeError("broken")


def test_a_write_is_seen_when_its_block_has_ended(store: Store):
    with store.write() as connection:
        databases.create(connection, "shop", uuid="u", created=0)

    assert names(store) == ["shop"]


def test_a_write_that_raises_is_undone(store: Store):
    with pytest.raises(RuntimeError, match="broken"):
        create_and_break(store)

    assert names(store) == []


def test_a_store_writes_again_after_a_write_that_raised(store: Store):
    with pytest.raises(sqlite3.OperationalError), store.write() as connection:
        connection.execute("no SQL")
    with store.write() as connection:
        databases.create(connection, "shop", uuid="u", created=0)

    assert names(store) == ["shop"]


def test_blocks_that_write_do_not_nest(store: Store):
    with store.write(), pytest.raises(sqlite3.OperationalError, match="within a transaction"), store.write():
        pass


def test_a_closed_store_opens_no_block(store: Store):
    store.close()

    with pytest.raises(ConnectionFailed, match="was closed"), store.read():
        pass
    with pytest.raises(ConnectionFailed, match="was closed"), store.write():
        pass


def test_closing_twice_is_fine(store: Store):
    store.close()
    store.close()


def test_dropping_a_database_removes_its_rows_everywhere(store: Store):
    with store.write() as connection:
        databases.create(connection, "shop", uuid="u", created=0)
        shop = databases.find(connection, "shop")
        assert shop is not None
        connection.execute(
            "INSERT INTO bodies (number, database, content) VALUES (1, ?, x'')", (shop.number,)
        )
        databases.drop(connection, "shop")

        assert connection.execute("SELECT count(*) FROM bodies").fetchone() == (0,)


def test_the_number_of_a_dropped_database_is_not_used_again(store: Store):
    numbers = []
    for _ in range(2):
        with store.write() as connection:
            databases.create(connection, "shop", uuid="u", created=0)
            shop = databases.find(connection, "shop")
            assert shop is not None
            numbers.append(shop.number)
            databases.drop(connection, "shop")

    assert numbers[0] < numbers[1]
