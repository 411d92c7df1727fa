"""Mango: find documents by a selector, explain how, and keep the indexes for it."""

import sqlite3
from collections.abc import Mapping
from typing import Final

from couchmapper import jsonio
from couchmapper.embedded.answers import answer_json, answer_rows
from couchmapper.embedded.call import Call, find_database
from couchmapper.embedded.designs import read_designs, stored_design
from couchmapper.embedded.engine.edits import Edit, read_edit
from couchmapper.embedded.engine.explain import explain
from couchmapper.embedded.engine.find import FindQuery, read_find
from couchmapper.embedded.engine.find_plan import Choice, choose_index, warnings
from couchmapper.embedded.engine.indexes import StoredIndex, read_indexes, with_index, without_index
from couchmapper.embedded.engine.indexes_request import IndexRequest, read_deletions, read_index
from couchmapper.embedded.engine.views import Definition
from couchmapper.embedded.finding import Found, find
from couchmapper.embedded.indexing import catch_up, is_current, refresh
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.writing import save_edits
from couchmapper.exceptions import BadRequest, DocumentNotFound, ResponseError, ServerError
from couchmapper.messages import Response
from couchmapper.typing import JSONObject

__all__ = ["ROUTES"]

_MILLISECONDS: Final = 1000


def find_documents(call: Call) -> Response:
    """`POST /{db}/_find`: the documents that match a selector."""
    query = _read_query(call)
    started = call.node.now()
    with call.read() as (connection, database):
        if query.partition and not database.partitioned:
            raise BadRequest("`partition` parameter is not supported on this db", error="query_parse_error")
        choice = choose_index(query, _indexes(connection, database), partitioned=database.partitioned)
        definition = choice.chosen.definition if choice.chosen is not None else None
        waits = query.update and query.stale != "ok" and not choice.is_empty(query)
        behind = definition is not None and waits and not is_current(connection, database, definition)
        found = None if behind else find(connection, database, query, choice)
    if found is None and definition is not None:
        found = _find_in_current(call, query, choice, definition)
    return _answer(query, choice, found or Found(), seconds=call.node.now() - started)


def _find_in_current(call: Call, query: FindQuery, choice: Choice, definition: Definition) -> Found:
    """Bring the index up to the documents and find; others may write in between, then they have to wait.

    A row must not be older than its document: who has seen a document unchanged for a while knows by that
    where its row was.
    """
    refresh(call.node.store, call.segments["db"], [definition])
    with call.read() as (connection, database):
        if is_current(connection, database, definition):
            return find(connection, database, query, choice)
    with call.write() as (connection, database):
        while catch_up(connection, database, [definition]) < database.update_seq:
            pass
        return find(connection, database, query, choice)


def explain_query(call: Call) -> Response:
    """`POST /{db}/_explain`: the index that `_find` would use, and why no other one."""
    query = _read_query(call)
    with call.read() as (connection, database):
        indexes = _indexes(connection, database)
    choice = choose_index(query, indexes, explain=True)
    return answer_json(explain(database.name, query, choice, indexes, partitioned=database.partitioned))


def list_indexes(call: Call) -> Response:
    """`GET /{db}/_index`: all indexes, `_all_docs` first."""
    with call.read() as (connection, database):
        indexes = _indexes(connection, database)
    skip, limit = _number(call, "skip", 0), _number(call, "limit", len(indexes), least=1)
    shown = [stored.shown() for stored in indexes[skip : skip + limit]]
    return answer_json({"total_rows": len(indexes), "indexes": shown})


def create_index(call: Call) -> Response:
    """`POST /{db}/_index`: add an index to a design document, made for it if need be."""
    request = read_index(call.posted())
    with call.write() as (connection, database):
        before = stored_design(connection, database, request.ddoc)
        made = _indexed_design(before, request)
        if made != before:
            _save(connection, database, request.ddoc, made)
    result = "exists" if made == before else "created"
    return answer_json({"result": result, "id": request.ddoc, "name": request.name})


def delete_index(call: Call) -> Response:
    """`DELETE /{db}/_index/{design}/json/{name}`: remove one index, and its design document with the last."""
    ddoc = _design_id(call.segments["design"])
    with call.write() as (connection, database):
        if call.segments["type"] != "json":
            raise DocumentNotFound("missing")
        _remove(connection, database, ddoc, call.segments["name"])
    return answer_json({"ok": True})


def delete_indexes(call: Call) -> Response:
    """`POST /{db}/_index/_bulk_delete`: remove the only index of each of these design documents."""
    success: list[JSONObject] = []
    fail: list[JSONObject] = []
    ids = [_design_id(name) for name in read_deletions(call.posted())]
    with call.write() as (connection, database):
        for ddoc in ids:
            try:
                _remove(connection, find_database(connection, database.name), ddoc)
            except ResponseError as error:
                fail.append({"id": ddoc, "error": error.error})
            else:
                success.append({"id": ddoc, "ok": True})
    return answer_json({"success": success[::-1], "fail": fail[::-1]})


def _read_query(call: Call) -> FindQuery:
    """Read the body; the path may name the partition instead."""
    body = call.posted()
    named = call.segments.get("partition")
    if named is not None:
        if "partition" in body:
            reason = "the path names the partition: leave `partition` out of the body"
            raise BadRequest(reason, error="bad_partition")
        body = {**body, "partition": named}
    return read_find(body)


def _indexes(connection: sqlite3.Connection, database: DatabaseRow) -> list[StoredIndex]:
    return read_indexes(read_designs(connection, database), partitioned=database.partitioned)


def _answer(query: FindQuery, choice: Choice, found: Found, *, seconds: float) -> Response:
    told: JSONObject = {"bookmark": found.bookmark}
    if query.execution_stats:
        told["execution_stats"] = _statistics(found, seconds)
    warned = warnings(query, choice, examined=found.docs_examined, returned=len(found.documents))
    if warned:
        told["warning"] = "\n".join(warned)
    return answer_rows(b'{"docs":[', found.documents, b"]," + jsonio.dumps(told)[1:])


def _statistics(found: Found, seconds: float) -> Mapping[str, float]:
    return {
        "total_keys_examined": found.keys_examined,
        "total_docs_examined": found.docs_examined,
        "total_quorum_docs_examined": 0,
        "results_returned": len(found.documents),
        "execution_time_ms": round(seconds * _MILLISECONDS, 3),
    }


def _number(call: Call, name: str, default: int, *, least: int = 0) -> int:
    text = call.query.get(name, str(default))
    if not text.isdecimal() or int(text) < least:
        raise BadRequest("Index parameter ranges: limit > 1, skip > 0", error="invalid_list_index_params")
    return int(text)


def _design_id(name: str) -> str:
    return name if name.startswith("_design/") else f"_design/{name}"


def _indexed_design(before: JSONObject | None, request: IndexRequest) -> JSONObject:
    """Return the design document with the index; only one of the language `query` can have it."""
    design: JSONObject = {"language": "query"} if before is None else before
    if design.get("language") != "query":
        reason = f"Existing design doc has an invalid language: {design.get('language', False)}"
        raise BadRequest(reason, error="invalid_ddoc_lang")
    if before is not None and request.partitioned != design.get("options", {}).get("partitioned"):
        reason = (
            f"Requested partitioned option does not match existing value on design document {request.ddoc}"
        )
        raise BadRequest(reason, error="invalid_partitioned_option")
    made = with_index(design, request.name, map=request.map, definition=request.definition)
    if before is None and request.partitioned is not None:
        made["options"] = {"partitioned": request.partitioned}
    return made


def _remove(
    connection: sqlite3.Connection, database: DatabaseRow, ddoc: str, name: str | None = None
) -> None:
    """Remove an index of a design document; without a name it must have only one."""
    design = stored_design(connection, database, ddoc)
    stored = read_indexes([] if design is None else [design])[1:]
    found = [one.index for one in stored if name in (None, one.index.name)]
    if design is None or len(found) != 1:
        raise DocumentNotFound("missing")
    left = without_index(design, found[0].name)
    _save(connection, database, ddoc, left if left is not None else design, deleted=left is None)


def _save(
    connection: sqlite3.Connection,
    database: DatabaseRow,
    ddoc: str,
    design: JSONObject,
    *,
    deleted: bool = False,
) -> None:
    edit = read_edit(design)
    if deleted:
        edit = Edit(id=ddoc, path=edit.path, deleted=True, body={})
    (outcome,) = save_edits(connection, database, [(ddoc, edit)])
    if outcome.error is not None:
        reason = f"Unknown error while saving the design document: {outcome.error.error}"
        raise ServerError(reason, error="error_saving_ddoc")


ROUTES = (
    Route("POST", "/{db}/_find", find_documents),
    Route("POST", "/{db}/_explain", explain_query),
    Route("GET", "/{db}/_index", list_indexes),
    Route("POST", "/{db}/_index", create_index),
    Route("POST", "/{db}/_index/_bulk_delete", delete_indexes),
    Route("DELETE", "/{db}/_index/{design}/{type}/{name}", delete_index),
    Route("DELETE", "/{db}/_index/_design/{design}/{type}/{name}", delete_index),
)
