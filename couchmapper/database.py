"""`Client` and `Database` as people use them: the client's chapters, plus models, sessions and hooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from couchmapper.changes.hooks import Hooks
from couchmapper.client import client, database
from couchmapper.exceptions import ModelError
from couchmapper.mapping.document import Document
from couchmapper.session.session import Session
from couchmapper.transport.base import Transport

__all__ = ["Client", "Database"]


class Database(database.Database):
    """One database: CouchDB's API by chapters, and the sessions and hooks of the models that live here."""

    def __init__(self, transport: Transport, name: str) -> None:
        super().__init__(transport, name)
        self._models: list[type[Document]] = []
        self.hooks = Hooks(self, self._models)

    def _over(self, transport: Transport) -> Self:
        """Share the models: it is the same database."""
        database = super()._over(transport)
        database._models = self._models  # noqa: SLF001 - of this class
        database.hooks = Hooks(database, self._models)
        return database

    def bind(self, *models: type) -> None:
        """Say that the documents of these models live here, so that `hooks` finds their marks."""
        for model in models:
            if not issubclass(model, Document):
                raise ModelError(f"{model.__name__} is no Document; only documents live in a database")
            if model not in self._models:
                self._models.append(model)

    def session(self) -> Session:
        """Open a session; it saves what `commit()` is told to, and nothing by itself."""
        return Session(self)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open a session that commits when the block ends well, and writes nothing when it raises."""
        with Session(self) as session:
            yield session
            session.commit()


class Client(client.Client):
    """A CouchDB server, a Cloudant account or an embedded store; `couchmapper.connect` opens one."""

    def database(self, name: str, *, create: bool = False) -> Database:
        """Open a database by name, without a request; with `create`, make it when it is not there."""
        if create:
            self.databases.ensure(name)
        return Database(self.transport, name)
