"""What to write instead of a name that is not there."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

__all__ = ["suggestion"]

_OUR_WORDS: Final[Mapping[str, str]] = {
    "casefold": "another field that holds the text as you compare it",
    "count": "len()",
    "has": "any(...)",
    "has_any": "any_in([...])",
    "ilike": "matches('(?i)...')",
    "is_": "== None",
    "is_in": "in_([...])",
    "is_not": "!= None",
    "is_null": "== None, or is_missing()",
    "isin": "in_([...])",
    "isnull": "== None, or is_missing()",
    "length": "len()",
    "like": "contains(...), startswith(...) or endswith(...)",
    "lower": "another field that holds the text as you compare it",
    "nin": "not_in([...])",
    "notin_": "not_in([...])",
    "regex": "matches(...)",
    "size": "len()",
    "upper": "another field that holds the text as you compare it",
}
"""The words of other mappers, and of Python for values, by what couchmapper has for them."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a clause with what was meant by a name, to be put behind a message; empty when nobody knows."""
    if name in _OUR_WORDS:
        return f"; write {_OUR_WORDS[name]}"
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
