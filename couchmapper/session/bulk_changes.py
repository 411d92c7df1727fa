"""Changes or deletes all documents that a query finds, each once, in batches of one request."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

import attrs

from couchmapper.exceptions import SessionError
from couchmapper.mango.match import compile_match
from couchmapper.mapping.document import Document
from couchmapper.query.bulk_report import BulkReport
from couchmapper.query.listing import by_ids
from couchmapper.query.question import Question
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.session.commit import Pacing
from couchmapper.session.pending import Pending
from couchmapper.session.report import CommitError, CommitReport
from couchmapper.typing import JSONObject

__all__ = ["BulkChange", "Committing"]

D = TypeVar("D", bound=Document)


class Committing(Protocol):
    """What is needed of a session."""

    @property
    def pending(self) -> Pending:
        """What a commit would write."""
        ...

    def ask(self, spec: QuerySpec[Any]) -> Question:
        """Return a query put to its database."""
        ...

    def renewed(self, model: type[D], found: Sequence[JSONObject]) -> list[D]:
        """Return the objects for what the server sent, as it is now."""
        ...

    def delete(self, document: Document) -> None:
        """Delete a document with the next commit."""
        ...

    def commit(self) -> CommitReport:
        """Save what changed."""
        ...

    def rollback(self) -> None:
        """Undo what is not saved."""
        ...


@attrs.frozen
class BulkChange(Generic[D]):
    """Changes documents by a function, or without one deletes them.

    The ids are found first. Each batch is then read anew, and what still matches is changed and saved; what
    somebody else changed in between is read and changed again, as by `Session.modify`.
    """

    session: Committing
    spec: QuerySpec[D]
    change: Callable[[D], object] | None
    size: int
    pacing: Pacing

    def run(self) -> BulkReport:
        """Change everything; raises `SessionError` for unsaved changes, and `CommitError`."""
        if self.session.pending:
            raise SessionError(
                "the session has changes that are not saved, which a change of all documents of a query would"
                " save as well: commit or rollback them first"
            )
        question = self.session.ask(self.spec)
        ids = [document["_id"] for document in question.read([ID]).documents()]
        report = BulkReport(matched=len(ids))
        for start in range(0, len(ids), self.size):
            report += self._change(question, ids[start : start + self.size])
        return report

    def _change(self, question: Question, ids: Sequence[str]) -> BulkReport:
        """Change one batch, and those of its documents again that somebody else changed meanwhile."""
        report = BulkReport()
        matches = compile_match(self.spec.condition)
        for number in count(1):
            found = [one for page in by_ids(question.source, ids, self.size) for one in page if matches(one)]
            saved, conflicts = self._save(self.session.renewed(self.spec.model, found), number)
            report += BulkReport(
                written=saved,
                unchanged=len(found) - saved - len(conflicts),
                passed=len(ids) - len(found),
            )
            if not conflicts:
                break
            ids = conflicts
            self.pacing.wait(number)
        return report

    def _save(self, documents: Sequence[D], number: int) -> tuple[int, list[str]]:
        """Change some documents and save them; return how many were written, and the ids in conflict."""
        try:
            for document in documents:
                if self.change is None:
                    self.session.delete(document)
                else:
                    self.change(document)
        except BaseException:
            self.session.rollback()
            raise
        try:
            return _written(self.session.commit()), []
        except CommitError as error:
            told = error.report
            is_over = told.rejected or told.unanswered or told.unsent
            if is_over or number >= self.pacing.backoff.limit:
                raise
            self.session.rollback()
            return _written(told), [conflict.document.id for conflict in told.conflicts]


def _written(report: CommitReport) -> int:
    return len(report.saved) + len(report.merged) + len(report.deleted)
