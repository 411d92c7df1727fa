"""The part of a session that runs queries: what `query.builder.Executor` asks for, but for changes."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import attrs

from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.mapping.lifecycle import run_hooks
from couchmapper.query.question import Question
from couchmapper.query.spec import QuerySpec, Scans, checked_scans
from couchmapper.session.guard import guarded
from couchmapper.session.including import load_included
from couchmapper.session.loading import as_model
from couchmapper.session.query_run import QueryRun
from couchmapper.session.reading import Reading
from couchmapper.session.workspace import Workspace
from couchmapper.typing import JSONObject

__all__ = ["Querying"]

D = TypeVar("D", bound=Document)


class Querying(Reading):
    """Runs queries over the documents of a session's databases.

    `scans` is what they may do without an index, unless they say so themselves.
    """

    def __init__(self, workspaces: Sequence[Workspace], *, scans: Scans | None = None) -> None:
        super().__init__(workspaces)
        self._scans = checked_scans(scans)

    def execute(self, spec: QuerySpec[D]) -> Iterator[D]:
        """Yield the documents that a query asks for, as objects of this session."""

        def include(page: Sequence[D]) -> None:
            load_included(self._loading, page, spec.include)

        return QueryRun(
            spec=self._allowed(spec),
            workspace=self._home(spec.model),
            guard=self.guard,
            take=self._take,
            include=include,
        ).documents()

    @guarded
    def ask(self, spec: QuerySpec[D]) -> Question:
        """Return a query put to the database of its model."""
        return Question(self._allowed(spec), self._home(spec.model).source)

    @guarded
    def documents(self, spec: QuerySpec[D], found: Sequence[JSONObject]) -> list[D]:
        """Return the objects for what the database sent, with what a query includes.

        Those that wait for their deletion are left out.
        """
        home = self._home(spec.model)
        documents = [
            self._take(home, spec.model, json) for json in found if home.deleted.find(json["_id"]) is None
        ]
        load_included(self._loading, documents, spec.include)
        return documents

    def renewed(self, model: type[D], found: Sequence[JSONObject]) -> list[D]:
        """Return the objects for what the server sent; those that the session holds take the new values."""
        home = self._home(model)
        documents: list[D] = []
        for json in found:
            held = home.identities.find(json["_id"])
            if held is not None and held.rev != json["_rev"]:
                mapper.restore(as_model(model, held), json)
                home.keep(held, held.id)
                run_hooks("after_load", held)
            documents.append(self._take(home, model, json))
        return documents

    def _allowed(self, spec: QuerySpec[D]) -> QuerySpec[D]:
        return spec if spec.scans is not None else attrs.evolve(spec, scans=self._scans)
