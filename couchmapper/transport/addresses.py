"""Where a server is and how its paths are spelled: URLs in, encoded request targets out."""

from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlsplit

import attrs

from couchmapper.exceptions import BadRequest, InvalidURL
from couchmapper.messages import Request

__all__ = ["Address"]

_DOTS = frozenset(("", ".", ".."))


@attrs.frozen(kw_only=True)
class Address:
    """A server's base URL in parts: `origin` as `https://host:6984`, `prefix` as `/couch` or empty."""

    origin: str
    prefix: str = ""

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Read `http(s)://host[:port][/prefix]`; raises `InvalidURL`, which never shows a password."""
        try:
            parts = urlsplit(url)
            port = "" if parts.port is None else f":{parts.port}"
        except ValueError as error:
            raise InvalidURL(
                "this URL cannot be read: write http(s)://host[:port][/prefix], an IPv6 host in brackets"
            ) from error
        _check(parts)
        return cls(
            origin=f"{parts.scheme}://{_host(parts.hostname or '')}{port}", prefix=parts.path.rstrip("/")
        )

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return self.origin.partition(":")[0]

    def target(self, request: Request) -> str:
        """Return the request's path and query as they stand in the request line, each part encoded once.

        A segment that is empty, `.` or `..` is refused: servers and proxies drop such segments, so a request
        for the document `.` would reach the database that holds it.
        """
        path = self.prefix
        for segment in request.path:
            if segment in _DOTS:
                raise BadRequest(
                    f"a path segment may not be {segment!r}: the request would reach another resource",
                    request=f"{request.method} {request.route}",
                )
            path += "/" + quote(segment, safe="")
        return (path or "/") + _query(request.query)


def _query(parameters: Mapping[str, str]) -> str:
    if not parameters:
        return ""
    return "?" + "&".join(
        f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in parameters.items()
    )


def _host(name: str) -> str:
    """Spell a host for a request: an IPv6 address in brackets, letters beyond ASCII as IDNA says."""
    if ":" in name:
        return f"[{name}]"
    try:
        return name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError as error:
        raise InvalidURL(f"the host {name!r} is not a possible host name") from error


def _check(parts: SplitResult) -> None:
    """Refuse what is no server's base URL, without repeating what may be a password."""
    if parts.scheme not in {"http", "https"}:
        raise InvalidURL(f"a server's URL begins with http:// or https://, not with {parts.scheme!r}")
    if not parts.hostname:
        raise InvalidURL("the URL names no host: write http(s)://host[:port][/prefix]")
    if parts.username is not None or parts.password is not None:
        raise InvalidURL(
            "a transport's URL holds no credentials: give them to an Auth, as BasicAuth(user, password)"
        )
    if parts.query or parts.fragment:
        raise InvalidURL("a server's URL has no '?' or '#' part")
    if not _DOTS.isdisjoint(parts.path.strip("/").split("/")) and parts.path.strip("/"):
        raise InvalidURL(f"the path {parts.path!r} of the URL has a segment that is empty, '.' or '..'")
