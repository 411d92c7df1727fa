"""The URL of a store in parts: which kind of store, where, and who asks."""

from urllib.parse import SplitResult, unquote, urlsplit

import attrs

from couchmapper.exceptions import InvalidURL

__all__ = ["StoreURL"]

_FORMS = (
    "use memory:, sqlite:///shop.db (sqlite:////srv/shop.db for an absolute path), or"
    " http(s)://user:password@host:port"
)


@attrs.frozen(kw_only=True)
class StoreURL:
    """A URL that names a store.

    `scheme` is `memory`, `sqlite`, `http` or `https`. `place` is where the store is, without credentials:
    the decoded path of a file, or a server's URL. `username` and `password` are decoded, and None where the
    URL does not give them.
    """

    scheme: str
    place: str = ""
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> "StoreURL":
        """Read a URL; raises `InvalidURL`, which lists the forms that are understood and never the text."""
        parts = _split(text)
        scheme = parts.scheme if parts else ""
        if parts and scheme in ("http", "https"):
            return _server(parts)
        if scheme == "memory":
            return _memory(text)
        if scheme == "sqlite":
            return _file(text)
        # What stands in front of the first colon can be a user's name, so it is not repeated.
        raise InvalidURL(f"this URL names no store; {_FORMS}")

    @property
    def embedded(self) -> bool:
        """Tell whether the store lives in this process, where nobody has to log in."""
        return self.scheme in ("memory", "sqlite")

    def __str__(self) -> str:
        """Show the URL without user and password."""
        return self.place if not self.embedded else f"sqlite:///{self.place}" if self.place else "memory:"


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL, None for what is none: the message of the error may hold a password."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except (ValueError, AttributeError, TypeError):
        return None
    return parts


def _memory(url: str) -> StoreURL:
    if url.lower() != "memory:":
        raise InvalidURL(f"memory: takes neither name nor parameters; {_FORMS}")
    return StoreURL(scheme="memory")


def _file(url: str) -> StoreURL:
    path = unquote(url[len("sqlite:///") :])
    if not url.lower().startswith("sqlite:///") or not path or path.endswith("/"):
        raise InvalidURL(f"sqlite:/// needs the path of a file behind it; {_FORMS}")
    if "?" in url or "#" in url:
        raise InvalidURL(
            f"sqlite:/// takes no parameters, and a path with ? or # spells them %3F, %23; {_FORMS}"
        )
    if path == ":memory:":
        raise InvalidURL(f"a store that lives in memory is memory:; {_FORMS}")
    return StoreURL(scheme="sqlite", place=path)


def _server(parts: SplitResult) -> StoreURL:
    if not parts.hostname or parts.query or parts.fragment:
        raise InvalidURL(f"the URL of a server is a host, perhaps with a port and a path; {_FORMS}")
    if "@" in parts.path:
        raise InvalidURL(f"an @ behind the host: percent-encode the / of a password as %2F; {_FORMS}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = f":{parts.port}" if parts.port is not None else ""
    return StoreURL(
        scheme=parts.scheme,
        place=f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}",
        username=_decoded(parts.username),
        password=_decoded(parts.password),
    )


def _decoded(text: str | None) -> str | None:
    """Decode a user or a password; the error is raised apart, since a foreign one may show the text."""
    try:
        return None if text is None else unquote(text, errors="strict")
    except UnicodeDecodeError:
        pass
    raise InvalidURL(f"user and password are percent-encoded as UTF-8; {_FORMS}")
