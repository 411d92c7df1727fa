"""`_find`, page by page, in the words that the server knows."""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from couchmapper.exceptions import BadRequest, FullScanRefused, InvalidAnswer, InvalidSelector
from couchmapper.query.plan import Find
from couchmapper.query.rewrites import without_prefixes
from couchmapper.query.scans import Watch
from couchmapper.query.source import Source
from couchmapper.typing import JSONObject

__all__ = ["Finding"]


@attrs.frozen(kw_only=True)
class Finding:
    """Asks one plan of a database, or of a part of one; with `fields`, for these members of the documents."""

    source: Source
    plan: Find
    watch: Watch
    fields: Sequence[str] = ()

    def pages(self, size: int, *, limit: int | None = None, skip: int = 0) -> Iterator[list[JSONObject]]:
        """Yield pages until one is short; CouchDB's bookmark of the last page must not be asked with."""
        left, bookmark = limit, None
        while left is None or left > 0:
            asked = size if left is None else min(left, size)
            answer = self.answer(limit=asked, skip=skip or None, bookmark=bookmark)
            page: list[JSONObject] = answer["docs"]
            if len(page) == asked and answer["bookmark"] == bookmark:
                raise InvalidAnswer("POST /{db}/_find: the bookmark of a full page leads to the same page")
            yield page
            if len(page) < asked:
                return
            left = None if left is None else left - len(page)
            skip, bookmark = 0, answer["bookmark"]

    def answer(self, **place: Any) -> JSONObject:
        """Ask once, and again in other words when the server is too old for the first ones."""
        notes = self.source.notes
        while True:
            told = (notes.knows_prefixes, notes.knows_fallback)
            try:
                answer = self.source.find(self._selector(), **self._options(), **place)
            except InvalidSelector as error:
                notes.knows_prefixes = notes.knows_prefixes and error.error != "invalid_operator"
                if told == (notes.knows_prefixes, notes.knows_fallback):
                    raise
            except BadRequest as error:
                if error.error == "invalid_index":
                    notes.forget_indexes()
                    raise FullScanRefused(f"the index that serves the query is gone: {error}") from error
                notes.knows_fallback = notes.knows_fallback and error.error != "invalid_key"
                if told == (notes.knows_prefixes, notes.knows_fallback):
                    raise
            else:
                self.watch.note(answer)
                return answer

    def _selector(self) -> JSONObject:
        if self.source.notes.knows_prefixes:
            return self.plan.selector()
        return attrs.evolve(self.plan, condition=without_prefixes(self.plan.condition)).selector()

    def _options(self) -> dict[str, Any]:
        index = None if self.plan.index is None else self.plan.index.use_index
        must_be_used = (
            index is not None and self.watch.spec.scans == "forbid" and self.source.notes.knows_fallback
        )
        return {
            "sort": self.plan.sort_body() or None,
            "use_index": index,
            "allow_fallback": False if must_be_used else None,
            "fields": list(self.fields) or None,
            "execution_stats": self.watch.wants_statistics or None,
        }
