from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from couchmapper import jsonio
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.messages import Request, Response, Timeout

Ask = Callable[..., Response]


def send(  # noqa: PLR0913  (the parts of a request)
    transport: EmbeddedTransport,
    method: str,
    path: str,
    body: Any = None,
    *,
    text: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    patience: float | None = None,
    **query: str,
) -> Response:
    """Send one request, written as people write it: `send(t, "PUT", "/shop/order:1", {...}, rev="1-a")`."""
    return transport.send(
        Request(
            method=method,
            path=tuple(filter(None, path.split("/"))),
            route=path,
            query=query,
            headers={"Content-Type": "application/json"} if headers is None else headers,
            body=text if body is None else jsonio.dumps(body),
            timeout=None if patience is None else Timeout(read=patience, total=patience),
        )
    )


@pytest.fixture
def transport() -> Iterator[EmbeddedTransport]:
    """An engine in memory."""
    opened = EmbeddedTransport()
    yield opened
    opened.close()


@pytest.fixture
def ask(transport: EmbeddedTransport) -> Ask:
    """Ask the engine in memory, which has an empty database `shop`."""
    send(transport, "PUT", "/shop")

    def asked(method: str, path: str, body: Any = None, **more: Any) -> Response:
        return send(transport, method, path, body, **more)

    return asked
