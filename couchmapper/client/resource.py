"""The base of every chapter: a transport and the path that its requests begin with."""

from collections.abc import Mapping

from couchmapper import jsonio
from couchmapper.client.params import UNSET, query
from couchmapper.messages import Request
from couchmapper.streams import Upload
from couchmapper.transport.base import Transport
from couchmapper.typing import JSON, JSONMapping

__all__ = ["Resource"]

_NOTHING: Mapping[str, JSON] = {}
_JSON_BODY = {"Content-Type": "application/json"}


class Resource:
    """A place in CouchDB's API: `path` begins every request below it, `route` is its template."""

    def __init__(self, transport: Transport, path: tuple[str, ...] = (), route: str = "") -> None:
        self.transport = transport
        self._path = path
        self._route = route

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'/' + '/'.join(self._path)!r})"

    @property
    def place(self) -> tuple[Transport, tuple[str, ...], str]:
        """What another resource needs to stand in the same place."""
        return self.transport, self._path, self._route

    def _request(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        route: str,
        path: tuple[str, ...],
        *,
        parameters: JSONMapping = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        body: JSON = UNSET,
        content: bytes | Upload | None = None,
        repeatable: bool | None = None,
        patience: float = 0.0,
    ) -> Request:
        """Build a request below this place.

        `body` is sent as JSON, `content` as it is; JSON too, unless `headers` name another type. `repeatable`
        says that sending twice cannot write twice: by default that is true of every method but POST.
        `patience` in seconds is for a request that waits on purpose.
        """
        if body is not UNSET:
            content = jsonio.dumps(body)
        if content is not None:
            headers = {**_JSON_BODY, **headers} if headers else _JSON_BODY
        return Request(
            method=method,
            path=self._path + path,
            route=self._route + route or "/",
            query=query(parameters) if parameters else _NOTHING,
            headers=headers,
            body=content,
            repeatable=method != "POST" if repeatable is None else repeatable,
            patience=patience,
        )
