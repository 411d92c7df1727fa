"""The documents of a database in the byte order of their ids, as `_all_docs` lists them."""

import sqlite3
from collections.abc import Iterator

from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.embedded.storage.ranges import IdRange

__all__ = ["count", "scan"]


def scan(  # noqa: PLR0913  (the clauses of one SELECT)
    connection: sqlite3.Connection,
    database: int,
    ids: IdRange,
    *,
    descending: bool = False,
    limit: int | None = None,
    skip: int = 0,
    content: bool = False,
) -> Iterator[DocumentRow]:
    """Yield the documents of a range that are not deleted, by id; their trees are not read."""
    clause, arguments = ids.clause("d.id")
    select = (
        "SELECT d.id, d.seq, d.rev, d.deleted, d.body, x'', b.content"
        " FROM documents d JOIN bodies b ON b.number = d.body"
        if content
        else "SELECT d.id, d.seq, d.rev, d.deleted, d.body FROM documents d"
    )
    rows = connection.execute(
        f"{select} WHERE d.database = ? AND d.deleted = 0{clause}"
        f" ORDER BY d.id {'DESC' if descending else 'ASC'} LIMIT ? OFFSET ?",
        (database, *arguments, -1 if limit is None else limit, skip),
    )
    return (DocumentRow(*row) for row in rows)


def count(connection: sqlite3.Connection, database: int, ids: IdRange) -> int:
    """Count the documents of a range that are not deleted."""
    clause, arguments = ids.clause("d.id")
    (number,) = connection.execute(
        f"SELECT count(*) FROM documents d WHERE d.database = ? AND d.deleted = 0{clause}",  # noqa: S608  (the clause has only question marks)
        (database, *arguments),
    ).fetchone()
    return int(number)
