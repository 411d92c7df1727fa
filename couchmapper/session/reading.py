"""The half of a session that reads: every document comes through the identity map."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from couchmapper.client.params import document_id
from couchmapper.exceptions import DocumentNotFound, SessionError
from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.mapping.expressions import Field
from couchmapper.mapping.inclusion import inclusions
from couchmapper.mapping.lifecycle import hooks_for
from couchmapper.query.search import SearchQuery
from couchmapper.query.search_spec import DeclaredSearch, SearchSpec, checked_search
from couchmapper.query.view_query import ViewQuery
from couchmapper.query.view_spec import ViewSpec
from couchmapper.query.views import DeclaredView, checked_view
from couchmapper.session.guard import Guard, guarded
from couchmapper.session.including import load_included
from couchmapper.session.loading import Loading, as_model, documents_by_id
from couchmapper.session.searching import Searching
from couchmapper.session.viewing import Viewing
from couchmapper.session.workspace import Workspace
from couchmapper.typing import JSONObject

__all__ = ["Reading"]

D = TypeVar("D", bound=Document)
K = TypeVar("K")
V = TypeVar("V")
E = TypeVar("E")


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
            return as_model(model, held)
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
        found = {one: as_model(model, document) for one, document in held.items()}
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
    def view(self, view: DeclaredView[K, V, E]) -> ViewQuery[K, V, E]:
        """Begin a query of a declared view, for all its rows; a view with a reduce function is reduced.

        The server answers from what is saved: it does not know the changes that wait for `commit`.
        """
        viewing = Viewing(self.guard, self._home, self._take)
        spec = ViewSpec(view=checked_view(view), reduced=view.reduce_function is not None)
        return ViewQuery(viewing, spec)

    @guarded
    def search(self, index: DeclaredSearch[D]) -> SearchQuery[D]:
        """Begin a search of a declared search index, for all that it holds.

        The server answers from what is saved: it does not know the changes that wait for `commit`.
        """
        searching = Searching(self.guard, self._home, self._take)
        return SearchQuery(searching, SearchSpec(index=checked_search(index)))

    def _take(self, workspace: Workspace, model: type[D], json: JSONObject) -> D:
        """Return the object for what the server sent: the one that is there already, or a new one."""
        known_id = json["_id"]
        held = workspace.identities.find(known_id)
        if held is not None:
            return as_model(model, held)
        document = mapper.load(model, json)
        if "_attachments" in json:
            workspace.lend(document)
        kind: type = type(document)
        for hook in hooks_for(kind, "after_load"):
            hook(document)
        workspace.identities.loosen(known_id, document)
        return document
