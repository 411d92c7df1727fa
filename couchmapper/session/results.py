"""What a bulk write answers: one result for each document, in their order."""

from collections.abc import Iterable
from typing import Final

from couchmapper.exceptions import InvalidAnswer
from couchmapper.typing import JSON, JSONObject

__all__ = ["REQUEST", "confirmed"]

REQUEST: Final = "POST /{db}/_bulk_docs"
"""How errors name the request."""


def confirmed(results: JSON, ids: Iterable[str]) -> list[JSONObject]:
    """Return the results of a bulk write; raises `InvalidAnswer` when they are not those of these documents.

    The client knows no more of them than that they are JSON.
    """
    answered = [
        result.get("id") if isinstance(result, dict) and ("rev" in result or "error" in result) else None
        for result in (results if isinstance(results, list) else [])
    ]
    if answered != list(ids):
        raise InvalidAnswer(f"{REQUEST}: the results are not those of the documents that were sent")
    known: list[JSONObject] = results
    return known
