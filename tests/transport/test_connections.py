"""How many connections are open, who uses them, and that none is left: counted by the server."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from couchmapper import connect, jsonio
from couchmapper.exceptions import ConnectionFailed

THREADS = 64
REQUESTS = 2000


@pytest.fixture
def echo(loopback):
    """A server that answers with the path that it was asked for."""

    def answer(received) -> bytes:
        return loopback.answer(jsonio.dumps({"path": received.line.split()[1]}))

    return loopback(always=loopback.reply(answer))


def ask(documents, number: int) -> bool:
    return documents.get(f"d{number}")["path"] == f"/db/d{number}"


def ask_from_many_threads(client) -> list[bool]:
    documents = client.database("db").documents
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda number: ask(documents, number), range(REQUESTS)))


def test_each_of_many_threads_gets_its_own_answers_over_one_connection_each_at_most(echo, guarded):
    with connect(echo.url, timeout=60) as client:
        assert all(guarded(lambda: ask_from_many_threads(client)))

        assert echo.connections <= THREADS
    assert echo.all_closed()
    assert len(echo.received) == REQUESTS


def test_more_threads_than_idle_connections_are_kept_wait_for_nobody_and_leave_none(echo, guarded):
    with connect(echo.url, timeout=60, pool_size=4) as client:
        assert all(guarded(lambda: ask_from_many_threads(client)))

        assert echo.all_closed(but=4)
        assert echo.most <= THREADS
    assert echo.all_closed()
    assert len(echo.received) == REQUESTS


def test_closing_while_others_send_ends_them_with_an_error_or_an_answer(echo, guarded):
    client = connect(echo.url, timeout=60)
    documents = client.database("db").documents

    def until_closed(number: int) -> ConnectionFailed:
        while True:
            try:
                assert ask(documents, number)
            except ConnectionFailed as error:
                return error

    def close_in_the_middle() -> list[ConnectionFailed]:
        with ThreadPoolExecutor(8) as pool:
            running = [pool.submit(until_closed, number) for number in range(8)]
            while len(echo.received) < 50:
                time.sleep(0.005)
            client.close()
            return [future.result() for future in running]

    assert all("closed" in str(error) and error.final for error in guarded(close_in_the_middle))
    assert echo.all_closed()


FORKING = """
import os, sys
from couchmapper import connect
from couchmapper.auth.cookie import SessionAuth

client = connect(sys.argv[1], auth=SessionAuth("ann", "secret"))
documents = client.database("db").documents

def ask(who):
    for number in range(200):
        assert documents.get(f"{who}{number}")["path"] == f"/db/{who}{number}"

ask("before")
stream = documents.get.stream("stream")
child = os.fork()
if child == 0:
    stream.close()
    ask("child")
    client.close()
    os._exit(0)
ask("parent")
assert b"/db/stream" in stream.read()
_, status = os.waitpid(child, 0)
ask("after")
client.close()
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_after_a_fork_parent_and_child_get_their_own_answers(loopback):
    def answer(received) -> bytes:
        path = received.line.split()[1]
        cookie = {"Set_Cookie": "AuthSession=abc; Path=/"} if path == "/_session" else {}
        return loopback.answer(jsonio.dumps({"path": path}), **cookie)

    server = loopback(always=loopback.reply(answer))

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORKING, server.url],
        capture_output=True,
        check=False,
        timeout=120,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert len(server.received) == 1 + 4 * 200 + 1
    assert server.all_closed()
