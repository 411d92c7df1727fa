"""A span of OpenTelemetry for each request, in programs that trace.

The names are those of the semantic conventions: https://opentelemetry.io/docs/specs/semconv/db/couchdb/. A
program that traces has imported `opentelemetry.trace` by itself, so nothing is imported here for its sake,
and others pay for one look into a dictionary.
"""

import sys
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from couchmapper.messages import Request, Response
from couchmapper.transport.base import Transport, TransportWrapper

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

__all__ = ["TracingTransport", "note_repetition"]

_API: Final = "opentelemetry.trace"
_FAILED: Final = 400
_PORTS: Final = {"http": 80, "https": 443}


class TracingTransport(TransportWrapper):
    """Makes a span `GET /{db}/{doc_id} shop` of kind CLIENT for each request, its repetitions included.

    `server` is the URL of the store, empty when it has none. The span holds the database's name, the route
    template and the status; ids, query values, headers and bodies never. `error.type` is the status of an
    answer from 400 on, or the class of the error when there was no answer. The span of an answer that is
    streamed ends when its headers have come. `tracer` takes the place of the program's own.
    """

    def __init__(self, inner: Transport, *, server: str = "", tracer: "Tracer | None" = None) -> None:
        super().__init__(inner)
        self._tracer = tracer
        self._fixed: dict[str, str | int] = {"db.system.name": "couchdb", **_place(server)}

    def send(self, request: Request) -> Response:
        """Send the request within a span, if this program traces."""
        tracer = self._tracer or self._found()
        if tracer is None:
            return self.inner.send(request)
        from opentelemetry.trace import SpanKind  # noqa: PLC0415 - an extra, and imported already

        attributes = {**self._fixed, **_described(request)}
        with tracer.start_as_current_span(
            _name(attributes),
            kind=SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,  # its text may hold an id
            set_status_on_exception=False,
        ) as span:
            try:
                response = self.inner.send(request)
            except BaseException as error:
                _failed(span, type(error).__qualname__)
                raise
            _answered(span, response)
            return response

    def _found(self) -> "Tracer | None":
        if _API in sys.modules:
            from opentelemetry.trace import get_tracer  # noqa: PLC0415 - an extra, and imported already

            self._tracer = get_tracer("couchmapper")
        return self._tracer


def note_repetition(request: Request, attempt: int, outcome: Response | Exception, pause: float) -> None:
    """Add the event `repeat` to the span of a request that is sent again in `pause` seconds."""
    del request
    if _API in sys.modules:
        from opentelemetry.trace import get_current_span  # noqa: PLC0415 - an extra, and imported already

        reason = str(outcome.status) if isinstance(outcome, Response) else type(outcome).__qualname__
        told: dict[str, str | int | float] = {
            "error.type": reason,
            "http.request.resend_count": attempt,
            "couchmapper.pause": pause,
        }
        get_current_span().add_event("repeat", told)


def _place(server: str) -> dict[str, str | int]:
    parts = urlsplit(server)
    if not parts.hostname:
        return {}
    return {"server.address": parts.hostname, "server.port": parts.port or _PORTS.get(parts.scheme, 0)}


def _described(request: Request) -> dict[str, str | int]:
    told: dict[str, str | int] = {
        "db.operation.name": f"{request.method} {request.route}",
        "http.request.method": request.method,
    }
    if request.route.startswith("/{db}") and request.path:
        told["db.namespace"] = request.path[0]
    return told


def _name(attributes: dict[str, str | int]) -> str:
    """Return the operation and what it is done to: a database, or else the server."""
    target = attributes.get("db.namespace")
    if target is None and "server.address" in attributes:
        target = f"{attributes['server.address']}:{attributes['server.port']}"
    return str(attributes["db.operation.name"]) + ("" if target is None else f" {target}")


def _answered(span: "Span", response: Response) -> None:
    span.set_attribute("http.response.status_code", response.status)
    span.set_attribute("db.response.status_code", str(response.status))
    if response.status >= _FAILED:
        _failed(span, str(response.status))


def _failed(span: "Span", kind: str) -> None:
    from opentelemetry.trace import StatusCode  # noqa: PLC0415 - an extra, and imported already

    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)
