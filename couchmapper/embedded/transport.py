"""The embedded engine behind the seam that the client sends its requests through."""

from couchmapper.embedded.app import App
from couchmapper.embedded.node import Node
from couchmapper.embedded.storage.store import open_store
from couchmapper.messages import Request, Response

__all__ = ["EmbeddedTransport"]


class EmbeddedTransport:
    """Answers requests in this process, from the SQLite file at `path`, or with None from memory.

    Implements `couchmapper.transport.base.Transport`. Raises `ConfigurationError` when the file cannot be
    opened.
    """

    def __init__(self, path: str | None = None) -> None:
        self.app = App(Node(store=open_store(path)))

    def send(self, request: Request) -> Response:
        """Answer one request; raises `ConnectionFailed` after `close`."""
        return self.app.answer(request)

    def close(self) -> None:
        """Wake those who wait for changes, and close the file; closing twice is fine."""
        self.app.close()
