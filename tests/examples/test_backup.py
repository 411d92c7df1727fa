"""What is restored from a backup is what was saved, revisions and conflicts included."""

import os
from collections.abc import Iterator
from pathlib import Path

import backup
import pytest

from couchmapper import Database, connect

URLS = ["memory:", "sqlite"] + [url for url in [os.environ.get("COUCHMAPPER_TEST_URL")] if url]
NAMES = ("couchmapper-example-backup", "couchmapper-example-restored")


@pytest.fixture(params=URLS, ids=lambda url: url.partition(":")[0])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    url = f"sqlite:///{tmp_path / 'backup.db'}" if request.param == "sqlite" else request.param
    with connect(url) as client:
        first, second = (client.database(name, create=True) for name in NAMES)
        fill(first)
        yield first, second
        for name in NAMES:
            client.databases.delete(name)


def fill(database: Database) -> None:
    """Store documents, a conflict, a tombstone and a design document."""
    database.bulk.docs({"_id": f"{number:04}", "n": number} for number in range(1200))
    database.documents.put({"_id": "0001", "_rev": database.documents.head("0001"), "n": "changed"})
    database.documents.delete("0002", rev=database.documents.head("0002"))
    history = {"_revisions": {"start": 2, "ids": ["b" * 32, "c" * 32]}, "_rev": "2-" + "b" * 32}
    database.bulk.docs([{"_id": "0003", "n": "theirs", **history}], new_edits=False)
    database.design.put({"_id": "_design/d", "views": {}})


def everything(database: Database) -> list[bytes]:
    return sorted(backup.dumps(leaf) for leaf in backup.leaves(database))


def test_a_restored_database_has_the_same_leaves(databases, tmp_path):
    first, second = databases

    saved = backup.save(first, tmp_path / "file")
    loaded = backup.load(second, tmp_path / "file")

    assert saved == loaded == 1202
    assert everything(second) == everything(first)
    assert len(second.documents.leaves("0003")) == 2


def test_restoring_twice_changes_nothing(databases, tmp_path):
    first, second = databases
    backup.save(first, tmp_path / "file")
    backup.load(second, tmp_path / "file")
    once = everything(second)

    backup.load(second, tmp_path / "file")

    assert everything(second) == once
