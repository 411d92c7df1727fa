"""How many requests a session may make."""

import threading

from couchmapper.exceptions import BudgetExceeded, ConfigurationError
from couchmapper.messages import Request, Response
from couchmapper.transport.base import Transport, TransportWrapper

__all__ = ["Budget", "BudgetTransport"]


class Budget:
    """A number of requests, and how many of them are used."""

    def __init__(self, most: int) -> None:
        if type(most) is not int or most < 1:
            raise ConfigurationError(f"max_requests is a number of requests from 1 on, not {most!r}")
        self.most = most
        self.used = 0
        self._lock = threading.Lock()  # a query reads ahead in a thread of its own

    def take(self, request: Request) -> None:
        """Count a request; raises `BudgetExceeded` when none is left."""
        with self._lock:
            if self.used >= self.most:
                raise BudgetExceeded(
                    f"{request.method} {request.route} would be request {self.used + 1} of a session that may"
                    f" make {self.most}: load with get_many() and include(), or raise max_requests"
                )
            self.used += 1


class BudgetTransport(TransportWrapper):
    """Counts what passes, and lets nothing pass when the budget is used up; repetitions count once."""

    def __init__(self, inner: Transport, budget: Budget) -> None:
        super().__init__(inner)
        self._budget = budget

    def send(self, request: Request) -> Response:
        """Send the request, if the budget has one left."""
        self._budget.take(request)
        return self.inner.send(request)

    def close(self) -> None:
        """Leave the connections open: they belong to the client."""
