"""What goes wrong on the way, through the whole stack that `connect()` builds, over real sockets.

Nothing may hang, nothing may be written twice, and each fault has its error.
"""

import socket
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest

from couchmapper import connect
from couchmapper.auth.base import Auth
from couchmapper.auth.cookie import SessionAuth
from couchmapper.auth.iam import IAMAuth
from couchmapper.database import Client
from couchmapper.exceptions import (
    ConnectionFailed,
    DocumentConflict,
    DocumentNotFound,
    InvalidAnswer,
    ServerError,
    ServiceUnavailable,
    TooManyRequests,
    TransportError,
    TransportTimeout,
    Unauthorized,
)
from couchmapper.messages import Timeout
from couchmapper.transport.retry import RetryPolicy

ATTEMPTS = 3
PATIENT = Timeout(connect=5, read=10, total=20)
HASTY = Timeout(connect=5, read=0.2, total=10)
SHORT = Timeout(connect=5, read=5, total=0.5)
GUARD = 60.0
"""Far more than anything here takes: who is not back by then, hangs."""


def client(url: str, *, timeout: Timeout = PATIENT, auth: Auth | None = None) -> Client:
    return connect(
        url, auth=auth, timeout=timeout, retry=RetryPolicy(attempts=ATTEMPTS, base=0.001, cap=3, deadline=30)
    )


def outcome(action: Callable[[], Any]) -> Any:
    """Return what an action returns or raises; fail when it does neither."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(action())
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(GUARD)
    assert found, "the operation hangs"
    return found[0]


def read(client: Client) -> Any:
    with client:
        return outcome(lambda: client.database("db").documents.get("a"))


def create(client: Client) -> Any:
    """Store a document without an id, which must not happen twice."""
    with client:
        return outcome(lambda: client.database("db").documents.post({"a": 1}))


def replace(client: Client) -> Any:
    with client:
        return outcome(lambda: client.database("db").documents.put({"_id": "a", "_rev": "1-a"}))


def sending(*pieces: bytes, pause: float = 0.0, then: Callable[[socket.socket], object] | None = None):
    """Return a step that sends bytes, with pauses between them, and ends as `then` says."""

    def send(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        if then is not None:
            then(connection)

    return send


def bytewise(text: bytes) -> list[bytes]:
    return [text[place : place + 1] for place in range(len(text))]


def mute(connection: socket.socket) -> None:
    """Say nothing until the other side gives up."""
    while connection.recv(65_536):
        pass


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
BREAKS = {
    "closed before an answer": sending(),
    "closed in a header": sending(HEAD[:40]),
    "closed between headers": sending(HEAD[:17]),
    "closed after the headers": sending(HEAD),
    "closed in the body": sending(HEAD, b'{"_id":'),
    "closed in a chunk": sending(CHUNKED, b"100\r\n{"),
    "closed between chunks": sending(CHUNKED, b'5\r\n{"_id\r\n'),
    "closed in the size of a chunk": sending(CHUNKED, b'5\r\n{"_id\r\n1'),
    "no HTTP at all": sending(b"SSH-2.0-OpenSSH_9.9\r\n"),
}


@pytest.fixture(params=[*BREAKS, "reset before an answer", "reset after the headers", "reset in the body"])
def broken(request, loopback):
    steps = {
        **BREAKS,
        "reset before an answer": loopback.reset,
        "reset after the headers": sending(HEAD, pause=0.02, then=loopback.reset),
        "reset in the body": sending(HEAD, b'{"_id":', pause=0.02, then=loopback.reset),
    }
    return loopback(always=steps[request.param])


def test_a_read_over_a_broken_connection_is_repeated_and_fails_in_the_end(broken):
    error = read(client(broken.url))

    assert (type(error), error.sent, error.final) == (ConnectionFailed, True, True)
    assert len(broken.received) == ATTEMPTS


def test_a_document_without_an_id_is_created_at_most_once_over_a_broken_connection(broken):
    error = create(client(broken.url))

    assert (type(error), error.sent) == (ConnectionFailed, True)
    assert len(broken.received) == 1


def test_a_repeated_write_that_meets_its_own_success_says_so(loopback):
    refused = loopback.answer(b'{"error":"conflict","reason":"Document update conflict."}', "409 Conflict")
    server = loopback(loopback.reset, refused)

    error = replace(client(server.url))

    assert type(error) is DocumentConflict
    assert "an earlier attempt got no answer" in str(error)
    assert len(server.received) == 2


SLOW = {
    "silence": (HASTY, mute),
    "silence after the headers": (HASTY, sending(HEAD, then=mute)),
    "silence in the body": (HASTY, sending(HEAD, b"{", then=mute)),
    "silence between chunks": (HASTY, sending(CHUNKED, b"1\r\n{\r\n", then=mute)),
    "headers byte by byte": (SHORT, sending(*bytewise(HEAD), pause=0.05)),
    "body byte by byte": (SHORT, sending(HEAD, *bytewise(b"x" * 1000), pause=0.05)),
    "chunks byte by byte": (SHORT, sending(CHUNKED, *[b"1\r\nx\r\n"] * 1000, pause=0.05)),
}


@pytest.mark.parametrize("fault", SLOW)
def test_a_slow_server_is_given_up(loopback, fault):
    timeout, step = SLOW[fault]
    server = loopback(always=step)

    error = create(client(server.url, timeout=timeout))

    assert (type(error), error.sent) == (TransportTimeout, True)
    assert len(server.received) == 1


def test_a_read_of_a_silent_server_is_repeated(loopback):
    server = loopback(mute, loopback.answer(b'{"_id":"a"}'))

    assert read(client(server.url, timeout=HASTY)) == {"_id": "a"}


@pytest.mark.parametrize("operation", [read, create])
def test_a_refused_connection_is_tried_again_as_nothing_was_sent(operation):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]

    error = operation(client(f"http://127.0.0.1:{port}"))

    assert (type(error), error.sent, error.final) == (ConnectionFailed, False, True)


def test_an_unknown_host_is_a_failed_connection():
    error = create(client("http://nowhere.invalid"))

    assert (type(error), error.sent) == (ConnectionFailed, False)


WRONG = {
    "truncated JSON of the right length": b'{"_id":"a","text":"tru',
    "an empty body": b"",
    "a page": b"<html>welcome to the hotel</html>",
    "text in another encoding": '{"_id":"ä"}'.encode("latin-1"),
}


@pytest.mark.parametrize("operation", [read, create])
@pytest.mark.parametrize("fault", WRONG)
def test_an_answer_that_is_not_couchdbs_is_invalid_and_not_asked_for_again(loopback, operation, fault):
    server = loopback(always=loopback.answer(WRONG[fault], content_type="text/html"))

    error = operation(client(server.url))

    assert type(error) is InvalidAnswer
    assert "text/html" in str(error)
    assert "hotel" not in str(error)
    assert len(server.received) == 1


def test_an_error_page_keeps_its_status_and_is_not_shown(loopback):
    server = loopback(always=loopback.answer(b"<html>secret</html>", "500 Oops", content_type="text/html"))

    error = read(client(server.url))

    assert (type(error), error.status, error.body) == (ServerError, 500, None)
    assert "the answer is not CouchDB's: text/html, 19 bytes" in str(error)
    assert len(server.received) == ATTEMPTS


BUSY = b'{"error":"service_unavailable","reason":"in maintenance"}'


def test_a_storm_of_503_that_passes_is_not_seen(loopback):
    busy = loopback.answer(BUSY, "503 Service Unavailable")
    server = loopback(busy, busy, loopback.answer(b'{"_id":"a"}'))

    assert read(client(server.url)) == {"_id": "a"}


def test_a_storm_of_503_that_lasts_is_the_servers_own_error(loopback):
    server = loopback(always=loopback.answer(BUSY, "503 Service Unavailable"))

    error = read(client(server.url))

    assert (type(error), error.reason) == (ServiceUnavailable, "in maintenance")
    assert error.body == {"error": "service_unavailable", "reason": "in maintenance"}
    assert len(server.received) == ATTEMPTS


def test_503_does_not_make_a_document_twice(loopback):
    server = loopback(always=loopback.answer(BUSY, "503 Service Unavailable"))

    assert type(create(client(server.url))) is ServiceUnavailable
    assert len(server.received) == 1


@pytest.mark.parametrize("after", ["1", "date"])
def test_429_is_waited_for_as_the_server_asks_also_by_writes(loopback, after):
    now = time.time()
    dates = {"Date": formatdate(now, usegmt=True), "Retry_After": formatdate(now + 1, usegmt=True)}
    headers = {"Retry_After": "1"} if after == "1" else dates
    server = loopback(
        loopback.answer(b"{}", "429 Too Many Requests", **headers), loopback.answer(b'{"ok":true,"id":"a"}')
    )
    start = time.monotonic()

    assert create(client(server.url))["ok"] is True

    assert time.monotonic() - start >= 0.9
    assert len(server.received) == 2


def test_429_that_asks_for_an_hour_is_passed_on_with_the_time(loopback):
    server = loopback(always=loopback.answer(b"{}", "429 Too Many Requests", Retry_After="3600"))

    error = create(client(server.url))

    assert (type(error), error.headers["retry-after"]) == (TooManyRequests, "3600")
    assert "the server asks to wait 3600 seconds" in str(error)
    assert len(server.received) == 1


COOKIE = "AuthSession=abc; Version=1; Path=/; HttpOnly"


def sessions(url: str) -> Client:
    return client(url, auth=SessionAuth("ann", "secret"))


def test_a_session_that_ended_is_renewed_once_and_the_write_done_once(loopback):
    login = loopback.answer(b'{"ok":true}', Set_Cookie=COOKIE)
    ended = loopback.answer(b'{"error":"unauthorized","reason":"expired"}', "401 Unauthorized")
    server = loopback(login, ended, login, loopback.answer(b'{"ok":true}', "201 Created"))

    assert create(sessions(server.url)) == {"ok": True}
    assert [request.line.split()[1] for request in server.received] == ["/_session", "/db"] * 2


def test_a_login_that_is_refused_from_now_on_is_unauthorized(loopback):
    refused = loopback.answer(b'{"error":"unauthorized","reason":"wrong"}', "401 Unauthorized")
    server = loopback(loopback.answer(b'{"ok":true}', Set_Cookie=COOKIE), always=refused)

    error = read(sessions(server.url))

    assert type(error) is Unauthorized
    assert "secret" not in str(error)
    assert [request.line.split()[1] for request in server.received] == ["/_session", "/db/a", "/_session"]


def test_a_login_without_an_answer_leaves_the_write_unsent_and_is_tried_again(loopback):
    login = loopback.answer(b'{"ok":true}', Set_Cookie=COOKIE)
    server = loopback(loopback.reset, login, loopback.answer(b'{"ok":true}', "201 Created"))

    assert create(sessions(server.url)) == {"ok": True}
    assert [request.line.split()[1] for request in server.received] == ["/_session", "/_session", "/db"]


def test_an_identity_server_that_is_gone_is_asked_as_often_as_its_own_policy_says(loopback):
    identity, server = loopback(always=loopback.reset), loopback()
    auth = IAMAuth("the key", url=identity.url, retry=RetryPolicy(attempts=2, base=0))

    error = read(client(server.url, auth=auth))

    assert (type(error), error.sent, error.final) == (ConnectionFailed, False, True)
    assert (len(identity.received), len(server.received)) == (2, 0)


def test_an_idle_connection_that_the_server_closed_is_not_used(loopback):
    ok = loopback.answer(b'{"ok":true}', connection="close")
    server = loopback(always=ok)
    store = client(server.url)

    with store:
        documents = store.database("db").documents
        for _ in range(5):
            assert outcome(lambda: documents.post({})) == {"ok": True}
            assert server.all_closed()

    assert len(server.received) == 5


def test_a_keep_alive_connection_that_is_closed_in_between_is_opened_anew(loopback):
    server = loopback(always=sending(loopback.answer(b'{"ok":true}')))  # as if it stayed open
    store = client(server.url)

    with store:
        documents = store.database("db").documents
        for _ in range(5):
            assert outcome(lambda: documents.post({})) == {"ok": True}
            assert server.all_closed()

    assert len(server.received) == 5


@pytest.mark.parametrize(("operation", "asked"), [(read, 1 + ATTEMPTS), (create, 2)])
def test_a_keep_alive_connection_that_breaks_under_the_request(loopback, operation, asked):
    server = loopback(loopback.answer(b'{"ok":true}'), always=loopback.reset)
    store = client(server.url)
    outcome(store.server.up)

    error = operation(store)

    assert (type(error), error.sent) == (ConnectionFailed, True)
    assert len(server.received) == asked


def test_a_missing_document_is_asked_for_once(loopback):
    server = loopback(always=loopback.answer(b'{"error":"not_found","reason":"missing"}', "404 Not Found"))

    assert type(read(client(server.url))) is DocumentNotFound
    assert len(server.received) == 1


def test_after_each_fault_the_same_client_works_again(loopback):
    server = loopback(*BREAKS.values(), always=loopback.answer(b'{"ok":true}'))
    store = client(server.url)

    with store:
        documents = store.database("db").documents
        failed = [outcome(lambda: documents.post({})) for _ in BREAKS]

        assert all(isinstance(error, TransportError) for error in failed)
        assert outcome(lambda: documents.post({})) == {"ok": True}
    assert server.all_closed()


def test_a_deadline_ends_a_call_with_all_its_attempts(loopback):
    server = loopback(*[loopback.silence] * 5)
    client = connect(server.url, retry=RetryPolicy(base=0.01)).with_options(timeout=0.4, deadline=0.6)
    started = time.monotonic()

    with pytest.raises(TransportTimeout):
        client.server.up()

    assert 1 <= len(server.received) <= 2
    assert time.monotonic() - started < 5
