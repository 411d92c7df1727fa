from collections.abc import Iterator
from sqlite3 import Connection

import pytest

from couchmapper.embedded.engine.attachments import digest_of
from couchmapper.embedded.storage import attachments, databases
from couchmapper.embedded.storage.store import open_store

DIGEST = digest_of(b"bytes")


@pytest.fixture
def shops() -> Iterator[tuple[Connection, int, int]]:
    """Two databases."""
    store = open_store(None)
    with store.write() as connection:
        for name in ("shop", "zoo"):
            databases.create(connection, name, uuid="u", created=0)
        found = [databases.find(connection, name) for name in ("shop", "zoo")]
        yield connection, *(row.number for row in found if row is not None)
    store.close()


def rows(connection: Connection) -> int:
    return connection.execute("SELECT count(*) FROM attachments").fetchone()[0]


def test_bytes_are_read_by_their_digest(shops):
    connection, shop, zoo = shops

    assert attachments.insert(connection, shop, DIGEST, b"bytes")
    assert attachments.read(connection, shop, DIGEST) == b"bytes"
    with pytest.raises(KeyError):
        attachments.read(connection, zoo, DIGEST)


def test_the_same_bytes_are_kept_once(shops):
    connection, shop, _ = shops

    assert attachments.insert(connection, shop, DIGEST, b"bytes")
    assert not attachments.insert(connection, shop, DIGEST, b"bytes")
    assert rows(connection) == 1


def test_other_bytes_with_an_equal_digest_are_not_taken_for_them(shops):
    connection, shop, _ = shops
    attachments.insert(connection, shop, DIGEST, b"bytes")

    with pytest.raises(ValueError, match="digest"):
        attachments.insert(connection, shop, DIGEST, b"other")
    assert attachments.read(connection, shop, DIGEST) == b"bytes"


def test_they_go_with_their_database(shops):
    connection, shop, zoo = shops
    attachments.insert(connection, shop, DIGEST, b"bytes")
    attachments.insert(connection, zoo, DIGEST, b"bytes")

    databases.drop(connection, "shop")

    assert rows(connection) == 1
