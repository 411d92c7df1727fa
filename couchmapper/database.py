"""`Client` and `Database` as people use them: the client's chapters, plus models, sessions and hooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeVar

from couchmapper.changes.hooks import Hooks
from couchmapper.client import client, database
from couchmapper.exceptions import ModelError
from couchmapper.mapping.document import Document
from couchmapper.mapping.strategies import OnConflict
from couchmapper.query.source import ServerNotes
from couchmapper.query.spec import Scans
from couchmapper.session.budget import Budget, BudgetTransport
from couchmapper.session.limits import Limits
from couchmapper.session.session import Session
from couchmapper.session.workspace import Workspace
from couchmapper.transport.base import Transport

if TYPE_CHECKING:
    from couchmapper.session.stored_conflicts import StoredConflicts

__all__ = ["Client", "Database"]

D = TypeVar("D", bound=Document)


class Database(database.Database):
    """One database: CouchDB's API by chapters, and the sessions and hooks of the models that live here."""

    def __init__(self, transport: Transport, name: str) -> None:
        super().__init__(transport, name)
        self._models: list[type[Document]] = []
        self._limits = Limits()
        self._notes = ServerNotes()
        self.hooks = Hooks(self, self._models)

    def _over(self, transport: Transport) -> Self:
        """Share the models: it is the same database."""
        database = super()._over(transport)
        database._models = self._models  # noqa: SLF001 - of this class
        database._limits = self._limits  # noqa: SLF001 - likewise
        database._notes = self._notes  # noqa: SLF001 - likewise
        database.hooks = Hooks(database, self._models)
        return database

    def bind(self, *models: type) -> None:
        """Say that the documents of these models live here, so that `hooks` finds their marks."""
        for model in models:
            if not issubclass(model, Document):
                raise ModelError(f"{model.__name__} is no Document; only documents live in a database")
            if model not in self._models:
                self._models.append(model)

    def session(
        self,
        *others: "Database",
        on_conflict: OnConflict | None = None,
        max_requests: int | None = None,
        scans: Scans | None = None,
    ) -> Session:
        """Open a session; it saves what `commit()` is told to, and nothing by itself.

        With `others` it has their documents too: those of the models that are bound to them. `on_conflict` is
        what a commit does where somebody else was faster: see `Session.commit`. A session that would make
        more than `max_requests` requests raises `BudgetExceeded` instead. `scans` is what its queries may do
        where no index serves them: see `Query.scans`; without it, they warn when they have read much.
        """
        budget = None if max_requests is None else Budget(max_requests)
        workspaces = [one._workspace(budget) for one in (self, *others)]  # noqa: SLF001 - of this class
        return Session(workspaces, on_conflict=on_conflict, scans=scans)

    @contextmanager
    def begin(
        self,
        *others: "Database",
        on_conflict: OnConflict | None = None,
        max_requests: int | None = None,
        scans: Scans | None = None,
    ) -> Iterator[Session]:
        """Open a session that commits when the block ends well, and writes nothing when it raises."""
        with self.session(
            *others, on_conflict=on_conflict, max_requests=max_requests, scans=scans
        ) as session:
            yield session
            session.commit()

    def conflicts(self, model: type[D]) -> "StoredConflicts[D]":
        """Return the conflicts that replication left among the documents of a model; nothing is sent yet.

        `for conflict in db.conflicts(Order): conflict.resolve("merge")`.
        """
        from couchmapper.session.stored_conflicts import StoredConflicts  # noqa: PLC0415 - few programs need it

        return StoredConflicts(self, model)

    def _workspace(self, budget: Budget | None) -> Workspace:
        database = self if budget is None else self._over(BudgetTransport(self.transport, budget))
        return Workspace(database, self._models, self._limits, self._notes)


class Client(client.Client):
    """A CouchDB server, a Cloudant account or an embedded store; `couchmapper.connect` opens one."""

    def database(self, name: str, *, create: bool = False) -> Database:
        """Open a database by name, without a request; with `create`, make it when it is not there."""
        if create:
            self.databases.ensure(name)
        return Database(self.transport, name)
