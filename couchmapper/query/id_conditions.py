"""What a condition says of the id: a set of ids, or a part of all ids in their order by bytes.

CouchDB compares `_id` in a selector by bytes, and the bounds of an index by collation, so that its own
planner finds nothing between `"B"` and `"a"`. `_all_docs` is ordered by bytes.
"""

from typing import Final, TypeAlias

from couchmapper.mango.nodes import Condition, Expression
from couchmapper.mango.text_patterns import prefix_of
from couchmapper.query.indexes import conjuncts
from couchmapper.query.named_texts import named_texts
from couchmapper.query.spec import ID

__all__ = ["Bounds", "chosen_ids", "id_range"]

_LAST: Final = "\U0010ffff"
_FIRST_SURROGATE: Final = "\ud800"
_BEHIND_SURROGATES: Final = "\ue000"

Bounds: TypeAlias = tuple[str, str | None]
"""The first id, and the one before which the range ends; None where nothing ends it."""


def chosen_ids(condition: Expression) -> tuple[str, ...] | None:
    """Return the only ids that documents that fulfil a condition can have, None when it does not tell."""
    named = named_texts(condition, ID)
    return None if named is None else tuple(sorted(filter(_can_be_id, named), key=str.encode))


def id_range(condition: Expression) -> Bounds | None:
    """Return the part of all ids that a condition leaves, None unless it has an end."""
    first: str | None = None
    ends: list[str] = []
    for one in conjuncts(condition):
        match one:
            case Condition(path, "$gt" | "$gte" as operator, str() as low) if path == ID:
                first = _later(first, low + "\0" if operator == "$gt" else low)
            case Condition(path, "$lt" | "$lte" as operator, str() as high) if path == ID:
                ends.append(high + "\0" if operator == "$lte" else high)
            case Condition(path, "$regex", pattern) if path == ID and (prefix := prefix_of(pattern)):
                first = _later(first, prefix)
                behind = _behind(prefix)
                ends += [] if behind is None else [behind]
    return (first or "", min(ends, key=str.encode)) if ends else None


def _can_be_id(text: str) -> bool:
    """Tell whether a text can be the id of a document of a model; design documents are none."""
    return text[:1] not in ("", "_")


def _later(first: str | None, other: str) -> str:
    return other if first is None else max(first, other, key=str.encode)


def _behind(prefix: str) -> str | None:
    """Return the first text behind all that begin with a prefix, None when there is none."""
    for place in range(len(prefix) - 1, -1, -1):
        if prefix[place] != _LAST:
            following = chr(ord(prefix[place]) + 1)
            return prefix[:place] + (_BEHIND_SURROGATES if following == _FIRST_SURROGATE else following)
    return None
