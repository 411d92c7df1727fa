"""The half of a session that reads: every document comes through the identity map."""

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from couchmapper.client.params import UNSET, document_id
from couchmapper.exceptions import DocumentNotFound, SessionError, UnexpectedType
from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.mapping.expressions import Field
from couchmapper.mapping.inclusion import inclusions
from couchmapper.mapping.lifecycle import hooks_for
from couchmapper.query.builder import Query
from couchmapper.query.results import find_pages
from couchmapper.query.spec import QuerySpec
from couchmapper.query.views import DeclaredView, Row, read_rows
from couchmapper.session.guard import Guard, guarded
from couchmapper.session.identity import IdentityMap
from couchmapper.session.including import in_pages, load_included
from couchmapper.session.loading import Loading, documents_by_id
from couchmapper.session.tombstones import is_buried
from couchmapper.session.workspace import Workspace
from couchmapper.typing import JSON, JSONObject

__all__ = ["Reading"]

D = TypeVar("D", bound=Document)
K = TypeVar("K")
V = TypeVar("V")

_AT_ONCE: Final = 50
"""How many documents of a query are made before the first of them is given."""


class Reading:
    """Reads the documents of some databases, each model's where it lives, as one object for each id."""

    def __init__(self, workspaces: Sequence[Workspace]) -> None:
        self._workspaces = tuple(workspaces)
        self.guard = Guard()

    def _home(self, model: type) -> Workspace:
        """Return the database of a model: the one it is bound to, the first one when it is bound to none.

        A model that is not bound itself lives where the nearest class that it derives from does.
        """
        if len(self._workspaces) == 1:
            return self._workspaces[0]
        homes = next(filter(None, map(self._homes, model.__mro__)), [])
        if len(homes) > 1:
            names = " and ".join(repr(one.database.name) for one in homes)
            raise SessionError(
                f"{model.__name__} is bound to {names}, and this session has both: open one for each"
            )
        return homes[0] if homes else self._workspaces[0]

    def _homes(self, kind: type) -> list[Workspace]:
        return [one for one in self._workspaces if kind in one.models]

    @property
    def _loading(self) -> Loading:
        return Loading(self._home, self._take)

    @guarded
    def get(self, model: type[D], id: str, *, include: Iterable[Field[Any]] = ()) -> D | None:
        """Return a document by id, from the session or from the server; None when there is none.

        What it refers to in the fields `include` is loaded as well. A document that waits for its deletion is
        none. Raises `UnexpectedType` for a document of another model, `DocumentInvalid` for one that does not
        fit.
        """
        wanted = inclusions(include, [model])
        document = self._find(model, id)
        if document is not None:
            load_included(self._loading, [document], wanted)
        return document

    @guarded
    def get_one(self, model: type[D], id: str, *, include: Iterable[Field[Any]] = ()) -> D:
        """Return a document by id as `get` does; raises `DocumentNotFound` when there is none."""
        document = self.get(model, id, include=include)
        if document is None:
            raise DocumentNotFound(f"there is no {model.__name__} {id!r}")
        return document

    def _find(self, model: type[D], id: str) -> D | None:
        workspace = self._home(model)
        if workspace.deleted.find(id) is not None:
            return None
        held = workspace.identities.find(id)
        if held is not None:
            return _as_model(model, held)
        try:
            return self._take(workspace, model, workspace.database.documents.get(id))
        except DocumentNotFound:
            return None

    @guarded
    def get_many(
        self, model: type[D], ids: Iterable[str], *, include: Iterable[Field[Any]] = ()
    ) -> list[D | None]:
        """Return documents by their ids, in that order, with one request for those not in the session.

        What they refer to in the fields `include` is loaded as well.
        """
        wanted = inclusions(include, [model])
        asked = [document_id(one) for one in ids]
        held = documents_by_id(self._home(model), dict.fromkeys(asked, model), self._take)
        found = {one: _as_model(model, document) for one, document in held.items()}
        load_included(self._loading, found.values(), wanted)
        return [found.get(one) for one in asked]

    @guarded
    def include(self, documents: Document | Iterable[Document | None], *fields: Field[Any]) -> None:
        """Load what documents refer to in some fields, as `query.include` does for those that it finds.

        A reference is then to the document that this session holds. An inverse field that is loaded stays as
        it is. None among the documents is passed over.
        """
        several = (documents,) if isinstance(documents, Document) else documents
        given = [one for one in several if one is not None]
        if given:
            wanted = inclusions(fields, dict.fromkeys(type(one) for one in given))
            load_included(self._loading, given, wanted)

    @guarded
    def query(self, model: type[D]) -> Query[D]:
        """Begin a query for the documents of a model and its subclasses.

        The server answers from what is saved: it does not know the changes that wait for `commit`.
        """
        return Query(self, QuerySpec(model=model))

    def execute(self, spec: QuerySpec[D]) -> Iterator[D]:
        """Run a query; a document that the session holds already is given as it is held, changes included.

        Documents that wait for their deletion are left out, before limit and skip count; those deleted while
        the query is gone through are, too. Some documents are made at once, before the first of them is
        given; what is included is loaded for a page at a time.
        """

        def load(page: list[D]) -> None:
            with self.guard:
                load_included(self._loading, page, spec.include)

        found = self._found(spec)
        return self._given(spec.model, in_pages(found, spec.page_size, load) if spec.include else found)

    def _found(self, spec: QuerySpec[D]) -> Iterator[D]:
        with self.guard:
            workspace = self._home(spec.model)
            deleted = workspace.deleted
            hidden = len(deleted)
        pages = find_pages(workspace.database.find.query, spec.widened(hidden) if hidden else spec)
        with workspace.observed() as written:
            for page in _without(deleted, pages, spec) if hidden else pages:
                if not hidden:
                    written.clear()  # this page was read after that
                for start in range(0, len(page), _AT_ONCE):
                    with self.guard:
                        batch = page[start : start + _AT_ONCE]
                        documents = self._taken(workspace, spec.model, batch, written)
                    documents.reverse()
                    while documents:  # what the program has let go of is not held here meanwhile
                        yield documents.pop()

    def _taken(
        self, workspace: Workspace, model: type[D], batch: Sequence[JSONObject], written: Container[str]
    ) -> list[D]:
        """Return the documents of a part of a page; what this session has written since is read anew."""
        if len(workspace.deleted):
            batch = [json for json in batch if workspace.deleted.find(json["_id"]) is None]
        old = [json["_id"] for json in batch if json["_id"] in written]
        if not old:
            return [self._take(workspace, model, json) for json in batch]
        new = documents_by_id(workspace, dict.fromkeys(old, model), self._take)
        found = [
            new.get(json["_id"]) if json["_id"] in written else self._take(workspace, model, json)
            for json in batch
        ]
        return [_as_model(model, document) for document in found if document is not None]

    def _given(self, model: type[D], documents: Iterator[D]) -> Iterator[D]:
        """Yield documents as the session holds them when it is their turn."""
        workspace = self._home(model)
        identities = workspace.identities
        for document in documents:
            self.guard.check()
            if identities.find(document.id) is document:
                yield document
            elif not is_buried(document) and workspace.deleted.find(document.id) is None:
                with self.guard:
                    again = self._take(workspace, model, mapper.source_of(document) or {})
                yield again

    @guarded
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
        answer = self._home(view.model).database.views.query(
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

    def _take(self, workspace: Workspace, model: type[D], json: JSONObject) -> D:
        """Return the object for what the server sent: the one that is there already, or a new one."""
        known_id = json["_id"]
        held = workspace.identities.find(known_id)
        if held is not None:
            return _as_model(model, held)
        document = mapper.load(model, json)
        if "_attachments" in json:
            workspace.lend(document)
        kind: type = type(document)
        for hook in hooks_for(kind, "after_load"):
            hook(document)
        workspace.identities.loosen(known_id, document)
        return document


def _without(
    deleted: IdentityMap, pages: Iterable[list[JSONObject]], spec: QuerySpec[D]
) -> Iterator[list[JSONObject]]:
    """Leave out the documents that wait for their deletion, and then skip and stop as the query says."""
    visible = (json for page in pages for json in page if deleted.find(json["_id"]) is None)
    found = islice(visible, spec.skip, None if spec.limit is None else spec.skip + spec.limit)
    while page := list(islice(found, spec.page_size)):
        yield page


def _as_model(model: type[D], document: Document) -> D:
    if isinstance(document, model):
        return document
    raise UnexpectedType(
        f"the session holds {document.id!r} as {type(document).__name__}, which is no {model.__name__}"
    )


def _written(view: DeclaredView[Any, Any], key: Any) -> JSON:
    return key if key is UNSET else view.dump_key(key)
