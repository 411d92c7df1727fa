"""Pages of a view, there and back: a page ends at a row, and the next one begins behind it.

So no row is given twice, or passed over, when others come or go around the border. Rows of one document that
have one key cannot be told apart by a beginning: they are asked for again, and counted.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile, groupby, islice
from typing import Any, Final, Generic, Protocol, TypeVar

import attrs

from couchmapper import collation, jsonio
from couchmapper.exceptions import ExpressionError, InvalidCursor, InvalidJSON, QueryError
from couchmapper.query.view_spec import Beginning, ViewSpec
from couchmapper.query.views import Row, read_rows
from couchmapper.typing import JSON, JSONObject

__all__ = ["RowSource", "ViewPage", "find_page"]

K = TypeVar("K")
V = TypeVar("V")

_VERSION: Final = 1
_AROUND: Final = (
    3  # the row at the border, one to see whether there are more, and one to see that it is alone
)
_LEAST_OF_PREFIX: Final = 200


@attrs.frozen(kw_only=True)
class ViewPage(Generic[K, V]):
    """Some rows in order; `next` and `previous` are the tokens of the pages beside it, None at the ends.

    A token is text to keep anywhere, and to give back: `query.page(20, after=page.next)`, or `before=`.
    """

    rows: tuple[Row[K, V], ...]
    next: str | None
    previous: str | None

    def __iter__(self) -> Iterator[Row[K, V]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


class RowSource(Protocol):
    """Asks for the rows of a view."""

    def rows(self, spec: ViewSpec, *, size: int) -> Iterator[JSONObject]:
        """Yield the rows as the server sends them, `size` by one request."""
        ...


@attrs.frozen
class _Token:
    """Which row a page borders on: `place` counts the rows of its document with its key before it.

    Without a `beginning` it is the end of the view on that side.
    """

    beginning: Beginning | None = None
    place: int = 0

    def is_at(self, row: JSONObject) -> bool:
        """Tell whether a row is of the document, and has the key, that it names."""
        wanted = self.beginning
        return wanted is not None and _identity(row) == (wanted.id, collation.sort_key(wanted.key))

    def write(self, spec: ViewSpec) -> str:
        """Write it as text, for this question only."""
        told: JSON = None
        if self.beginning is not None:
            told = [self.beginning.key, self.beginning.id, self.place]
        written = jsonio.dumps([_VERSION, _fingerprint(spec), told])
        return base64.urlsafe_b64encode(written).decode().rstrip("=")


@attrs.frozen
class _Found:
    """The rows of a page, each with its place, and whether there are more on the side that was gone to."""

    rows: Sequence[tuple[JSONObject, int]]
    has_more: bool

    def token_at(self, end: int) -> _Token:
        """Return the token of the first row (0), or of the last one (-1); that of an end without rows."""
        if not self.rows:
            return _Token()
        row, place = self.rows[end]
        return _Token(Beginning(key=row["key"], id=row.get("id")), place)


def find_page(
    source: RowSource, spec: ViewSpec, size: int, *, after: str | None, before: str | None
) -> ViewPage[Any, Any]:
    """Find the page behind or before a token; without one, the first page.

    Where nothing is left on the side that a token leads to, the way back leads to the other end.
    """
    _check(spec, size, is_given_twice=after is not None and before is not None)
    ahead, text = before is None, after if before is None else before
    token = _Token() if text is None else _read(text, spec)
    found = _find_after(source, spec, size, token) if ahead else _find_before(source, spec, size, token)
    first, last = found.token_at(0).write(spec), found.token_at(-1).write(spec)
    is_at_end = token.beginning is None  # the end that it was gone from
    return ViewPage(
        rows=tuple(read_rows(spec.view, [row for row, _ in found.rows])),
        next=last if (found.has_more if ahead else not is_at_end) else None,
        previous=first if (not is_at_end if ahead else found.has_more) else None,
    )


def _check(spec: ViewSpec, size: int, *, is_given_twice: bool) -> None:
    if type(size) is not int or size < 1:
        raise ExpressionError(f"a page has at least one row, got {size!r}")
    if is_given_twice:
        raise QueryError(f"{spec.view!r}: a page is behind one token or before one, not both")
    if spec.limit is not None or spec.skip:
        raise QueryError(f"{spec.view!r}: page() says how many rows there are; leave limit() and skip() out")
    if spec.keys is not None:
        raise QueryError(
            f"{spec.view!r}: rows of several keys have no order to page by; iterate, or page by one key"
        )


def _read(text: str, spec: ViewSpec) -> _Token:
    """Read what `_Token.write` wrote; raises `InvalidCursor` when it is broken, or of another question."""
    try:
        version, owner, told = jsonio.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        key, document_id, place = told or (None, None, 0)
    except (InvalidJSON, ValueError, TypeError) as error:
        raise InvalidCursor("this page token is broken: pass it as the page had it") from error
    if (version, owner) != (_VERSION, _fingerprint(spec)):
        raise InvalidCursor("this page token is of another query: ask the same view for the same rows")
    return _Token() if told is None else _Token(Beginning(key=key, id=document_id), place)


def _find_after(source: RowSource, spec: ViewSpec, size: int, token: _Token) -> _Found:
    """Find the rows behind the one that a token names, or the first ones."""
    asked = attrs.evolve(spec, beginning=token.beginning)
    runs = _runs(source.rows(asked, size=_asked_size(spec, size)))
    placed = ((row, place) for run in runs for place, row in enumerate(run))
    found = dropwhile(lambda pair: token.is_at(pair[0]) and pair[1] <= token.place, placed)
    rows = list(islice(found, size + 1))
    return _Found(rows[:size], len(rows) > size)


def _find_before(source: RowSource, spec: ViewSpec, size: int, token: _Token) -> _Found:
    """Find the rows before the one that a token names, or the last ones, in the order of the question."""
    asked = attrs.evolve(spec, descending=not spec.descending, beginning=token.beginning)
    runs = _runs(source.rows(asked, size=_asked_size(spec, size)))
    placed = ((row, len(run) - 1 - behind) for run in runs for behind, row in enumerate(run))
    found = dropwhile(lambda pair: token.is_at(pair[0]) and pair[1] >= token.place, placed)
    rows = list(islice(found, size + 1))
    return _Found(rows[:size][::-1], len(rows) > size)


def _asked_size(spec: ViewSpec, size: int) -> int:
    """Return how many rows to ask for at once; of those in the range of a prefix, many may be left out."""
    return size + _AROUND if spec.prefix is None else max(size + _AROUND, _LEAST_OF_PREFIX)


def _runs(rows: Iterable[JSONObject]) -> Iterator[list[JSONObject]]:
    """Yield the rows of each document that have one key together."""
    for _, run in groupby(rows, key=_identity):
        yield list(run)


def _identity(row: JSONObject) -> tuple[Any, bytes]:
    return row.get("id"), collation.sort_key(row["key"])


def _fingerprint(spec: ViewSpec) -> str:
    """Return what tells this question from others, whatever the number of rows."""
    plain = attrs.evolve(spec, update=None, stable=False)
    question = [spec.view.design_name, spec.view.name, spec.partition, spec.prefix, plain.parameters()]
    return hashlib.sha256(jsonio.dumps(question)).hexdigest()[:8]
