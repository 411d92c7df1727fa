"""Faults of bodies that are streamed, up and down, through the whole stack over real sockets."""

import gc
import io
import re
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from itertools import repeat

import pytest

from couchmapper import connect
from couchmapper.database import Client
from couchmapper.exceptions import (
    ConnectionFailed,
    CouchMapperError,
    InvalidAnswer,
    InvalidBody,
    ServerError,
    ServiceUnavailable,
    TooLarge,
    TransportTimeout,
    Unauthorized,
)
from couchmapper.messages import Timeout
from couchmapper.transport.retry import RetryPolicy

PATIENT = Timeout(connect=5, read=10, total=20)
HASTY = Timeout(connect=5, read=0.3, total=20)
BLOCK = b"x" * 65_536
LARGE = 400 * len(BLOCK)


def client(url: str, timeout: Timeout = PATIENT) -> Client:
    return connect(url, timeout=timeout, retry=RetryPolicy(attempts=3, base=0.001, deadline=30))


def uploading(store: Client, content, **options) -> Callable[[], object]:
    attachments = store.database("db").attachments
    return lambda: attachments.put("a", "f", content, content_type="text/plain", rev="1-a", **options)


def chunk(text: bytes) -> bytes:
    return f"{len(text):x}\r\n".encode() + text + b"\r\n"


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
ROWS = [{"id": f"{number:03}", "value": "x" * 100} for number in range(500)]
LIST = b'{"total_rows":500,"offset":0,"rows":[\r\n'


def row(number: int) -> bytes:
    return b'{"id":"%03d","value":"%s"},\r\n' % (number, b"x" * 100)


def sending(*pieces: bytes, then: Callable[[socket.socket], object] | None = None):
    def send(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
        if then is not None:
            time.sleep(0.05)
            then(connection)

    return send


def read_a_little(connection: socket.socket) -> None:
    connection.recv(1000)


def wait(connection: socket.socket) -> None:
    """Send nothing more until the other side has closed."""
    while connection.recv(1000):
        pass


def stall(connection: socket.socket) -> None:
    """Read nothing until the other side has given up."""
    time.sleep(1.5)
    connection.close()


def answering_early(answer: bytes) -> Callable[[socket.socket], object]:
    """Return a step that answers before the upload has ended, and closes with bytes unread."""

    def step(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        time.sleep(0.05)

    return step


def test_an_upload_that_nobody_reads_is_given_up(loopback, guarded):
    server = loopback(loopback.early(stall))

    with client(server.url, HASTY) as store, pytest.raises(TransportTimeout) as caught:
        guarded(uploading(store, repeat(BLOCK, 1000)))

    assert caught.value.sent
    assert "not sent again: its body was read from a source that cannot go back" in str(caught.value)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("status", "kind"), [("401 Unauthorized", Unauthorized), ("413 Request Entity Too Large", TooLarge)]
)
@pytest.mark.parametrize("length", [None, LARGE], ids=["chunked", "with a length"])
def test_an_answer_in_the_middle_of_an_upload_is_the_one_that_counts(loopback, guarded, status, kind, length):
    answer = loopback.answer(b'{"error":"told","reason":"early"}', status, connection="close")
    server = loopback(loopback.early(answering_early(answer)))

    with client(server.url) as store, pytest.raises(kind, match="early"):
        guarded(uploading(store, repeat(BLOCK, 400), length=length))

    assert len(server.received) == 1


def test_a_file_is_sent_again_from_where_it_stood(loopback, guarded):
    server = loopback(
        loopback.reset,
        loopback.answer(b"{}", "503 Busy"),
        loopback.answer(b'{"ok":true}', "201 Created"),
    )
    file = io.BytesIO(b"skipped" + b"x" * 100_000)
    file.seek(7)

    with client(server.url) as store:
        assert guarded(uploading(store, file)) == {"ok": True}

    assert [request.body for request in server.received] == [b"x" * 100_000] * 3
    assert {request.headers["content-length"] for request in server.received} == {"100000"}


@pytest.mark.parametrize(("first", "kind"), [("reset", ConnectionFailed), ("503", ServiceUnavailable)])
def test_chunks_are_sent_once_and_the_error_says_why(loopback, guarded, first, kind):
    server = loopback(loopback.reset if first == "reset" else loopback.answer(b"{}", "503 Busy"))

    with client(server.url) as store, pytest.raises(kind, match="not sent again: its body was read"):
        guarded(uploading(store, iter([b"a", b"", b"b"])))

    assert [request.body for request in server.received] == [b"ab"]


def failing() -> Iterator[bytes]:
    yield BLOCK
    raise RuntimeError("the disk is gone")


@pytest.mark.parametrize(
    ("content", "options", "kind"),
    [
        (failing, {}, RuntimeError),
        (failing, {"length": 10 * len(BLOCK)}, RuntimeError),
        (lambda: iter([b"a", "text"]), {}, InvalidBody),
        (lambda: iter([b"a"]), {"length": 5}, InvalidBody),
        (lambda: iter([b"a" * 10]), {"length": 5}, InvalidBody),
    ],
    ids=["breaks", "breaks with a length", "text", "short", "long"],
)
def test_a_source_that_fails_breaks_the_connection_and_the_next_request_has_another(
    loopback, guarded, content, options, kind
):
    server = loopback(always=loopback.answer())

    with client(server.url) as store:
        with pytest.raises(kind):
            guarded(uploading(store, content(), **options))
        assert guarded(store.server.up) == {"ok": True}

    assert server.received[-1].line == "GET /_up HTTP/1.1"
    assert server.all_closed()


@pytest.mark.parametrize(
    "reason",
    [
        OSError(5, "Input/output error"),
        ConnectionResetError(104, "Connection reset by peer"),
        BrokenPipeError(32, "Broken pipe"),
        TimeoutError("timed out"),
        ValueError("I/O operation on closed file."),
        ConnectionFailed("cannot reach http://source.test"),
    ],
    ids=lambda reason: type(reason).__name__,
)
@pytest.mark.parametrize("length", [None, LARGE], ids=["chunked", "with a length"])
def test_an_error_of_the_source_is_not_taken_for_one_of_the_server(loopback, guarded, reason, length):
    def breaking() -> Iterator[bytes]:
        yield BLOCK
        raise reason

    server = loopback(always=loopback.answer())

    with client(server.url) as store:
        with pytest.raises(type(reason), match=re.escape(str(reason))):
            guarded(uploading(store, breaking(), length=length))
        assert guarded(store.server.up) == {"ok": True}

    assert len(server.received) <= 2
    assert server.all_closed()


def rows_of(store: Client) -> Callable[[], tuple[list[object], Exception | None]]:
    """Return a function that reads rows up to the end, or to an error."""

    def read() -> tuple[list[object], Exception | None]:
        found: list[object] = []
        try:
            for one in store.database("db").bulk.all_docs.rows():
                found.append(one)  # noqa: PERF402 - those before an error count
        except CouchMapperError as error:
            return found, error
        return found, None

    return read


def test_rows_come_as_they_are(loopback, guarded):
    text = LIST + b"".join(row(number) for number in range(500)).removesuffix(b",\r\n") + b"\r\n]}\n"
    server = loopback(
        sending(HEAD, *[chunk(text[at : at + 999]) for at in range(0, len(text), 999)], b"0\r\n\r\n")
    )

    with client(server.url) as store:
        assert guarded(rows_of(store)) == (ROWS, None)


@pytest.mark.parametrize("how", ["closed", "reset", "silent", "whole chunks, no end"])
def test_rows_that_break_off_are_followed_by_the_error(loopback, guarded, how):
    rows = [chunk(row(number)) for number in range(50)]
    ends = {
        "closed": sending(HEAD, chunk(LIST), *rows, b'20\r\n{"id":'),
        "reset": sending(HEAD, chunk(LIST), *rows, b'20\r\n{"id":', then=loopback.reset),
        "silent": sending(HEAD, chunk(LIST), *rows, b'20\r\n{"id":', then=wait),
        "whole chunks, no end": sending(HEAD, chunk(LIST), *rows),
    }
    server = loopback(ends[how])

    with client(server.url, HASTY) as store:
        found, error = guarded(rows_of(store))

    assert found == ROWS[: len(found)]
    assert len(found) in ({50} if how != "reset" else range(51))
    assert type(error) is (TransportTimeout if how == "silent" else ConnectionFailed)
    assert error.sent
    assert len(server.received) == 1


def test_rows_of_a_text_that_breaks_off_although_the_answer_ends_well(loopback, guarded):
    server = loopback(sending(HEAD, chunk(LIST), chunk(row(0)), chunk(row(1)[:20]), b"0\r\n\r\n"))

    with client(server.url) as store:
        found, error = guarded(rows_of(store))

    assert (found, type(error)) == (ROWS[:1], InvalidAnswer)


def test_an_error_of_the_server_behind_some_rows_is_raised_as_such(loopback, guarded):
    told = b'\n{"error":"timeout","reason":"The request could not be processed"}\n'
    server = loopback(
        sending(HEAD, chunk(LIST), *[chunk(row(n)) for n in range(9)], chunk(told), b"0\r\n\r\n")
    )

    with client(server.url) as store:
        found, error = guarded(rows_of(store))

    assert (found, type(error)) == (ROWS[:9], ServerError)
    assert "could not be processed" in str(error)


def test_rows_are_asked_for_again_as_long_as_none_has_come(loopback, guarded):
    text = LIST + b"\r\n]}\n"
    server = loopback(loopback.reset, loopback.answer(b"{}", "503 Busy"), loopback.answer(text))

    with client(server.url) as store:
        assert guarded(rows_of(store)) == ([], None)


@pytest.mark.parametrize("end", ["close", "forget", "leave the block"])
def test_rows_that_are_given_up_leave_no_connection_and_no_warning(loopback, end):
    server = loopback(always=sending(HEAD, chunk(LIST), *[chunk(row(n)) for n in range(200)], then=wait))
    with client(server.url) as store, warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = store.database("db").bulk.all_docs.rows()
        assert next(rows) == ROWS[0]

        if end == "close":
            rows.close()
        elif end == "leave the block":
            with rows:
                next(rows)
        del rows
        gc.collect()

    assert server.all_closed()


def test_a_stream_that_was_read_to_its_end_gives_its_connection_back(loopback):
    server = loopback(always=loopback.answer(b"0123456789"))

    with client(server.url) as store:
        for _ in range(5):
            with store.database("db").documents.get.stream("a") as stream:
                assert stream.read() == b"0123456789"
        for _ in range(5):
            assert b"".join(store.database("db").documents.get.stream("a")) == b"0123456789"

    assert server.connections == 1


def test_streams_that_are_given_up_do_not_use_the_pool_up(loopback, guarded):
    server = loopback(always=loopback.answer(b"x" * 1_000_000))

    def use() -> None:
        for _ in range(20):
            store.database("db").documents.get.stream("a").close()
        assert store.database("db").documents.get.response("a").body == b"x" * 1_000_000

    with connect(server.url, pool_size=2) as store:
        guarded(use)

    assert server.all_closed()


def test_a_slow_stream_has_no_limit_in_all_and_the_one_that_it_is_given(loopback, guarded):
    def dripping(connection: socket.socket) -> None:
        connection.sendall(HEAD)
        for _ in range(16):
            connection.sendall(chunk(b"x"))
            time.sleep(0.05)
        connection.sendall(b"0\r\n\r\n")

    server = loopback(always=dripping)
    hurried = Timeout(connect=5, read=5, total=0.3)

    with client(server.url, hurried) as store:
        database = store.database("db")
        assert guarded(lambda: database.documents.get.stream("a").read()) == b"x" * 16
        with pytest.raises(TransportTimeout):
            guarded(lambda: database.with_options(timeout=hurried).documents.get.stream("a").read())
