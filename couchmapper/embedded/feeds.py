"""Pages of a changes feed: which documents changed since a point, as CouchDB tells it."""

import sqlite3
from collections.abc import Callable, Iterator

import attrs

from couchmapper import jsonio
from couchmapper.embedded.answers import answer_rows
from couchmapper.embedded.attachment_texts import AttachmentsShown, contents_of
from couchmapper.embedded.engine import tree as trees
from couchmapper.embedded.engine.sequences import sequence
from couchmapper.embedded.reading import Shown, winner_text
from couchmapper.embedded.storage import documents
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.messages import Response

__all__ = ["EVERY_CHANGE", "Feed", "FeedFilter", "Page", "read_page"]


@attrs.frozen(kw_only=True)
class FeedFilter:
    """Which changes belong to a feed; `content` says that `passes` looks at the document's body."""

    passes: Callable[[DocumentRow], bool]
    content: bool = False


EVERY_CHANGE = FeedFilter(passes=lambda _row: True)
"""Lets everything pass."""


@attrs.frozen(kw_only=True)
class Feed:
    """What a feed shows: `seq_interval` of 3 writes the sequence of each third row only."""

    limit: int | None = None
    descending: bool = False
    all_leaves: bool = False
    include_docs: bool = False
    conflicts: bool = False
    attachments: bool = False
    att_encoding_info: bool = False
    seq_interval: int = 1
    filter: FeedFilter = EVERY_CHANGE


@attrs.frozen(kw_only=True)
class Page:
    """The rows of a feed as JSON text, the number of the last one looked at, and how many are left."""

    rows: list[bytes]
    last_seq: int
    pending: int

    def answer(self, uuid: str) -> Response:
        """Answer with this page of the database with this uuid."""
        last = jsonio.dumps(sequence(self.last_seq, uuid))
        return answer_rows(
            b'{"results":[', self.rows, b'],\n"last_seq":%b,"pending":%d}' % (last, self.pending)
        )


def read_page(connection: sqlite3.Connection, database: DatabaseRow, feed: Feed, *, since: int) -> Page:
    """Read a feed from its point on; a descending one begins at the newest change, wherever that is."""
    begin = 0 if feed.descending else since
    if feed.limit == 0:
        return Page(rows=[], last_seq=since, pending=_left(connection, database, feed, since))
    rows: list[bytes] = []
    last = begin
    shown = _shown(connection, database, feed)
    for row in _matching(connection, database, feed, begin):
        rows.append(_text(row, feed, database.uuid, shown, place=len(rows)))
        last = row.seq
        if len(rows) == feed.limit:
            return Page(rows=rows, last_seq=last, pending=_left(connection, database, feed, last))
    if feed.descending and rows:
        return Page(rows=rows, last_seq=last, pending=0)
    return Page(rows=rows, last_seq=max(since, database.update_seq), pending=0)


def _matching(
    connection: sqlite3.Connection, database: DatabaseRow, feed: Feed, since: int
) -> Iterator[DocumentRow]:
    found = documents.changes(
        connection,
        database.number,
        since=since,
        descending=feed.descending,
        limit=feed.limit if feed.filter is EVERY_CHANGE else None,
        tree=feed.all_leaves or feed.conflicts,
        content=feed.include_docs or feed.filter.content,
    )
    return (row for row in found if feed.filter.passes(row))


def _left(connection: sqlite3.Connection, database: DatabaseRow, feed: Feed, last: int) -> int:
    """Count the changes beyond the last one, whether they would pass the filter or not."""
    if feed.descending:
        return documents.count_changes(connection, database.number, before=last)
    return documents.count_changes(connection, database.number, after=last)


def _shown(connection: sqlite3.Connection, database: DatabaseRow, feed: Feed) -> Shown:
    attachments = AttachmentsShown(
        encoding=feed.att_encoding_info,
        contents=contents_of(connection, database) if feed.attachments else None,
    )
    return Shown(conflicts=feed.conflicts, attachments=attachments)


def _text(row: DocumentRow, feed: Feed, uuid: str, shown: Shown, *, place: int) -> bytes:
    leaves = trees.leaves(trees.decode(row.tree)) if feed.all_leaves else [row.rev]
    seq = jsonio.dumps(sequence(row.seq, uuid) if place % feed.seq_interval == 0 else None)
    return b'{"seq":%b,"id":%b,"changes":[%b]%b%b}' % (
        seq,
        jsonio.dumps(row.id),
        b",".join(b'{"rev":%b}' % jsonio.dumps(leaf) for leaf in leaves),
        b',"deleted":true' if row.deleted else b"",
        b',"doc":' + winner_text(row, shown) if feed.include_docs else b"",
    )
