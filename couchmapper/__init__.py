"""couchmapper: typed documents, a unit of work and fluent queries for CouchDB and Cloudant."""

from couchmapper.client import BulkFailed
from couchmapper.connect import connect
from couchmapper.database import Client, Database
from couchmapper.design import Count, Design, Index, SearchIndex, Stats, Sum, View
from couchmapper.exceptions import CouchMapperError
from couchmapper.mapping import Change, Document, Embedded, Mapped, Ref, field, inverse
from couchmapper.messages import Timeout
from couchmapper.query import (
    BulkReport,
    Explanation,
    Page,
    Query,
    Row,
    SearchPage,
    SearchQuery,
    Selection,
    ViewPage,
    ViewQuery,
)
from couchmapper.session import CommitError, CommitReport, Conflict, Session
from couchmapper.transport.retry import RetryPolicy

__all__ = [
    "BulkFailed",
    "BulkReport",
    "Change",
    "Client",
    "CommitError",
    "CommitReport",
    "Conflict",
    "CouchMapperError",
    "Count",
    "Database",
    "Design",
    "Document",
    "Embedded",
    "Explanation",
    "Index",
    "Mapped",
    "Page",
    "Query",
    "Ref",
    "RetryPolicy",
    "Row",
    "SearchIndex",
    "SearchPage",
    "SearchQuery",
    "Selection",
    "Session",
    "Stats",
    "Sum",
    "Timeout",
    "View",
    "ViewPage",
    "ViewQuery",
    "__version__",
    "connect",
    "field",
    "inverse",
]

__version__ = "0.1.0"
