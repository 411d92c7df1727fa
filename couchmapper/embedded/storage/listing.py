"""The documents of a database in the byte order of their ids, as `_all_docs` lists them."""

import sqlite3
from collections.abc import Iterator

import attrs

from couchmapper.embedded.storage.documents import DocumentRow, selection
from couchmapper.embedded.storage.ranges import EVERYTHING, IdRange

__all__ = ["Measure", "count", "measure", "scan"]


@attrs.frozen
class Measure:
    """How much a range holds: `documents`, `deleted` ones, and the `bytes` of what both of them are now."""

    documents: int
    deleted: int
    bytes: int


def scan(  # noqa: PLR0913  (the clauses of one SELECT)
    connection: sqlite3.Connection,
    database: int,
    ids: IdRange,
    *,
    within: IdRange = EVERYTHING,
    descending: bool = False,
    limit: int | None = None,
    skip: int = 0,
    tree: bool = False,
    content: bool = False,
) -> Iterator[DocumentRow]:
    """Yield the documents of a range that are not deleted, by id; `within` is another range to be in."""
    clause, arguments = _where(ids, within)
    order = "DESC" if descending else "ASC"
    rows = connection.execute(
        f"{selection(tree=tree, content=content)} WHERE d.database = ? AND d.deleted = 0{clause}"
        f" ORDER BY d.id {order} LIMIT ? OFFSET ?",
        (database, *arguments, -1 if limit is None else limit, skip),
    )
    return (DocumentRow(*row) for row in rows)


def count(
    connection: sqlite3.Connection, database: int, ids: IdRange, *, within: IdRange = EVERYTHING
) -> int:
    """Count the documents of a range that are not deleted; `within` is another range to be in."""
    clause, arguments = _where(ids, within)
    (number,) = connection.execute(
        f"SELECT count(*) FROM documents d WHERE d.database = ? AND d.deleted = 0{clause}",  # noqa: S608  (the clause has only question marks)
        (database, *arguments),
    ).fetchone()
    return int(number)


def measure(connection: sqlite3.Connection, database: int, ids: IdRange) -> Measure:
    """Count the documents of a range, those that are deleted, and the bytes of their winning revisions."""
    clause, arguments = ids.clause("d.id")
    row = connection.execute(
        "SELECT count(*) - total(d.deleted), total(d.deleted), total(length(b.content))"  # noqa: S608  (the clause has only question marks)
        f" FROM documents d JOIN bodies b ON b.number = d.body WHERE d.database = ?{clause}",
        (database, *arguments),
    ).fetchone()
    return Measure(*map(int, row))


def _where(ids: IdRange, within: IdRange) -> tuple[str, list[str]]:
    clause, arguments = ids.clause("d.id")
    outer, more = within.clause("d.id")
    return clause + outer, arguments + more
