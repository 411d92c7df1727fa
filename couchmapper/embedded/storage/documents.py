"""The documents: one row each, at its last change, with the winning revision and the whole tree."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

import attrs

__all__ = ["SCHEMA", "DocumentRow", "changes", "count_changes", "find", "find_many", "save", "selection"]

SCHEMA = (
    # `tree` stands last: it grows, and a scan that does not ask for it never reads its pages.
    """
    CREATE TABLE IF NOT EXISTS documents (
        database INTEGER NOT NULL REFERENCES databases (number) ON DELETE CASCADE,
        id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        rev TEXT NOT NULL,
        deleted INTEGER NOT NULL,
        body INTEGER NOT NULL,
        tree BLOB NOT NULL,
        PRIMARY KEY (database, id)
    ) WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS documents_by_seq ON documents (database, seq)",
)

_MANY = 500


@attrs.frozen
class DocumentRow:
    """One document: its winning revision `rev`, whether that is a tombstone, and its last change `seq`.

    `body` is the number of the winner's body, `content` its text and `attachments` what `engine.attachments`
    wrote of its attachments; `tree` is the revision tree as `engine.tree` writes it. `tree`, `content` and
    `attachments` are empty when they were not asked for.
    """

    id: str
    seq: int
    rev: str
    deleted: bool
    body: int
    tree: bytes = b""
    content: bytes = b""
    attachments: bytes | None = None


def selection(*, tree: bool, content: bool) -> str:
    """Begin a SELECT of rows for `DocumentRow`; the documents table is `d` in what follows."""
    columns = "SELECT d.id, d.seq, d.rev, d.deleted, d.body"
    columns += ", d.tree" if tree else ", x''"
    if content:
        return columns + ", b.content, b.attachments FROM documents d JOIN bodies b ON b.number = d.body"
    return columns + ", x'', NULL FROM documents d"


_FIND = selection(tree=True, content=True) + " WHERE d.database = ? AND d.id = ?"


def find(connection: sqlite3.Connection, database: int, document_id: str) -> DocumentRow | None:
    """Return a document, deleted or not, with its tree and the winner's body; None when it never was."""
    row = connection.execute(_FIND, (database, document_id)).fetchone()
    return DocumentRow(*row) if row else None


def find_many(
    connection: sqlite3.Connection,
    database: int,
    ids: Sequence[str],
    *,
    tree: bool = False,
    content: bool = False,
) -> dict[str, DocumentRow]:
    """Return the documents of these ids, deleted ones too, by id."""
    select = selection(tree=tree, content=content)
    found: dict[str, DocumentRow] = {}
    for start in range(0, len(ids), _MANY):
        some = ids[start : start + _MANY]
        where = f" WHERE d.database = ? AND d.id IN ({','.join('?' * len(some))})"
        for row in connection.execute(select + where, (database, *some)):
            found[row[0]] = DocumentRow(*row)
    return found


def changes(  # noqa: PLR0913  (the clauses of one SELECT)
    connection: sqlite3.Connection,
    database: int,
    *,
    since: int = 0,
    descending: bool = False,
    limit: int | None = None,
    tree: bool = False,
    content: bool = False,
) -> Iterator[DocumentRow]:
    """Yield the documents that changed after `since`, each once at its last change, tombstones too.

    They come in the order of their change, or with `descending` from the newest back.
    """
    order = " ORDER BY d.seq DESC" if descending else " ORDER BY d.seq"
    rows = connection.execute(
        selection(tree=tree, content=content) + " WHERE d.database = ? AND d.seq > ?" + order + " LIMIT ?",
        (database, since, -1 if limit is None else limit),
    )
    return (DocumentRow(*row) for row in rows)


def count_changes(
    connection: sqlite3.Connection, database: int, *, after: int = 0, before: int | None = None
) -> int:
    """Count the documents that changed after, and if it is given before, a sequence number."""
    (number,) = connection.execute(
        "SELECT count(*) FROM documents WHERE database = ? AND seq > ? AND seq < ifnull(?, seq + 1)",
        (database, after, before),
    ).fetchone()
    return int(number)


def save(connection: sqlite3.Connection, database: int, rows: Iterable[DocumentRow]) -> None:
    """Store these documents in place of what was stored of them; their content is not part of the row."""
    connection.executemany(
        "INSERT INTO documents (database, id, seq, rev, deleted, body, tree) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (database, id) DO UPDATE SET seq = excluded.seq, rev = excluded.rev,"
        " deleted = excluded.deleted, body = excluded.body, tree = excluded.tree",
        [(database, row.id, row.seq, row.rev, row.deleted, row.body, row.tree) for row in rows],
    )
