"""The unit of work."""

from couchmapper.session.conflicts import Conflict, ConflictError
from couchmapper.session.report import CommitError, CommitReport, Rejected
from couchmapper.session.session import Session

__all__ = ["CommitError", "CommitReport", "Conflict", "ConflictError", "Rejected", "Session"]
