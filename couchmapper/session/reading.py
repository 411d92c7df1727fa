"""The half of a session that reads: every document comes through the identity map."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from couchmapper.client.params import UNSET, document_id
from couchmapper.exceptions import DocumentNotFound, SessionError, UnexpectedType
from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.mapping.lifecycle import hooks_for
from couchmapper.query.builder import Query
from couchmapper.query.results import find_documents
from couchmapper.query.spec import QuerySpec
from couchmapper.query.views import DeclaredView, Row, read_rows
from couchmapper.session.guard import Guard, guarded
from couchmapper.session.workspace import Workspace
from couchmapper.typing import JSON, JSONObject

__all__ = ["Reading"]

D = TypeVar("D", bound=Document)
K = TypeVar("K")
V = TypeVar("V")


class Reading:
    """Reads the documents of some databases, each model's where it lives, as one object for each id."""

    def __init__(self, workspaces: Sequence[Workspace]) -> None:
        self._workspaces = tuple(workspaces)
        self.guard = Guard()

    def _home(self, model: type) -> Workspace:
        """Return the database of a model: the one it is bound to, the first one when it is bound to none."""
        homes = [one for one in self._workspaces if one.is_home_of(model)]
        if len(homes) > 1:
            names = " and ".join(repr(one.database.name) for one in homes)
            raise SessionError(
                f"{model.__name__} is bound to {names}, and this session has both: open one for each"
            )
        return homes[0] if homes else self._workspaces[0]

    @guarded
    def get(self, model: type[D], id: str) -> D | None:
        """Return a document by id, from the session or from the server; None when there is none.

        A document that waits for its deletion is none. Raises `UnexpectedType` for a document of another
        model, `DocumentInvalid` for one that does not fit.
        """
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
    def get_many(self, model: type[D], ids: Iterable[str]) -> list[D | None]:
        """Return documents by their ids, in that order, with one request for those not in the session."""
        workspace = self._home(model)
        wanted = [document_id(one) for one in ids]
        known = (workspace.identities, workspace.deleted)
        found: dict[str, Document] = {}
        for one in wanted:
            held = workspace.identities.find(one)
            if held is not None:
                found[one] = held
        missing = [one for one in dict.fromkeys(wanted) if all(held.find(one) is None for held in known)]
        database = workspace.database
        rows = database.bulk.all_docs(keys=missing, include_docs=True)["rows"] if missing else []
        for row in rows:
            if row.get("doc"):
                found[row["id"]] = self._take(workspace, model, row["doc"])
        return [_as_model(model, found[one]) if one in found else None for one in wanted]

    @guarded
    def query(self, model: type[D]) -> Query[D]:
        """Begin a query for the documents of a model and its subclasses.

        The server answers from what is saved: it does not know the changes that wait for `commit`.
        """
        return Query(self, QuerySpec(model=model))

    def execute(self, spec: QuerySpec[D]) -> Iterator[D]:
        """Run a query; a document that the session holds already is given as it is held, changes included.

        Documents that wait for their deletion are left out, before limit and skip count.
        """
        with self.guard:
            workspace = self._home(spec.model)
            deleted = workspace.deleted
            hidden = len(deleted)
        found = find_documents(workspace.database.find.query, spec.widened(hidden) if hidden else spec)
        if hidden:
            visible = (json for json in found if deleted.find(json["_id"]) is None)
            found = islice(visible, spec.skip, None if spec.limit is None else spec.skip + spec.limit)
        for json in found:
            with self.guard:
                document = self._take(workspace, spec.model, json)
            yield document
            del document  # what the program has let go of is not held here while the next one comes

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
        held = workspace.identities.find(json["_id"])
        if held is not None:
            return _as_model(model, held)
        document = mapper.load(model, json)
        workspace.lend(document)
        hooks = hooks_for(type(document), "after_load")
        for hook in hooks:
            hook(document)
        workspace.keep(document, json["_id"])
        return document


def _as_model(model: type[D], document: Document) -> D:
    if isinstance(document, model):
        return document
    raise UnexpectedType(
        f"the session holds {document.id!r} as {type(document).__name__}, which is no {model.__name__}"
    )


def _written(view: DeclaredView[Any, Any], key: Any) -> JSON:
    return key if key is UNSET else view.dump_key(key)
