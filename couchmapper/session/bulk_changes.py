"""Changes or deletes all documents that a query finds, each once, in batches of one request."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

import attrs

from couchmapper.exceptions import SessionError
from couchmapper.mango.match import compile_match
from couchmapper.mapping.document import Document
from couchmapper.mapping.strategies import OnConflict
from couchmapper.query.bulk_report import BulkReport
from couchmapper.query.listing import by_ids
from couchmapper.query.question import Question
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.session.commit import Pacing
from couchmapper.session.pending import Pending
from couchmapper.session.report import CommitError, CommitReport
from couchmapper.session.tombstones import is_buried
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

    def commit(self, *, on_conflict: OnConflict | None = None) -> CommitReport:
        """Save what changed."""
        ...

    def rollback(self) -> None:
        """Undo what is not saved."""
        ...


@attrs.define
class BulkChange(Generic[D]):
    """Changes documents by a function, or without one deletes them; `report` is how far it came.

    The ids are found first. Each batch is then read anew, and what still matches is changed and saved; what
    somebody else changed in between is read and changed again, as by `Session.modify`.
    """

    session: Committing
    spec: QuerySpec[D]
    change: Callable[[D], object] | None
    size: int
    pacing: Pacing
    report: BulkReport = attrs.field(factory=BulkReport, init=False)

    def run(self) -> BulkReport:
        """Change everything; raises `SessionError` for unsaved changes, and `CommitError`.

        What ends it early is given a note of how far it came.
        """
        if self.session.pending:
            raise SessionError(
                "the session has changes that are not saved, which a change of all documents of a query would"
                " save as well: commit or rollback them first"
            )
        question = self.session.ask(self.spec)
        # One that moved in the index while others were found was found twice.
        ids = [*dict.fromkeys(document["_id"] for document in question.read([ID]).documents())]
        self.report = BulkReport(matched=len(ids))
        try:
            for start in range(0, len(ids), self.size):
                self._change(question, ids[start : start + self.size])
        except BaseException as error:
            error.add_note(self._note())
            raise
        return self.report

    def _change(self, question: Question, ids: Sequence[str]) -> None:
        """Change one batch, and those of its documents again that somebody else changed meanwhile."""
        matches = compile_match(self.spec.condition)
        for number in count(1):
            found = [one for page in by_ids(question.source, ids, self.size) for one in page if matches(one)]
            documents = self.session.renewed(self.spec.model, found)
            self.report += BulkReport(passed=len(ids) - len(found))
            conflicts = self._save(documents, is_last=number >= self.pacing.backoff.limit)
            if not conflicts:
                break
            ids = conflicts
            self.pacing.wait(number)

    def _save(self, documents: Sequence[D], *, is_last: bool) -> Sequence[str]:
        """Change some documents and save them; return the ids of those that somebody else changed."""
        batch = _Batch.of(documents)
        self._apply(batch)
        try:
            told = self.session.commit(on_conflict="raise")
        except CommitError as error:
            told = error.report
            self.report += batch.outcome(told)
            is_over = is_last or told.rejected or told.unanswered or told.unsent or error.__cause__
            met = [conflict.document for conflict in told.conflicts]
            if is_over or not batch.has_all(met):
                raise
            self.session.rollback()
            return [document.id for document in met]
        except BaseException as error:
            self.report += batch.written()
            if isinstance(error, Exception):  # of a hook: no write is without an answer
                self.session.rollback()
            raise
        self.report += batch.outcome(told)
        return ()

    def _apply(self, batch: "_Batch[D]") -> None:
        try:
            for document, _ in batch.documents.values():
                if self.change is None:
                    self.session.delete(document)
                else:
                    self.change(document)
        except BaseException:
            self.report += batch.written()  # if the function has committed
            self.session.rollback()
            raise

    def _note(self) -> str:
        told = self.report
        done = f"{told.written} are written, {told.unchanged} unchanged and {told.passed} passed over"
        return f"of {told.matched} documents that matched the query, {done}; {told.left} are left"


@attrs.frozen
class _Batch(Generic[D]):
    """Documents with the revisions that they had before they were changed.

    Others, which the function has changed along, do not count.
    """

    documents: Mapping[int, tuple[D, str | None]]

    @classmethod
    def of(cls, documents: Sequence[D]) -> "_Batch[D]":
        return cls({id(document): (document, document.rev) for document in documents})

    def has_all(self, documents: Iterable[Document]) -> bool:
        return all(id(document) in self.documents for document in documents)

    def written(self) -> BulkReport:
        """Return how many were written as far as is known."""
        return BulkReport(written=len(self._written()))

    def outcome(self, told: CommitReport) -> BulkReport:
        """Return what became of the documents by a commit."""
        refused = [one.document for one in told.conflicts] + [one.document for one in told.rejected]
        waiting = set(map(id, (*refused, *told.unanswered, *told.unsent)))
        gone = set(map(id, told.yielded)) & self.documents.keys()
        written = self._written() - gone - waiting
        unchanged = self.documents.keys() - written - gone - waiting
        return BulkReport(written=len(written), unchanged=len(unchanged), passed=len(gone))

    def _written(self) -> set[int]:
        return {
            key
            for key, (document, revision) in self.documents.items()
            if is_buried(document) or document.rev != revision
        }
