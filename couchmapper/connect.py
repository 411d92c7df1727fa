"""`connect(url)`: the one door to every store."""

from urllib.parse import SplitResult, unquote, urlsplit

from couchmapper.auth.base import Auth, AuthTransport
from couchmapper.auth.basic import BasicAuth
from couchmapper.database import Client
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.exceptions import InvalidURL
from couchmapper.transport.base import Transport
from couchmapper.transport.http import HTTPTransport
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
    authentication, unless `auth` is given. `timeout` is the seconds to connect and to wait for an answer,
    `retry` what is sent again after a failure. Raises `InvalidURL`.
    """
    parts = _split(url)
    if parts.scheme in ("memory", "sqlite"):
        return Client(LoggingTransport(_embedded(parts)))
    if parts.scheme in ("http", "https"):
        return Client(LoggingTransport(_remote(parts, auth, retry or RetryPolicy(), timeout)))
    raise InvalidURL(f"{parts.scheme or 'the empty scheme'!r} names no store; {_FORMS}")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except (ValueError, AttributeError, TypeError):
        # The text may hold a password, and so may the original message.
        raise InvalidURL(f"the URL cannot be read; {_FORMS}") from None
    return parts


def _embedded(parts: SplitResult) -> Transport:
    if parts.netloc or parts.query or parts.fragment:
        raise InvalidURL(f"an embedded store has no host and no parameters; {_FORMS}")
    if parts.scheme == "memory":
        if parts.path:
            raise InvalidURL(f"memory: takes no name; {_FORMS}")
        return EmbeddedTransport(None)
    path = unquote(parts.path.removeprefix("/"))
    if not path or path.endswith("/"):
        raise InvalidURL(f"sqlite: needs the path of a file; {_FORMS}")
    return EmbeddedTransport(path)


def _remote(
    parts: SplitResult, auth: Auth | None, retry: RetryPolicy, timeout: tuple[float, float]
) -> Transport:
    if not parts.hostname or parts.query or parts.fragment:
        raise InvalidURL(f"the URL of a server is a host, perhaps with a port and a path; {_FORMS}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = f":{parts.port}" if parts.port is not None else ""
    transport: Transport = HTTPTransport(f"{parts.scheme}://{host}{port}{parts.path}", timeout=timeout)
    if auth is None and parts.username is not None:
        auth = BasicAuth(unquote(parts.username), unquote(parts.password or ""))
    if auth is not None:
        transport = AuthTransport(transport, auth)
    return RetryTransport(transport, retry)
