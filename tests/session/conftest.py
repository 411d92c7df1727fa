"""A database in memory behind a wire that counts what is sent, and breaks where a test says so."""

from collections.abc import Iterator

import pytest

from couchmapper.database import Client, Database
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.exceptions import ConnectionFailed
from couchmapper.messages import Request, Response
from couchmapper.transport.base import Transport, TransportWrapper


class Wire(TransportWrapper):
    """Passes requests on and keeps them; `breaks` makes some of them fail."""

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self.requests: list[Request] = []
        self._fates: dict[str, Iterator[str | Response]] = {}

    def breaks(self, *fates: str | Response, at: str = "_bulk_docs") -> None:
        """Give the fates of the next requests to an endpoint; those after them pass.

        A response takes the place of the server's; `unheard` and `interrupted` requests are done and their
        answers lost, `unsent` ones are not done.
        """
        self._fates[at] = iter(fates)

    def bodies(self) -> list[bytes | None]:
        """Return what the bulk writes sent so far."""
        return [request.body for request in self.requests if request.path[-1:] == ("_bulk_docs",)]

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        fate = next(self._fates.get(request.path[-1], iter(())), "passes") if request.path else "passes"
        if isinstance(fate, Response):
            return fate
        if fate == "unsent":
            raise ConnectionFailed("no route", sent=False)
        response = self.inner.send(request)
        if fate == "unheard":
            raise ConnectionFailed("the connection broke")
        if fate == "interrupted":
            raise KeyboardInterrupt
        return response


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire(EmbeddedTransport()) as wire:
        yield wire


@pytest.fixture
def database(wire: Wire) -> Database:
    database = Client(wire).database("shop", create=True)
    wire.requests.clear()
    return database
