"""The fluent query and how it is answered."""

from couchmapper.query.builder import Query
from couchmapper.query.search import SearchQuery
from couchmapper.query.search_results import SearchGroup, SearchHit, SearchPage
from couchmapper.query.view_pages import ViewPage
from couchmapper.query.view_query import ViewQuery
from couchmapper.query.views import Row

__all__ = ["Query", "Row", "SearchGroup", "SearchHit", "SearchPage", "SearchQuery", "ViewPage", "ViewQuery"]
