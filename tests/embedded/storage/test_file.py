"""A store in a file: it lasts, it is shared, and it refuses what it does not know."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from couchmapper.embedded.storage import databases
from couchmapper.embedded.storage.file import FileStore
from couchmapper.exceptions import ConfigurationError, ConnectionFailed

WRITES_UNTIL_KILLED = """
import sys
from couchmapper.embedded.storage import databases
from couchmapper.embedded.storage.file import FileStore

store = FileStore(sys.argv[1])
for number in range(10_000):
    with store.write() as connection:
        databases.create(connection, f"d{number}", uuid="u", created=0)
    print(number, flush=True)
"""

WRITES_A_HUNDRED = """
import sys
from couchmapper.embedded.storage import databases
from couchmapper.embedded.storage.file import FileStore

store = FileStore(sys.argv[1])
for number in range(100):
    with store.write() as connection:
        databases.create(connection, f"{sys.argv[2]}{number}", uuid="u", created=0)
store.close()
"""


def names(store: FileStore) -> list[str]:
    with store.read() as connection:
        return databases.names(connection)


def add(store: FileStore, name: str) -> None:
    with store.write() as connection:
        databases.create(connection, name, uuid="u", created=0)


def test_what_was_written_is_there_when_the_file_is_opened_again(tmp_path: Path):
    path = str(tmp_path / "store.db")
    store = FileStore(path)
    add(store, "shop")
    store.close()

    again = FileStore(path)

    assert names(again) == ["shop"]
    again.close()


def test_a_closed_store_leaves_one_file(tmp_path: Path):
    store = FileStore(str(tmp_path / "store.db"))
    add(store, "shop")
    store.close()

    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]


def test_every_commit_that_was_reported_survives_a_kill(tmp_path: Path):
    path = str(tmp_path / "store.db")
    with subprocess.Popen(
        [sys.executable, "-c", WRITES_UNTIL_KILLED, path], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        reported = [int(writer.stdout.readline()) for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        reported += [int(line) for line in writer.stdout if line.endswith("\n")]

    store = FileStore(path)

    assert {f"d{number}" for number in reported} <= set(names(store))
    store.close()


def test_two_processes_write_to_one_file(tmp_path: Path):
    path = str(tmp_path / "store.db")
    command = [sys.executable, "-c", WRITES_A_HUNDRED, path]
    writers = [subprocess.Popen([*command, name]) for name in "ab"]

    assert [writer.wait(60) for writer in writers] == [0, 0]
    store = FileStore(path)
    assert len(names(store)) == 200
    store.close()


def test_many_threads_read_and_write_at_once(tmp_path: Path):
    store = FileStore(str(tmp_path / "store.db"))
    seen: list[int] = []

    def work(letter: str) -> None:
        for number in range(25):
            add(store, f"{letter}{number}")
            seen.append(len(names(store)))

    threads = [threading.Thread(target=work, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(names(store)) == 100
    assert max(seen) == 100
    store.close()


def test_a_reader_sees_the_file_as_it_was_when_its_block_began(tmp_path: Path):
    store = FileStore(str(tmp_path / "store.db"))
    with store.read() as connection:
        before = databases.names(connection)
        add(store, "shop")

        assert databases.names(connection) == before
    assert names(store) == ["shop"]
    store.close()


def test_a_block_that_is_open_when_the_store_is_closed_can_end(tmp_path: Path):
    store = FileStore(str(tmp_path / "store.db"))
    with store.read() as connection:
        store.close()

        assert databases.names(connection) == []


def test_a_commit_is_synchronous(tmp_path: Path):
    store = FileStore(str(tmp_path / "store.db"))
    with store.write() as connection:
        settings = [
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")
        ]

    assert settings == [2, "wal"]
    store.close()


def test_a_store_is_not_used_in_a_forked_child(tmp_path: Path):
    store = FileStore(str(tmp_path / "store.db"))
    child = os.fork()
    if child == 0:
        try:
            names(store)
        except ConnectionFailed as error:
            os._exit(0 if "fork" in str(error) else 1)
        os._exit(2)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    store.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be taken for one" * 10)

    with pytest.raises(ConfigurationError, match=r"cannot open .*notes\.txt"):
        FileStore(str(path))


def test_a_path_that_cannot_be_opened_is_refused(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="unable to open"):
        FileStore(str(tmp_path / "missing" / "store.db"))


def test_the_tables_of_another_program_are_left_alone(tmp_path: Path):
    path = str(tmp_path / "other.db")
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE accounts (id INTEGER)")
    other.close()

    with pytest.raises(ConfigurationError, match="tables of another program"):
        FileStore(path)


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path):
    path = str(tmp_path / "store.db")
    FileStore(path).close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 999")
    newer.close()

    with pytest.raises(ConfigurationError, match="install a newer couchmapper"):
        FileStore(path)
