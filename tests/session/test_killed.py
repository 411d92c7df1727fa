"""A program that is killed in the middle of a commit, and started again: nothing is half done."""

import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_server import Exchange, Fault, FaultyServer, encoded, faulty_server

from couchmapper.connect import connect
from couchmapper.database import Client, Database
from couchmapper.embedded.transport import EmbeddedTransport

PROGRAM = textwrap.dedent(
    """
    import os, signal, sys
    from couchmapper import CommitError, Document, Mapped, connect
    from couchmapper.database import Client
    from couchmapper.session import Session
    from couchmapper.session.limits import Limits
    from couchmapper.session.workspace import Workspace
    from couchmapper.transport.base import TransportWrapper

    class Row(Document, id="row:{number}"):
        number: Mapped[int]
        text: Mapped[str]

    class Deadly(TransportWrapper):
        "Kills the program before or after its last request is done, which is given by its number."

        left = int(sys.argv[4])

        def send(self, request):
            self.left -= request.path[-1] == "_bulk_docs"
            if self.left == 0 and sys.argv[5] == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            response = self.inner.send(request)
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return response

    url, text, strategy = sys.argv[1:4]
    with connect(url) as client:
        database = Client(Deadly(client.transport)).database("rows")
        session = Session([Workspace(database, (), Limits(documents=5))], on_conflict=strategy)
        session.add_all(Row(number=number, text=text) for number in range(100))
        try:
            print(session.commit())
        except CommitError as error:
            print(error.report)
    """
)


def start(url: str, *, text: str = "once", strategy: str = "raise", dies: tuple[int, str] = (-1, "")):
    arguments = [url, text, strategy, *map(str, dies)]
    return subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True)


def told(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=60)
    return output.strip()


def rows(database: Database) -> list[dict]:
    return [row["doc"] for row in database.bulk.all_docs(include_docs=True)["rows"]]


def generations(database: Database) -> list[str]:
    return [row["_rev"].partition("-")[0] for row in rows(database)]


def writes(database: Database) -> int:
    return int(database.information()["update_seq"].partition("-")[0])


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    upstream = EmbeddedTransport()
    with Client(upstream), faulty_server(upstream) as server:
        yield server


DEATHS = ("while it sends", "before the store has written", "after the store has written", "in the answer")


@pytest.mark.parametrize("death", DEATHS)
def test_a_client_that_is_killed_and_started_again_completes_its_work(server: FaultyServer, death: str):
    stores = death in DEATHS[2:]
    victims = []

    def kill(exchange: Exchange) -> None:
        text = encoded(exchange.store()) if stores else b""
        if death == "in the answer":
            exchange.write(text[:200])
        victims[0].kill()
        victims[0].wait()

    database = Client(server.upstream).database("rows", create=True)
    server.plan(*[None] * 7, Fault(act=kill, stores=stores, unread=death == "while it sends"))
    victims.append(start(f"http://{server.place}"))

    assert told(victims[0]) == ""
    assert len(rows(database)) == (7 + stores) * 5
    assert told(start(f"http://{server.place}")) == "100 saved"
    assert generations(database) == ["1"] * 100
    assert writes(database) == 100


@pytest.mark.parametrize("death", [(8, "before"), (8, "after")], ids=str)
def test_a_store_that_is_killed_with_its_program_has_whole_batches(tmp_path: Path, death: tuple[int, str]):
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    with connect(url) as client:
        database = client.database("rows", create=True)

        assert told(start(url, dies=death)) == ""
        assert len(rows(database)) == (35 if death[1] == "before" else 40)
        assert told(start(url)) == "100 saved"
        assert generations(database) == ["1"] * 100
        assert writes(database) == 100


@pytest.mark.parametrize("delay", [0.0, 0.02])
def test_a_program_that_is_killed_at_any_moment_leaves_whole_batches(tmp_path: Path, delay: float):
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    with connect(url) as client:
        database = client.database("rows", create=True)
        process = start(url)
        while not writes(database) and process.poll() is None:
            time.sleep(0.001)
        time.sleep(delay)
        process.kill()
        told(process)

        assert writes(database) % 5 == 0
        assert told(start(url)) == "100 saved"
        assert generations(database) == ["1"] * 100
        assert writes(database) == 100


@pytest.mark.parametrize(
    ("strategy", "report", "texts", "again"),
    [
        ("raise", "60 saved, 40 in conflict", {"once": 40, "again": 60}, 0),
        ("merge", "60 saved, 40 in conflict", {"once": 40, "again": 60}, 0),
        ("theirs", "60 saved, 40 given up for theirs", {"once": 40, "again": 60}, 0),
        ("mine", "100 saved", {"again": 100}, 40),
    ],
)
def test_what_is_added_again_with_other_values_is_decided_by_the_strategy(
    tmp_path: Path, strategy: str, report: str, texts: dict[str, int], again: int
):
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    with connect(url) as client:
        database = client.database("rows", create=True)
        told(start(url, dies=(8, "after")))

        assert told(start(url, text="again", strategy=strategy)) == report
        assert Counter(row["text"] for row in rows(database)) == texts
        assert Counter(generations(database))["2"] == again
