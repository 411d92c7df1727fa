"""What each operation sends; a row for each, by chapter."""

from tables import attachments, databases, documents, lists, queries, replications, servers
from tables.row import Row

__all__ = ["ROWS"]

ROWS: list[Row] = [
    *servers.ROWS,
    *databases.ROWS,
    *documents.ROWS,
    *attachments.ROWS,
    *lists.ROWS,
    *queries.ROWS,
    *replications.ROWS,
]
