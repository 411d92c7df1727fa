"""Design documents from Python declarations."""

from couchmapper.design.declarations import Count, Design, Reduce, Stats, Sum, View

__all__ = ["Count", "Design", "Reduce", "Stats", "Sum", "View"]
