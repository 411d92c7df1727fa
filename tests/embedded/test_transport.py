"""The engine from outside: threads and processes that wait for each other's changes, and stores that last."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from couchmapper import jsonio
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.exceptions import ConnectionFailed
from couchmapper.messages import Request, Response

WRITES_A_DOCUMENT = """
import sys
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.messages import Request

transport = EmbeddedTransport(sys.argv[1])
request = Request(method="PUT", path=("shop", "from elsewhere"), route="/{db}/{doc_id}", body=b"{}")
sys.exit(0 if transport.send(request).status == 201 else 1)
"""


def send(transport: EmbeddedTransport, method: str, *path: str, body: Any = None, **query: str) -> Response:
    text = None if body is None else jsonio.dumps(body)
    headers = {"content-type": "application/json"}
    return transport.send(
        Request(method=method, path=path, route="", query=query, headers=headers, body=text)
    )


class Waiting(threading.Thread):
    """A thread that waits for what changes in `shop` from now on, for a minute."""

    def __init__(self, transport: EmbeddedTransport) -> None:
        super().__init__()
        self.transport = transport
        self.since = send(transport, "GET", "shop").json()["update_seq"]
        self.ids: list[str] = []
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            answer = send(self.transport, "GET", "shop", "_changes", feed="longpoll", since=self.since)
        except ConnectionFailed as error:
            self.error = error
        else:
            self.ids = [row["id"] for row in answer.json()["results"]]


@pytest.fixture(params=["memory", "file"])
def transport(request: pytest.FixtureRequest, tmp_path: Path):
    opened = EmbeddedTransport(None if request.param == "memory" else str(tmp_path / "store.db"))
    send(opened, "PUT", "shop")
    yield opened
    opened.close()


def test_a_write_wakes_a_thread_that_waits(transport: EmbeddedTransport):
    waiting = Waiting(transport)
    time.sleep(0.05)
    send(transport, "PUT", "shop", "a", body={})

    waiting.join(20)
    assert waiting.ids == ["a"]


def test_a_write_to_another_database_wakes_nobody_for_good(transport: EmbeddedTransport):
    send(transport, "PUT", "zoo")
    waiting = Waiting(transport)
    time.sleep(0.05)
    send(transport, "PUT", "zoo", "a", body={})
    waiting.join(0.1)
    send(transport, "PUT", "shop", "b", body={})
    waiting.join(20)

    assert waiting.ids == ["b"]


def test_closing_wakes_a_thread_that_waits(transport: EmbeddedTransport):
    waiting = Waiting(transport)
    time.sleep(0.05)
    transport.close()

    waiting.join(20)
    assert "closed" in str(waiting.error)


def test_a_closed_transport_sends_nothing(transport: EmbeddedTransport):
    transport.close()
    transport.close()

    with pytest.raises(ConnectionFailed, match="closed"):
        send(transport, "GET", "shop")


def test_threads_that_write_at_once_lose_nothing(transport: EmbeddedTransport):
    def work(letter: str) -> None:
        for number in range(20):
            send(transport, "PUT", "shop", f"{letter}{number}", body={})

    threads = [threading.Thread(target=work, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    told = send(transport, "GET", "shop").json()
    assert told["doc_count"] == 80
    assert told["update_seq"].startswith("80-")


def test_of_edits_at_once_one_wins(transport: EmbeddedTransport):
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda n=n: statuses.append(send(transport, "PUT", "shop", "a", body={"n": n}).status)
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [201] + [409] * 7


def test_a_write_of_another_process_wakes_a_thread_that_waits(tmp_path: Path):
    path = str(tmp_path / "store.db")
    transport = EmbeddedTransport(path)
    send(transport, "PUT", "shop")
    waiting = Waiting(transport)

    command = [sys.executable, "-c", WRITES_A_DOCUMENT, path]
    subprocess.run(command, check=True)
    waiting.join(20)

    assert waiting.ids == ["from elsewhere"]
    transport.close()


def test_everything_is_there_when_a_file_is_opened_again(tmp_path: Path):
    path = str(tmp_path / "store.db")
    first = EmbeddedTransport(path)
    send(first, "PUT", "shop")
    send(first, "PUT", "shop", "a", body={"n": 1})
    send(first, "PUT", "shop", "_local", "b", body={})
    before = [
        send(first, "GET", *path).json() for path in ((), ("shop",), ("shop", "a"), ("shop", "_changes"))
    ]
    first.close()

    second = EmbeddedTransport(path)

    after = [
        send(second, "GET", *path).json() for path in ((), ("shop",), ("shop", "a"), ("shop", "_changes"))
    ]
    assert after == before
    assert send(second, "GET", "shop", "_local", "b").status == 200
    second.close()


def test_two_stores_in_memory_share_nothing():
    first, second = EmbeddedTransport(), EmbeddedTransport()
    send(first, "PUT", "shop")

    assert send(second, "GET", "shop").status == 404
    first.close()
    second.close()
