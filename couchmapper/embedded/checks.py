"""What has a word in every write before it is stored."""

import sqlite3
from typing import Protocol

from couchmapper.embedded.designs import check_design
from couchmapper.embedded.engine.edits import Edit
from couchmapper.embedded.storage.databases import DatabaseRow

__all__ = ["CHECKS", "Check"]


class Check(Protocol):
    """Looks at a document that is about to be stored, within the transaction that stores it."""

    def __call__(
        self, connection: sqlite3.Connection, database: DatabaseRow, document_id: str, edit: Edit, /
    ) -> None:
        """Raise a `ResponseError` to refuse the document; in a bulk request the others are stored."""
        ...


CHECKS: tuple[Check, ...] = (check_design,)
"""They run in this order for each edit, also for those made elsewhere, but not for local documents."""
