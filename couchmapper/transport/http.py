"""The transport to a CouchDB server over HTTP; the only module that knows requests and urllib3."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool
from urllib3 import exceptions as urllib3_errors

from couchmapper.exceptions import (
    ConfigurationError,
    ConnectionFailed,
    CouchMapperError,
    InvalidAnswer,
    InvalidURL,
    TLSFailed,
    TransportError,
    TransportTimeout,
)
from couchmapper.messages import Request, Response
from couchmapper.transport.addresses import Address

__all__ = ["HTTPTransport"]

_REDIRECTS = frozenset((301, 302, 303, 307, 308))


class HTTPTransport:
    """Sends requests to the CouchDB server at `url`, `http(s)://host[:port][/prefix]` without credentials.

    `timeout` holds two limits in seconds: to connect, and to wait for the next bytes of an answer. Up to
    `pool_size` idle connections are kept. `verify` is True, False or the path of a CA bundle; `certificate`
    is the path of a client certificate, or a pair of paths (certificate, key). `proxy` is a proxy's URL.
    Unless `trust_environment` is False, `HTTP(S)_PROXY`, `NO_PROXY`, `REQUESTS_CA_BUNDLE` and
    `CURL_CA_BUNDLE` are read once, here; a `~/.netrc` never is. Redirects are refused: following one could
    lose a write.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each setting of a connection
        self,
        url: str,
        *,
        timeout: tuple[float, float] = (10.0, 150.0),
        pool_size: int = 32,
        verify: bool | str = True,
        certificate: str | tuple[str, str] | None = None,
        proxy: str | None = None,
        trust_environment: bool = True,
        user_agent: str = "couchmapper",
    ) -> None:
        self._closed = False
        self._address = Address.parse(url)
        self._timeout = timeout
        settings = _settings(url, proxy=proxy, verify=verify, trust_environment=trust_environment)
        self._settings = {**settings, "cert": certificate}
        self._adapter = _Adapter(self._address, settings["proxies"], pool_size=pool_size)
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
        }

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._address.origin + self._address.prefix!r})"

    def send(self, request: Request) -> Response:
        """Send one request; raises `TransportError` when no whole answer comes, and for a redirect."""
        if self._closed:
            raise ConnectionFailed(f"the transport to {self._address.origin} was closed", sent=False)
        prepared = self._prepare(request)
        try:
            raw = self._adapter.send(
                prepared, stream=True, timeout=self._limits(request), **self._settings
            ).raw
            try:
                body = raw.read(decode_content=True)
            finally:
                raw.release_conn()
        except (requests.RequestException, urllib3_errors.HTTPError, OSError, ValueError) as error:
            raise _translate(error, self._address.origin) from error
        headers = {name.lower(): text for name, text in raw.headers.items()}
        if raw.status in _REDIRECTS:
            raise _redirected(request, raw.status, headers.get("location", ""))
        return Response(status=raw.status, headers=headers, body=body)

    def close(self) -> None:
        """Close all connections; sending after that raises `ConnectionFailed`."""
        self._closed = True
        self._adapter.close()

    def _prepare(self, request: Request) -> requests.PreparedRequest:
        """Build by hand what requests would prepare: it would encode, log in and look for cookies again."""
        prepared = requests.PreparedRequest()
        prepared.method = request.method
        prepared.url = self._address.origin + self._address.target(request)
        prepared.body = request.body
        headers = {**self._headers, **request.headers}
        if request.body is not None:
            headers["Content-Length"] = str(len(request.body))
        prepared.headers = headers  # type: ignore[assignment]  # a plain mapping is all that is read
        return prepared

    def _limits(self, request: Request) -> tuple[float, float]:
        return self._timeout if request.timeout is None else (self._timeout[0], request.timeout)


class _Adapter(HTTPAdapter):
    """requests' adapter for one server: what depends on the server alone is found once and kept."""

    def __init__(self, address: Address, proxies: dict[str, str], *, pool_size: int) -> None:
        super().__init__(pool_connections=1, pool_maxsize=pool_size)
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
        response = requests.Response()
        response.status_code = resp.status
        response.raw = resp
        response.request = req
        return response


def _settings(url: str, *, proxy: str | None, verify: bool | str, trust_environment: bool) -> dict[str, Any]:
    """Resolve proxies and the CA bundle for `url`, from the arguments first, then from the environment."""
    with requests.Session() as session:
        session.trust_env = trust_environment
        found = session.merge_environment_settings(url, {}, None, verify, None)
    chosen = proxy if proxy is not None else requests.utils.select_proxy(url, found["proxies"])
    if isinstance(found["verify"], str) and not Path(found["verify"]).exists():
        raise ConfigurationError(f"the CA bundle {found['verify']!r} does not exist")
    scheme = url.partition(":")[0].lower()
    return {"verify": found["verify"], "proxies": {} if chosen is None else {scheme: chosen}}


def _redirected(request: Request, status: int, place: str) -> InvalidAnswer:
    return InvalidAnswer(
        f"{request.method} {request.route}: the server answered {status} and points to"
        f" {place.partition('?')[0]!r}; use that server's own URL, following a redirect could lose a write"
    )


@attrs.frozen
class _Meaning:
    """What a foreign error is here, whether the request may have reached the server, and what to do."""

    kind: type[CouchMapperError]
    sent: bool
    advice: str

    def error(self, message: str) -> CouchMapperError:
        if issubclass(self.kind, TransportError):
            return self.kind(message, sent=self.sent)
        return self.kind(message)


_BROKEN = _Meaning(ConnectionFailed, True, "the connection broke; whether the request was done is not known")
_MEANINGS: tuple[tuple[tuple[type[BaseException], ...], _Meaning], ...] = (
    (
        (urllib3_errors.ClosedPoolError,),
        _Meaning(ConnectionFailed, False, "this transport was closed; make a new one"),
    ),
    (
        (urllib3_errors.ProxyError, requests.exceptions.ProxyError),
        _Meaning(ConnectionFailed, False, "the proxy refuses; check HTTP_PROXY, HTTPS_PROXY and NO_PROXY"),
    ),
    (
        (urllib3_errors.SSLError, requests.exceptions.SSLError),
        _Meaning(TLSFailed, True, "give verify= the path of the CA bundle that signed the certificate"),
    ),
    (
        (urllib3_errors.NewConnectionError,),
        _Meaning(ConnectionFailed, False, "check that the server runs, and the URL's host and port"),
    ),
    (
        (urllib3_errors.ConnectTimeoutError, requests.exceptions.ConnectTimeout),
        _Meaning(TransportTimeout, False, "no connection in the time allowed; check host, port and firewall"),
    ),
    (
        (urllib3_errors.TimeoutError, requests.exceptions.Timeout, TimeoutError),
        _Meaning(TransportTimeout, True, "no answer in the time allowed; raise the second value of timeout="),
    ),
    (
        (urllib3_errors.DecodeError, requests.exceptions.ContentDecodingError),
        _Meaning(InvalidAnswer, True, "the answer's compression is broken; check the proxies on the way"),
    ),
    ((urllib3_errors.ProtocolError, requests.exceptions.ChunkedEncodingError), _BROKEN),
    (
        (
            urllib3_errors.LocationValueError,
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.MissingSchema,
        ),
        _Meaning(InvalidURL, False, "the URL of the server or its proxy is unusable; SOCKS needs PySocks"),
    ),
    (
        (ValueError, urllib3_errors.InvalidHeader),
        _Meaning(ConfigurationError, False, "a header of the request holds characters that HTTP forbids"),
    ),
)


def _translate(error: Exception, origin: str) -> CouchMapperError:
    """Say what a foreign error means, by the first line of the table that names it or what it wraps."""
    chain = tuple(_causes(error))
    found = (meaning for kinds, meaning in _MEANINGS if any(isinstance(step, kinds) for step in chain))
    meaning = next(found, _BROKEN)
    told = [step.strerror for step in chain if isinstance(step, OSError) and step.strerror]
    reason = f"{told[-1]}; {meaning.advice}" if told else meaning.advice
    return meaning.error(f"cannot reach {origin}: {reason}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those it wraps: requests and urllib3 hold them in `reason` or as first argument."""
    step: object = error
    while isinstance(step, BaseException):
        yield step
        first = step.args[0] if step.args else None
        wrapped = first if isinstance(first, BaseException) else step.__cause__
        step = getattr(step, "reason", None) or wrapped
