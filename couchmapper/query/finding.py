"""`_find`, page by page."""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from couchmapper.exceptions import BadRequest, FullScanRefused, InvalidAnswer
from couchmapper.query.plan import Find
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
            "fields": list(self.fields) or None,
            "execution_stats": self.watch.wants_statistics or None,
        }
