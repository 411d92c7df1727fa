"""What passes the seam between the client and a store: one request, one response."""

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from couchmapper import jsonio
from couchmapper.typing import JSON

__all__ = ["Request", "Response"]

_EMPTY: Mapping[str, str] = MappingProxyType({})


@attrs.frozen(kw_only=True)
class Request:
    """One request of CouchDB's HTTP API, not yet bound to a host.

    `path` holds the decoded segments, `("shop", "order:1")` for `/shop/order:1`, so that each transport
    encodes them once or not at all; a segment may hold any text, also slashes. `route` is the template that
    logs and errors show, `/{db}/{doc_id}`. `repeatable` says that sending it twice cannot write twice, as
    with every read, also those by POST. `timeout` (seconds) replaces the transport's own for this request.
    """

    method: str
    path: tuple[str, ...]
    route: str
    query: Mapping[str, str] = _EMPTY
    headers: Mapping[str, str] = attrs.field(default=_EMPTY, repr=False)
    body: bytes | None = attrs.field(default=None, repr=False)
    repeatable: bool = False
    timeout: float | None = None

    def with_headers(self, headers: Mapping[str, str]) -> "Request":
        """Return this request with more headers; those given replace those that are there."""
        return attrs.evolve(self, headers={**self.headers, **headers})


@attrs.frozen(kw_only=True)
class Response:
    """One answer: `status`, `headers` (names in lower case) and the whole `body`."""

    status: int
    headers: Mapping[str, str] = attrs.field(default=_EMPTY, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)

    def json(self) -> JSON:
        """Parse the body; raises `InvalidJSON` when it holds no JSON."""
        return jsonio.loads(self.body)
