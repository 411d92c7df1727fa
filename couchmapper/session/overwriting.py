"""A document that takes the place of the winner of a stored conflict, as it is sent. No I/O."""

from collections.abc import Sequence

from couchmapper.exceptions import ResolutionError
from couchmapper.typing import JSON, JSONObject

__all__ = ["over_winner"]


def over_winner(result: JSONObject, leaves: Sequence[JSONObject], *, is_whole: bool) -> JSONObject:
    """Return a result as it is sent over the winner, the first of the leaves; nothing given is changed.

    Unless the result `is_whole`, it keeps the attachments of the winner when it does not speak of any. Raises
    `ResolutionError` for another document, for a tombstone, and for attachments that only a losing leaf has.
    """
    winner = leaves[0]
    if result.get("_id", winner["_id"]) != winner["_id"]:
        raise ResolutionError(
            f"{winner['_id']!r} cannot be resolved with {result['_id']!r}, which is another document"
        )
    if result.get("_deleted"):
        raise ResolutionError(f"{winner['_id']!r}: to delete every branch, resolve with None")
    named = {"_attachments": winner.get("_attachments", {}) if not is_whole else {}} | result
    attachments = {name: _kept(name, given, leaves) for name, given in (named["_attachments"] or {}).items()}
    own: JSONObject = {"_id": winner["_id"], "_rev": winner["_rev"]}
    body = {name: value for name, value in result.items() if not name.startswith("_")}
    return own | body | ({"_attachments": attachments} if attachments else {})


def _kept(name: str, given: JSON, leaves: Sequence[JSONObject]) -> JSON:
    """Return an attachment with its data as it is; one without, as the winner has it."""
    if not isinstance(given, dict) or not given.get("stub"):
        return given
    winner, *others = leaves
    own = winner.get("_attachments", {}).get(name)
    if own is not None and given.get("digest", own.get("digest")) == own.get("digest"):
        return own
    holders = [leaf["_rev"] for leaf in others if name in leaf.get("_attachments", {})]
    where = f"only the losing revision {holders[0]} has" if holders else "no living revision has"
    advice = f"read it with db.attachments.get(id, name, rev={holders[0]!r}) and " if holders else ""
    raise ResolutionError(
        f"{winner['_id']!r}: {where} this attachment {name!r}; {advice}give it with its data, or leave it out"
    )
