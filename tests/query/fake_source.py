"""A `Source` that answers out of a list of documents and keeps what it was asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from couchmapper.exceptions import DocumentNotFound, NotFound, NoUsableIndex
from couchmapper.mango.match import compile_match
from couchmapper.mango.parse import parse
from couchmapper.query.source import ServerNotes, Source
from couchmapper.typing import JSONObject


class FakeDatabase:
    """Answers like CouchDB on documents in a row; without an index `_find` sorts by id alone.

    `told` stands in each answer of `_find`, `views` are the rows of views by design document and name.
    """

    def __init__(
        self,
        documents: Sequence[JSONObject] = (),
        *,
        indexed: bool = False,
        indexes: Sequence[JSONObject] = (),
        views: Mapping[tuple[str, str], list[JSONObject]] | None = None,
        **told: Any,
    ) -> None:
        self.documents = list(documents)
        self.indexed = indexed
        self.stored = list(indexes)
        self.views = views or {}
        self.told = told
        self.asked: list[JSONObject] = []
        self.routes: list[str] = []
        self.notes = ServerNotes()

    def find(self, selector: JSONObject, **options: Any) -> JSONObject:
        self.routes.append("find")
        self.asked.append({"selector": selector, **options})
        matches = compile_match(parse(selector))
        found = [document for document in self.documents if matches(document)]
        sort = options.get("sort")
        if sort in ([{"_id": "asc"}], [{"_id": "desc"}]):
            found.sort(key=lambda document: document["_id"].encode(), reverse=sort == [{"_id": "desc"}])
        elif sort and not self.indexed:
            raise NoUsableIndex("No index exists for this sort")
        start = int(options.get("bookmark") or 0) + (options.get("skip") or 0)
        page = found[start : start + options["limit"]]
        bookmark = str(start + len(page)) if page else options.get("bookmark") or "nil"
        return {"docs": page, "bookmark": bookmark, **self.told}

    def all_docs(self, **options: Any) -> JSONObject:
        self.routes.append("all_docs")
        self.asked.append(options)
        by_id = {document["_id"]: document for document in self.documents}
        if "keys" in options:
            rows = [_row(one, by_id.get(one)) for one in options["keys"]]
            return {"rows": rows}
        ids = sorted(by_id, key=str.encode, reverse=options.get("descending", False))
        here = [one for one in ids if _is_within(one, options)]
        return {"rows": [_row(one, by_id[one]) for one in here[: options["limit"]]]}

    def document(self, document_id: str) -> JSONObject:
        self.routes.append("document")
        for document in self.documents:
            if document["_id"] == document_id:
                return document
        raise DocumentNotFound("missing")

    def design(self, name: str) -> JSONObject:
        return self.document(f"_design/{name}")

    def indexes(self) -> list[JSONObject]:
        self.routes.append("indexes")
        return self.stored

    def view(self, ddoc: str, name: str, **options: Any) -> JSONObject:
        self.routes.append("view")
        self.asked.append(options)
        if (ddoc, name) not in self.views:
            raise NotFound("missing")
        return {"rows": self.views[ddoc, name]}

    def explain(self, selector: JSONObject, **options: Any) -> JSONObject:
        self.routes.append("explain")
        self.asked.append({"selector": selector, **options})
        return {"index": {"name": "_all_docs", "type": "special"}}

    def source(self, partition: str = "") -> Source:
        if partition:
            self.routes.append(f"partition {partition}")
        return Source(
            find=self.find,
            explain=self.explain,
            all_docs=self.all_docs,
            document=self.document,
            design=self.design,
            view=self.view,
            indexes=self.indexes,
            partition=self.source,
            notes=self.notes,
        )


def stored_index(name: str, *fields: str, **partial: Any) -> JSONObject:
    """Write an index as `GET /{db}/_index` tells it."""
    definition: JSONObject = {"fields": [{field: "asc"} for field in fields]}
    if partial:
        definition["partial_filter_selector"] = partial
    return {
        "ddoc": f"_design/{name}",
        "name": name,
        "type": "json",
        "partitioned": False,
        "def": definition,
    }


def _row(document_id: str, document: JSONObject | None) -> JSONObject:
    if document is None:
        return {"key": document_id, "error": "not_found"}
    return {"id": document_id, "key": document_id, "value": {"rev": "1-a"}, "doc": document}


def _is_within(document_id: str, options: JSONObject) -> bool:
    low, high = options.get("start_key"), options.get("end_key")
    if options.get("descending"):
        low, high = high, low
    place = document_id.encode()
    if low is not None and place < low.encode():
        return False
    if high is None:
        return True
    is_in = options.get("inclusive_end", True) or options.get("descending", False)
    return place <= high.encode() if is_in else place < high.encode()
