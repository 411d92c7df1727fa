"""No answer came, or none that can be understood."""

from couchmapper.exceptions.base import CouchMapperError

__all__ = [
    "ConnectionFailed",
    "DigestMismatch",
    "InvalidAnswer",
    "TLSFailed",
    "TransportError",
    "TransportTimeout",
]


class TransportError(CouchMapperError):
    """No whole answer came; `sent` is False when nothing reached the server, so that repeating is safe.

    `final` is True when sending the request again was tried already, or is of no use.
    """

    final: bool = False

    def __init__(self, message: str = "", *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class ConnectionFailed(TransportError):
    """The server cannot be reached, or closed the connection; check the URL and that it runs."""


class TLSFailed(ConnectionFailed):
    """The server's certificate was refused, or no common TLS version exists."""


class TransportTimeout(TransportError):
    """The server did not answer in the time that was allowed."""


class InvalidAnswer(TransportError):
    """What came back is not what CouchDB's API says, for instance a proxy's HTML page."""


class DigestMismatch(InvalidAnswer):
    """The bytes of an attachment are not those that the server stored: do not use them, and read it again."""
