"""`connect()`: the one door to every store."""

import logging
from collections.abc import Mapping
from typing import cast

from couchmapper.auth.base import Auth, AuthTransport
from couchmapper.auth.basic import BasicAuth
from couchmapper.auth.connection import Connection
from couchmapper.auth.urls import StoreURL
from couchmapper.database import Client
from couchmapper.messages import Timeout, TimeoutLike
from couchmapper.transport.base import Transport
from couchmapper.transport.compression import CompressionTransport
from couchmapper.transport.logs import LoggingTransport
from couchmapper.transport.retry import RetryPolicy, RetryTransport
from couchmapper.transport.tracing import TracingTransport, note_repetition

__all__ = ["connect"]

_SERVICE = "CLOUDANT"
_log = logging.getLogger("couchmapper.configuration")


def connect(  # noqa: PLR0913 - one keyword for each thing that is configured
    url: str | None = None,
    *,
    service: str | None = None,
    auth: Auth | None = None,
    retry: RetryPolicy | None = None,
    timeout: TimeoutLike | None = None,
    pool_size: int | None = None,
    verify: bool | str | None = None,
    certificate: str | tuple[str, str] | None = None,
    proxy: str | None = None,
    compress: bool | int | None = None,
    environ: Mapping[str, str] | None = None,
) -> Client:
    """Open a store by its URL, or as it is configured; nothing is sent before the first operation.

    `memory:` is a new embedded store that lives as long as the client; `sqlite:///shop.db` one in a file;
    `http://` and `https://` a CouchDB server or a Cloudant account. A user and password in the URL mean basic
    authentication, unless `auth` is given; their special characters are percent-encoded.

    With `service`, or without a URL, everything that is not an argument is configured: by properties such as
    `CLOUDANT_URL` and `CLOUDANT_APIKEY` in the environment, in a credentials file or in `VCAP_SERVICES`, as
    docs/configuration.md lists them; `service`, CLOUDANT by default, is what their names begin with. A URL
    alone reads none of these, so that no credential goes where it was not meant to go. `environ` stands in
    for the environment.

    `retry` says what is sent again after a failure, `timeout` limits one attempt: see `Timeout`. `verify` is
    True, False or the path of a CA bundle, `certificate` the path of a client certificate or a pair
    (certificate, key), `proxy` the URL of a proxy, `pool_size` how many idle connections are kept. JSON
    bodies from `compress` bytes on are compressed; False compresses none. Raises `InvalidURL`, and
    `ConfigurationError` with every fault of the configuration.
    """
    given = {
        "retry": retry,
        "timeout": None if timeout is None else Timeout.of(timeout),
        "pool_size": pool_size,
        "verify": verify,
        "certificate": certificate,
        "proxy": proxy,
        "compress": compress,
    }
    options = cast("Connection", {name: value for name, value in given.items() if value is not None})
    if url is None or service is not None:
        return _configured(url, _SERVICE if service is None else service, auth, options, environ)
    store = StoreURL.parse(url)
    return _open(store, auth or _basic(store), options)


def _configured(
    url: str | None, service: str, auth: Auth | None, options: Connection, environ: Mapping[str, str] | None
) -> Client:
    """Open what a service is configured to be, with the arguments on top."""
    from couchmapper.auth.configuration import Configuration  # noqa: PLC0415 - a URL alone needs none of it

    configuration = Configuration.read(service, url=url, environ=environ)
    for warning in (*configuration.warnings, *configuration.misspelled()):
        _log.warning("%s", warning)
    store = configuration.check(authenticated=auth is not None)
    options = {**configuration.connection(), **options}
    if auth is None and not store.embedded:
        auth = configuration.auth(options)
    return _open(store, auth, options)


def _open(store: StoreURL, auth: Auth | None, options: Connection) -> Client:
    transport = _embedded(store.place or None) if store.embedded else _remote(store, auth, options)
    # The span is outermost, so that the lines of the log stand in it.
    return Client(TracingTransport(LoggingTransport(transport), server="" if store.embedded else store.place))


def _remote(store: StoreURL, auth: Auth | None, options: Connection) -> Transport:
    """Put the transports around each other: the request goes through them from the last to the first."""
    transport = _http(store.place, options)
    if auth is not None:
        transport = AuthTransport(transport, auth)
    transport = RetryTransport(transport, options.get("retry"), observe=note_repetition)
    compress = options.get("compress", True)
    if compress is False:
        return transport
    threshold = {} if compress is True else {"threshold": compress}
    return CompressionTransport(transport, **threshold)


def _embedded(path: str | None) -> Transport:
    from couchmapper.embedded.transport import EmbeddedTransport  # noqa: PLC0415 - only some programs need it

    return EmbeddedTransport(path)


def _http(place: str, options: Connection) -> Transport:
    from couchmapper.transport.http import HTTPTransport  # noqa: PLC0415 - requests is slow to import

    others = ("retry", "compress")
    return HTTPTransport(place, **{name: value for name, value in options.items() if name not in others})  # type: ignore[arg-type]  # its names and types are those of HTTPTransport


def _basic(store: StoreURL) -> BasicAuth | None:
    """Return the authentication that the URL asks for, if it names a user."""
    return None if store.username is None else BasicAuth(store.username, store.password or "")
