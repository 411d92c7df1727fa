"""Writes that got no answer: whether the server has them is found out when it next speaks of the document."""

from couchmapper.jsonio import same
from couchmapper.typing import JSONObject

__all__ = ["Attempts", "is_held_as"]


class Attempts:
    """What a session has sent, by document, without learning what became of it."""

    def __init__(self) -> None:
        self._sent: dict[str, list[JSONObject]] = {}

    def __contains__(self, document_id: object) -> bool:
        """Tell whether a write of this document is without an answer."""
        return document_id in self._sent

    def note(self, document_id: str, json: JSONObject) -> None:
        """Note a write that was sent; the server may or may not have it."""
        self._sent.setdefault(document_id, []).append(json)

    def explain(self, document_id: str, theirs: JSONObject | None) -> bool:
        """Tell whether what the server holds is one of the attempts, which are then forgotten."""
        return any(is_held_as(json, theirs) for json in self._sent.pop(document_id, ()))

    def forget(self, document_id: str) -> None:
        """Forget the attempts of a document, since the server has answered for it."""
        self._sent.pop(document_id, None)

    def clear(self) -> None:
        """Forget all attempts."""
        self._sent.clear()


def is_held_as(json: JSONObject, theirs: JSONObject | None) -> bool:
    """Tell whether the server holds a document as `json` wanted it; `theirs` is None for a deleted one."""
    if theirs is None or json.get("_deleted") is True:
        return theirs is None and json.get("_deleted") is True
    return same(_content(theirs), _content(json))


def _content(json: JSONObject) -> JSONObject:
    return {name: value for name, value in json.items() if name != "_rev"}
