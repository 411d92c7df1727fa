"""A server on a socket in front of a store; between the two, and on the way back, things go wrong as told."""

import signal
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

from couchmapper.messages import Request, Response
from couchmapper.transport.base import Transport

_OF_THE_CONNECTION = frozenset(
    ("connection", "content-encoding", "content-length", "date", "host", "keep-alive", "transfer-encoding")
)


@attrs.frozen
class Exchange:
    """One request that came in whole, and its connection."""

    server: "FaultyServer"
    request: Request
    write: Callable[[bytes], object]
    reset: Callable[[], object]
    wait: Callable[[], object]

    def store(self) -> Response:
        """Let the store do what it is asked."""
        return self.server.upstream.send(self.request)


@attrs.frozen(kw_only=True)
class Fault:
    """What goes wrong with a request: `act` is done in place of an answer, then the connection is closed.

    `stores` tells whether the store does what it was asked, `answers` whether the client is told that it did
    not.
    """

    act: Callable[[Exchange], object]
    stores: bool
    answers: bool = False
    unread: bool = False


class FaultyServer:
    """Answers from `upstream`, but for the faults that are planned for the next requests to an endpoint.

    With `going` a fault is the end: the server is gone before the client sees it, until `start` is called.
    """

    def __init__(self, upstream: Transport) -> None:
        self.upstream = upstream
        self.received: list[tuple[str, ...]] = []
        self.held: list[Request] = []
        self._faults: dict[str, Iterator[Fault | None]] = {}
        self._going = False
        self._port = 0
        self.start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        self._listener = _Listener(("127.0.0.1", self._port), partial(_Conversation, self))
        self._port = self._listener.server_address[1]
        threading.Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    def plan(self, *faults: Fault | None, at: str = "_bulk_docs", going: bool = False) -> None:
        """Say what goes wrong with the next requests to an endpoint; with None it goes well."""
        self._faults[at] = iter(faults)
        self._going = going

    def next_fault(self, endpoint: str) -> Fault | None:
        fault = next(self._faults.get(endpoint, iter(())), None)
        if fault is not None and self._going:
            self.stop()
        return fault

    def let_through(self) -> None:
        """Let the store do what was held back, long after the client gave up."""
        for request in self.held:
            self.upstream.send(request)
        self.held.clear()


@contextmanager
def faulty_server(upstream: Transport) -> Iterator[FaultyServer]:
    server = FaultyServer(upstream)
    yield server
    with suppress(OSError):
        server.stop()


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, server: FaultyServer, *arguments: Any) -> None:
        self.faulty = server
        with suppress(OSError, ValueError):  # a connection that was reset cannot be closed in good order
            super().__init__(*arguments)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""

    def answer(self) -> None:
        path = urlsplit(self.path).path
        fault = self.faulty.next_fault(path.rpartition("/")[2])
        unread = fault is not None and fault.unread
        request = self.request_line(b"" if unread else self.rfile.read(self.length()))
        self.faulty.received.append(request.path)
        exchange = Exchange(self.faulty, request, self.wfile.write, self.reset, self.wait)
        if fault is None:
            self.wfile.write(encoded(exchange.store()))
        else:
            self.close_connection = True
            fault.act(exchange)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - http.server's names

    def length(self) -> int:
        return int(self.headers.get("Content-Length", 0))

    def request_line(self, body: bytes) -> Request:
        parts = urlsplit(self.path)
        kept = {"content-encoding"} | ({*map(str.lower, self.headers)} - _OF_THE_CONNECTION)
        return Request(
            method=self.command,
            path=tuple(unquote(segment) for segment in parts.path.split("/")[1:] if segment),
            route=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers={name: text for name, text in self.headers.items() if name.lower() in kept},
            body=body or None,
        )

    def reset(self) -> None:
        """Break the connection as a crash does: what was sent and not read yet may be lost, too."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for part in (self.rfile, self.wfile, self.connection):
            part.close()

    def wait(self) -> None:
        """Wait until the client has hung up."""
        with suppress(OSError):
            while self.connection.recv(65_536):
                pass


def head(status: int, **headers: str) -> bytes:
    told = {name.replace("_", "-"): text for name, text in headers.items()}
    fields = {"Content-Type": "application/json", **told}
    lines = "".join(f"{name}: {text}\r\n" for name, text in fields.items())
    return f"HTTP/1.1 {status} Status\r\n{lines}\r\n".encode()


def encoded(response: Response) -> bytes:
    """Write a response as it goes over the wire."""
    kept = {name: text for name, text in response.headers.items() if name not in _OF_THE_CONNECTION}
    return head(response.status, **kept, Content_Length=str(len(response.body))) + response.body


def chunked(response: Response) -> bytes:
    body = response.body
    parts = [body[start : start + 50] for start in range(0, len(body), 50)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return head(response.status, Transfer_Encoding="chunked") + chunks + b"0\r\n\r\n"


def endless(response: Response) -> bytes:
    """Write a response whose end is that of the connection, so that a part looks like the whole."""
    return head(response.status, Connection="close") + response.body


def cut(form: Callable[[Response], bytes], kept: Callable[[int, int], int]) -> Fault:
    """Let an answer break off; `kept` says where, of the lengths of its head and of the whole."""

    def act(exchange: Exchange) -> None:
        response = exchange.store()
        text = form(attrs.evolve(response, body=response.body.rstrip()))
        exchange.write(text[: kept(text.index(b"\r\n\r\n") + 4, len(text))])

    return Fault(act=act, stores=True)


def in_head(head: int, _: int) -> int:
    return head - 10


def after_head(head: int, _: int) -> int:
    return head


def half_way(head: int, end: int) -> int:
    return (head + end) // 2


def before_end(_: int, end: int) -> int:
    return end - 1


def before_last_chunk(_: int, end: int) -> int:
    return end - len(b"0\r\n\r\n")


def refusal(status: int, body: bytes, *, stores: bool, answers: bool = False, **headers: str) -> Fault:
    """Answer something else, before or after the store has done what it was asked."""

    def act(exchange: Exchange) -> None:
        if stores:
            exchange.store()
        lengths = {"Content_Length": str(len(body)), "Connection": "close"}
        exchange.write(head(status, **lengths, **headers) + body)

    return Fault(act=act, stores=stores, answers=answers)


def _reset_after(exchange: Exchange) -> None:
    exchange.store()
    exchange.reset()


def _reset_within(exchange: Exchange) -> None:
    exchange.write(encoded(exchange.store())[:-9])
    exchange.reset()


def _held(exchange: Exchange) -> None:
    exchange.server.held.append(exchange.request)
    exchange.wait()


def _silent(exchange: Exchange) -> None:
    exchange.store()
    exchange.wait()


def _overtaken(exchange: Exchange) -> None:
    response = exchange.store()
    exchange.server.let_through()
    exchange.write(encoded(response))


def _twice(exchange: Exchange) -> None:
    exchange.store()
    exchange.write(encoded(exchange.store()))


def interruption(*, stores: bool) -> Fault:
    """Interrupt the program, as Ctrl-C does, while it waits for an answer."""

    def act(exchange: Exchange) -> None:
        if stores:
            exchange.store()
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        exchange.wait()

    return Fault(act=act, stores=stores)


def _error(code: str) -> bytes:
    return b'{"error":"%s","reason":"?"}' % code.encode()


PAGE = b"<html><body><h1>Bad Gateway</h1></body></html>"
HTML = {"Content_Type": "text/html"}

FAULTS = {
    "cut in the head": cut(encoded, in_head),
    "cut after the head": cut(encoded, after_head),
    "cut in the body": cut(encoded, half_way),
    "cut before the last byte": cut(encoded, before_end),
    "cut before the chunks": cut(chunked, after_head),
    "cut in a chunk": cut(chunked, half_way),
    "cut before the last chunk": cut(chunked, before_last_chunk),
    "no length and nothing": cut(endless, after_head),
    "no length and a part": cut(endless, half_way),
    "no length and all but one byte": cut(endless, before_end),
    "reset while it is sent": Fault(act=lambda exchange: exchange.reset(), stores=False, unread=True),
    "reset before": Fault(act=lambda exchange: exchange.reset(), stores=False),
    "reset after": Fault(act=_reset_after, stores=True),
    "reset in the answer": Fault(act=_reset_within, stores=True),
    "closed before": Fault(act=lambda _: None, stores=False),
    "closed after": Fault(act=Exchange.store, stores=True),
    "too large": refusal(413, _error("too_large"), stores=False, answers=True),
    "too many": refusal(429, _error("too_many_requests"), stores=False, answers=True, Retry_After="0"),
    "unavailable before": refusal(503, _error("unavailable"), stores=False, Retry_After="0"),
    "unavailable after": refusal(503, _error("unavailable"), stores=True),
    "failed after": refusal(500, _error("internal_server_error"), stores=True),
    "a proxy's page before": refusal(502, PAGE, stores=False, **HTML),
    "a proxy's page after": refusal(502, PAGE, stores=True, **HTML),
    "a proxy's timeout": refusal(504, PAGE, stores=True, **HTML),
    "a page that says it is good": refusal(200, PAGE, stores=False, **HTML),
    "results of something else": refusal(201, b'[{"ok":true,"id":"?","rev":"1-a"}]', stores=True),
    "no results": refusal(201, b"[]", stores=True),
}
"""What goes wrong at once."""

SILENCES = {
    "silent, and done before": Fault(act=_silent, stores=True),
    "silent, and done late or never": Fault(act=_held, stores=False),
}
"""What goes wrong when the client has waited long enough."""

OVERTAKEN = Fault(act=_overtaken, stores=True)
"""What was held back is done while an answer is on its way that does not know of it."""

TWICE = Fault(act=_twice, stores=True, answers=True)
"""A proxy that repeats a request; the second answer says that somebody else was faster."""
