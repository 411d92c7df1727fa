"""A server and what it can be asked."""

from types import TracebackType
from typing import Self

from couchmapper.client.authentication import Authentication
from couchmapper.client.database import Database
from couchmapper.client.databases import Databases
from couchmapper.client.server import Server
from couchmapper.transport.base import Transport

__all__ = ["Client"]


class Client:
    """CouchDB's API over `transport`, which may lead to a server or into the embedded store.

    `server`, `databases` and `authentication` are the chapters of its API; `database(name)` has those of one
    database. It can be used from many threads at once, and as a context manager that closes the transport.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.server = Server(transport)
        self.databases = Databases(transport)
        self.authentication = Authentication(transport)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.transport!r})"

    def database(self, name: str, *, create: bool = False) -> Database:
        """Return the database `name`; nothing is sent, unless `create` asks to create it where it lacks.

        A class above this one overrides this method to return a `Database` of its own.
        """
        database = Database(self.transport, name)
        if create:
            self.databases.ensure(name)
        return database

    def close(self) -> None:
        """Close the transport with its connections and files."""
        self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
