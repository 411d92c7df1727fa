"""One line in the log for each request: what was asked and how it went, nothing that is secret."""

import logging
import time
from collections.abc import Callable

from couchmapper.exceptions import CouchMapperError
from couchmapper.messages import Request, Response
from couchmapper.streams import Upload
from couchmapper.transport.base import Transport, TransportWrapper

__all__ = ["LoggingTransport"]

_log = logging.getLogger("couchmapper.transport")

# A program that does not set up logging is told of failures by the exceptions alone.
logging.getLogger("couchmapper").addHandler(logging.NullHandler())


class LoggingTransport(TransportWrapper):
    """Writes `PUT /{db}/{doc_id} 201 3.1 ms, 412 bytes out, 95 bytes in` for each request.

    The logger is `couchmapper.transport`. Answers are logged at DEBUG and failures at WARNING; repetitions
    have lines of their own, see `RetryTransport`. Bytes are those of bodies before compression, or `streamed`
    where nobody knows yet. Ids, query values, headers and bodies never are logged: the route template stands
    for the path.
    """

    def __init__(self, inner: Transport, *, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(inner)
        self._clock = clock

    def send(self, request: Request) -> Response:
        """Send the request and log one line about its answer, or about the lack of one."""
        start = self._clock()
        try:
            response = self.inner.send(request)
        except CouchMapperError as error:
            spent = (self._clock() - start) * 1000
            kind = type(error).__name__
            _log.warning("%s %s failed with %s after %.1f ms", request.method, request.route, kind, spent)
            raise
        if _log.isEnabledFor(logging.DEBUG):
            spent = (self._clock() - start) * 1000
            told = (
                request.method,
                request.route,
                response.status,
                spent,
                _sent(request),
                _received(response),
            )
            _log.debug("%s %s %d %.1f ms, %s out, %s in", *told)
        return response


def _sent(request: Request) -> str:
    body = request.body
    if isinstance(body, Upload):
        return "streamed" if body.length is None else f"{body.length} bytes"
    return f"{len(body or b'')} bytes"


def _received(response: Response) -> str:
    return f"{len(response.body)} bytes" if response.stream is None else "streamed"
