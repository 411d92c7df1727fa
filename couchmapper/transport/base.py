"""The one seam between the client and every store."""

from typing import Protocol

from couchmapper.messages import Request, Response
from couchmapper.streams import Closing

__all__ = ["Transport", "TransportWrapper"]


class Transport(Protocol):
    """Carries a request to a store and brings its answer back.

    A transport raises `TransportError` when no answer came; an answer with an error status is an answer. It
    can be used from many threads at once.
    """

    def send(self, request: Request) -> Response:
        """Send one request and return the whole answer."""
        ...

    def close(self) -> None:
        """Release connections and files; closing twice is fine."""
        ...


class TransportWrapper(Closing):
    """A transport around another one: subclasses add one behaviour in `send`."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.inner!r})"

    def send(self, request: Request) -> Response:
        """Send the request through the inner transport."""
        return self.inner.send(request)

    def close(self) -> None:
        """Close the inner transport."""
        self.inner.close()
