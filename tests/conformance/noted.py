"""A transport that notes what it is asked, for tests of how an answer came about."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from couchmapper.messages import Request, Response
from couchmapper.transport.base import Transport, TransportWrapper

T = TypeVar("T")


class Noted(TransportWrapper):
    """Passes requests on, and notes their paths within the database."""

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self.routes: list[str] = []

    def send(self, request: Request) -> Response:
        self.routes.append("/".join(request.path[1:]))
        return self.inner.send(request)

    def since(self, ask: Callable[[], T]) -> tuple[T, list[str]]:
        """Return what is told, and the routes that were asked for it."""
        self.routes.clear()
        return ask(), list(self.routes)


def is_read_off(routes: Iterable[str]) -> bool:
    """Tell whether an index was asked for a number, and no documents were."""
    return any("/_view/" in route for route in routes) and not any("_find" in route for route in routes)
