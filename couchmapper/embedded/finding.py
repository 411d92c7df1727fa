"""Running a `_find`: rows of the chosen index, their documents, those that match.

A document that is returned whole is never written again: the text that was stored is what goes out.
"""

import base64
import binascii
import sqlite3
from collections.abc import Iterator
from itertools import islice
from typing import Final, TypeAlias

import attrs

from couchmapper import jsonio
from couchmapper.embedded.engine.find import FindQuery
from couchmapper.embedded.engine.find_fields import from_columns, project
from couchmapper.embedded.engine.find_plan import Choice, id_range, row_range
from couchmapper.embedded.engine.partitions import ids_within
from couchmapper.embedded.engine.views import Definition
from couchmapper.embedded.reading import NOTHING, Shown, winner_text
from couchmapper.embedded.storage import documents, listing, views
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.embedded.storage.ranges import EVERYTHING
from couchmapper.embedded.storage.views_rows import RowEdge, ViewRow
from couchmapper.exceptions import BadRequest, InvalidJSON
from couchmapper.mango.match import compile_match
from couchmapper.typing import JSON, JSONObject

__all__ = ["Found", "find"]

_SMALLEST_BATCH: Final = 50
_LARGEST_BATCH: Final = 500

_Candidate: TypeAlias = tuple[bytes, str, JSONObject | None, bytes]
"""A row that may match: its key as text, the document's id, the document if it is still there, its text."""


@attrs.define
class Found:
    """What a search has found: documents as JSON texts, where it ended, and what it cost."""

    documents: list[bytes] = attrs.field(factory=list)
    bookmark: str = "nil"
    keys_examined: int = 0
    docs_examined: int = 0


def find(connection: sqlite3.Connection, database: DatabaseRow, query: FindQuery, choice: Choice) -> Found:
    """Return the documents that match, in the order of the index; raises `BadRequest` for a bad bookmark."""
    search = _Search(connection, database, query, choice)
    found = Found(bookmark=query.bookmark or "nil")
    if choice.is_empty(query) or query.limit == 0:
        return found
    matches = compile_match(query.selector.expression)
    last: _Candidate | None = None
    skip = query.skip
    for candidate in search.candidates():
        found.keys_examined += 1
        document = candidate[2]
        if document is None or not matches(document):
            continue
        last = candidate
        if skip:
            skip -= 1
            continue
        found.documents.append(search.shown(candidate))
        if len(found.documents) == query.limit:
            break
    found.docs_examined = 0 if search.covering else found.keys_examined
    if last is not None:
        found.bookmark = _write_bookmark(last)
    return found


class _Search:
    """One query on its way through the index that was chosen for it."""

    def __init__(
        self, connection: sqlite3.Connection, database: DatabaseRow, query: FindQuery, choice: Choice
    ) -> None:
        self._connection = connection
        self._database = database.number
        self._query = query
        self._choice = choice
        self._after = None if query.bookmark is None else _read_bookmark(query.bookmark)
        self._fields = query.field_paths
        self._shows = Shown(conflicts=True) if query.conflicts else NOTHING
        self.covering = choice.covering(query)

    def candidates(self) -> Iterator[_Candidate]:
        """Yield what the index has between its bounds, in its order."""
        definition = self._choice.chosen.definition if self._choice.chosen is not None else None
        if definition is None:
            return self._all_documents()
        rows = self._rows(definition)
        return self._columns(rows) if self.covering else self._documents(rows)

    def shown(self, candidate: _Candidate) -> bytes:
        """Write what the answer shows of a document."""
        _, _, document, text = candidate
        if not self._fields or document is None:
            return text
        return jsonio.dumps(project(document, self._fields))

    def _all_documents(self) -> Iterator[_Candidate]:
        ids = id_range(self._query, after=None if self._after is None else self._after[1])
        if ids is None:
            return
        partition = self._query.partition
        rows = listing.scan(
            self._connection,
            self._database,
            ids,
            within=ids_within(partition) if partition else EVERYTHING,
            descending=self._query.descending,
            content=True,
        )
        for row in rows:
            if not row.id.startswith("_design/"):
                yield self._candidate(jsonio.dumps(row.id), self._with_tree(row))

    def _rows(self, definition: Definition) -> Iterator[ViewRow]:
        index = views.find(self._connection, self._database, definition.signature)
        if index is None:
            return iter(())
        query = self._query
        space = definition.space(query.partition or None)
        edge = None
        if self._after is not None:
            edge = RowEdge(key=space.key(self._after[0]), id=self._after[1], included=False)
        rows = row_range(self._choice.keys(query), space, descending=query.descending, after=edge)
        return views.scan(self._connection, index.number, rows, descending=query.descending)

    def _columns(self, rows: Iterator[ViewRow]) -> Iterator[_Candidate]:
        """Make documents of what the index holds; no others are needed."""
        fields = self._choice.chosen.index.fields if self._choice.chosen is not None else ()
        for row in rows:
            yield row.key_text, row.id, from_columns(row.id, fields, jsonio.loads(row.key_text)), b""

    def _documents(self, rows: Iterator[ViewRow]) -> Iterator[_Candidate]:
        """Read the documents of rows, more of them at once when the answer is large or far."""
        size = min(max(self._query.limit + self._query.skip, _SMALLEST_BATCH), _LARGEST_BATCH)
        while batch := list(islice(rows, size)):
            ids = [row.id for row in batch]
            found = documents.find_many(
                self._connection, self._database, ids, tree=self._query.conflicts, content=True
            )
            for row in batch:
                yield self._candidate(row.key_text, found.get(row.id), row.id)
            size = _LARGEST_BATCH

    def _with_tree(self, row: DocumentRow) -> DocumentRow:
        if not self._query.conflicts:
            return row
        return documents.find(self._connection, self._database, row.id) or row

    def _candidate(self, key: bytes, row: DocumentRow | None, document_id: str = "") -> _Candidate:
        if row is None or row.deleted:
            return key, document_id, None, b""
        text = winner_text(row, self._shows)
        return key, row.id, jsonio.loads(text), text


def _write_bookmark(candidate: _Candidate) -> str:
    """Write where a page ended: key and id of its last row."""
    key, document_id, _, _ = candidate
    text = b"[%b,%b]" % (key, jsonio.dumps(document_id))
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _read_bookmark(bookmark: str) -> tuple[JSON, str]:
    try:
        text = base64.b64decode(bookmark.encode() + b"=" * (-len(bookmark) % 4), b"-_", validate=True)
        place = jsonio.loads(text)
    except (InvalidJSON, binascii.Error, UnicodeEncodeError):
        place = None
    match place:
        case [key, str(document_id)]:
            return key, document_id
    raise BadRequest(f"Invalid bookmark value: {jsonio.dumps(bookmark).decode()}", error="invalid_bookmark")
