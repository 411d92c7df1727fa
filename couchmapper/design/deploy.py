"""Stores a design document, and only when it differs: every change rebuilds the indexes of its views."""

from couchmapper.client.design import DesignDocuments
from couchmapper.exceptions import DocumentNotFound
from couchmapper.jsonio import same
from couchmapper.typing import JSONObject

__all__ = ["deploy"]


def deploy(designs: DesignDocuments, document: JSONObject) -> bool:
    """Write a design document unless the database has it so; return whether it was written.

    Members that the declaration does not name, such as functions written by hand, are kept.
    """
    name = document["_id"]
    try:
        stored = designs.get(name)
    except DocumentNotFound:
        stored = {}
    wanted = {**stored, **document}
    if same(stored, wanted):
        return False
    designs.put(wanted)
    return True
