"""Sessions and hooks that are used in a way that cannot work."""

from couchmapper.exceptions.base import CouchMapperError

__all__ = [
    "HookError",
    "IdentityError",
    "SessionClosed",
    "SessionError",
]


class HookError(CouchMapperError):
    """A change hook is declared twice under one name, or its model is bound to no database."""


class SessionError(CouchMapperError):
    """A session is used in a way that could lose a write."""


class SessionClosed(SessionError):
    """The session was closed; open a new one with `database.session()`."""


class IdentityError(SessionError):
    """Two objects for one document, or a document whose id changed after it was saved."""
