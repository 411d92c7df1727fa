"""All the leaves of documents: what the branches of their revision trees end with."""

from collections.abc import Iterable
from typing import Any

from couchmapper.client.database import Database
from couchmapper.client.errors import failure
from couchmapper.exceptions import InvalidAnswer
from couchmapper.revisions import leaf_order
from couchmapper.typing import JSONObject

__all__ = ["ancestry", "is_tombstone", "leaves", "stored_revisions", "without_revisions"]

_REQUEST = "POST /{db}/_bulk_get"
_NO_REVISION = (None, "undefined")


def leaves(database: Database, ids: Iterable[str], *, revisions: bool = True) -> dict[str, list[JSONObject]]:
    """Read every leaf of documents with one request, tombstones included.

    The winner comes first, the others in CouchDB's order. An id that never was has none. Without `revisions`
    they come without their `_revisions`, which hold up to a thousand ids each. Raises `IllegalDocumentId`,
    and what the server answered when it could not read a leaf: no leaf is left out in silence.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    results: Any = database.bulk.get([{"id": one} for one in wanted], revs=revisions)
    try:
        found = {entry["id"]: _in_order(entry["id"], entry["docs"]) for entry in results}
        return {one: found[one] for one in wanted}
    except (KeyError, TypeError, AttributeError) as error:
        raise _foreign() from error


def stored_revisions(
    database: Database, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], JSONObject]:
    """Read documents at revisions, given as pairs of id and revision, with one request.

    Those that the server does not hold any more, since a compaction for instance, are left out.
    """
    asked = list(dict.fromkeys(wanted))
    if not asked:
        return {}
    results: Any = database.bulk.get([{"id": one, "rev": revision} for one, revision in asked])
    try:
        entries = [(result["id"], entry) for result in results for entry in result["docs"]]
        for name, entry in entries:
            if "error" in entry and entry["error"].get("error") != "not_found":
                raise failure(entry["error"], f"{_REQUEST}, {name!r}")
        return {(name, entry["ok"]["_rev"]): entry["ok"] for name, entry in entries if "ok" in entry}
    except (KeyError, TypeError, AttributeError) as error:
        raise _foreign() from error


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


def _foreign() -> InvalidAnswer:
    return InvalidAnswer(
        f"{_REQUEST}: the results are not those of the documents that were asked for; read again"
    )


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
