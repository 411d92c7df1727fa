"""What the engine makes of errors that are not CouchDB's own."""

import sqlite3
from contextlib import AbstractContextManager, closing

import pytest

from couchmapper.embedded.app import App
from couchmapper.embedded.node import Node
from couchmapper.messages import Request


class BrokenStore:
    """A store that SQLite cannot read."""

    shared = True

    def __init__(self, error: sqlite3.Error) -> None:
        self.error = error

    def read(self) -> AbstractContextManager[sqlite3.Connection]:
        raise self.error

    def write(self) -> AbstractContextManager[sqlite3.Connection]:
        return closing(sqlite3.connect(":memory:"))

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (sqlite3.OperationalError("database is locked"), 503, "service_unavailable"),
        (sqlite3.OperationalError("disk I/O error"), 500, "internal_server_error"),
        (sqlite3.DatabaseError("database disk image is malformed"), 500, "internal_server_error"),
    ],
)
def test_what_sqlite_cannot_do_is_a_server_error(error: sqlite3.Error, status: int, code: str):
    app = App(Node(store=BrokenStore(error)))

    answer = app.answer(Request(method="GET", path=("shop",), route="/{db}"))

    assert (answer.status, answer.json()["error"]) == (status, code)
