"""Connections to one server: urllib3's pools, with limits in time that hold for the whole exchange."""

import http.client
import io
import queue
import socket
import ssl
import time
from contextvars import ContextVar
from typing import Any

import attrs
import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from couchmapper.transport.addresses import Address

__all__ = ["LIMITS", "Adapter", "Limits"]

_PIECE = 1_048_576


@attrs.frozen
class Limits:
    """How long the exchange of this thread may wait: for the next bytes, and (by the clock) until when."""

    read: float | None
    deadline: float | None

    def hold(self, connection: socket.socket) -> None:
        """Limit the next wait of a socket; raises `TimeoutError` when there is no time left.

        As long as the deadline is far the limit stays the same, and setting it again would ask the system.
        """
        wait = self.read
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the total time allowed is over")
            wait = left if wait is None else min(wait, left)
        if connection.gettimeout() != wait:
            connection.settimeout(wait)


# urllib3 has no parameter for a deadline, so it reaches the connection beside its calls.
LIMITS: ContextVar[Limits] = ContextVar("limits", default=Limits(None, None))  # noqa: B039 - frozen


class _TimedReader(io.RawIOBase):
    """What a socket receives; each wait is as long as the limits of its exchange still allow."""

    def __init__(self, connection: socket.socket, raw: io.RawIOBase, limits: Limits) -> None:
        super().__init__()
        self._socket = connection
        self._raw = raw
        self._limits = limits

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._limits.hold(self._socket)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Head:
    """The lines of an answer's head; `last` is the one that was read last, empty at the connection's end."""

    def __init__(self, lines: io.BufferedIOBase) -> None:
        self._lines = lines
        self.last = b""

    def readline(self, limit: int = -1) -> bytes:
        self.last = self._lines.readline(limit)
        return self.last

    def close(self) -> None:
        self._lines.close()


class _TimedResponse(http.client.HTTPResponse):
    """An answer that cannot be longer on its way than its deadline, byte by byte or not."""

    fp: Any

    def __init__(self, sock: socket.socket, *arguments: Any, **settings: Any) -> None:
        super().__init__(sock, *arguments, **settings)
        limits = LIMITS.get()
        if limits.deadline is not None and isinstance(self.fp, io.BufferedReader):
            self.fp = io.BufferedReader(_TimedReader(sock, self.fp.detach(), limits))

    def begin(self) -> None:
        """Read the head; http.client takes one that broke off, perhaps before its length, for a whole one."""
        if getattr(self, "headers", None) is not None:  # read already
            return
        lines = self.fp
        head = self.fp = _Head(lines)
        try:
            super().begin()
        finally:
            if self.fp is head:
                self.fp = lines
        if head.last.strip(b"\r\n") or not head.last:
            raise http.client.IncompleteRead(head.last)


class _Connection(HTTPConnection):
    """A connection that sends and receives under the limits of the exchange."""

    response_class: Any = _TimedResponse

    def connect(self) -> None:
        """Connect; from then on the limit for connecting is no longer that of the socket.

        What breaks here, in a tunnel or a handshake, broke before anything of the request was sent.
        """
        try:
            super().connect()
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "the handshake took too long") from error
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise NewConnectionError(self, "the handshake broke off") from error
        LIMITS.get().hold(self.sock)

    def send(self, data: Any) -> None:
        """Send bytes in pieces: a socket's limit is for a whole call, however much there is to send."""
        limits = LIMITS.get()
        for start in range(0, len(data), _PIECE):
            if self.sock is not None:
                limits.hold(self.sock)
            super().send(data[start : start + _PIECE] if len(data) > _PIECE else data)


class _SecureConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    """Keeps as many idle connections as fit, and closes the others without a warning."""

    @property
    def ConnectionCls(self) -> Any:  # type: ignore[override]  # noqa: N802 - urllib3's name
        """The class of new connections; a recorder such as vcrpy puts its own in urllib3's place."""
        usual = HTTPConnectionPool.ConnectionCls
        return _Connection if usual is HTTPConnection else usual

    def _put_conn(self, conn: Any) -> None:
        try:
            self.pool.put(conn, block=False)  # type: ignore[union-attr]  # None means closed: AttributeError
        except (AttributeError, queue.Full):
            if conn is not None:
                conn.close()


class _SecurePool(_Pool, HTTPSConnectionPool):
    """The same over TLS."""

    @property
    def ConnectionCls(self) -> Any:  # type: ignore[override]  # noqa: N802 - urllib3's name
        """The class of new connections, as for those without TLS."""
        usual = HTTPSConnectionPool.ConnectionCls
        return _SecureConnection if usual is HTTPSConnection else usual

    def _validate_conn(self, conn: Any) -> None:
        """Connect; that certificates are not checked was said once, and not again for each request."""
        if conn.is_closed:
            conn.connect()


_POOLS = {"http": _Pool, "https": _SecurePool}


class Adapter(HTTPAdapter):
    """requests' adapter for one server: what depends on the server alone is found once and kept."""

    def __init__(self, address: Address, proxies: dict[str, str], *, pool_size: int) -> None:
        super().__init__(pool_connections=1, pool_maxsize=pool_size)
        self.poolmanager.pool_classes_by_scheme = _POOLS
        self._pool: Any = None  # an HTTPConnectionPool, which requests annotates as its base class
        # A plain HTTP proxy needs the whole URL in the request line, anything else only the path.
        proxy = proxies.get(address.scheme, "socks")
        self._cut = 0 if address.scheme == "http" and not proxy.startswith("socks") else len(address.origin)

    def get_connection_with_tls_context(self, *arguments: Any, **settings: Any) -> HTTPConnectionPool:
        """Return the pool of the one server; finding it costs as much as encoding a request."""
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*arguments, **settings)
        pool: HTTPConnectionPool = self._pool
        return pool

    def proxy_manager_for(self, proxy: str, **settings: Any) -> Any:
        """Return the manager of a proxy's connections; those of SOCKS are of PySocks' own class."""
        manager = super().proxy_manager_for(proxy, **settings)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager

    def request_url(self, request: requests.PreparedRequest, proxies: object) -> str:
        """Return what stands in the request line; `Address.target` has encoded it already."""
        del proxies
        return (request.url or "")[self._cut :]

    def close(self) -> None:
        """Close the kept pool, which the manager of requests lets go without closing it."""
        super().close()
        if self._pool is not None:
            self._pool.close()

    def build_response(self, req: requests.PreparedRequest, resp: BaseHTTPResponse) -> requests.Response:
        """Wrap urllib3's answer without reading its cookies, which `auth.cookie` does where they matter."""
        response = requests.Response.__new__(requests.Response)  # its cookies and history are not asked for
        response.status_code = resp.status
        response.raw = resp
        response.request = req
        return response
