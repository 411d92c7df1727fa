"""One line in the log for each request: what was asked and how it went, nothing that is secret."""

import logging
import time
from collections.abc import Callable

from couchmapper.exceptions import CouchMapperError
from couchmapper.messages import Request, Response
from couchmapper.transport.base import Transport, TransportWrapper

__all__ = ["LoggingTransport"]

_log = logging.getLogger("couchmapper.transport")

# A program that does not set up logging is told of failures by the exceptions alone.
logging.getLogger("couchmapper").addHandler(logging.NullHandler())


class LoggingTransport(TransportWrapper):
    """Writes `GET /{db}/{doc_id} 200 3.1 ms 412 bytes` to the logger `couchmapper.transport`.

    Answers are logged at DEBUG and failures at WARNING. Ids, query values, headers and bodies never are: the
    route template stands for the path.
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
            told = (request.method, request.route, response.status, spent, len(response.body))
            _log.debug("%s %s %d %.1f ms %d bytes", *told)
        return response
