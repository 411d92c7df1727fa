"""Whatever bytes come back, the end is an answer or an error of ours."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from couchmapper.exceptions import CouchMapperError, InvalidAnswer
from couchmapper.messages import Request
from couchmapper.transport.http import HTTPTransport

READ = Request(method="GET", path=("db",), route="/{db}", repeatable=True)
STREAMED = Request(method="GET", path=("db",), route="/{db}", repeatable=True, stream=True)

LENGTH = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}'
CHUNKS = (
    b'HTTP/1.1 200 OK\r\nETag: "1-a"\r\nTransfer-Encoding: chunked\r\n\r\n'
    b'6\r\n{"ok":\r\n5;x=y\r\ntrue}\r\n0\r\nTrailer: x\r\n\r\n'
)
PACKED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"
EDITS = st.tuples(
    st.integers(0, 200),
    st.integers(0, 20),
    st.binary(max_size=12) | st.sampled_from([b"\r\n", b"-", b"\n\n", b":", b"\x00"]),
)


def edited(text: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for place, removed, put in edits:
        text = text[:place] + put + text[place + removed :]
    return text


def head(*lines: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 200 OK", *lines, b"", b'{"ok":true}'))


@pytest.fixture
def answering(loopback):
    """A server that sends the bytes in its `text` and closes, and a transport to it."""
    server = loopback(always=lambda connection: connection.sendall(server.text))
    transport = HTTPTransport(server.url, timeout=10)
    yield server, transport
    transport.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(
    text=st.binary(max_size=300)
    | st.builds(edited, st.sampled_from([LENGTH, CHUNKS, PACKED]), st.lists(EDITS, max_size=3)),
)
@example(head(b"Content-Length: -5"))
@example(head(b"Content-Length: many"))
@example(head(b"Content-Length: 11", b"Content-Length: 12"))
@example(head(b"Content-Length: 99999999999999999999999"))
@example(head(b"Content-Length: " + b"9" * 5000))
@example(head(b"Transfer-Encoding: chunked"))
@example(head(b"Content-Encoding: gzip"))
@example(head(b"Content-Encoding: deflate, gzip, gzip"))
@example(head(b"X: " + b"x" * 100_000))
@example(head(*[b"X: y"] * 200))
@example(head(b"\xff\xfe: \xff"))
@example(head(b"no colon"))
@example(b"HTTP/1.1 999 Strange\r\n\r\n")
@example(b"HTTP/1.1 0 Strange\r\n\r\n")
@example(b"HTTP/1.1 -1 Strange\r\n\r\n")
@example(b"HTTP/1.1 100 Continue\r\n\r\n")
@example(b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + LENGTH)
@example(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
@example(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n12345")
@example(b"HTTP/1.1 302 Found\r\nLocation: //\xff@[\r\n\r\n")
@example(b"HTTP/9.9 200 OK\r\n\r\n")
@example(CHUNKS.replace(b"6\r\n", b"-6\r\n"))
@example(CHUNKS.replace(b"6\r\n", b"6" * 1000 + b"\r\n"))
@example(CHUNKS.replace(b"6\r\n", b"\r\n"))
def test_every_answer_is_understood_or_an_error_of_ours(answering, text):
    server, transport = answering
    server.text = text
    before = server.connections

    for request in (READ, STREAMED):
        with suppress(CouchMapperError):
            transport.send(request).open().read()
        assert server.all_closed()

    assert server.connections == before + 2


@pytest.mark.parametrize(
    "text",
    [
        head(b"Content-Length: 11", b"Content-Length: 12"),
        head(b"Content-Length: 99999999999999999999999"),
        CHUNKS.replace(b"6\r\n", b"-6\r\n"),
    ],
    ids=["two lengths", "a huge length", "a negative chunk"],
)
def test_an_answer_against_the_rules_of_http_is_invalid_and_the_request_may_have_been_done(answering, text):
    server, transport = answering
    server.text = text

    with pytest.raises(InvalidAnswer, match="breaks the rules of HTTP") as caught:
        transport.send(READ)

    assert caught.value.sent


def test_the_answers_before_they_are_spoiled_are_good(answering):
    server, transport = answering

    for text in (LENGTH, CHUNKS):
        server.text = text
        assert transport.send(READ).json() == {"ok": True}
        assert server.all_closed()
        assert transport.send(STREAMED).open().read() == b'{"ok":true}'
        assert server.all_closed()
