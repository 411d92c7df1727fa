"""What became of a commit."""

from collections.abc import Sequence
from typing import Self

import attrs

from couchmapper.exceptions import CouchMapperError, SessionError
from couchmapper.mapping.document import Document
from couchmapper.session.conflicts import Conflict, ConflictError

__all__ = ["CommitError", "CommitReport", "Rejected"]


@attrs.frozen(kw_only=True)
class Rejected:
    """A document that was not written, and why: it does not fit its model, or the server refused it."""

    document: Document
    error: CouchMapperError


@attrs.frozen(kw_only=True)
class CommitReport:
    """The documents of a commit by what became of them.

    These are done with: `saved` as the session had them, `merged` with what somebody else wrote, `deleted`,
    and `yielded`, whose changes gave way to somebody else's. `resurrected` and `accepted` are some of them:
    documents made anew over a tombstone, and writes that the server took (202) without a quorum: should nodes
    fail now, they can be lost.

    These still wait in the session: `conflicts`, `rejected`, `unanswered`, which were sent and no answer came
    back, so that they may be saved: the next commit finds out and does not write them twice; and `unsent`,
    which were not written: nothing is sent when a document is wrong, nothing more when the connection is lost
    or the server refuses a whole request, and nothing after a document that was to be written before.
    """

    saved: tuple[Document, ...] = ()
    merged: tuple[Document, ...] = ()
    deleted: tuple[Document, ...] = ()
    yielded: tuple[Document, ...] = ()
    resurrected: tuple[Document, ...] = ()
    accepted: tuple[Document, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    unanswered: tuple[Document, ...] = ()
    unsent: tuple[Document, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether everything was written."""
        return not (self.conflicts or self.rejected or self.unanswered or self.unsent)

    def __str__(self) -> str:
        parts = {
            "saved": self.saved,
            "merged": self.merged,
            "deleted": self.deleted,
            "given up for theirs": self.yielded,
            "made anew": self.resurrected,
            "not at quorum yet": self.accepted,
            "in conflict": self.conflicts,
            "rejected": self.rejected,
            "without an answer": self.unanswered,
            "not sent": self.unsent,
        }
        return (
            ", ".join(f"{len(items)} {name}" for name, items in parts.items() if items) or "nothing to write"
        )


class CommitError(ExceptionGroup[CouchMapperError], SessionError):
    """Something of a commit was not written; `report` says what was, and what is still to be saved.

    The exceptions of the group are `ConflictError`, the reasons of the rejected documents, and the error that
    ended the commit: of the transport when the connection was lost, of the server when it refused it all.
    """

    report: CommitReport

    def __new__(cls, report: CommitReport, errors: Sequence[CouchMapperError]) -> Self:
        """Make the group of a report's errors."""
        self = super().__new__(cls, f"the commit is not complete: {report}", errors)
        self.report = report
        return self

    def __init__(self, report: CommitReport, errors: Sequence[CouchMapperError]) -> None:
        super().__init__(f"the commit is not complete: {report}", errors)

    def __reduce__(self) -> tuple[type[Self], tuple[CommitReport, Sequence[Exception]]]:
        """Travel between processes with the report."""
        return type(self), (self.report, self.exceptions)

    def derive(self, excs: Sequence[CouchMapperError]) -> "CommitError":  # type: ignore[override]
        """Keep the report with a part of the errors, as `except*` makes it."""
        return CommitError(self.report, excs)

    @classmethod
    def of(cls, report: CommitReport, failure: CouchMapperError | None = None) -> "CommitError":
        """Build the error of a report; `failure` is what ended the commit early, if anything did."""
        errors: list[CouchMapperError] = [ConflictError(conflict) for conflict in report.conflicts]
        errors += [rejected.error for rejected in report.rejected]
        errors += [failure] if failure else []
        return cls(report, errors)
