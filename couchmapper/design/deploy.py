"""Stores a design document, and only when it differs: every change rebuilds the indexes of its views."""

from couchmapper import jsonio
from couchmapper.client.design import DesignDocuments
from couchmapper.exceptions import DocumentNotFound
from couchmapper.typing import JSONObject

__all__ = ["deploy"]


def deploy(designs: DesignDocuments, document: JSONObject) -> bool:
    """Write a design document unless the database has it so; return whether it was written.

    Members that the declaration does not name, such as functions written by hand, are kept; but a design that
    says nothing of partitions is no longer one that said `partitioned=False`.
    """
    name = document["_id"]
    try:
        stored = designs.get(name)
    except DocumentNotFound:
        stored = {}
    wanted = {**_kept(stored), **document}
    if _are_equal(stored, wanted):
        return False
    designs.put(wanted)
    return True


def _kept(stored: JSONObject) -> JSONObject:
    """Return what is kept of a stored design document, unless it is declared."""
    options = stored.get("options", {})
    if options.get("partitioned", True):
        return stored
    others = {name: value for name, value in options.items() if name != "partitioned"}
    return {**stored, "options": others}


def _are_equal(stored: JSONObject, wanted: JSONObject) -> bool:
    """Compare as JSON, whose members have no order; in a JSON index they do, since its fields are members."""
    if not jsonio.same(stored, wanted):
        return False
    return wanted["language"] != "query" or jsonio.dumps(stored["views"]) == jsonio.dumps(wanted["views"])
