"""Documents out of `_all_docs`, page by page: of known ids, or of a part of all ids."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from couchmapper.exceptions import DocumentNotFound, InvalidAnswer
from couchmapper.query.plan import IdRange
from couchmapper.query.source import Source
from couchmapper.typing import JSONObject

__all__ = ["by_ids", "by_range", "document_of"]

_NO_PLACE: Final = frozenset({".", ".."})  # ids that no URL can name


def by_ids(source: Source, ids: Sequence[str], size: int) -> Iterator[list[JSONObject]]:
    """Yield the documents that there are of some ids, in that order; one alone is read directly."""
    if len(ids) == 1 and ids[0] not in _NO_PLACE:
        try:
            yield [source.document(ids[0])]
        except DocumentNotFound:
            yield []
        return
    for start in range(0, len(ids), size):
        answer = source.all_docs(keys=list(ids[start : start + size]), include_docs=True)
        yield [*filter(None, map(document_of, answer["rows"]))]


def by_range(source: Source, plan: IdRange, size: int, *, descending: bool) -> Iterator[list[JSONObject]]:
    """Yield the documents of a part of all ids; design documents are none.

    A page begins with the last document of the one before, which is left out when it is still there: so none
    is missed when that one was deleted.
    """
    bounds: dict[str, Any] = {"start_key": plan.first, "end_key": plan.end, "inclusive_end": False}
    if descending:
        bounds = {"start_key": plan.end, "end_key": plan.first, "descending": True}
    last: str | None = None
    while True:
        asked = size if last is None else size + 1
        answer = source.all_docs(**bounds, limit=asked, include_docs=True)
        rows = [row for row in answer["rows"] if row["id"] != last]
        documents = (document_of(row) for row in rows if not row["id"].startswith("_design/"))
        yield [*filter(None, documents)]
        if len(answer["rows"]) < asked:
            return
        last = bounds["start_key"] = rows[-1]["id"]


def document_of(row: JSONObject) -> JSONObject | None:
    """Return the document of a row of `_all_docs`; None for one that is deleted or never was.

    Raises `InvalidAnswer` for one that the server could not read, which is not to be taken for missing.
    """
    json: JSONObject | None = row.get("doc")
    if json or row.get("error") == "not_found" or (row.get("value") or {}).get("deleted"):
        return json
    raise InvalidAnswer(f"POST /{{db}}/_all_docs: the server could not read {row.get('key')!r}; ask again")
