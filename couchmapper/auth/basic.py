"""HTTP basic authentication: the name and the password with every request."""

import base64
from collections.abc import Generator

from couchmapper.auth.arguments import text
from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request, Response

__all__ = ["BasicAuth"]


class BasicAuth:
    """Sends `Authorization: Basic ...` with each request; name and password are encoded as UTF-8.

    The server checks the password each time, which costs it more than `SessionAuth` does. Raises
    `ConfigurationError` for a name with a colon, which the header cannot hold.
    """

    def __init__(self, username: str, password: str) -> None:
        self.username = text("username", username, empty=True)
        if ":" in username:
            raise ConfigurationError("a user name for basic authentication holds no ':'; use SessionAuth")
        pair = f"{username}:{text('password', password, empty=True)}"
        self._headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def __repr__(self) -> str:
        return f"BasicAuth({self.username!r}, ...)"

    def flow(self, request: Request) -> Generator[Request, Response, None]:
        """Yield the request with its `Authorization` header."""
        yield request.with_headers(self._headers)
