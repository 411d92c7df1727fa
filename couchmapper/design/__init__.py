"""Design documents from Python declarations."""

from couchmapper.design.declarations import Design
from couchmapper.design.indexes import Index
from couchmapper.design.reduces import Count, Reduce, Stats, Sum
from couchmapper.design.search_indexes import SearchIndex
from couchmapper.design.views import View

__all__ = ["Count", "Design", "Index", "Reduce", "SearchIndex", "Stats", "Sum", "View"]
