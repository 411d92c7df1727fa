"""The failures among the results of a bulk operation, raised together so that none is overlooked."""

from collections.abc import Sequence
from typing import Any, Self

from couchmapper.client.errors import failure
from couchmapper.exceptions import CouchMapperError, ResponseError
from couchmapper.typing import JSONObject

__all__ = ["BulkFailed", "failed_deletions", "failed_documents", "failed_jobs"]


class BulkFailed(CouchMapperError, ExceptionGroup[ResponseError]):
    """Some documents of a bulk operation were not stored; the others were.

    `results` is the whole answer, in order. `exceptions` holds a `ResponseError` for each failure, such as
    `DocumentConflict` or `Forbidden`, whose `request` names the document and whose `body` is the result.
    """

    results: Any

    def __new__(cls, failures: Sequence[ResponseError], results: Any) -> Self:
        """Make the group of the failures in `results`."""
        self = super().__new__(cls, _told(failures, results), failures)
        self.results = results
        return self

    def __init__(self, failures: Sequence[ResponseError], results: Any) -> None:
        super().__init__(_told(failures, results), failures)

    def __reduce__(self) -> tuple[type[Self], tuple[Sequence[Exception], Any]]:
        """Travel between processes with the results."""
        return type(self), (self.exceptions, self.results)

    def derive(self, excs: Sequence[ResponseError]) -> "BulkFailed":  # type: ignore[override]  # of these only
        """Return a group of some of these errors, as `except*` asks for."""
        return BulkFailed(excs, self.results)


def _told(failures: Sequence[ResponseError], results: Any) -> str:
    total = f" of {len(results)}" if isinstance(results, list) else ""
    return f"{len(failures)}{total} failed, the others are done"


def failed_documents(results: list[JSONObject]) -> list[ResponseError]:
    """Return an error for each result of `_bulk_docs` that says that a document was not stored."""
    return [
        failure(result, f"document {place} {result.get('id')!r}")
        for place, result in enumerate(results)
        if "error" in result
    ]


def failed_jobs(results: list[JSONObject]) -> list[ResponseError]:
    """Return an error for each shard whose resharding could not begin."""
    return [failure(result, f"shard {result.get('shard')!r}") for result in results if "error" in result]


def failed_deletions(results: JSONObject) -> list[ResponseError]:
    """Return an error for each index that could not be deleted."""
    return [failure(result, f"index {result.get('id')!r}") for result in results.get("fail", ())]
