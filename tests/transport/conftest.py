"""A server on the loopback interface that answers, in order, exactly the bytes that a test gives it."""

import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import attrs
import pytest

Step = bytes | Callable[[socket.socket], object]


@attrs.frozen
class Early:
    """A step that does not wait for the body of the request."""

    step: Step


@attrs.frozen
class Received:
    """One request as it came over the wire."""

    line: str
    headers: dict[str, str]
    body: bytes


@attrs.frozen
class Reply:
    """A step whose bytes depend on the request."""

    make: Callable[[Received], bytes]


AnyStep = Step | Early | Reply


class Loopback(socketserver.ThreadingTCPServer):
    """Answers with `steps`, one for each request, then with `always`: bytes, or a function of the socket.

    With `tls` it speaks TLS, and a handshake that fails is no connection.

    `connections` counts those that were opened, `open` those that are open now, `most` the most at once.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self, *steps: AnyStep, always: AnyStep | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.steps = list(steps)
        self.always = always
        self.tls = tls
        self.received: list[Received] = []
        self.connections = self.open = self.most = 0
        self.counting = threading.Condition()

    @property
    def url(self) -> str:
        scheme, host = ("http", "127.0.0.1") if self.tls is None else ("https", "localhost")
        return f"{scheme}://{host}:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.tls is None:
            return connection, address
        try:
            connection.settimeout(10)
            return self.tls.wrap_socket(connection, server_side=True), address
        except OSError:
            connection.close()
            raise

    def close_request(self, request: Any) -> None:
        super().close_request(request)
        self.count(-1)

    def next_step(self) -> AnyStep | None:
        return self.steps.pop(0) if self.steps else self.always

    def count(self, change: int) -> None:
        with self.counting:
            self.connections += max(change, 0)
            self.open += change
            self.most = max(self.most, self.open)
            self.counting.notify_all()

    def all_closed(self, *, but: int = 0) -> bool:
        """Wait until no connection is open, or at most `but`; tell whether that came true."""
        with self.counting:
            return self.counting.wait_for(lambda: self.open <= but, timeout=10)


class _Conversation(socketserver.StreamRequestHandler):
    server: Loopback

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(30)
        self.server.count(1)

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with suppress(ConnectionError, ssl.SSLError):
            while self._answer():
                pass

    def _answer(self) -> bool:
        line = self.rfile.readline()
        if not line.strip():
            return False
        headers = {}
        while head := self.rfile.readline().strip():
            name, _, text = head.decode().partition(": ")
            headers[name.lower()] = text
        step = self.server.next_step()
        body = b"" if isinstance(step, Early) else self._body(headers)
        received = Received(line.decode().strip(), headers, body)
        self.server.received.append(received)
        step = step.step if isinstance(step, Early) else step
        step = step.make(received) if isinstance(step, Reply) else step
        if isinstance(step, bytes):
            self.wfile.write(step)
            return b"connection: close" not in step.partition(b"\r\n\r\n")[0]
        if step is not None:
            step(self.connection)
        return False

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)


def answer(body: bytes = b'{"ok":true}\n', status: str = "200 OK", **headers: str) -> bytes:
    """Write an HTTP answer; `content_type="text/html"` becomes a header."""
    fields = {"content-type": "application/json", "content-length": str(len(body))}
    fields |= {name.replace("_", "-"): text for name, text in headers.items()}
    head = "".join(f"{name}: {text}\r\n" for name, text in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def reset(connection: socket.socket) -> None:
    """Break the connection without an answer, as a crashing server does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def silence(connection: socket.socket) -> None:
    """Say nothing for longer than the tests wait."""
    time.sleep(1)


def half_an_answer(connection: socket.socket) -> None:
    """Promise more bytes than come."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")


def guard(action: Callable[[], Any]) -> Any:
    """Return what an action returns, or raise what it raises; fail when it does neither for a minute."""
    returned: list[Any] = []
    raised: list[Exception] = []

    def run() -> None:
        try:
            returned.append(action())
        except Exception as error:  # noqa: BLE001 - it is raised again below
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), "this hangs"
    if raised:
        raise raised[0]
    return returned[0]


@pytest.fixture
def guarded() -> Callable[[Callable[[], Any]], Any]:
    """The function `guard`: nothing may hang, whatever goes wrong."""
    return guard


@pytest.fixture
def loopback() -> Iterator[Callable[..., Loopback]]:
    """Start servers with the steps given; the names `answer`, `reset`... stand on the fixture."""
    running: list[Loopback] = []

    def start(*steps: AnyStep, always: AnyStep | None = None, tls: ssl.SSLContext | None = None) -> Loopback:
        server = Loopback(*steps, always=always, tls=tls)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        running.append(server)
        return server

    start.answer, start.reset, start.silence, start.half = answer, reset, silence, half_an_answer  # type: ignore[attr-defined]
    start.reply, start.early = Reply, Early  # type: ignore[attr-defined]
    yield start
    for server in running:
        server.shutdown()
        server.server_close()
