"""What other mappers have on their queries, and what couchmapper has for it."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, NoReturn

from couchmapper.exceptions import ExpressionError

__all__ = ["WellSpelled"]

_OUR_WORDS: Final[Mapping[str, str]] = {
    "aggregate": "a view with reduce=Sum() or Stats(), session.view(...).group()",
    "distinct": "a view with reduce=Count(), session.view(...).group()",
    "fetch": "include(...)",
    "filter": "where(...)",
    "filter_by": "where(Order.status == ...)",
    "find": "where(...)",
    "get": "session.get(Order, id)",
    "group_by": "a view with reduce=Count() or Sum(), session.view(...).group()",
    "having": "a view, and a condition on its rows in Python",
    "join": "include(...)",
    "offset": "skip(...)",
    "only": "select(...)",
    "order": "order_by(...)",
    "paginate": "page(size, after=...)",
    "remove": "delete()",
    "set": "update(function)",
    "sort": "order_by(...)",
    "sum": "a view with reduce=Sum()",
    "values": "select(...)",
}


class WellSpelled:
    """Tells how something is written that is written otherwise elsewhere."""

    if not TYPE_CHECKING:  # checkers know the methods that there are

        def __getattr__(self, name: str) -> NoReturn:
            advice = ""
            if name in _OUR_WORDS:
                advice = f"; write {_OUR_WORDS[name]}"
            elif not name.startswith("_") and (close := get_close_matches(name, dir(type(self)), n=1)):
                advice = f"; did you mean {close[0]!r}?"
            raise AttributeError(f"{self!r} has no attribute {name!r}{advice}", name=name, obj=self)

    def __getitem__(self, place: Any) -> NoReturn:
        raise ExpressionError(f"a query has no place {place!r}: write .skip(...).limit(...), or .page(size)")

    def __bool__(self) -> NoReturn:
        raise ExpressionError("a query is neither true nor false: write query.exists(), or query.first()")

    def __len__(self) -> NoReturn:
        raise ExpressionError("a query has no length before it is asked: write query.count()")
