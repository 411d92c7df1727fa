"""Cursors: the place where a page of a query ends, as text to keep anywhere.

A cursor holds the sort values and the id of a document, and in front of them what tells its query from
others.
It is signed: with a key of the program nobody else can make one; without a key the signature finds damage.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, Final

from couchmapper import jsonio
from couchmapper.exceptions import ExpressionError, InvalidCursor, InvalidJSON
from couchmapper.mango.paths import join_path
from couchmapper.mango.sort import SortTerm
from couchmapper.query.keyset import Place
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.typing import JSON

__all__ = ["read_cursor", "write_cursor"]

_VERSION: Final = 1
_SIGNATURE: Final = 16
_DEEPEST: Final = 100  # values of more depth are none to sort by, and would break what goes through them


def write_cursor(spec: QuerySpec[Any], place: Place, key: bytes) -> str:
    """Write the place of a document in a query."""
    order = [[*term.path, term.descending] for term in place.order]
    told = jsonio.dumps([_VERSION, _fingerprint(spec), order, list(place.values), place.is_plateau])
    return _text(_signature(told, key) + told)


def read_cursor(spec: QuerySpec[Any], text: str, key: bytes) -> Place:
    """Read a cursor of a query; raises `InvalidCursor` for one that is broken, or of another query.

    Without a key anybody can make one: whatever is in it, it leads to a place in the order of this query.
    """
    match _content(text, key):
        case [int() as version, str() as fingerprint, list() as order, list() as values, bool() as plateau]:
            if (version, fingerprint) != (_VERSION, _fingerprint(spec)):
                raise InvalidCursor(
                    "this cursor is of another query: use the same model, conditions and order as before"
                )
            return Place(order=_order(spec, order), values=_values(values, order), is_plateau=plateau)
    raise _broken()


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _content(text: str, key: bytes) -> JSON:
    """Return what is in a text that is exactly as it was written."""
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        signature, told = content[:_SIGNATURE], content[_SIGNATURE:]
        if _text(content) != text or not hmac.compare_digest(signature, _signature(told, key)):
            raise _broken()
        return jsonio.loads(told)
    except (InvalidJSON, ValueError, TypeError) as error:
        raise _broken() from error


def _order(spec: QuerySpec[Any], told: Sequence[JSON]) -> tuple[SortTerm, ...]:
    """Return the order of a cursor: that of its query, the fields of an index in one direction, the id."""
    order = tuple(map(_term, told))
    own = spec.order
    descending = bool(own) and own[-1].descending
    is_own = order[: len(own)] == own[: len(order)]
    is_index = all(term.descending == descending for term in order[len(own) :])
    if not is_own or not is_index or [term.path == ID for term in order].count(True) != 1:
        raise _broken()
    if order[-1].path != ID:
        raise _broken()
    return order


def _term(told: JSON) -> SortTerm:
    match told:
        case [str(), *_, bool() as descending]:
            path = tuple(told[:-1])
            if _is_addressable(path):
                return SortTerm(path, descending)
    raise _broken()


def _is_addressable(path: tuple[JSON, ...]) -> bool:
    try:
        return all(isinstance(name, str) for name in path) and bool(join_path(path))
    except ExpressionError:
        return False


def _values(values: list[JSON], order: Sequence[JSON]) -> tuple[JSON, ...]:
    """Return the values of a cursor: one for each term of its order and the id the last, or none."""
    is_place = len(values) == len(order) and isinstance(values[-1], str) and values[-1] != ""
    if (values and not is_place) or _is_deeper(values, _DEEPEST):
        raise _broken()
    return tuple(values)


def _is_deeper(value: JSON, depth: int) -> bool:
    """Tell whether lists and objects lie in each other deeper than so."""
    inner: Sequence[JSON] = ()
    match value:
        case list():
            inner = value
        case dict():
            inner = list(value.values())
    return bool(inner) and (depth == 0 or any(_is_deeper(one, depth - 1) for one in inner))


def _signature(told: bytes, key: bytes) -> bytes:
    return hmac.digest(key, told, "sha256")[:_SIGNATURE]


def _fingerprint(spec: QuerySpec[Any]) -> str:
    """Return what tells a query from others, whatever the size of its pages."""
    order = [[*term.path, term.descending] for term in spec.order]
    told = jsonio.dumps([spec.model.__name__, spec.selector(), order])
    return hashlib.sha256(told).hexdigest()[:16]


def _broken() -> InvalidCursor:
    return InvalidCursor("this cursor is broken, or was signed with another key: pass it as the page had it")
