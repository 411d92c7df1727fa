"""The answers to view queries: rows out of an index, as JSON text that is parsed only where it must be."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from typing import Final

import attrs

from couchmapper import jsonio
from couchmapper.embedded.attachment_texts import AttachmentsShown, contents_of
from couchmapper.embedded.engine.reduce import reduce_function
from couchmapper.embedded.engine.sequences import sequence
from couchmapper.embedded.engine.view_query import EXACT, ViewQuery, row_ranges
from couchmapper.embedded.engine.views import View
from couchmapper.embedded.reading import Shown
from couchmapper.embedded.storage import views
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.storage.views import IndexRow
from couchmapper.embedded.storage.views_rows import RowRange, ViewRow
from couchmapper.embedded.view_documents import documents_of_rows

__all__ = ["answer_view"]

_OVERFLOW: Final = "reduce_overflow_error"


def answer_view(connection: sqlite3.Connection, database: DatabaseRow, view: View, query: ViewQuery) -> bytes:
    """Write the whole answer to one query from what the view's index holds at this moment."""
    index = views.find(connection, database.number, view.definition.signature)
    asked = _Asked(
        connection,
        database,
        view,
        index or IndexRow(0, "", 0, 0),  # one that was never built is empty, and `update=false` shows it
        query,
        row_ranges(query, view.definition.space(query.partition)),
    )
    seq = sequence(asked.index.seq, database.uuid) if query.update_seq else None
    if query.reduce:
        return _listed({"update_seq": seq}, _reduced(asked))
    head = {"total_rows": asked.index.total, "offset": _offset(asked), "update_seq": seq}
    return _listed(head, _mapped(asked))


@attrs.frozen
class _Asked:
    """One query with all that its answer needs."""

    connection: sqlite3.Connection
    database: DatabaseRow
    view: View
    index: IndexRow
    query: ViewQuery
    ranges: Sequence[RowRange]

    def rows(self, rows: RowRange, *, limit: int | None = None, skip: int = 0) -> Iterator[ViewRow]:
        return views.scan(
            self.connection,
            self.index.number,
            rows,
            descending=self.query.descending,
            limit=limit,
            skip=skip,
        )

    def count(self, rows: RowRange) -> int:
        return views.count(self.connection, self.index.number, *rows.clause())

    def count_before(self, rows: RowRange) -> int:
        clause, arguments = rows.after() if self.query.descending else rows.before()
        return views.count(self.connection, self.index.number, clause, arguments)


def _listed(head: dict[str, int | str | None], rows: Iterable[bytes]) -> bytes:
    """Join the head of a list, without what is None, and its rows."""
    told = jsonio.dumps({name: value for name, value in head.items() if value is not None})
    opening = told[:-1] + (b"," if len(told) > len(b"{}") else b"") + b'"rows":[\n'
    return opening + b",\n".join(rows) + b"\n]}"


def _offset(asked: _Asked) -> int:
    """Count the rows that stand before the answer's first one, in the order of the query.

    Of several keys the first one with rows counts, or the last one when none has any.
    """
    if asked.query.partition is not None:
        return _offset_in_partition(asked)
    before = 0
    for place, rows in enumerate(asked.ranges, 1):
        if place == len(asked.ranges) or next(asked.rows(rows, limit=1), None) is not None:
            before = asked.count_before(rows)
            break
    return min(asked.index.total, before + asked.query.skip)


def _offset_in_partition(asked: _Asked) -> int:
    """Count the same for a partition, where what is skipped is not more than there is.

    Of several keys the first one that is not skipped counts.
    """
    skip = asked.query.skip
    for rows in asked.ranges[:-1]:
        number = asked.count(rows)
        if skip < number:
            return asked.count_before(rows) + skip
        skip -= number
    if not asked.ranges:
        return 0
    last = asked.ranges[-1]
    return asked.count_before(last) + (min(skip, asked.count(last)) if skip else 0)


def _mapped(asked: _Asked) -> Iterator[bytes]:
    rows = _chosen(asked)
    if not asked.query.include_docs:
        return (_row(row) + b"}" for row in rows)
    found = list(rows)
    texts = documents_of_rows(asked.connection, asked.database.number, found, _shown(asked))
    return (_row(row) + b',"doc":' + text + b"}" for row, text in zip(found, texts, strict=True))


def _shown(asked: _Asked) -> Shown:
    attachments = AttachmentsShown(
        encoding=asked.query.att_encoding_info,
        contents=contents_of(asked.connection, asked.database) if asked.query.attachments else None,
    )
    return Shown(conflicts=asked.query.conflicts, attachments=attachments)


def _row(row: ViewRow) -> bytes:
    """Write a row up to where its document may follow."""
    return b'{"id":%b,"key":%b,"value":%b' % (jsonio.dumps(row.id), row.key_text, row.value_text)


def _chosen(asked: _Asked) -> Iterator[ViewRow]:
    """Yield the rows of all ranges, one range after the other, between `skip` and `limit`."""
    query = asked.query
    if len(asked.ranges) == 1:
        return asked.rows(asked.ranges[0], limit=query.limit, skip=query.skip)
    end = None if query.limit is None else query.skip + query.limit
    every = chain.from_iterable(asked.rows(rows, limit=end) for rows in asked.ranges)
    return islice(every, query.skip, end)


def _reduced(asked: _Asked) -> Iterator[bytes]:
    query = asked.query
    end = None if query.limit is None else query.skip + query.limit
    if query.group_level == 0 and (asked.view.reduce or "").startswith("_count"):
        return islice(_counted(asked), query.skip, end)
    groups = list(islice(_groups(asked), query.skip, end))
    results = reduce_function(asked.view.reduce or "").reduce([rows for _, rows in groups])
    return (_reduced_row(key, result) for (key, _), result in zip(groups, results, strict=True))


def _counted(asked: _Asked) -> Iterator[bytes]:
    """Leave counting all rows of a range to SQLite."""
    for rows in asked.ranges:
        number = asked.count(rows)
        if number:
            yield _reduced_row(b"null", str(number))


def _groups(asked: _Asked) -> Iterator[tuple[bytes, Sequence[ViewRow]]]:
    """Yield each group's key as text with its rows; no rows make no group."""
    level = asked.query.group_level
    grouping = _grouping(asked.view.definition.key, level)
    for rows in asked.ranges:
        for _, group in groupby(asked.rows(rows), key=grouping):
            members = list(group)
            yield _group_text(members[0], level), members


def _grouping(key: Callable[[object], bytes], level: int) -> Callable[[ViewRow], bytes]:
    """Return what rows of one group have in common: nothing, their key, or its first elements."""
    if level == 0:
        return lambda _row: b""
    if level == EXACT:
        return lambda row: row.key

    def beginning(row: ViewRow) -> bytes:
        value = jsonio.loads(row.key_text)
        return key(value[:level]) if isinstance(value, list) else row.key

    return beginning


def _group_text(row: ViewRow, level: int) -> bytes:
    if level == 0:
        return b"null"
    if level == EXACT or not row.key_text.startswith(b"["):
        return row.key_text
    return jsonio.dumps(jsonio.loads(row.key_text)[:level])


def _reduced_row(key: bytes, result: str) -> bytes:
    if result.startswith(f'{{"{_OVERFLOW}":'):
        reason = jsonio.loads(result)[_OVERFLOW]
        return jsonio.dumps({"key": None, "error": _OVERFLOW, "reason": reason})
    return b'{"key":%b,"value":%b}' % (key, result.encode())
