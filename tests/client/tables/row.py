"""One row: an operation with arguments, what it sends, and how the peer's SDK asks for the same."""

from collections.abc import Mapping
from typing import Any

import attrs

from couchmapper.client import Client, Database
from couchmapper.client.operation import Operation
from couchmapper.client.partition import Partition
from couchmapper.messages import Request

NO_BODY = object()

# Why we send something else than the SDK, on purpose.
QUOTED = "a revision is sent as the quoted tag that HTTP knows; CouchDB reads both"
ENCODED = "a key is JSON for the server, so we encode it; the SDK leaves that to its caller"
PREFERENCE = "the answer is JSON in any case; with_options(headers=...) asks for something else"
SHORT_PATH = "CouchDB takes the bare name of the design document too, in one segment"


@attrs.frozen(kw_only=True)
class Peer:
    """A call of the SDK, and where it sends something else: `{"header If-Match": reason}`."""

    name: str
    arguments: Mapping[str, Any]
    differs: Mapping[str, str]


@attrs.frozen(kw_only=True)
class Row:
    """`operation` is a dotted name below `client`, `db` (the database shop) or `partition` (p of it)."""

    operation: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    method: str = ""
    path: tuple[str, ...] = ()
    query: Mapping[str, str] = attrs.field(factory=dict)
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: Any = NO_BODY
    repeatable: bool = True
    peer: Peer | None = None

    def __str__(self) -> str:
        return self.operation

    def sends(self, method: str, *path: str, **parts: Any) -> "Row":
        """Return this row with what it sends."""
        return attrs.evolve(self, method=method, path=path, **parts)

    def like(self, name: str, /, *, differs: Mapping[str, str] | None = None, **arguments: Any) -> "Row":
        """Return this row with the call of the SDK that does the same."""
        return attrs.evolve(self, peer=Peer(name=name, arguments=arguments, differs=differs or {}))

    def request(self, client: Client, *arguments: Any, **options: Any) -> Request:
        """Build the request, with these arguments or else those of the row."""
        found = find(client, self.operation)
        if arguments or options:
            return found.request(*arguments, **options)
        return found.request(*self.arguments, **self.options)


def row(operation: str, *arguments: Any, **options: Any) -> Row:
    """Begin a row: an operation and its arguments."""
    return Row(operation=operation, arguments=arguments, options=options)


def roots(client: Client) -> dict[str, Client | Database | Partition]:
    """Return the places that the names of operations begin with."""
    database = client.database("shop")
    return {"client": client, "db": database, "partition": database.partition("p")}


def find(client: Client, name: str) -> Operation[..., Any]:
    """Return an operation by its dotted name."""
    root, *rest = name.split(".")
    found: Any = roots(client)[root]
    for part in rest:
        found = getattr(found, part)
    return found
