"""Where a page of a list begins: at a row by its key, or where a bookmark says."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Protocol, Self

import attrs

from couchmapper import collation, jsonio
from couchmapper.client.params import UNSET
from couchmapper.exceptions import BadRequest, InvalidAnswer
from couchmapper.typing import JSON, JSONObject

__all__ = ["BookmarkPosition", "IdPosition", "KeyPosition", "Position"]

_LAST: Final[JSON] = {"\uffff": {}}  # sorts behind what people put into keys
_LISTS: Final = ("docs", "rows", "hits")
_NO_BOOKMARK: Final = frozenset((None, "nil"))


class Position(Protocol):
    """Where a page begins; a frozen value, so that a page that could not be read can be asked for again."""

    @classmethod
    def beginning(cls, options: Mapping[str, JSON]) -> Self:
        """Return the beginning of a list; raises `BadRequest` for options that cannot be paged."""
        ...

    @classmethod
    def load(cls, told: JSON) -> Self:
        """Read what `dump` wrote; raises `TypeError` for anything else."""
        ...

    def dump(self) -> JSON:
        """Write the position as JSON."""
        ...

    def options(self, options: Mapping[str, JSON], size: int) -> dict[str, JSON]:
        """Return the parameters that ask for the `size` rows from here on."""
        ...

    def turn(self, answer: JSONObject, size: int) -> tuple[Sequence[JSONObject], Self | None]:
        """Return the rows of the page, and where the next one begins: None when this is the last."""
        ...


@attrs.frozen(kw_only=True)
class KeyPosition:
    """A page of a view begins at the row with this `key` and `id`; a reduced row has no id.

    `seen` is how many rows of that document with that key were delivered already, and `same` is how many of
    those have the key letter by letter; `first` is the key of the first of them. CouchDB takes some different
    texts for equal keys, so that it goes back to the first one, but not in a view with raw collation. Rows to
    `skip` at the beginning are skipped here, since they can be of the document at the border too.
    """

    by_document: ClassVar[bool] = True

    begun: bool = False
    skip: int = 0
    key: JSON = None
    id: str | None = None
    seen: int = 0
    same: int = 0
    first: JSON = None

    @classmethod
    def beginning(cls, options: Mapping[str, JSON]) -> Self:
        """Return the beginning of a list; raises `BadRequest` for `keys`, and for rows without an order."""
        if options.get("keys") is not None:
            raise BadRequest("a list of keys is not paged: ask for some of the keys at a time")
        if options.get("sorted") is False:
            raise BadRequest("rows without an order are not paged: leave sorted=False out")
        return cls(skip=(options.get("skip") or 0) if cls.by_document else 0)

    @classmethod
    def load(cls, told: JSON) -> Self:
        """Read what `dump` wrote; raises `TypeError` for anything else."""
        return cls(**told)

    def dump(self) -> JSON:
        """Write the position as JSON."""
        return attrs.asdict(self, recurse=False)

    def options(self, options: Mapping[str, JSON], size: int) -> dict[str, JSON]:
        """Return the parameters that ask for the `size` rows from here on, and for the one behind them."""
        asked = {**options, "limit": self.skip + size + 1 + self.seen}
        key = asked.pop("key", UNSET)
        if key is not UNSET:
            asked.update(start_key=key, end_key=key)
        if self.begun or self.skip:
            asked.pop("skip", None)
        if self.begun:
            asked["start_key"] = self._start_key(options)
            asked["start_key_doc_id"] = self.id
        if asked.get("start_key_doc_id") is None:
            asked.pop("start_key_doc_id", None)
        return asked

    def turn(self, answer: JSONObject, size: int) -> tuple[Sequence[JSONObject], Self | None]:
        """Return the rows of the page, and where the next one begins: None when this is the last."""
        rows: Sequence[JSONObject] = answer["rows"]
        start = self._delivered(rows) if self.begun else self.skip
        end = start + size
        before = rows[start if self.begun else 0 : end]
        return rows[start:end], self._next(before, rows[end]) if len(rows) > end else None

    def _start_key(self, options: Mapping[str, JSON]) -> JSON:
        """Return the key to begin with: downwards, a group begins behind all that it holds."""
        level = options.get("group_level")
        grouped = level and isinstance(self.key, list) and len(self.key) == level
        return [*self.key, _LAST] if grouped and options.get("descending") else self.key

    def _delivered(self, rows: Sequence[JSONObject]) -> int:
        """Count the rows at the beginning that were delivered already; some may be gone since."""
        most = self.seen if rows and jsonio.same(rows[0]["key"], self.first) else self.same
        count = 0
        while count < min(most, len(rows)) and self._is_here(rows[count]):
            count += 1
        return count

    def _is_here(self, row: JSONObject) -> bool:
        return row.get("id") == self.id and collation.compare(row["key"], self.key) == 0

    def _next(self, before: Sequence[JSONObject], row: JSONObject) -> Self:
        """Return the position of a row, counting how many like it are `before`: delivered, or skipped."""
        if not self.by_document or "id" not in row:
            return type(self)(begun=True, key=row["key"])
        here = type(self)(begun=True, key=row["key"], id=row["id"])
        run = 0
        while run < len(before) and here._is_here(before[-1 - run]):  # noqa: SLF001 - of this class
            run += 1
        if not run:
            return here
        goes_on = run == len(before) and self.seen > 0 and self._is_here(row)
        keys = [one["key"] for one in before[-run:]]
        same = sum(1 for key in keys if jsonio.same(key, row["key"]))
        return attrs.evolve(
            here,
            seen=run + (self.seen if goes_on else 0),
            same=same + (self.same if goes_on and jsonio.same(self.key, row["key"]) else 0),
            first=self.first if goes_on else keys[0],
        )


class IdPosition(KeyPosition):
    """A page of a list of documents, where a key is an id and stands once."""

    by_document: ClassVar[bool] = False


@attrs.frozen(kw_only=True)
class BookmarkPosition:
    """A page begins where the bookmark of the page before says."""

    begun: bool = False
    bookmark: str | None = None

    @classmethod
    def beginning(cls, options: Mapping[str, JSON]) -> Self:
        """Return the beginning of a list, or the place of the bookmark in its options.

        Raises `BadRequest` for groups of a search, which have no bookmark.
        """
        if options.get("group_field") is not None:
            raise BadRequest("groups of a search are not paged: raise group_limit, or leave group_field out")
        return cls(bookmark=options.get("bookmark"))

    @classmethod
    def load(cls, told: JSON) -> Self:
        """Read what `dump` wrote; raises `TypeError` for anything else."""
        return cls(begun=True, bookmark=str(told))

    def dump(self) -> JSON:
        """Write the position as JSON."""
        return self.bookmark

    def options(self, options: Mapping[str, JSON], size: int) -> dict[str, JSON]:
        """Return the parameters that ask for the `size` rows from here on."""
        asked = {**options, "limit": size, "bookmark": self.bookmark}
        if self.begun:
            asked.pop("skip", None)
        return asked

    def turn(self, answer: JSONObject, size: int) -> tuple[Sequence[JSONObject], Self | None]:
        """Return the rows of the page, and where the next one begins: None when this is the last."""
        rows: Sequence[JSONObject] = next(answer[name] for name in _LISTS if name in answer)
        bookmark = answer.get("bookmark")
        if len(rows) < size or bookmark in _NO_BOOKMARK:
            return rows, None
        if bookmark == self.bookmark:
            raise InvalidAnswer("the bookmark of a full page leads to the same page again; ask without pages")
        return rows, type(self)(begun=True, bookmark=bookmark)
