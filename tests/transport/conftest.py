"""A server on the loopback interface that answers, in order, exactly the bytes that a test gives it."""

import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator

import attrs
import pytest

Step = bytes | Callable[[socket.socket], None]


@attrs.frozen
class Received:
    """One request as it came over the wire."""

    line: str
    headers: dict[str, str]
    body: bytes


class Loopback(socketserver.ThreadingTCPServer):
    """Answers with `steps`, one for each request: bytes are sent, functions get the socket."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *steps: Step) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.steps = list(steps)
        self.received: list[Received] = []
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Conversation(socketserver.StreamRequestHandler):
    server: Loopback

    def handle(self) -> None:
        self.server.connections += 1
        while (line := self.rfile.readline()).strip():
            headers = {}
            while head := self.rfile.readline().strip():
                name, _, text = head.decode().partition(": ")
                headers[name.lower()] = text
            body = self.rfile.read(int(headers.get("content-length", 0)))
            self.server.received.append(Received(line.decode().strip(), headers, body))
            step = self.server.steps.pop(0)
            if callable(step):
                step(self.connection)
                return
            self.wfile.write(step)


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


@pytest.fixture
def loopback() -> Iterator[Callable[..., Loopback]]:
    """Start servers with the steps given; the names `answer`, `reset`... stand on the fixture."""
    running: list[Loopback] = []

    def start(*steps: Step) -> Loopback:
        server = Loopback(*steps)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        running.append(server)
        return server

    start.answer, start.reset, start.silence, start.half = answer, reset, silence, half_an_answer  # type: ignore[attr-defined]
    yield start
    for server in running:
        server.shutdown()
        server.server_close()
