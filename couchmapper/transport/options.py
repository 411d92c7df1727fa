"""Options for some requests: their own limits in time, and more headers."""

from collections.abc import Mapping
from typing import Any

import attrs

from couchmapper.messages import Request, Response, Timeout, TimeoutLike
from couchmapper.transport.base import Transport, TransportWrapper

__all__ = ["OptionsTransport"]

_NO_HEADERS: Mapping[str, str] = {}


class OptionsTransport(TransportWrapper):
    """Sends requests with a `timeout`, a `deadline` and more `headers`, which replace those of operations.

    A timeout limits each attempt, a deadline all of them together with the pauses between, in seconds.

    Closing it does nothing: the connections belong to the client that it was made of.
    """

    def __init__(
        self,
        inner: Transport,
        *,
        timeout: TimeoutLike | None = None,
        deadline: float | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> None:
        super().__init__(inner)
        self._limits: dict[str, Any] = {}
        if timeout is not None:
            self._limits["timeout"] = Timeout.of(timeout)
        if deadline is not None:
            self._limits["deadline"] = Timeout(total=deadline).total
        self._headers = dict(headers)

    def send(self, request: Request) -> Response:
        """Send the request with these options."""
        if self._limits:
            request = attrs.evolve(request, **self._limits)
        if self._headers:
            replaced = {name.lower() for name in self._headers}
            kept = {name: text for name, text in request.headers.items() if name.lower() not in replaced}
            request = attrs.evolve(request, headers={**kept, **self._headers})
        return self.inner.send(request)

    def close(self) -> None:
        """Leave the connections open."""
