"""Long lists in pages: by key or by bookmark, resumable, and right also where keys repeat.

A page by key asks for one row more than it holds; that row is where the next page begins. Rows of one
document with one key cannot be told apart by any start, so those at the border that were delivered already
are asked for again and left out. https://docs.couchdb.org/en/stable/ddocs/views/pagination.html
"""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import attrs

from couchmapper import jsonio
from couchmapper.client.params import UNSET
from couchmapper.client.positions import Position
from couchmapper.exceptions import BadRequest, InvalidJSON
from couchmapper.typing import JSON, JSONObject

__all__ = ["Page", "Pages"]

_SIZE = 200
_VERSION = 1


@attrs.frozen(kw_only=True)
class Page:
    """Some rows in order; `token` is where the next page begins, None when there is none."""

    rows: tuple[JSONObject, ...]
    token: str | None

    def __iter__(self) -> Iterator[JSONObject]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@attrs.frozen(kw_only=True)
class Pages:
    """The pages of a list; iterating asks for one after the other, each time from the beginning.

    `of` sets how many rows a page has (200 without it), `after` goes on where a page of an earlier run ended:
    pass its `token`, which is text to keep anywhere. The option `limit` of the operation is the most rows in
    all. No page is empty. When a page could not be read, the iterator stays where it is, so that asking it
    again asks for the same page.
    """

    ask: Callable[..., JSONObject] = attrs.field(repr=False)
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    positions: type[Position] = attrs.field(repr=False)
    size: int = _SIZE
    token: str | None = None

    def of(self, size: int) -> "Pages":
        """Return the same pages with `size` rows in each; a server may have a limit of its own."""
        if type(size) is not int or size < 1:
            raise BadRequest(f"a page has a positive number of rows, not {size!r}")
        return attrs.evolve(self, size=size)

    def after(self, token: str | None) -> "Pages":
        """Return the pages behind the one whose `token` this is; None is the beginning.

        Raises `BadRequest` when the token is broken, or of another list than this one.
        """
        if token is not None:
            self._resume(token)
        return attrs.evolve(self, token=token)

    def rows(self) -> Iterator[JSONObject]:
        """Yield all rows of all pages."""
        for page in self:
            yield from page

    def __iter__(self) -> "_Turner":
        return _Turner(self, *self._place())

    def _place(self) -> tuple[Position, int | None]:
        """Return where the first page begins, and how many rows there may be in all."""
        if self.token is not None:
            return self._resume(self.token)
        return self.positions.beginning(self.options), self.options.get("limit")

    def _resume(self, token: str) -> tuple[Position, int | None]:
        told, left = _read(token, self._fingerprint())
        try:
            return self.positions.load(told), left
        except TypeError as error:
            raise _broken() from error

    def _turn(self, position: Position, left: int | None) -> tuple[Page, Position | None, int | None]:
        """Ask for the page at a position; return it, the next position, and how many rows may still come."""
        size = self.size if left is None else min(left, self.size)
        answer = self.ask(*self.arguments, **position.options(self.options, size))
        rows, following = position.turn(answer, size)
        if left is not None:
            left -= len(rows)
        if following is None or left == 0:
            return Page(rows=tuple(rows), token=None), None, 0
        token = _write(following.dump(), left, self._fingerprint())
        return Page(rows=tuple(rows), token=token), following, left

    def _fingerprint(self) -> str:
        """Return what tells this list from others, whatever the size of its pages."""
        options = {name: value for name, value in sorted(self.options.items()) if value is not UNSET}
        return hashlib.sha256(jsonio.dumps([*self.arguments, options])).hexdigest()[:8]


class _Turner:
    """Turns pages: an iterator that goes on only when a page was read."""

    def __init__(self, pages: Pages, position: Position, left: int | None) -> None:
        self._pages = pages
        self._position = None if left == 0 else position
        self._left = left

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Page:
        if self._position is None:
            raise StopIteration
        page, self._position, self._left = self._pages._turn(self._position, self._left)  # noqa: SLF001
        if not page.rows:
            raise StopIteration
        return page


def _write(position: JSON, left: int | None, fingerprint: str) -> str:
    told = jsonio.dumps([_VERSION, fingerprint, position, left])
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _read(token: str, fingerprint: str) -> tuple[JSON, int | None]:
    try:
        told = jsonio.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        version, owner, position, left = told
    except (InvalidJSON, ValueError, TypeError) as error:
        raise _broken() from error
    if (version, owner) != (_VERSION, fingerprint):
        raise BadRequest("this page token is of another list: use the same arguments and options as before")
    return position, left


def _broken() -> BadRequest:
    return BadRequest("this page token is broken: pass it as the page had it")
