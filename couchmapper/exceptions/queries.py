"""What a query cannot do, and what it warns of."""

from couchmapper.exceptions.base import CouchMapperError

__all__ = [
    "FullScanRefused",
    "FullScanWarning",
    "IndexNotUsedWarning",
    "InvalidCursor",
    "MultipleResultsFound",
    "NoResultFound",
    "PartitionRequired",
    "QueryError",
    "QueryWarning",
    "SearchUnavailable",
]


class QueryError(CouchMapperError):
    """A query cannot be answered as it was asked."""


class NoResultFound(QueryError, LookupError):
    """`one()` found nothing."""


class MultipleResultsFound(QueryError, LookupError):
    """`one()` or `one_or_none()` found more than one document."""


class FullScanRefused(QueryError):
    """No index serves the query, and `scans="forbid"`; the message names the index to declare."""


class PartitionRequired(QueryError):
    """A query, a view or a search of partitions names none; the message says how to name one or all."""


class InvalidCursor(QueryError, ValueError):
    """A cursor of `page()` is broken, or of another query."""


class SearchUnavailable(QueryError):
    """The server has no search service, or not the search index that was asked."""


class QueryWarning(UserWarning):
    """A query was answered, in a way that will not do for many documents."""


class FullScanWarning(QueryWarning):
    """A query read many documents for few: `examined` for `returned`; the message names an index."""

    def __init__(self, message: str, *, examined: int = 0, returned: int = 0) -> None:
        super().__init__(message)
        self.examined = examined
        self.returned = returned


class IndexNotUsedWarning(QueryWarning):
    """The server does not have the index that a query names, or it could not serve."""
