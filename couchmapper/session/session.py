"""`Session`: the documents of one piece of work, and the one place where they are loaded and saved."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TypeVar

from couchmapper.client.database import Database
from couchmapper.exceptions import (
    ConfigurationError,
    CouchMapperError,
    IdentityError,
    SessionBusy,
)
from couchmapper.mapping import mapper
from couchmapper.mapping.attachment_changes import as_stored
from couchmapper.mapping.attachments import take_back_reader
from couchmapper.mapping.document import Document
from couchmapper.mapping.lifecycle import run_hooks, run_hooks_of_all
from couchmapper.mapping.metadata import metadata_of
from couchmapper.mapping.strategies import OnConflict, checked_strategy
from couchmapper.query.builder import Query
from couchmapper.query.bulk_report import BulkReport
from couchmapper.query.spec import QuerySpec, Scans, checked_model
from couchmapper.session.bulk_changes import BulkChange
from couchmapper.session.commit import Commit, Pacing
from couchmapper.session.guard import guarded
from couchmapper.session.patch import patch
from couchmapper.session.pending import Pending
from couchmapper.session.planning import Plans, planned
from couchmapper.session.precedence import Precedence
from couchmapper.session.querying import Querying
from couchmapper.session.report import CommitError, CommitReport
from couchmapper.session.tombstones import is_stored
from couchmapper.session.unit_of_work import Plan, Write, is_changed, prepared
from couchmapper.session.workspace import Workspace
from couchmapper.streams import Closing
from couchmapper.typing import JSONObject

__all__ = ["Session"]

D = TypeVar("D", bound=Document)

After = Document | Iterable[Document]


class Session(Querying, Closing):
    """A unit of work: it holds one object per document and finds what changed by comparison.

    `database.session()` opens one; as a context manager it closes at the end and commits nothing by itself.
    `database.begin()` opens one that commits when its block ends well. A session may have several databases:
    the documents of a model live in the one that it is bound to. One thread uses it at a time.

    A document keeps the values with which it first came, also when a later query meets a newer revision: what
    is written was then decided on what was read, or is a conflict. `refresh` reads it anew. A document that
    is not changed is forgotten when the program lets go of it, so that a loop over many runs in constant
    memory; a changed one is kept for the commit.
    """

    def __init__(
        self,
        workspaces: Sequence[Workspace],
        *,
        on_conflict: OnConflict | None = None,
        pacing: Pacing | None = None,
        scans: Scans | None = None,
    ) -> None:
        super().__init__(workspaces, scans=scans)
        self._on_conflict: OnConflict | None = checked_strategy(on_conflict)
        self._pacing = pacing or Pacing()
        self._precedence = Precedence()
        self._is_committing = False

    @property
    def database(self) -> Database:
        """The database of models that are bound to none of this session's."""
        return self._workspaces[0].database

    def __repr__(self) -> str:
        names = ", ".join(repr(one.database.name) for one in self._workspaces)
        total = sum(len(one.identities) for one in self._workspaces)
        return f"<session on {names} with {total} document(s)>"

    def __contains__(self, document: Document) -> bool:
        """Tell whether the session will save changes of this very object."""
        return self._home(type(document)).identities.holds(document)

    @guarded
    def query(self, model: type[D]) -> Query[D]:
        """Begin a query for the documents of a model and its subclasses.

        The server answers from what is saved: it does not know the changes that wait for `commit`.
        """
        return Query(self, QuerySpec(model=checked_model(model)))

    @guarded
    def change(self, spec: QuerySpec[D], change: Callable[[D], object] | None, *, size: int) -> BulkReport:
        """Change, or without a function delete, all documents of a query, and save them: `Query.update`."""
        return BulkChange(self, spec, change, size, self._pacing).run()

    @guarded
    def add(self, document: Document, *, after: After | None = None) -> None:
        """Take a document into the session: the next commit saves it when it is new or changed.

        It is sent when the documents `after` which it comes are saved. One that waits for its deletion stays;
        one whose deletion was committed is made anew. Raises `IdentityError` when the session holds another
        object under its id, and `IllegalDocumentId`.
        """
        before = _checked(after)
        self._home(type(document)).add(document)
        self._precedence.note(document, before)

    @guarded
    def add_all(self, documents: Iterable[Document]) -> None:
        """Take documents into the session; see `add`."""
        for document in documents:
            self._home(type(document)).add(document)

    @guarded
    def delete(self, document: Document, *, after: After | None = None, all_branches: bool = False) -> None:
        """Delete a document with the next commit; one that was never saved is only forgotten.

        Where replication has left it with several branches, a deletion ends the winner only, and CouchDB
        shows the next one in its place; `all_branches` ends them all. `after` as with `add`.
        """
        before = _checked(after)
        workspace = self._home(type(document))
        if not workspace.deleted.holds(document):
            self._check_held(document)
            if not is_stored(document) and document.id not in workspace.attempts:
                workspace.identities.remove(document.id)
                self._precedence.forget(document)
                return
            workspace.deleted.add(document.id, document)
            workspace.identities.remove(document.id)
        if all_branches:
            workspace.whole.add(document.id)
        self._precedence.note(document, before)

    @guarded
    def modify(self, model: type[D], id: str, change: Callable[[D], object]) -> D:
        """Read a document, change it by a function and save it at once, again when somebody was faster.

        `change` is called with the document as the server holds it, each time anew, and so may be called
        several times; what it raises is passed on, and nothing is written. Nothing else of the session is
        saved. Raises `DocumentNotFound`, `IdentityError` when the session has changes of the document that
        are not saved yet, and `CommitError` when it could not be written or others were faster each time.
        """
        for number in count(1):
            document = self._newest(model, id)
            try:
                change(document)
                self._check_modified(id, document)
                write = prepared(id, document)
            except BaseException:
                mapper.restore(document, mapper.source_of(document) or {})
                raise
            if write is None:
                return document
            plan = Plan(writes=(write,), rejected=())
            report, failure = self._write([(self._home(model), plan)], "raise")
            if not report.conflicts or number >= self._pacing.backoff.limit:
                self._reported(report, failure)
                return document
            mapper.restore(document, mapper.source_of(document) or {})
            self._pacing.wait(number)
        raise AssertionError

    @guarded
    def refresh(self, document: Document) -> None:
        """Read a document anew and drop its unsaved changes, a deletion included.

        Raises `DocumentNotFound` when it is not there any more.
        """
        workspace = self._home(type(document))
        if not workspace.deleted.holds(document):
            self._check_held(document)
        mapper.restore(document, workspace.database.documents.get(document.id))
        workspace.settle(document, document.id)
        self._precedence.forget(document)
        run_hooks("after_load", document)

    @guarded
    def expunge(self, document: Document) -> None:
        """Forget a document: neither its changes nor its deletion are saved by this session."""
        workspace = self._home(type(document))
        if not workspace.deleted.holds(document):
            self._check_held(document)
        workspace.forget(document.id)
        take_back_reader(document)
        self._precedence.forget(document)

    @guarded
    def rollback(self) -> None:
        """Return to what was loaded or last saved: new documents are forgotten, the rest is undone."""
        for workspace in self._workspaces:
            workspace.rollback()
        self._precedence.clear()

    @property
    def pending(self) -> Pending:
        """The documents that the next commit would write, found by comparison."""
        with self.guard:
            held = [(key, one, space) for space in self._workspaces for key, one in space.identities]
            changed = [one for key, one, space in held if key in space.attempts or is_changed(key, one)]
            return Pending(
                new=tuple(one for one in changed if not is_stored(one)),
                changed=tuple(one for one in changed if is_stored(one)),
                deleted=tuple(one for space in self._workspaces for _, one in space.deleted),
            )

    @guarded
    def changes(self, document: Document) -> list[JSONObject]:
        """Return what the next commit would change, as a JSON Patch (RFC 6902) against what was read.

        Empty when nothing would be written. A new document is added, and a deleted one removed, as a whole.
        """
        workspace = self._home(type(document))
        if workspace.deleted.holds(document):
            return [{"op": "remove", "path": ""}]
        self._check_held(document)
        json = as_stored(document, mapper.dump(document))
        if not is_stored(document):
            return [{"op": "add", "path": "", "value": json}]
        return patch(mapper.source_of(document) or {}, json)

    @guarded
    def commit(self, *, on_conflict: OnConflict | None = None) -> CommitReport:
        """Save what is new, changed or deleted, with one `_bulk_docs` for each 500 documents or 8 MB.

        When a document does not fit its model, nothing is sent. Where somebody else was faster, `on_conflict`
        decides: this argument, or else that of the session, or of the model. `"raise"` reports the conflict;
        `"merge"` joins both sides field by field and reports only what clashes; `"mine"` and `"theirs"` take
        one side; a function is given the `Conflict` and returns one of these, or a document or JSON to store,
        or None to delete it. When an answer is lost, what became of the writes is looked up.

        Raises `CommitError`, which holds the report, when anything was left unsaved; those documents stay as
        they are in the session, so that a later commit tries them again, and nothing is written twice.
        """
        strategy = checked_strategy(on_conflict) or self._on_conflict
        with self._only_one():
            report, failure = self._write(planned(self._workspaces), strategy)
        return self._reported(report, failure)

    def close(self) -> None:
        """Forget everything; unsaved changes are lost, and the session cannot be used again."""
        self.guard.close()
        for workspace in self._workspaces:
            workspace.clear()
        self._precedence.clear()

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """Refuse what a hook, or a function that decides a conflict, cannot do in the middle of a commit."""
        if self._is_committing:
            raise SessionBusy("this session is committing; what a hook changes now is saved by that commit")
        self._is_committing = True
        try:
            yield
        finally:
            self._is_committing = False

    def _write(
        self, plans: Plans, on_conflict: OnConflict | None
    ) -> tuple[CommitReport, CouchMapperError | None]:
        def strategy(write: Write) -> OnConflict:
            return on_conflict or metadata_of(type(write.document)).on_conflict or "raise"

        report, failure = Commit(self._precedence, strategy, self._pacing).run(plans)
        self._precedence.forget_all((*report.saved, *report.merged, *report.yielded, *report.deleted))
        return report, failure

    def _reported(self, report: CommitReport, failure: CouchMapperError | None) -> CommitReport:
        """Call the hooks of what is done, and return the report, or raise it when something is left."""
        failed = None if report else CommitError.of(report, failure)
        try:
            run_hooks_of_all("after_save", (*report.saved, *report.merged))
            run_hooks_of_all("after_delete", report.deleted)
            run_hooks_of_all("after_load", filter(is_stored, report.yielded))
        except Exception as error:
            if failed is None:
                raise
            raise failed from error
        if failed is not None:
            raise failed from failure
        return report

    def _newest(self, model: type[D], id: str) -> D:
        """Return a document as the server holds it, for `modify`."""
        workspace = self._home(model)
        if workspace.deleted.find(id) is not None:
            raise IdentityError(f"{id!r} waits for its deletion; commit, or session.add() it again first")
        held = workspace.identities.find(id)
        if held is not None:
            if id in workspace.attempts or is_changed(id, held):
                raise IdentityError(
                    f"{id!r} has changes that are not saved; commit or refresh it before session.modify()"
                )
            self.refresh(held)
        return self.get_one(model, id)

    def _check_modified(self, id: str, document: Document) -> None:
        if self._home(type(document)).identities.find(id) is not document:
            raise IdentityError(
                f"the function of session.modify() took {id!r} out of the session; to delete it, call"
                " session.delete() and commit()"
            )

    def _check_held(self, document: Document) -> None:
        if document not in self:
            raise IdentityError(
                f"{document.id!r} is not in this session; take it in with session.add(document)"
            )


def _checked(after: After | None) -> Sequence[Document]:
    """Return the documents that are to be written before."""
    if after is None:
        return ()
    before = list(after) if isinstance(after, Iterable) else [after]
    for one in before:
        if not isinstance(one, Document):
            raise ConfigurationError(f"after= takes documents that are written before, got {one!r}")
    return before
