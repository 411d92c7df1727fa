"""The transport to a CouchDB server over HTTP."""

import logging
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from weakref import WeakSet

import attrs
import requests
from urllib3 import BaseHTTPResponse

from couchmapper.exceptions import ConfigurationError, InvalidAnswer
from couchmapper.messages import Request, Response, Timeout, TimeoutLike
from couchmapper.streams import Upload
from couchmapper.transport.addresses import Address
from couchmapper.transport.http_connections import LIMITS, Adapter, Limits
from couchmapper.transport.http_errors import FOREIGN, closed, translate

__all__ = ["HTTPTransport"]

_GOOD = range(200, 300)
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_FORBIDDEN = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_log = logging.getLogger("couchmapper.transport")


class HTTPTransport:
    """Sends requests to the CouchDB server at `url`, `http(s)://host[:port][/prefix]` without credentials.

    `timeout` limits each attempt: see `Timeout`, of which a number or a pair (connect, read) is a short form.
    As many connections as threads send at once are open, and up to `pool_size` of them are kept when idle.
    `verify` is True, False or the path of a CA bundle; `certificate` is the path of a client certificate, or
    a pair of paths (certificate, key). `proxy` is a proxy's URL. Unless `trust_environment` is False,
    `HTTP(S)_PROXY`, `NO_PROXY`, `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE` are read once, here; a `~/.netrc`
    never is. Redirects are refused: following one could lose a write. After a fork, the child has
    connections of its own.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each setting of a connection
        self,
        url: str,
        *,
        timeout: TimeoutLike | None = None,
        pool_size: int = 100,
        verify: bool | str = True,
        certificate: str | tuple[str, str] | None = None,
        proxy: str | None = None,
        trust_environment: bool = True,
        user_agent: str = "couchmapper",
    ) -> None:
        self._closed = False
        self._address = Address.parse(url)
        self._timeout = Timeout() if timeout is None else Timeout.of(timeout)
        settings = _settings(url, proxy=proxy, verify=verify, trust_environment=trust_environment)
        self._settings = {**settings, "cert": _present(certificate)}
        self._pool_size = _checked_size(pool_size)
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
        }
        self._connect()
        _transports.add(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._address.origin + self._address.prefix!r})"

    def send(self, request: Request) -> Response:
        """Send one request; raises `TransportError` when no whole answer comes, and for a redirect.

        The body of a good answer is not read here when the request asks for a stream; reading that raises
        the same errors. What the source of the body raises comes out as it is.
        """
        if self._closed:
            raise closed(self._address.origin)
        prepared = self._prepare(request)
        timeout = _allowed(self._timeout, request)
        within = LIMITS.set(_limits(timeout))
        try:
            raw = self._adapter.send(prepared, stream=True, timeout=_waits(timeout), **self._settings).raw
            if request.stream and raw.status in _GOOD:
                stream = _Incoming(raw, self._address.origin, decoded=request.decoded)
                return Response(status=raw.status, headers=_headers(raw), stream=stream)
            try:
                body = raw.read(decode_content=True)
            finally:
                raw.release_conn()
        except _SourceFailed as failed:
            raise failed.reason from failed.reason.__cause__
        except FOREIGN as error:
            raise translate(error, self._address.origin) from error
        finally:
            LIMITS.reset(within)
        headers = _headers(raw)
        if raw.status in _REDIRECTS:
            raise _redirected(request, raw.status, headers.get("location", ""))
        return Response(status=raw.status, headers=headers, body=body)

    def close(self) -> None:
        """Close all connections; sending after that raises `ConnectionFailed`."""
        self._closed = True
        self._adapter.close()

    def _connect(self) -> None:
        self._adapter = Adapter(self._address, self._settings["proxies"], pool_size=self._pool_size)

    def _prepare(self, request: Request) -> requests.PreparedRequest:
        """Build by hand what requests would prepare: it would encode, log in and look for cookies again."""
        prepared = requests.PreparedRequest()
        prepared.method = request.method
        prepared.url = self._address.origin + self._address.target(request)
        headers = {**self._headers, **request.headers}
        body = request.body
        if isinstance(body, Upload):
            prepared.body = _read(body)  # type: ignore[assignment]  # urllib3 takes any iterable
            if body.length is not None:
                headers["Content-Length"] = str(body.length)
        elif body is not None:
            prepared.body = body
            headers["Content-Length"] = str(len(body))
        if _FORBIDDEN.search("".join((*headers, *headers.values()))):
            raise ConfigurationError(
                f"{request.method} {request.route}: a header holds characters that HTTP forbids"
            )
        prepared.headers = headers  # type: ignore[assignment]  # a plain mapping is all that is read
        return prepared


class _SourceFailed(Exception):
    """Carries what the source of a body raised past those who would blame the connection."""

    def __init__(self, reason: Exception) -> None:
        super().__init__()
        self.reason = reason


def _read(body: Upload) -> Iterator[bytes]:
    try:
        yield from body
    except Exception as error:
        raise _SourceFailed(error) from error


class _Incoming:
    """The body of an answer as it arrives; its connection goes back to the pool at its end."""

    def __init__(self, raw: BaseHTTPResponse, origin: str, *, decoded: bool) -> None:
        self._raw = raw
        self._origin = origin
        self._decoded = decoded
        self._ended = False

    def read(self, size: int = -1, /) -> bytes:
        """Return what has arrived, `size` bytes at most; all that is left without a size."""
        if self._ended or size == 0:
            return b""
        try:
            if size < 0:
                block = self._raw.read(decode_content=self._decoded)
                self._end()
            elif not (block := self._raw.read1(size, decode_content=self._decoded)):
                self._end()
        except FOREIGN as error:
            self.close()
            raise translate(error, self._origin) from error
        return block

    def close(self) -> None:
        """Break the connection when there is more to come: only so the server stops sending."""
        if not self._ended:
            self._raw.close()
            self._end()

    def __del__(self) -> None:
        self.close()

    def _end(self) -> None:
        self._ended = True
        self._raw.release_conn()


_transports: "WeakSet[HTTPTransport]" = WeakSet()


def _after_fork() -> None:
    """Leave the sockets to the parent: two processes that read from one would get each other's answers."""
    for transport in _transports:
        transport._connect()  # noqa: SLF001 - a function of this class's own


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _headers(raw: BaseHTTPResponse) -> dict[str, str]:
    return {name.lower(): text for name, text in raw.headers.itermerged()}


def _allowed(usual: Timeout, request: Request) -> Timeout:
    """Return the limits of one exchange; a stream has none in all, unless its request says so."""
    chosen = usual if request.timeout is None else request.timeout
    endless = request.stream and request.timeout is None
    if not endless and not request.patience and request.deadline is None:
        return chosen
    total = None if endless or chosen.total is None else chosen.total + request.patience
    return attrs.evolve(
        chosen,
        read=None if chosen.read is None else chosen.read + request.patience,
        total=min((limit for limit in (total, request.deadline) if limit is not None), default=None),
    )


def _limits(timeout: Timeout) -> Limits:
    return Limits(timeout.read, None if timeout.total is None else time.monotonic() + timeout.total)


def _waits(timeout: Timeout) -> Any:
    """Return the pair (connect, read) that urllib3 looks after itself."""
    if timeout.total is None:
        return timeout.connect, timeout.read
    waits = (timeout.connect, timeout.read)
    return tuple(timeout.total if wait is None else min(timeout.total, wait) for wait in waits)


def _checked_size(pool_size: int) -> int:
    if type(pool_size) is not int or pool_size < 1:
        raise ConfigurationError(f"pool_size is a positive number of connections, not {pool_size!r}")
    return pool_size


def _present(certificate: str | tuple[str, str] | None) -> str | tuple[str, str] | None:
    """Return the client certificate, after a look whether its files are there."""
    for path in (certificate,) if isinstance(certificate, str) else certificate or ():
        if not Path(path).exists():
            raise ConfigurationError(f"the client certificate {path!r} does not exist")
    return certificate


def _settings(url: str, *, proxy: str | None, verify: bool | str, trust_environment: bool) -> dict[str, Any]:
    """Resolve proxies and the CA bundle for `url`, from the arguments first, then from the environment."""
    with requests.Session() as session:
        session.trust_env = trust_environment
        found = session.merge_environment_settings(url, {}, None, verify, None)
    chosen = proxy if proxy is not None else requests.utils.select_proxy(url, found["proxies"])
    if isinstance(found["verify"], str) and not Path(found["verify"]).exists():
        raise ConfigurationError(f"the CA bundle {found['verify']!r} does not exist")
    if found["verify"] is False and url.lower().startswith("https:"):
        _log.warning("certificates are not checked (verify=False): anybody on the way can read and answer")
    scheme = url.partition(":")[0].lower()
    return {"verify": found["verify"], "proxies": {} if chosen is None else {scheme: chosen}}


def _without_secrets(place: str) -> str:
    """Return a URL without user, password and query."""
    before, slashes, rest = place.partition("?")[0].rpartition("//")
    host, slash, path = rest.partition("/")
    return before + slashes + host.rpartition("@")[2] + slash + path


def _redirected(request: Request, status: int, place: str) -> InvalidAnswer:
    return InvalidAnswer(
        f"{request.method} {request.route}: the server answered {status} and points to"
        f" {_without_secrets(place)!r}; use that server's own URL, following a redirect could lose a write"
    )
