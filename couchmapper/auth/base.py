"""What every way of authentication is, and the transport that runs it."""

from collections.abc import Generator
from typing import Protocol

from couchmapper.exceptions import TransportError
from couchmapper.messages import Request, Response
from couchmapper.transport.base import Transport, TransportWrapper

__all__ = ["Auth", "AuthTransport", "NoAuth"]


class Auth(Protocol):
    """A way to authenticate: a generator that yields requests and is sent their answers.

    The simplest yields the request with a header. One that needs a token first yields the request for it,
    looks at the answer, and then yields the request with the token; it may look at that answer too, and yield
    the request once more. The last answer is the one that the caller gets. An `Auth` does no I/O itself, and
    it can be used by many threads and clients at once.
    """

    def flow(self, request: Request) -> Generator[Request, Response, None]:
        """Yield what is to be sent for `request`."""
        ...


class AuthTransport(TransportWrapper):
    """Sends requests as `auth` says; the requests of the `auth` go the same way as all others."""

    def __init__(self, inner: Transport, auth: Auth) -> None:
        super().__init__(inner)
        self.auth = auth

    def send(self, request: Request) -> Response:
        """Send what `auth` yields for the request and return the last answer.

        When a request of the `auth` itself gets no answer, the one of the caller was not done: it was not
        sent yet, or refused. The error then says so, and repeating is safe.
        """
        flow = self.auth.flow(request)
        try:
            outgoing = next(flow)
            while True:
                response = self._send(outgoing, request)
                try:
                    outgoing = flow.send(response)
                except StopIteration:
                    return response
        finally:
            flow.close()

    def _send(self, outgoing: Request, request: Request) -> Response:
        try:
            return self.inner.send(outgoing)
        except TransportError as error:
            if (outgoing.method, outgoing.path) != (request.method, request.path):
                error.sent = False
            raise


class NoAuth:
    """Sends requests as they are, as an anonymous user or through a proxy that authenticates."""

    def __repr__(self) -> str:
        return "NoAuth()"

    def flow(self, request: Request) -> Generator[Request, Response, None]:
        """Yield the request unchanged."""
        yield request
