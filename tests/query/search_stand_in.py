"""A search service for tests: it runs the index functions of design documents and reads their queries.

It stands in front of a store. `_search` and `_nouveau` are answered here, from what the store holds at that
moment; every other request passes.
"""

import re
from collections import Counter
from typing import Any, TypeAlias

import quickjs
from lucene_reader import read

from couchmapper import jsonio
from couchmapper.messages import Request, Response
from couchmapper.transport.base import TransportWrapper
from couchmapper.transport.mock import json_response
from couchmapper.typing import JSON, JSONObject

Rows: TypeAlias = list[tuple[JSONObject, dict[str, list[Any]]]]
"""The documents that are found, each with what is indexed of it."""

MEMBERS = {"_search": "indexes", "_nouveau": "nouveau"}


def indexed(function: str, document: JSONObject) -> list[list[JSON]]:
    """Return the arguments with which an index function calls `index` for a document."""
    context = quickjs.Context()
    context.eval("var calls = []; function index() { calls.push(Array.prototype.slice.call(arguments)); }")
    text = jsonio.dumps(jsonio.dumps(document).decode()).decode()
    context.eval(f"({function})(JSON.parse({text}))")
    calls: list[list[JSON]] = jsonio.loads(context.eval("JSON.stringify(calls)"))
    return calls


def entries(definition: JSONObject, document: JSONObject) -> dict[str, list[Any]]:
    """Return what is indexed of a document: its values by the names of fields, and all texts as words."""
    is_nouveau = "field_analyzers" in definition
    exact = definition["field_analyzers"] if is_nouveau else definition["analyzer"]["fields"]
    found: dict[str, list[Any]] = {"_id": [document["_id"]]}
    for call in indexed(definition["index"], document):
        name, value = call[1:3] if is_nouveau else call[:2]
        is_text = isinstance(value, str) and name not in exact
        found.setdefault(name, []).extend(re.findall(r"\w+", value.lower()) if is_text else [value])
    return found if len(found) > 1 else {}


class SearchStandIn(TransportWrapper):
    """Answers searches, and keeps what was asked: path and body of each."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.asked: list[tuple[tuple[str, ...], JSONObject]] = []

    def send(self, request: Request) -> Response:
        path = request.path
        if len(path) < 2 or path[-2] not in MEMBERS:
            return self.inner.send(request)
        body: JSONObject = jsonio.loads(request.body or b"")
        self.asked.append((path, body))
        return self._answer(path, body)

    def _answer(self, path: tuple[str, ...], body: JSONObject) -> Response:
        is_nouveau = path[-2] == "_nouveau"
        rows = self._found(path, body)
        start, limit = int(body.get("bookmark") or 0), body.get("limit", 25)
        hits = [self._hit(document, body, is_nouveau=is_nouveau) for document, _ in rows]
        told: JSONObject = {
            "total_rows": len(rows),
            "total_hits": len(rows),
            "total_hits_relation": "EQUAL_TO",
        }
        if "group_field" in body:
            return json_response({**told, "groups": self._groups(rows, hits, body)})
        for name in body.get("counts") or ():
            told.setdefault("counts", {})[name] = Counter(
                one for _, terms in rows for one in terms.get(name, ())
            )
        for name, ranges in (body.get("ranges") or {}).items():
            tests = {label: read(f"{name}:{one}") for label, one in ranges.items()}
            found = {label: sum(test(terms) for _, terms in rows) for label, test in tests.items()}
            told.setdefault("ranges", {})[name] = {label: count or {} for label, count in found.items()}
        shown = hits[start : start + limit]
        return json_response(
            {**told, "bookmark": str(start + len(shown)), "hits" if is_nouveau else "rows": shown}
        )

    @staticmethod
    def _groups(rows: Rows, hits: list[JSONObject], body: JSONObject) -> list[JSONObject]:
        """Put hits with the same value together, in the order of the first ones."""
        name = body["group_field"].partition("<")[0]
        groups: dict[str, list[JSONObject]] = {}
        for (_, terms), hit in zip(rows, hits, strict=True):
            groups.setdefault(terms[name][0], []).append(hit)
        return [
            {"by": value, "total_rows": len(found), "rows": found[: body["limit"]]}
            for value, found in groups.items()
        ]

    def _found(self, path: tuple[str, ...], body: JSONObject) -> Rows:
        """Return the documents that a query finds, in the order of their ids or of the first sort field."""
        database, design, index = path[0], path[-3], path[-1]
        stored = self._read(database, "_design", design)
        definition: JSONObject = stored[MEMBERS[path[-2]]][index]
        test = read(body.get("query") or body["q"])
        rows = self._read(database, "_all_docs", include_docs="true")["rows"]
        documents = [row["doc"] for row in rows if not row["id"].startswith("_design/")]
        if "_partition" in path:
            documents = [one for one in documents if one["_id"].startswith(path[2] + ":")]
        found = [(one, terms) for one in documents if (terms := entries(definition, one)) and test(terms)]
        for sort in reversed(body.get("sort") or ()):
            name = re.sub(r"^-|<.*>$", "", sort)
            found.sort(key=lambda row: row[1][name], reverse=sort.startswith("-"))
        return found

    def _read(self, *path: str, **query: str) -> JSONObject:
        answer = self.inner.send(Request(method="GET", path=path, route="", query=query))
        found: JSONObject = jsonio.loads(answer.body)
        return found

    @staticmethod
    def _hit(document: JSONObject, body: JSONObject, *, is_nouveau: bool) -> JSONObject:
        values = [document.get(re.sub(r"^-|<.*>$", "", one)) for one in body.get("sort") or ()] or [1.5]
        order: list[JSON] = [*values, document["_id"] if is_nouveau else 7]
        if is_nouveau:
            order = [{"@type": "string", "value": value} for value in order]
        fields = {} if is_nouveau else {"customer": document.get("customer")}
        hit: JSONObject = {"id": document["_id"], "order": order, "fields": fields}
        return {**hit, "doc": document} if body.get("include_docs") else hit
