"""All the leaves of documents: what the branches of their revision trees end with."""

from collections.abc import Iterable
from typing import Any

from couchmapper.client.database import Database
from couchmapper.client.errors import failure
from couchmapper.client.params import document_id
from couchmapper.exceptions import InvalidAnswer
from couchmapper.revisions import leaf_order
from couchmapper.typing import JSONObject

__all__ = ["ancestry", "is_tombstone", "leaves", "without_revisions"]

_REQUEST = "POST /{db}/_bulk_get"
_NO_REVISION = (None, "undefined")


def leaves(database: Database, ids: Iterable[str]) -> dict[str, list[JSONObject]]:
    """Read every leaf of documents with one request, tombstones included, with their `_revisions`.

    The winner comes first, the others in CouchDB's order. An id that never was has none. Raises
    `IllegalDocumentId` before anything is sent, and what the server answered when it could not read a leaf:
    no leaf is left out in silence.
    """
    wanted = [document_id(one) for one in dict.fromkeys(ids)]
    if not wanted:
        return {}
    results: Any = database.bulk.get([{"id": one} for one in wanted], revs=True)
    try:
        found = {entry["id"]: _in_order(entry["id"], entry["docs"]) for entry in results}
        return {one: found[one] for one in wanted}
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidAnswer(
            f"{_REQUEST}: the results are not those of the documents that were asked for; read again"
        ) from error


def ancestry(document: JSONObject) -> tuple[str, ...]:
    """Return the revisions that led to a document, its own first, as far as its `_revisions` remember."""
    start, digests = document["_revisions"]["start"], document["_revisions"]["ids"]
    return tuple(f"{start - age}-{digest}" for age, digest in enumerate(digests))


def without_revisions(document: JSONObject) -> JSONObject:
    """Return a document as it is read without its history: no `_revisions`, the rest unchanged."""
    return {name: value for name, value in document.items() if name != "_revisions"}


def is_tombstone(document: JSONObject) -> bool:
    """Tell whether a leaf says that its branch was deleted."""
    return document.get("_deleted") is True


def _in_order(id: str, entries: list[JSONObject]) -> list[JSONObject]:
    """Return the leaves that an answer holds for one id; stores give them in orders of their own."""
    errors = [entry["error"] for entry in entries if "error" in entry]
    if errors and not _is_unknown(errors):
        raise failure(errors[0], f"{_REQUEST}, {id!r} at revision {errors[0].get('rev')!r}")
    found = [entry["ok"] for entry in entries if "ok" in entry]
    return sorted(found, key=_order, reverse=True)


def _is_unknown(errors: list[JSONObject]) -> bool:
    """Tell whether the server knows no revision; it names one where it has a leaf that it cannot read."""
    told = errors[0]
    return len(errors) == 1 and told.get("error") == "not_found" and told.get("rev") in _NO_REVISION


def _order(leaf: JSONObject) -> tuple[bool, int, bytes]:
    return leaf_order(leaf["_rev"], deleted=is_tombstone(leaf))
