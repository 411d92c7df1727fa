"""The base of every chapter: a transport and the path that its requests begin with."""

from collections.abc import Mapping

from couchmapper import jsonio
from couchmapper.client.errors import decode, raise_for
from couchmapper.client.params import UNSET, query
from couchmapper.messages import Request, Response
from couchmapper.transport.base import Transport
from couchmapper.typing import JSON, JSONMapping

__all__ = ["Resource"]

_NOTHING: Mapping[str, JSON] = {}
_JSON_BODY = {"Content-Type": "application/json"}


class Resource:
    """A place in CouchDB's API: `path` begins every request below it, `route` is its template."""

    def __init__(self, transport: Transport, path: tuple[str, ...] = (), route: str = "") -> None:
        self._transport = transport
        self._path = path
        self._route = route

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'/' + '/'.join(self._path)!r})"

    def _ask(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        route: str,
        path: tuple[str, ...],
        *,
        parameters: JSONMapping = _NOTHING,
        body: JSON = UNSET,
        text: bytes | None = None,
        repeatable: bool | None = None,
        timeout: float | None = None,
    ) -> JSON:
        """Send a request below this place and return the JSON of its answer.

        `body` is sent as JSON, `text` is JSON already. `repeatable` says that sending twice cannot write
        twice: by default that is true of every method but POST. `timeout` in seconds is for a request that
        may wait on purpose.
        """
        content = jsonio.dumps(body) if body is not UNSET else text
        request = Request(
            method=method,
            path=self._path + path,
            route=self._route + route or "/",
            query=query(parameters) if parameters else _NOTHING,
            headers=_NOTHING if content is None else _JSON_BODY,
            body=content,
            repeatable=method != "POST" if repeatable is None else repeatable,
            timeout=timeout,
        )
        return decode(request, self._deliver(request))

    def _head(self, route: str, path: tuple[str, ...], *, parameters: JSONMapping = _NOTHING) -> Response:
        """Send a HEAD request below this place and return its answer, which has no body."""
        return self._deliver(
            Request(
                method="HEAD",
                path=self._path + path,
                route=self._route + route,
                query=query(parameters),
                repeatable=True,
            )
        )

    def _deliver(self, request: Request) -> Response:
        """Send a request; raises the exception of its answer when that has an error status."""
        response = self._transport.send(request)
        if response.status >= 300:  # noqa: PLR2004 - from redirects on, it is not what was asked for
            raise_for(request, response)
        return response
