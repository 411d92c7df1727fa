"""A transport that asks a function: for tests of code that sends requests."""

from collections.abc import Mapping
from typing import Protocol

from couchmapper import jsonio
from couchmapper.messages import Request, Response
from couchmapper.typing import JSON

__all__ = ["MockTransport", "Replier", "json_response"]


class Replier(Protocol):
    """Answers a request in the place of a store; it may raise a `TransportError`."""

    def __call__(self, request: Request, /) -> Response:
        """Return the answer to `request`."""
        ...


class MockTransport:
    """A transport whose answers come from `reply`; `requests` keeps what was sent, oldest first.

    transport = MockTransport(lambda request: json_response({"ok": True}))
    Client(transport).server.up()
    assert transport.requests[0].path == ("_up",)
    """

    def __init__(self, reply: Replier) -> None:
        self._reply = reply
        self.requests: list[Request] = []
        self.closed = False

    def send(self, request: Request) -> Response:
        """Note the request and return what `reply` makes of it."""
        self.requests.append(request)
        return self._reply(request)

    def close(self) -> None:
        """Note that it was closed."""
        self.closed = True


def json_response(value: JSON, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer with `value` as its JSON body, as CouchDB would send it."""
    return Response(
        status=status,
        headers={"content-type": "application/json", **(headers or {})},
        body=jsonio.dumps(value) + b"\n",
    )
