"""`Session`: the documents of one piece of work, and the one place where they are loaded and saved."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from couchmapper.client.database import Database
from couchmapper.client.params import UNSET, document_id
from couchmapper.exceptions import DocumentNotFound, IdentityError, SessionClosed, UnexpectedType
from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.query.builder import Query
from couchmapper.query.results import find_documents
from couchmapper.query.spec import QuerySpec
from couchmapper.query.views import DeclaredView, Row, read_rows
from couchmapper.session.attempts import Attempts
from couchmapper.session.commit import Commit
from couchmapper.session.identity import IdentityMap
from couchmapper.session.report import CommitError, CommitReport
from couchmapper.session.tombstones import is_buried, is_stored, revive
from couchmapper.session.unit_of_work import plan
from couchmapper.streams import Closing
from couchmapper.typing import JSON, JSONObject

__all__ = ["Session"]

D = TypeVar("D", bound=Document)
K = TypeVar("K")
V = TypeVar("V")


class Session(Closing):
    """A unit of work on one database: it holds one object per document and finds what changed by comparison.

    `database.session()` opens one; as a context manager it closes at the end and commits nothing by itself.
    `database.begin()` opens one that commits when its block ends well. A session belongs to one thread.

    A document keeps the values with which it first came, also when a later query meets a newer revision: what
    is written was then decided on what was read, or is a conflict. `refresh` reads it anew.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._identities = IdentityMap()
        self._deleted = IdentityMap()
        self._attempts = Attempts()
        self._closed = False

    def __repr__(self) -> str:
        return f"<session on {self.database.name!r} with {len(self._identities)} document(s)>"

    def __contains__(self, document: Document) -> bool:
        """Tell whether the session will save changes of this very object."""
        return self._identities.holds(document)

    def add(self, document: Document) -> None:
        """Take a document into the session: the next commit saves it when it is new or changed.

        One that waits for its deletion stays; one whose deletion was committed is made anew. Raises
        `IdentityError` when the session holds another object under its id, and `IllegalDocumentId`.
        """
        self._check_open()
        document_id(document.id)
        self._deleted.check(document)
        self._identities.add(document)
        self._deleted.remove(document.id)
        if is_buried(document):
            revive(document)

    def add_all(self, documents: Iterable[Document]) -> None:
        """Take documents into the session; see `add`."""
        for document in documents:
            self.add(document)

    def delete(self, document: Document) -> None:
        """Delete a document with the next commit; one that was never saved is only forgotten."""
        self._check_open()
        if self._deleted.holds(document):
            return
        self._check_held(document)
        self._identities.remove(document.id)
        if is_stored(document) or document.id in self._attempts:
            self._deleted.add(document)

    def get(self, model: type[D], id: str) -> D | None:
        """Return a document by id, from the session or from the server; None when there is none.

        A document that waits for its deletion is none. Raises `UnexpectedType` for a document of another
        model, `DocumentInvalid` for one that does not fit.
        """
        self._check_open()
        if self._deleted.find(id) is not None:
            return None
        held = self._identities.find(id)
        if held is not None:
            return _as_model(model, held)
        try:
            return self._take(model, self.database.documents.get(id))
        except DocumentNotFound:
            return None

    def get_many(self, model: type[D], ids: Iterable[str]) -> list[D | None]:
        """Return documents by their ids, in that order, with one request for those not in the session."""
        self._check_open()
        wanted = [document_id(one) for one in ids]
        known = (self._identities, self._deleted)
        missing = [one for one in dict.fromkeys(wanted) if all(held.find(one) is None for held in known)]
        rows = self.database.bulk.all_docs(keys=missing, include_docs=True)["rows"] if missing else []
        for row in rows:
            if row.get("doc"):
                self._take(model, row["doc"])
        held = map(self._identities.find, wanted)
        return [None if document is None else _as_model(model, document) for document in held]

    def query(self, model: type[D]) -> Query[D]:
        """Begin a query for the documents of a model and its subclasses.

        The server answers from what is saved: it does not know the changes that wait for `commit`.
        """
        self._check_open()
        return Query(self, QuerySpec(model=model))

    def execute(self, spec: QuerySpec[D]) -> Iterator[D]:
        """Run a query; a document that the session holds already is given as it is held, changes included.

        Documents that wait for their deletion are left out, before limit and skip count.
        """
        self._check_open()
        hidden = len(self._deleted)
        found = find_documents(self.database.find.query, spec.widened(hidden) if hidden else spec)
        if hidden:
            visible = (json for json in found if self._deleted.find(json["_id"]) is None)
            found = islice(visible, spec.skip, None if spec.limit is None else spec.skip + spec.limit)
        for json in found:
            yield self._take(spec.model, json)

    def view(  # noqa: PLR0913 - the parameters of a view query
        self,
        view: DeclaredView[K, V],
        *,
        key: Any = UNSET,
        keys: Iterable[Any] | None = None,
        start_key: Any = UNSET,
        end_key: Any = UNSET,
        descending: bool = False,
        limit: int | None = None,
        skip: int | None = None,
        reduce: bool | None = None,
        group: bool = False,
        group_level: int | None = None,
    ) -> Iterator[Row[K, V]]:
        """Ask a declared view and return its rows with typed keys and values.

        The parameters are CouchDB's own; keys are Python values of the fields that the view emits. A view
        with a reduce function gives reduced rows unless `reduce=False`.
        """
        self._check_open()
        answer = self.database.views.query(
            view.design_name,
            view.name,
            key=_written(view, key),
            keys=None if keys is None else [view.dump_key(one) for one in keys],
            start_key=_written(view, start_key),
            end_key=_written(view, end_key),
            descending=descending or None,
            limit=limit,
            skip=skip,
            reduce=reduce,
            group=group or None,
            group_level=group_level,
        )
        return read_rows(view, answer)

    def refresh(self, document: Document) -> None:
        """Read a document anew and drop its unsaved changes, a deletion included.

        Raises `DocumentNotFound` when it is not there any more.
        """
        self._check_open()
        if not self._deleted.holds(document):
            self._check_held(document)
        mapper.restore(document, self.database.documents.get(document.id))
        self._deleted.remove(document.id)
        self._identities.add(document)
        self._attempts.forget(document.id)

    def expunge(self, document: Document) -> None:
        """Forget a document: neither its changes nor its deletion are saved by this session."""
        self._check_open()
        if not self._deleted.holds(document):
            self._check_held(document)
        self._identities.remove(document.id)
        self._deleted.remove(document.id)
        self._attempts.forget(document.id)

    def rollback(self) -> None:
        """Return to what was loaded or last saved: new documents are forgotten, the rest is undone."""
        self._check_open()
        kept = [document for _, document in (*self._identities, *self._deleted) if is_stored(document)]
        for document in kept:
            mapper.restore(document, mapper.source_of(document) or {})
        self._forget()
        for document in kept:
            self._identities.add(document)

    def commit(self) -> CommitReport:
        """Save what is new, changed or deleted, with one `_bulk_docs` for each 500 documents or 8 MB.

        When a document does not fit its model, nothing is sent. Raises `CommitError`, which holds the report,
        when anything was left unsaved; those documents stay as they are in the session, so that a later
        commit tries them again.
        """
        self._check_open()
        commit = Commit(self.database.bulk, self._attempts)
        try:
            report = commit.run(plan(self._identities, self._deleted, unsure=self._attempts))
        finally:
            for write in commit.done:
                if write.deleted:
                    self._deleted.remove(write.id)
        if not report:
            raise CommitError.of(report, commit.failure) from commit.failure
        return report

    def close(self) -> None:
        """Forget everything; unsaved changes are lost, and the session cannot be used again."""
        self._forget()
        self._closed = True

    def _forget(self) -> None:
        self._identities.clear()
        self._deleted.clear()
        self._attempts.clear()

    def _take(self, model: type[D], json: JSONObject) -> D:
        self._check_open()
        held = self._identities.find(json["_id"])
        if held is not None:
            return _as_model(model, held)
        document = mapper.load(model, json)
        self._identities.add(document)
        return document

    def _check_open(self) -> None:
        if self._closed:
            raise SessionClosed("this session is closed; open a new one with database.session()")

    def _check_held(self, document: Document) -> None:
        if document not in self:
            raise IdentityError(
                f"{document.id!r} is not in this session; take it in with session.add(document)"
            )


def _as_model(model: type[D], document: Document) -> D:
    if isinstance(document, model):
        return document
    raise UnexpectedType(
        f"the session holds {document.id!r} as {type(document).__name__}, which is no {model.__name__}"
    )


def _written(view: DeclaredView[Any, Any], key: Any) -> JSON:
    return key if key is UNSET else view.dump_key(key)
