"""Large JSON bodies go compressed to the server; attachments and small bodies go as they are."""

import gzip

from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request, Response
from couchmapper.transport.base import Transport, TransportWrapper

__all__ = ["CompressionTransport"]

_LEVEL = 1  # half the size for a tenth of the time that level 9 takes
_LOGIN = ("_session",)  # servers before CouchDB 3.2 cannot read a compressed login


class CompressionTransport(TransportWrapper):
    """Compresses bodies of type `application/json` that have at least `threshold` bytes, with gzip.

    A body that is streamed, that has a `Content-Encoding` already, or that becomes no smaller is sent as it
    is. Equal bodies give equal bytes.
    """

    def __init__(self, inner: Transport, *, threshold: int = 16_384) -> None:
        super().__init__(inner)
        if type(threshold) is not int or threshold < 0:
            raise ConfigurationError(
                f"compress is the number of bytes from which on it pays, not {threshold!r}"
            )
        self._threshold = threshold

    def send(self, request: Request) -> Response:
        """Send the request, its body compressed where that pays."""
        body = request.body
        if isinstance(body, bytes) and len(body) >= self._threshold and _is_json(request):
            packed = gzip.compress(body, _LEVEL, mtime=0)
            if len(packed) < len(body):
                request = request.with_body(packed, {"Content-Encoding": "gzip"})
        return self.inner.send(request)


def _is_json(request: Request) -> bool:
    headers = {name.lower(): text for name, text in request.headers.items()}
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" and "content-encoding" not in headers and request.path != _LOGIN
