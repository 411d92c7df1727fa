"""The design documents of a database: look one up, list them all, and check one before it is stored."""

import sqlite3
from typing import Final

from couchmapper import jsonio
from couchmapper.embedded.engine.edits import Edit
from couchmapper.embedded.engine.views_validation import validate_design
from couchmapper.embedded.reading import winner_text
from couchmapper.embedded.storage import documents, listing
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.storage.ranges import IdRange
from couchmapper.exceptions import DocumentNotFound
from couchmapper.typing import JSONObject

__all__ = ["check_design", "find_design", "read_designs", "stored_design"]

_PREFIX: Final = "_design/"
_DESIGNS: Final = IdRange(first=_PREFIX, last="_design0", last_included=False)


def find_design(connection: sqlite3.Connection, database: DatabaseRow, document_id: str) -> JSONObject:
    """Return a design document; raises `DocumentNotFound`."""
    row = documents.find(connection, database.number, document_id)
    if row is None or row.deleted:
        raise DocumentNotFound("missing" if row is None else "deleted")
    design: JSONObject = jsonio.loads(winner_text(row))
    return design


def stored_design(
    connection: sqlite3.Connection, database: DatabaseRow, document_id: str
) -> JSONObject | None:
    """Return a design document, or None when there is none or it is deleted."""
    try:
        return find_design(connection, database, document_id)
    except DocumentNotFound:
        return None


def read_designs(connection: sqlite3.Connection, database: DatabaseRow) -> list[JSONObject]:
    """Return all design documents of a database in the order of their ids."""
    rows = listing.scan(connection, database.number, _DESIGNS, content=True)
    return [jsonio.loads(winner_text(row)) for row in rows]


def check_design(
    _connection: sqlite3.Connection, database: DatabaseRow, document_id: str, edit: Edit
) -> None:
    """Refuse a design document that CouchDB would refuse; one of `checks.CHECKS`."""
    if document_id.startswith(_PREFIX):
        validate_design(edit.body, partitioned=database.partitioned)
