"""What passes the seam between the client and a store: one request, one response."""

import io
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, TypeAlias

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import ConfigurationError
from couchmapper.streams import ByteStream, Upload
from couchmapper.typing import JSON

__all__ = ["Request", "Response", "Timeout", "TimeoutLike"]

_EMPTY: Mapping[str, str] = MappingProxyType({})
_TEN_MINUTES = 600.0


def _positive(timeout: "Timeout", attribute: "attrs.Attribute[Any]", value: Any) -> None:
    del timeout
    if value is not None and (type(value) not in {int, float} or value <= 0):
        raise ConfigurationError(f"timeout: {attribute.name} is a positive number of seconds, not {value!r}")


def _enough(timeout: "Timeout") -> float | None:
    """Return the limit of a whole exchange that goes with the other limits; those are checked elsewhere."""
    read: Any = timeout.read
    return max(_TEN_MINUTES, 4 * read) if type(read) in {int, float} else None


@attrs.frozen(kw_only=True)
class Timeout:
    """Limits for one attempt in seconds; None is no limit.

    `connect` is for a connection to come about, `read` for the next bytes to arrive, and `total` for the
    whole exchange, so that a server which sends a byte now and then cannot hold a program for ever: ten
    minutes without it, or four times `read` when that is more, and no limit when `read` has none. `total`
    does not hold for answers that are streamed unless a request sets it.
    """

    connect: float | None = attrs.field(default=10.0, validator=_positive)
    read: float | None = attrs.field(default=150.0, validator=_positive)
    total: float | None = attrs.field(default=attrs.Factory(_enough, takes_self=True), validator=_positive)

    @classmethod
    def of(cls, value: "TimeoutLike") -> "Timeout":
        """Read what people write: a number limits the whole exchange, a pair is (connect, read)."""
        if isinstance(value, Timeout):
            return value
        match value:
            case (connect, read):
                return cls(connect=connect, read=read)
            case int() | float() if value is not True and value is not False:
                return cls(connect=value, read=value, total=value)
        raise ConfigurationError(
            f"timeout is a number of seconds, a pair (connect, read) or a Timeout, not {value!r}"
        )


TimeoutLike: TypeAlias = Timeout | float | tuple[float | None, float | None]
"""What people write for a `Timeout`: a number of seconds for the whole, or a pair (connect, read)."""


@attrs.frozen(kw_only=True)
class Request:
    """One request of CouchDB's HTTP API, not yet bound to a host.

    `path` holds the decoded segments, `("shop", "order:1")` for `/shop/order:1`, so that each transport
    encodes them once or not at all; a segment may hold any text, also slashes. `route` is the template that
    logs and errors show, `/{db}/{doc_id}`. `repeatable` says that sending it twice cannot write twice, as
    with every read, also those by POST. `stream` asks for the body of a good answer as it arrives, and
    `decoded=False` for its bytes as they are on the wire, perhaps compressed. `timeout` replaces the
    transport's own for each attempt, and `deadline` limits all attempts together, in seconds; `patience` is
    how many seconds longer the server may be silent, since it was asked to wait.
    """

    method: str
    path: tuple[str, ...]
    route: str
    query: Mapping[str, str] = _EMPTY
    headers: Mapping[str, str] = attrs.field(default=_EMPTY, repr=False)
    body: bytes | Upload | None = attrs.field(default=None, repr=False)
    repeatable: bool = False
    stream: bool = False
    decoded: bool = True
    timeout: Timeout | None = None
    deadline: float | None = None
    patience: float = 0.0

    def with_headers(self, headers: Mapping[str, str]) -> "Request":
        """Return this request with more headers; those given replace those that are there."""
        return attrs.evolve(self, headers={**self.headers, **headers})

    def with_body(self, body: bytes, headers: Mapping[str, str]) -> "Request":
        """Return this request with another body and the headers that belong to it."""
        return attrs.evolve(self, body=body, headers={**self.headers, **headers})


@attrs.frozen(kw_only=True)
class Response:
    """One answer: `status`, `headers` (names in lower case) and the whole `body`.

    The body of an answer that was asked for as a stream, and is one, is in `stream` instead. `remark` is
    what a transport has to say about the way to this answer, such as why it did not try again.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(default=_EMPTY, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    stream: ByteStream | None = attrs.field(default=None, repr=False)
    remark: str = ""

    def json(self) -> JSON:
        """Parse the body; raises `InvalidJSON` when it holds no JSON."""
        return jsonio.loads(self.body)

    def described(self) -> str:
        """Describe the body without showing it: what a proxy sends may hold anything, a token too."""
        return f"{self.headers.get('content-type', 'of no type')}, {len(self.body)} bytes"

    def phrase(self) -> str:
        """Return the standard phrase of the status as a code, `bad_gateway`."""
        try:
            return HTTPStatus(self.status).phrase.lower().replace(" ", "_")
        except ValueError:
            return "unknown_status"

    def open(self) -> ByteStream:
        """Return the body to be read in parts, whether it is whole already or still arriving."""
        return self.stream if self.stream is not None else io.BytesIO(self.body)
