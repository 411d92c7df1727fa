"""What each operation sends: method, path, query, body, and whether it may be sent twice."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.client import Client, Database
from couchmapper.exceptions import BadRequest, IllegalDocumentId, InvalidJSON
from couchmapper.messages import Request, Response
from couchmapper.transport.mock import MockTransport, json_response
from couchmapper.typing import JSON


def anything(request: Request) -> Response:
    members = {"uuids": [], "rows": [], "results": [], "indexes": [], "_id": "a", "ok": True}
    listed = request.path[-1:] in {("_all_dbs",), ("_bulk_docs",)} or "open_revs" in request.query
    return json_response([] if listed else members, headers={"etag": '"1-a"'})


def sent(operation: Callable[[Client, Database], object]) -> Request:
    """Return the one request that an operation on the database `shop` sends."""
    transport = MockTransport(anything)
    client = Client(transport)
    operation(client, client.database("shop"))
    (request,) = transport.requests
    return request


def body(operation: Callable[[Client, Database], object]) -> JSON:
    return jsonio.loads(sent(operation).body or b"null")


@pytest.mark.parametrize(
    ("operation", "asked", "repeatable"),
    [
        (lambda c, _: c.server.information(), "GET ", True),
        (lambda c, _: c.server.up(), "GET _up", True),
        (lambda c, _: c.server.uuids(3), "GET _uuids", True),
        (lambda c, _: c.authentication.session(), "GET _session", True),
        (lambda c, _: c.databases.list(), "GET _all_dbs", True),
        (lambda c, _: c.databases.create("shop"), "PUT shop", True),
        (lambda c, _: c.databases.delete("shop"), "DELETE shop", True),
        (lambda c, _: c.databases.information("shop"), "GET shop", True),
        (lambda c, _: c.databases.exists("shop"), "HEAD shop", True),
        (lambda _, db: db.information(), "GET shop", True),
        (lambda _, db: db.exists(), "HEAD shop", True),
        (lambda _, db: db.documents.get("a"), "GET shop a", True),
        (lambda _, db: db.documents.leaves("a"), "GET shop a", True),
        (lambda _, db: db.documents.head("a"), "HEAD shop a", True),
        (lambda _, db: db.documents.put({"_id": "a"}), "PUT shop a", True),
        (lambda _, db: db.documents.post({"_id": "a"}), "POST shop", True),
        (lambda _, db: db.documents.post({"a": 1}), "POST shop", False),
        (lambda _, db: db.documents.delete("a", rev="1-a"), "DELETE shop a", True),
        (lambda _, db: db.design.get("d"), "GET shop _design d", True),
        (lambda _, db: db.design.head("d"), "HEAD shop _design d", True),
        (lambda _, db: db.design.put({"_id": "_design/d"}), "PUT shop _design d", True),
        (lambda _, db: db.design.delete("d", rev="1-a"), "DELETE shop _design d", True),
        (lambda _, db: db.design.information("d"), "GET shop _design d _info", True),
        (lambda _, db: db.design.list(), "POST shop _design_docs", True),
        (lambda _, db: db.local.get("a/b"), "GET shop _local a/b", True),
        (lambda _, db: db.local.put({"_id": "_local/a"}), "PUT shop _local a", True),
        (lambda _, db: db.local.delete("a"), "DELETE shop _local a", True),
        (lambda _, db: db.bulk.docs([]), "POST shop _bulk_docs", False),
        (lambda _, db: db.bulk.get([]), "POST shop _bulk_get", True),
        (lambda _, db: db.bulk.all_docs(), "POST shop _all_docs", True),
        (lambda _, db: db.find({}), "POST shop _find", True),
        (lambda _, db: db.find.explain({}), "POST shop _explain", True),
        (lambda _, db: db.find.create_index(["a"]), "POST shop _index", True),
        (lambda _, db: db.find.indexes(), "GET shop _index", True),
        (lambda _, db: db.find.delete_index("_design/d", "i"), "DELETE shop _index d json i", True),
        (lambda _, db: db.changes(), "POST shop _changes", True),
        (lambda _, db: db.views.query("d", "v"), "POST shop _design d _view v", True),
    ],
)
def test_an_operation_asks_one_thing(operation, asked, repeatable):
    request = sent(operation)

    assert " ".join((request.method, *request.path)) == (asked.strip() if request.path else "GET")
    assert request.repeatable is repeatable
    assert request.route.count("/") == max(1, len(request.path))
    assert ("Content-Type" in request.headers) is (request.body is not None)


@given(id=st.text(min_size=1).filter(lambda text: text not in {".", ".."} and text[0] != "_"))
def test_any_unicode_id_is_one_segment(id):
    assert sent(lambda _, db: db.documents.get(id)).path == ("shop", id)


@pytest.mark.parametrize("id", ["", ".", "..", "_x", None, 7], ids=repr)
@pytest.mark.parametrize(
    "operation",
    [
        lambda db, name: db.documents.get(name),
        lambda db, name: db.documents.head(name),
        lambda db, name: db.documents.leaves(name),
        lambda db, name: db.documents.put({"_id": name}),
        lambda db, name: db.documents.delete(name, rev="1-a"),
    ],
)
def test_a_refused_id_sends_nothing(operation, id):
    transport = MockTransport(anything)

    with pytest.raises(IllegalDocumentId):
        operation(Client(transport).database("shop"), id)

    assert transport.requests == []


def test_a_value_that_json_cannot_hold_sends_nothing():
    transport = MockTransport(anything)
    document = {"_id": "a", "lines": [{"price": float("nan")}]}

    with pytest.raises(InvalidJSON, match=r"lines\[0\]\.price"):
        Client(transport).database("shop").documents.put(document)

    assert transport.requests == []


def test_null_as_a_key_is_sent():
    assert body(lambda _, db: db.views.query("d", "v", key=None)) == {"key": None}


def test_defaults_are_not_sent():
    assert body(lambda _, db: db.bulk.all_docs()) == {}
    assert body(lambda _, db: db.views.query("d", "v")) == {}
    assert body(lambda _, db: db.find({"a": 1})) == {"selector": {"a": 1}}
    assert sent(lambda _, db: db.changes()).query == {}
    assert sent(lambda _, db: db.documents.get("a")).query == {}


def test_false_is_sent_where_true_is_the_default():
    told = body(lambda _, db: db.views.query("d", "v", reduce=False, inclusive_end=False, update=False))

    assert told == {"reduce": False, "inclusive_end": False, "update": False}


def test_bulk_results_of_replication_are_asked_for_by_new_edits():
    told = body(lambda _, db: db.bulk.docs(iter([{"_id": "a"}]), new_edits=False))

    assert told == {"docs": [{"_id": "a"}], "new_edits": False}


def test_names_in_a_list_of_databases_are_json():
    assert sent(lambda c, _: c.databases.list(start_key="a", limit=2)).query == {
        "start_key": '"a"',
        "limit": "2",
    }


def test_a_changes_feed_takes_its_filter_from_its_argument():
    by_ids = sent(lambda _, db: db.changes(doc_ids=["a"]))
    by_selector = sent(lambda _, db: db.changes(selector={"a": 1}))
    by_function = sent(lambda _, db: db.changes(filter="d/f", parameters={"name": "x"}))

    assert (by_ids.query, by_ids.body) == ({"filter": "_doc_ids"}, b'{"doc_ids":["a"]}')
    assert (by_selector.query, by_selector.body) == ({"filter": "_selector"}, b'{"selector":{"a":1}}')
    assert (by_function.query, by_function.body) == ({"filter": "d/f", "name": "x"}, b"{}")


def test_a_changes_feed_has_one_filter():
    with pytest.raises(BadRequest, match="one filter, not 2: _doc_ids, _selector"):
        sent(lambda _, db: db.changes(doc_ids=[], selector={}))


@pytest.mark.parametrize(
    ("options", "silence"),
    [({}, 60), ({"timeout": 5000}, 5), ({"timeout": 5000, "heartbeat": 2000}, 2)],
)
def test_a_longpoll_is_waited_for_longer_than_the_server_is_silent(options, silence):
    request = sent(lambda _, db: db.changes(feed="longpoll", **options))

    assert request.query["feed"] == "longpoll"
    assert request.patience == silence


def test_a_normal_feed_has_the_patience_of_the_transport():
    assert sent(lambda _, db: db.changes(timeout=5)).patience == 0
