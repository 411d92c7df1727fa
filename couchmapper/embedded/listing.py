"""Lists of documents by id, as `_all_docs` gives them."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping

import attrs

from couchmapper import jsonio
from couchmapper.embedded.answers import answer_rows
from couchmapper.embedded.attachment_texts import AttachmentsShown, contents_of
from couchmapper.embedded.call import Call
from couchmapper.embedded.engine.partitions import check_partition, expect_partition, ids_within
from couchmapper.embedded.engine.sequences import sequence
from couchmapper.embedded.parameters import (
    ABSENT,
    flag,
    id_range,
    json_parameter,
    non_negative,
    query_error,
)
from couchmapper.embedded.reading import Shown, winner_text
from couchmapper.embedded.storage import documents, listing
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.embedded.storage.ranges import EVERYTHING, IdRange
from couchmapper.exceptions import BadRequest
from couchmapper.messages import Response
from couchmapper.typing import JSON

__all__ = ["DESIGN_DOCUMENTS", "list_documents"]

DESIGN_DOCUMENTS = IdRange(first="_design/", last="_design0", last_included=False)
"""The ids of design documents."""


@attrs.frozen(kw_only=True)
class _Options:
    """What a list is asked for, beside its keys or its range."""

    descending: bool
    limit: int | None
    skip: int
    include_docs: bool
    conflicts: bool
    attachments: bool
    att_encoding_info: bool
    update_seq: bool

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "_Options":
        return cls(
            descending=flag(query, "descending"),
            limit=non_negative(query, "limit"),
            skip=non_negative(query, "skip") or 0,
            include_docs=flag(query, "include_docs"),
            conflicts=flag(query, "conflicts"),
            attachments=flag(query, "attachments"),
            att_encoding_info=flag(query, "att_encoding_info"),
            update_seq=flag(query, "update_seq"),
        )

    def shown(self, connection: sqlite3.Connection, database: DatabaseRow) -> Shown:
        """Return what the documents of the list show."""
        attachments = AttachmentsShown(
            encoding=self.att_encoding_info,
            contents=contents_of(connection, database) if self.attachments else None,
        )
        return Shown(conflicts=self.conflicts, attachments=attachments)


def list_documents(call: Call, within: IdRange = EVERYTHING) -> Response:
    """Answer with the documents of `within` that the request asks for: a range of ids, or `keys`."""
    query = call.options()
    options = _Options.read(query)
    keys = _keys(call, query)
    partition = _partition(call, query)
    with call.read() as (connection, database):
        if partition is not None and not database.partitioned:
            raise query_error("`partition` parameter is not supported on this db")
        total = (
            database.doc_count if within is EVERYTHING else listing.count(connection, database.number, within)
        )
        if keys is not None:
            rows = _rows_of_keys(connection, database, keys, options, within)
            return answer_rows(_head(total, None, None if options.update_seq else ABSENT), rows, b"]}")
        ids = id_range(query, descending=options.descending)
        ids = ids if partition is None else ids.within(ids_within(partition))
        before = _count_before(connection, database, ids, options, within)
        skipped = options.skip
        if partition is not None and skipped:
            skipped = min(skipped, listing.count(connection, database.number, ids, within=within))
        update_seq = sequence(database.update_seq, database.uuid) if options.update_seq else ABSENT
        rows = _rows_of_range(connection, database, ids, options, within)
        return answer_rows(_head(total, min(before + skipped, total), update_seq), rows, b"]}")


def _keys(call: Call, query: Mapping[str, str]) -> list[JSON] | None:
    keys = json_parameter(query, "keys")
    if keys is ABSENT:
        return None
    if not isinstance(keys, list):
        place = "parameter" if "keys" in call.query else "body member"
        raise BadRequest(f"`keys` {place} must be an array.")
    return keys


def _partition(call: Call, query: Mapping[str, str]) -> str | None:
    """Return the partition to list, or None; one in the path or the query string wins over the body's."""
    given = call.partition
    if given is not None:
        return check_partition(given)
    named = json_parameter(query, "partition")
    return None if named is ABSENT else check_partition(named)


def _head(total: int, offset: int | None, update_seq: JSON) -> bytes:
    told: dict[str, JSON] = {"total_rows": total, "offset": offset}
    if update_seq is not ABSENT:
        told["update_seq"] = update_seq
    return jsonio.dumps(told)[:-1] + b',"rows":['


def _count_before(
    connection: sqlite3.Connection, database: DatabaseRow, ids: IdRange, options: _Options, within: IdRange
) -> int:
    """Count what comes before the range, on the side from which the list begins."""
    if options.descending:
        before = IdRange(first=ids.last, first_included=False)
        return (
            listing.count(connection, database.number, before, within=within) if ids.last is not None else 0
        )
    before = IdRange(last=ids.first, last_included=False)
    return listing.count(connection, database.number, before, within=within) if ids.first is not None else 0


def _rows_of_range(
    connection: sqlite3.Connection, database: DatabaseRow, ids: IdRange, options: _Options, within: IdRange
) -> Iterator[bytes]:
    found = listing.scan(
        connection,
        database.number,
        ids,
        within=within,
        descending=options.descending,
        limit=options.limit,
        skip=options.skip,
        tree=options.conflicts,
        content=options.include_docs,
    )
    shown = options.shown(connection, database) if options.include_docs else None
    return (_row(row, shown) for row in found)


def _rows_of_keys(
    connection: sqlite3.Connection,
    database: DatabaseRow,
    keys: list[JSON],
    options: _Options,
    within: IdRange,
) -> Iterable[bytes]:
    if within is not EVERYTHING:
        keys = [key for key in keys if isinstance(key, str) and key.startswith("_design/")]
    chosen = (keys[::-1] if options.descending else keys)[options.skip :][: options.limit]
    if database.partitioned:
        for key in chosen:
            if isinstance(key, str):
                expect_partition(key)
    found = documents.find_many(
        connection,
        database.number,
        [key for key in chosen if isinstance(key, str)],
        tree=options.conflicts,
        content=options.include_docs,
    )
    shown = options.shown(connection, database) if options.include_docs else None
    for key in chosen:
        row = found.get(key) if isinstance(key, str) else None
        yield b'{"key":' + jsonio.dumps(key) + b',"error":"not_found"}' if row is None else _row(row, shown)


def _row(row: DocumentRow, shown: Shown | None) -> bytes:
    """Write one row, with its document if that is shown: null for a deleted one, which only `keys` find."""
    document_id = jsonio.dumps(row.id)
    document = b""
    if shown is not None:
        document = b',"doc":' + (b"null" if row.deleted else winner_text(row, shown))
    return b'{"id":%b,"key":%b,"value":{"rev":%b%b}%b}' % (
        document_id,
        document_id,
        jsonio.dumps(row.rev),
        b',"deleted":true' if row.deleted else b"",
        document,
    )
