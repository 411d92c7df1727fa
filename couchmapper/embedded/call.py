"""One request on its way through the engine, with what its answer needs."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import attrs

from couchmapper import jsonio
from couchmapper.embedded.engine.accepting import accepted
from couchmapper.embedded.engine.edits import canonical_revision
from couchmapper.embedded.engine.partitions import check_partition, expect_partition
from couchmapper.embedded.node import Node
from couchmapper.embedded.storage import databases
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.exceptions import BadRequest, DatabaseNotFound, InvalidJSON, UnsupportedMediaType
from couchmapper.messages import Request, Response
from couchmapper.streams import Upload
from couchmapper.typing import JSON, JSONObject

__all__ = ["Answer", "Call", "find_database"]


@attrs.frozen(kw_only=True)
class Call:
    """A request with the node that answers it; `segments` holds what stood in the route's braces."""

    node: Node
    request: Request
    segments: Mapping[str, str]

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the request's query string."""
        return self.request.query

    @property
    def document_id(self) -> str:
        """The document of the route: `{doc_id}`, or `_design/{design}`, or `_local/{local}`."""
        for name, prefix in (("doc_id", ""), ("design", "_design/"), ("local", "_local/")):
            if name in self.segments:
                return prefix + self.segments[name]
        raise KeyError(self.request.path)

    @property
    def partition(self) -> str | None:
        """The partition that the path or the query string names, which must not be two different ones."""
        named, asked = self.segments.get("partition"), self.query.get("partition")
        if named is not None and asked is not None and named != asked:
            raise BadRequest("Conflicting value for `partition` in query string")
        return named if asked is None else asked

    @contextmanager
    def read(self) -> Iterator[tuple[sqlite3.Connection, DatabaseRow]]:
        """Open a block that reads the route's database; raises `DatabaseNotFound`."""
        with self.node.store.read() as connection:
            yield connection, self._database(connection)

    @contextmanager
    def write(self) -> Iterator[tuple[sqlite3.Connection, DatabaseRow]]:
        """Open a block that writes to the route's database; once committed, who waits for changes looks."""
        with self.node.store.write() as connection:
            yield connection, self._database(connection)
        self.node.updates.announce()

    def header(self, name: str) -> str | None:
        """Return a header of the request; `name` is in lower case."""
        for given, value in self.request.headers.items():
            if given.lower() == name:
                return value
        return None

    def named_revision(self) -> str | None:
        """Return the revision that stands in the query or in `If-Match`; where both do, it is the same."""
        asked, header = self.query.get("rev"), self.header("if-match")
        tag = None if header is None else header.strip('"')
        if asked is not None and tag is not None and asked != tag:
            raise BadRequest("Document rev and etag have different values")
        given = asked if asked is not None else tag
        return None if given is None else canonical_revision(given)

    def content(self) -> bytes:
        """Read the request's body to its end; once, when it is read while it is sent."""
        body = self.request.body
        return b"".join(body) if isinstance(body, Upload) else body or b""

    def accepts(self, content_type: str) -> bool:
        """Tell whether the client takes an answer of this type.

        One that says nothing takes JSON, as CouchDB's own clients say it.
        """
        return accepted(self.header("accept"), content_type)

    def json(self) -> JSON:
        """Parse the request's body; the content type is not looked at, as with `PUT`."""
        text = self.content()
        if not text:
            raise BadRequest("Missing request body")
        try:
            return jsonio.loads(text)
        except InvalidJSON as error:
            raise BadRequest("invalid UTF-8 JSON") from error

    def posted(self) -> JSONObject:
        """Parse the body of a `POST`: an object, sent as `application/json`."""
        self.expect_json()
        value = self.json()
        if not isinstance(value, dict):
            raise BadRequest("Request body must be a JSON object")
        return value

    def options(self) -> Mapping[str, str]:
        """Return the parameters of a list, each as JSON text: the body of a `POST` holds some too."""
        if self.request.method != "POST":
            return self.query
        members = {name: jsonio.dumps(value).decode() for name, value in self.posted().items()}
        return {**members, **self.query}

    def expect_json(self) -> None:
        """Refuse a body that does not say that it is JSON."""
        given = (self.header("content-type") or "").partition(";")[0].strip().lower()
        if given != "application/json":
            raise UnsupportedMediaType("Content-Type must be application/json")

    def _database(self, connection: sqlite3.Connection) -> DatabaseRow:
        """Return the route's database, if it can have the partition or the document of the route."""
        database = find_database(connection, self.segments["db"])
        if "partition" in self.segments:
            check_partition(self.segments["partition"])
            if not database.partitioned:
                raise BadRequest("database is not partitioned")
        if database.partitioned and "doc_id" in self.segments:
            expect_partition(self.segments["doc_id"])
        return database


class Answer(Protocol):
    """Answers one method of one resource."""

    def __call__(self, call: Call, /) -> Response:
        """Return the answer, or raise the `ResponseError` that says what is wrong."""
        ...


def find_database(connection: sqlite3.Connection, name: str) -> DatabaseRow:
    """Return the database of this name; raises `DatabaseNotFound`."""
    found = databases.find(connection, name)
    if found is None:
        raise DatabaseNotFound("Database does not exist.")
    return found
