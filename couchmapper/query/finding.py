"""`_find`, page by page."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs

from couchmapper.exceptions import BadRequest, FullScanRefused, InvalidAnswer, QueryError
from couchmapper.mango.match import match
from couchmapper.mango.nodes import And, Path
from couchmapper.mango.normalize import normalize
from couchmapper.mango.paths import join_path
from couchmapper.mango.sort import SortTerm, sort_key
from couchmapper.query.askable import is_exact
from couchmapper.query.columns import outermost
from couchmapper.query.keyset import Place, place_of, starting_at
from couchmapper.query.plan import Find
from couchmapper.query.scans import Watch, names_unused_index
from couchmapper.query.source import Source
from couchmapper.query.spec import ID
from couchmapper.typing import JSONObject

__all__ = ["Finding", "OrderUnknown"]

_TAIL: Final = 10


class OrderUnknown(QueryError):
    """There is no place to go on from: the index that a query names is gone, or it names none."""


@attrs.frozen(kw_only=True)
class _Border:
    """Where a page ends: at a place, or where the order is not known at a bookmark alone.

    `ids` are those of the documents behind the place that were given already. `last` is the last document.
    """

    bookmark: str
    last: JSONObject
    place: Place | None = None
    ids: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True)
class Finding:
    """Asks one plan of a database, or of a part of one; with `fields`, for at least these."""

    source: Source
    plan: Find
    watch: Watch
    fields: Sequence[Path] = ()

    def pages(self, size: int, *, limit: int | None = None, skip: int = 0) -> Iterator[list[JSONObject]]:
        """Yield pages until one is short, each behind the last document of the one before.

        Where the order of the documents is known, that place is right whatever becomes of the document.
        Raises `OrderUnknown` when that order is needed, and another index was taken than the one that was
        named, or one that nobody knows.
        """
        left, border = limit, None
        while left is None or left > 0:
            asked = size if left is None else min(left, size)
            if border is None:
                answer, is_full = self._asked(asked, skip=skip or None)
            else:
                answer, is_full = self._following(border, asked)
            left = None if left is None else left - asked
            goes_on = is_full and left != 0
            if (goes_on or self.plan.is_id_order) and names_unused_index(answer):
                raise OrderUnknown("the index that the query names is not there any more: ask again")
            if goes_on and not self.plan.rows and self.plan.is_scan is None:
                raise OrderUnknown("the database was not asked for its indexes, one of which it has taken")
            if goes_on and self._is_replaced(answer["docs"], border):
                raise OrderUnknown(
                    "another index is under the name of the one that the query names: ask again"
                )
            border = self._border(answer) if goes_on else None
            yield answer["docs"]
            if border is None:
                return

    def _asked(self, asked: int, **place: Any) -> tuple[JSONObject, bool]:
        answer = self.answer(limit=asked, **place)
        return answer, len(answer["docs"]) == asked

    def _following(self, border: _Border, asked: int) -> tuple[JSONObject, bool]:
        """Ask for what stands behind a border.

        A bookmark is found at once, also among many equal documents. But the server then passes over one
        document, the last of the page before: when that was not there any more, another one is missed.
        """
        place = border.place
        if place is None or (place.is_plateau and not border.ids):
            answer, is_full = self._asked(asked, bookmark=border.bookmark)
            if place is None and is_full and answer["bookmark"] == border.bookmark:
                raise InvalidAnswer("POST /{db}/_find: the bookmark of a full page leads to the same page")
            if place is None or self._standing([border.last], place.order):
                return answer, is_full
        condition = normalize(And((self.plan.condition, starting_at(self.plan.condition, place))))
        behind = attrs.evolve(self, plan=attrs.evolve(self.plan, condition=condition))
        answer, is_full = behind._asked(asked + len(border.ids))  # noqa: SLF001 - of this class
        documents = [one for one in answer["docs"] if one["_id"] not in border.ids]
        return {**answer, "docs": documents[:asked]}, is_full

    def _is_replaced(self, page: Sequence[JSONObject], before: _Border | None) -> bool:
        """Tell whether a page comes in an order of its own, and the index that the server told of is gone.

        Another one may be under its name by now, whose bookmarks and places lead anywhere. Documents that
        were changed while they were read seem to be out of order as well.
        """
        index, place = self.plan.index, None if before is None else before.place
        if index is None or not index.is_stored or not self.plan.rows:
            return False
        keys = [*map(sort_key(self.plan.rows), page)]
        is_behind = place is None or match(starting_at(self.plan.condition, place), page[0])
        if is_behind and keys == sorted(keys):
            return False
        return index not in self.source.known_indexes(anew=True)

    def _border(self, answer: JSONObject) -> _Border:
        """Return where a full page ends.

        CouchDB can read a document a moment before the row of an index by which it was found, and so give an
        old one. One that has not changed since was where its values say.
        """
        page, rows = answer["docs"], self.plan.rows
        border = _Border(bookmark=answer["bookmark"], last=page[-1])
        if not rows:
            return border
        first, last = place_of(page[0], rows).values, place_of(page[-1], rows).values
        is_plateau = self.plan.index is not None and len(page) > 1 and first[:-1] == last[:-1]
        place = Place(order=rows, values=last, is_plateau=is_plateau)
        if len(rows) == 1:  # ids do not change
            return attrs.evolve(border, place=place)
        for end in range(len(page), 0, -_TAIL):
            standing = self._standing(page[max(0, end - _TAIL) : end], rows)
            if standing:
                number = page.index(standing[-1])
                place = attrs.evolve(place, values=place_of(page[number], rows).values)
                if not is_exact(starting_at(self.plan.condition, place)):
                    return border  # CouchDB cannot be asked for what is behind such values
                ids = frozenset(one["_id"] for one in page[number + 1 :])
                return attrs.evolve(border, place=place, ids=ids)
        raise QueryError("every document of a page was changed while it was read: ask again")

    def _standing(self, documents: Sequence[JSONObject], order: tuple[SortTerm, ...]) -> list[JSONObject]:
        """Return those of some documents that are as they were read; of a part, all that is known."""
        keys = [document["_id"] for document in documents]
        is_whole = all("_rev" in document for document in documents)
        told = self.source.all_docs(keys=keys, include_docs=None if is_whole else True)["rows"]
        return [
            document
            for document, row in zip(documents, told, strict=True)
            if _is_same(document, row) and (is_whole or _is_there(document, row.get("doc"), order))
        ]

    def answer(self, **place: Any) -> JSONObject:
        """Ask once; a server that does not know `allow_fallback` is asked without."""
        try:
            answer = self.source.find(self.plan.selector(), **self._options(), **place)
        except BadRequest as error:
            if error.error == "invalid_index":
                self.source.notes.forget_indexes()
                raise FullScanRefused(f"the index that serves the query is gone: {error}") from error
            if error.error != "invalid_key" or not self.source.notes.knows_fallback:
                raise
            self.source.notes.knows_fallback = False
            return self.answer(**place)
        if names_unused_index(answer):
            self.source.notes.forget_indexes()
        self.watch.note(answer)
        return answer

    def _options(self) -> dict[str, Any]:
        index = None if self.plan.index is None else self.plan.index.use_index
        must_be_used = (
            index is not None and self.watch.spec.scans == "forbid" and self.source.notes.knows_fallback
        )
        return {
            "sort": self.plan.sort_body() or None,
            "use_index": index,
            "allow_fallback": False if must_be_used else None,
            "fields": self._names() or None,
            "execution_stats": self.watch.wants_statistics or None,
        }

    def _names(self) -> list[str]:
        """Write the fields, and those that place a document; CouchDB fails on one within another."""
        if not self.fields:
            return []
        return [
            join_path(path) for path in outermost((ID, *self.fields, *(term.path for term in self.plan.rows)))
        ]


def _is_same(document: JSONObject, row: JSONObject) -> bool:
    told: JSONObject = row.get("value") or {}
    return not told.get("deleted") and "rev" in told and document.get("_rev", told["rev"]) == told["rev"]


def _is_there(document: JSONObject, now: JSONObject | None, order: tuple[SortTerm, ...]) -> bool:
    """Tell whether a document stands where a part of it, read a moment ago, did."""
    return now is not None and place_of(now, order).values == place_of(document, order).values
