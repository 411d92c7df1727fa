"""What every way of authentication is, and the transport that runs it."""

from collections.abc import Generator
from typing import Protocol

import attrs

from couchmapper.exceptions import CouchMapperError, TransportError
from couchmapper.messages import Request, Response
from couchmapper.streams import Upload
from couchmapper.transport.base import Transport, TransportWrapper

__all__ = ["Auth", "AuthTransport", "NoAuth", "rewound", "unrepeated"]

_CONSUMED = (
    "not sent again with new credentials: its body was read from a source that cannot go back; give bytes or"
    " a file"
)


class Auth(Protocol):
    """A way to authenticate: a generator that yields requests and is sent their answers.

    The simplest yields the request with a header. One that needs a token first yields the request for it,
    looks at the answer, and then yields the request with the token; it may look at that answer too, and yield
    the request once more. When no answer came, the error is raised inside the generator. The last answer is
    the one that the caller gets, unless the generator returns another. An `Auth` can be used by many threads
    and clients at once.
    """

    def flow(self, request: Request) -> Generator[Request, Response, Response | None]:
        """Yield what is to be sent for `request`."""
        ...


class AuthTransport(TransportWrapper):
    """Sends requests as `auth` says; the requests of the `auth` go the same way as all others."""

    def __init__(self, inner: Transport, auth: Auth) -> None:
        super().__init__(inner)
        self.auth = auth

    def send(self, request: Request) -> Response:
        """Send what `auth` yields for the request and return the last answer, or the one that it returns.

        When a request of the `auth` itself gets no answer, the one of the caller was not done: it was not
        sent yet, or refused. The error then says so, and repeating is safe.
        """
        flow = self.auth.flow(request)
        response: Response | None = None
        try:
            outgoing = next(flow)
            while True:
                try:
                    response = self._send(outgoing, request)
                except CouchMapperError as error:
                    outgoing = flow.throw(error)
                else:
                    outgoing = flow.send(response)
        except StopIteration as end:
            return _last(response, end.value)
        finally:
            flow.close()

    def _send(self, outgoing: Request, request: Request) -> Response:
        own = (outgoing.method, outgoing.path) != (request.method, request.path)
        if own and request.deadline is not None:
            outgoing = attrs.evolve(outgoing, deadline=request.deadline)
        try:
            return self.inner.send(outgoing)
        except TransportError as error:
            if own:
                error.sent = False
            raise


def _last(answered: Response | None, returned: Response | None) -> Response:
    last = answered if returned is None else returned
    if last is None:
        raise RuntimeError("the flow of an Auth yielded no request and returned no answer")
    return last


class NoAuth:
    """Sends requests as they are, as an anonymous user or through a proxy that authenticates."""

    def __repr__(self) -> str:
        return "NoAuth()"

    def flow(self, request: Request) -> Generator[Request, Response, None]:
        """Yield the request unchanged."""
        yield request


def rewound(request: Request) -> bool:
    """Make the request ready to be sent again; False when its body was read from a source that is gone."""
    return not isinstance(request.body, Upload) or request.body.rewind()


def unrepeated(response: Response) -> Response:
    """Return the answer with a remark that says why the request was not sent again."""
    return attrs.evolve(response, remark=_CONSUMED)
