"""Loads documents into a session, by their ids or by the keys of a view; what it holds stays as it is."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import attrs

from couchmapper.exceptions import UnexpectedType
from couchmapper.mapping.document import Document
from couchmapper.mapping.inverses import KeyedView
from couchmapper.query.listing import document_of
from couchmapper.query.partitions import check_partition
from couchmapper.session.workspace import Workspace
from couchmapper.typing import JSON, JSONObject

__all__ = ["Loading", "Take", "as_model", "documents_by_id"]

D = TypeVar("D", bound=Document)


class Take(Protocol):
    """Makes a document of what the server sent, or returns the one that is held under its id."""

    def __call__(self, workspace: Workspace, model: type[D], json: JSONObject, /) -> D:
        """Return the document; raises `UnexpectedType` when it is of another model."""
        ...


@attrs.frozen
class Loading:
    """The `Loader` of a session: `home` tells where a model lives, `take` makes the documents."""

    home: Callable[[type], Workspace]
    take: Take

    def load_many(
        self, wanted: Collection[tuple[type[Document], str]]
    ) -> Mapping[tuple[type[Document], str], Document]:
        """Return the documents that there are, with one request for each database."""
        homes = {model: self.home(model) for model in dict.fromkeys(model for model, _ in wanted)}
        models: dict[int, dict[str, type[Document]]] = {id(home): {} for home in homes.values()}
        for model, document_id in wanted:
            models[id(homes[model])].setdefault(document_id, model)
        found = {
            id(home): documents_by_id(home, models[id(home)], self.take)
            for home in {id(home): home for home in homes.values()}.values()
        }
        places = ((model, document_id, found[id(homes[model])]) for model, document_id in wanted)
        return {(model, one): documents[one] for model, one, documents in places if one in documents}

    def view_documents(
        self, model: type[Document], view: KeyedView, keys: Sequence[JSON]
    ) -> Iterator[tuple[JSON, Document]]:
        """Yield the documents under some keys of a view, each with its key, by one request."""
        check_partition(view, None)
        home = self.home(model)
        answer = home.database.views.query(
            view.design_name, view.name, keys=list(keys), include_docs=True, reduce=False
        )
        for row in answer["rows"]:
            if row.get("doc") and home.deleted.find(row["id"]) is None:
                yield row["key"], self.take(home, model, row["doc"])


def as_model(model: type[D], document: Document) -> D:
    """Return a document that is held as one of a model; raises `UnexpectedType` when it is of another."""
    if isinstance(document, model):
        return document
    raise UnexpectedType(
        f"the session holds {document.id!r} as {type(document).__name__}, which is no {model.__name__}"
    )


def documents_by_id(workspace: Workspace, models: Mapping[str, type[Any]], take: Take) -> dict[str, Document]:
    """Return the documents that there are of some ids, with one request for those that are not held.

    One that waits for its deletion is none.
    """
    found: dict[str, Document] = {}
    missing: list[str] = []
    for document_id in models:
        held = workspace.identities.find(document_id)
        if held is not None:
            found[document_id] = held
        elif workspace.deleted.find(document_id) is None:
            missing.append(document_id)
    bulk = workspace.database.bulk
    for row in bulk.all_docs(keys=missing, include_docs=True)["rows"] if missing else ():
        json = document_of(row)
        if json is not None:
            found[row["id"]] = take(workspace, models[row["id"]], json)
    return found
