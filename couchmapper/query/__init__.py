"""The fluent query and how it is answered."""

from couchmapper.query.advice import Advice
from couchmapper.query.builder import Query
from couchmapper.query.bulk_report import BulkReport
from couchmapper.query.explanation import Explanation
from couchmapper.query.page import Page
from couchmapper.query.search import SearchQuery
from couchmapper.query.search_results import SearchGroup, SearchHit, SearchPage
from couchmapper.query.selection import Selection
from couchmapper.query.view_pages import ViewPage
from couchmapper.query.view_query import ViewQuery
from couchmapper.query.views import Row

__all__ = [
    "Advice",
    "BulkReport",
    "Explanation",
    "Page",
    "Query",
    "Row",
    "SearchGroup",
    "SearchHit",
    "SearchPage",
    "SearchQuery",
    "Selection",
    "ViewPage",
    "ViewQuery",
]
