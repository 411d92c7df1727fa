"""Sessions and hooks that are used in a way that cannot work."""

from couchmapper.exceptions.base import CouchMapperError

__all__ = [
    "BudgetExceeded",
    "HookError",
    "IdentityError",
    "ResolutionError",
    "SessionBusy",
    "SessionClosed",
    "SessionError",
    "SessionForked",
]


class HookError(CouchMapperError):
    """A change hook is declared twice under one name, or its model is bound to no database."""


class ResolutionError(CouchMapperError):
    """A stored conflict cannot be resolved as it was asked; nothing was written."""


class SessionError(CouchMapperError):
    """A session is used in a way that could lose a write."""


class SessionClosed(SessionError):
    """The session was closed; open a new one with `database.session()`."""


class SessionBusy(SessionError):
    """A session is used by two threads at once."""


class SessionForked(SessionError):
    """A session is used in another process than the one that opened it."""


class BudgetExceeded(SessionError):
    """A session would make more requests than `max_requests` lets it; the request was not sent."""


class IdentityError(SessionError):
    """Two objects for one document, or a document whose id changed after it was saved."""
