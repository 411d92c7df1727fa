"""A server and what it can be asked."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from couchmapper.client.authentication import Authentication
from couchmapper.client.chapters import Chapter
from couchmapper.client.database import Database
from couchmapper.client.databases import Databases
from couchmapper.client.server import Server
from couchmapper.messages import TimeoutLike
from couchmapper.streams import Closing
from couchmapper.transport.base import Transport
from couchmapper.transport.options import OptionsTransport

if TYPE_CHECKING:
    from couchmapper.client.cloudant import Cloudant
    from couchmapper.client.nodes import Nodes
    from couchmapper.client.replication import Replication
    from couchmapper.client.resharding import Resharding

__all__ = ["Client"]


class Client(Closing):
    """CouchDB's API over `transport`, which may lead to a server or into the embedded store.

    `server`, `databases`, `authentication`, `replication`, `nodes` and `resharding` are the chapters of its
    API, and `cloudant` is what only Cloudant has; `database(name)` has those of one database. It can be used
    from many threads at once, and as a context manager that closes the transport.
    """

    replication: "Chapter[Replication]" = Chapter("couchmapper.client.replication:Replication")
    nodes: "Chapter[Nodes]" = Chapter("couchmapper.client.nodes:Nodes")
    resharding: "Chapter[Resharding]" = Chapter("couchmapper.client.resharding:Resharding")
    cloudant: "Chapter[Cloudant]" = Chapter("couchmapper.client.cloudant:Cloudant")

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.place: tuple[Transport, tuple[str, ...], str] = transport, (), ""
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

    def with_options(
        self,
        *,
        timeout: TimeoutLike | None = None,
        deadline: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return the same client with options of its own for every request: limits in time, more headers.

        `timeout` limits each attempt: see `Timeout`. `deadline` is how many seconds a call may take in all,
        with its repetitions and the pauses between them. `client.with_options(deadline=5).server.up()`.
        Connections and credentials are shared; closing it closes nothing.
        """
        return self._over(
            OptionsTransport(self.transport, timeout=timeout, deadline=deadline, headers=headers or {})
        )

    def _over(self, transport: Transport) -> Self:
        return type(self)(transport)

    def close(self) -> None:
        """Close the transport with its connections and files."""
        self.transport.close()
