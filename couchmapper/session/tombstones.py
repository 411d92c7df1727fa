"""What a deletion leaves of a document: enough to notice that it is gone, and to make it anew."""

from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.typing import JSONObject

__all__ = ["bury", "is_buried", "is_stored", "revive", "without_history"]


def bury(document: Document, revision: str | None) -> None:
    """Note that the document was deleted; `revision` is that of the tombstone, None when it is not known."""
    source = mapper.source_of(document) or mapper.dump(document)
    mapper.refresh(document, {**source, **({"_rev": revision} if revision else {}), "_deleted": True})


def is_buried(document: Document) -> bool:
    """Tell whether a session has deleted this document."""
    source = mapper.source_of(document)
    return source is not None and source.get("_deleted") is True


def is_stored(document: Document) -> bool:
    """Tell whether the server holds this document, as far as we know."""
    source = mapper.source_of(document)
    return source is not None and "_rev" in source and source.get("_deleted") is not True


def revive(document: Document) -> None:
    """Make a deleted document a new one; members that its model does not know stay.

    Without a revision CouchDB puts the new document over the tombstone. Attachments went with the old one.
    """
    mapper.refresh(document, without_history(mapper.source_of(document) or {}))


def without_history(json: JSONObject) -> JSONObject:
    """Leave out the revision and all that hangs on it, so that the JSON is that of a new document."""
    return {name: value for name, value in json.items() if name == "_id" or not name.startswith("_")}
