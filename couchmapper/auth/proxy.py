"""CouchDB's proxy authentication: a trusted program says who the user is, and proves it with a secret."""

import hmac
from collections.abc import Generator, Iterable
from typing import Final, Literal

from couchmapper.auth.arguments import header_text, text
from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request, Response

__all__ = ["ProxyAuth"]

# CouchDB's names of the algorithms, in Erlang's spelling, and Python's.
_ALGORITHMS: Final = {
    "sha": "sha1",
    "sha224": "sha224",
    "sha256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
}


class ProxyAuth:
    """Sends `X-Auth-CouchDB-UserName` and `-Roles`, and with a `secret` also `-Token`, with each request.

    The server needs `proxy_authentication_handler` among its `authentication_handlers`. The token is an HMAC
    of the name; it is wanted when the server sets `proxy_use_secret = true`, with the server's own `secret`.
    `algorithm` has to be one of the server's `hash_algorithms`: CouchDB before 3.4 knows `sha` only. Raises
    `ConfigurationError` for a name or a role that a header cannot hold, and for a role with a comma.
    https://docs.couchdb.org/en/stable/api/server/authn.html#proxy-authentication
    """

    def __init__(
        self,
        username: str,
        roles: Iterable[str] = (),
        *,
        secret: str | None = None,
        algorithm: Literal["sha", "sha224", "sha256", "sha384", "sha512"] = "sha256",
    ) -> None:
        self.username = header_text("username", username)
        self.roles = _roles(roles)
        if algorithm not in _ALGORITHMS:
            raise ConfigurationError(f"algorithm is one of {', '.join(_ALGORITHMS)}, not {algorithm!r}")
        self._headers = {"X-Auth-CouchDB-UserName": _bytes(self.username)}
        if self.roles:
            self._headers["X-Auth-CouchDB-Roles"] = _bytes(",".join(self.roles))
        if secret is not None:
            key = text("secret", secret).encode()
            token = hmac.new(key, self.username.encode(), _ALGORITHMS[algorithm]).hexdigest()
            self._headers["X-Auth-CouchDB-Token"] = token

    def __repr__(self) -> str:
        return f"ProxyAuth({self.username!r}, {list(self.roles)!r}, ...)"

    def flow(self, request: Request) -> Generator[Request, Response, None]:
        """Yield the request with the headers."""
        yield request.with_headers(self._headers)


def _roles(roles: Iterable[str]) -> tuple[str, ...]:
    if isinstance(roles, str):
        raise ConfigurationError("roles is a list of names, not one text")
    found = tuple(header_text("roles", role) for role in roles)
    for role in found:
        if "," in role:
            raise ConfigurationError(f"roles: {role!r} holds a comma, which divides roles from each other")
    return found


def _bytes(name: str) -> str:
    """Spell text so that its UTF-8 bytes go over the wire: headers are written as Latin-1."""
    return name.encode().decode("latin-1")
