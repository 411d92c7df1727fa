"""`connect(url)`: the one door to every store."""

from urllib.parse import SplitResult, unquote, urlsplit

from couchmapper.auth.base import Auth, AuthTransport
from couchmapper.auth.basic import BasicAuth
from couchmapper.database import Client
from couchmapper.exceptions import InvalidURL
from couchmapper.transport.base import Transport
from couchmapper.transport.logs import LoggingTransport
from couchmapper.transport.retry import RetryPolicy, RetryTransport

__all__ = ["connect"]

_FORMS = (
    "use memory:, sqlite:///shop.db (sqlite:////srv/shop.db for an absolute path), or"
    " http(s)://user:password@host:port"
)


def connect(
    url: str,
    *,
    auth: Auth | None = None,
    retry: RetryPolicy | None = None,
    timeout: tuple[float, float] = (10.0, 150.0),
) -> Client:
    """Open a store by its URL; nothing is sent before the first operation.

    `memory:` is a new embedded store that lives as long as the client; `sqlite:///shop.db` one in a file;
    `http://` and `https://` a CouchDB server or a Cloudant account. A user and password in the URL mean basic
    authentication, unless `auth` is given; their special characters are percent-encoded. `timeout` is the
    seconds to connect and to wait for an answer, `retry` what is sent again after a failure. Raises
    `InvalidURL`.
    """
    parts = _split(url)
    scheme = parts.scheme if parts else ""
    if parts and scheme in ("http", "https"):
        return Client(LoggingTransport(_remote(parts, auth, retry or RetryPolicy(), timeout)))
    if scheme == "memory":
        return Client(LoggingTransport(_memory(url)))
    if scheme == "sqlite":
        return Client(LoggingTransport(_file(url)))
    # What stands in front of the first colon can be a user's name, so it is not repeated.
    raise InvalidURL(f"this URL names no store; {_FORMS}")


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL, None for what is none: the message of the error may hold a password."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except (ValueError, AttributeError, TypeError):
        return None
    return parts


def _memory(url: str) -> Transport:
    if url.lower() != "memory:":
        raise InvalidURL(f"memory: takes neither name nor parameters; {_FORMS}")
    return _embedded(None)


def _file(url: str) -> Transport:
    path = unquote(url[len("sqlite:///") :])
    if not url.lower().startswith("sqlite:///") or not path or path.endswith("/"):
        raise InvalidURL(f"sqlite:/// needs the path of a file behind it; {_FORMS}")
    if "?" in url or "#" in url:
        raise InvalidURL(
            f"sqlite:/// takes no parameters, and a path with ? or # spells them %3F, %23; {_FORMS}"
        )
    if path == ":memory:":
        raise InvalidURL(f"a store that lives in memory is memory:; {_FORMS}")
    return _embedded(path)


def _embedded(path: str | None) -> Transport:
    from couchmapper.embedded.transport import EmbeddedTransport  # noqa: PLC0415 - only some programs need it

    return EmbeddedTransport(path)


def _http(url: str, timeout: tuple[float, float]) -> Transport:
    from couchmapper.transport.http import HTTPTransport  # noqa: PLC0415 - requests is slow to import

    return HTTPTransport(url, timeout=timeout)


def _remote(
    parts: SplitResult, auth: Auth | None, retry: RetryPolicy, timeout: tuple[float, float]
) -> Transport:
    if not parts.hostname or parts.query or parts.fragment:
        raise InvalidURL(f"the URL of a server is a host, perhaps with a port and a path; {_FORMS}")
    if "@" in parts.path:
        raise InvalidURL(f"an @ behind the host: percent-encode the / of a password as %2F; {_FORMS}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = f":{parts.port}" if parts.port is not None else ""
    transport = _http(f"{parts.scheme}://{host}{port}{parts.path}", timeout)
    auth = auth or _basic(parts)
    if auth is not None:
        transport = AuthTransport(transport, auth)
    return RetryTransport(transport, retry)


def _basic(parts: SplitResult) -> BasicAuth | None:
    """Return the authentication that the URL asks for, if it names a user."""
    if parts.username is None:
        return None
    credentials = _decoded(parts.username), _decoded(parts.password or "")
    if None in credentials:
        raise InvalidURL(f"user and password are percent-encoded as UTF-8; {_FORMS}")
    return BasicAuth(*(text or "" for text in credentials))


def _decoded(text: str) -> str | None:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None
