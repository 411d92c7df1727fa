"""Cursors: the place where a page of a query ends, as text to keep anywhere.

A cursor holds the sort values and the id of a document, and in front of them what tells its query from
others.
It is signed: with a key of the program nobody else can make one; without a key the signature finds damage.
"""

import base64
import hashlib
import hmac
from typing import Any, Final

from couchmapper import jsonio
from couchmapper.exceptions import InvalidCursor, InvalidJSON
from couchmapper.mango.sort import SortTerm
from couchmapper.query.keyset import Place
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSON

__all__ = ["read_cursor", "write_cursor"]

_VERSION: Final = 1
_SIGNATURE: Final = 16


def write_cursor(spec: QuerySpec[Any], place: Place, key: bytes) -> str:
    """Write the place of a document in a query."""
    order = [[*term.path, term.descending] for term in place.order]
    told = jsonio.dumps([_VERSION, _fingerprint(spec), order, list(place.values), place.is_plateau])
    return base64.urlsafe_b64encode(_signature(told, key) + told).decode().rstrip("=")


def read_cursor(spec: QuerySpec[Any], text: str, key: bytes) -> Place:
    """Read a cursor of a query; raises `InvalidCursor` for one that is broken, or of another query."""
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, TypeError) as error:
        raise _broken() from error
    signature, told = content[:_SIGNATURE], content[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(told, key)):
        raise _broken()
    version, fingerprint, order, values, is_plateau = _parts(told)
    if (version, fingerprint) != (_VERSION, _fingerprint(spec)):
        raise InvalidCursor(
            "this cursor is of another query: use the same model, conditions and order as before"
        )
    terms = tuple(SortTerm(tuple(path), descending) for *path, descending in order)
    return Place(order=terms, values=tuple(values), is_plateau=is_plateau)


def _parts(told: bytes) -> list[JSON]:
    try:
        parts: list[JSON] = jsonio.loads(told)
    except InvalidJSON as error:
        raise _broken() from error
    return parts


def _signature(told: bytes, key: bytes) -> bytes:
    return hmac.digest(key, told, "sha256")[:_SIGNATURE]


def _fingerprint(spec: QuerySpec[Any]) -> str:
    """Return what tells a query from others, whatever the size of its pages."""
    order = [[*term.path, term.descending] for term in spec.order]
    told = jsonio.dumps([spec.model.__name__, spec.selector(), order])
    return hashlib.sha256(told).hexdigest()[:16]


def _broken() -> InvalidCursor:
    return InvalidCursor("this cursor is broken, or was signed with another key: pass it as the page had it")
