"""How queries reach a database: its operations, as `query` wants them."""

from typing import Any

from couchmapper.client.database import Database
from couchmapper.query.source import ServerNotes, Source

__all__ = ["source_of"]


def source_of(database: Database, notes: ServerNotes) -> Source:
    """Return the operations of a database; `notes` are what is known of it."""
    return _source(database, database, notes)


def _source(database: Database, place: Any, notes: ServerNotes) -> Source:
    """Return the operations of a place: the database, or a partition of it."""

    def partition(name: str) -> Source:
        return _source(database, database.partition(name), notes)

    return Source(
        find=place.find.query,
        explain=place.find.explain,
        all_docs=place.bulk.all_docs,
        document=database.documents.get,
        design=database.design.get,
        view=place.views.query,
        indexes=database.find.indexes,
        partition=partition,
        notes=notes,
    )
