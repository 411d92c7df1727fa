"""The fluent query and how it is answered."""

from couchmapper.query.builder import Query
from couchmapper.query.view_pages import ViewPage
from couchmapper.query.view_query import ViewQuery
from couchmapper.query.views import Row

__all__ = ["Query", "Row", "ViewPage", "ViewQuery"]
