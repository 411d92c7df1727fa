"""Failures among the results of a bulk operation are raised, each with its class."""

import io
import pickle

import pytest

from couchmapper.client import BulkFailed, Client, Database
from couchmapper.exceptions import CouchMapperError, DocumentConflict, Forbidden, InvalidAnswer, ServerError
from couchmapper.transport.mock import MockTransport, json_response

RESULTS = [
    {"ok": True, "id": "a", "rev": "1-a"},
    {"id": "b", "error": "conflict", "reason": "Document update conflict."},
    {"id": "c", "error": "forbidden", "reason": "no"},
    {"id": "d", "error": "badarg", "reason": ""},
]


def database(answer) -> Database:
    return Database(MockTransport(lambda _: json_response(answer, status=201)), "shop")


def failed() -> BulkFailed:
    with pytest.raises(BulkFailed) as caught:
        database(RESULTS).bulk.docs([{"_id": letter} for letter in "abcd"])
    return caught.value


def test_each_failure_has_the_class_of_its_code():
    assert [type(error) for error in failed().exceptions] == [DocumentConflict, Forbidden, ServerError]
    assert "document 1 'b'" in str(failed().exceptions[0])


def test_the_error_holds_every_result_and_counts_them():
    assert failed().results == RESULTS
    assert "3 of 4 failed, the others are done" in str(failed())


def test_one_kind_of_failure_can_be_caught_by_itself():
    caught = []
    try:
        try:
            raise failed()
        except* DocumentConflict as conflicts:
            caught += conflicts.exceptions
    except* CouchMapperError as others:
        caught += others.exceptions

    assert [error.status for error in caught] == [409, 403, 500]


def test_it_travels_between_processes():
    copied = pickle.loads(pickle.dumps(failed()))  # noqa: S301 - our own bytes

    assert copied.results == RESULTS
    assert [type(error) for error in copied.exceptions] == [DocumentConflict, Forbidden, ServerError]


def test_results_can_be_looked_at_instead():
    assert database(RESULTS).bulk.docs.results([{"_id": "a"}]) == RESULTS


def test_a_deletion_of_indexes_that_failed_is_raised():
    done, left = {"id": "_design/a", "ok": True}, {"id": "_design/b", "error": "not_found"}
    answer = {"success": [done], "fail": [left]}

    with pytest.raises(BulkFailed, match="1 failed") as caught:
        database(answer).find.delete_indexes(["a", "b"])

    assert caught.value.exceptions[0].status == 404


@pytest.mark.parametrize("body", [b'{"docs":[]}', io.BytesIO(b'{"docs":[]}')], ids=["bytes", "file"])
def test_a_whole_body_is_sent_as_it_is(body):
    sent = database([]).bulk.docs.request(body).body

    assert (sent if isinstance(sent, bytes) else b"".join(sent)) == b'{"docs":[]}'


def test_an_answer_without_the_member_that_is_promised_is_told():
    with pytest.raises(InvalidAnswer, match="has no 'results'"):
        database({"ids": []}).bulk.get([])


def test_a_shard_that_cannot_be_split_is_raised():
    begun = {"ok": True, "id": "001-a", "node": "n", "shard": "shards/0-7/shop.1"}
    refused = {"error": "in_use", "node": "n", "shard": "shards/8-f/shop.1"}
    client = Client(MockTransport(lambda _: json_response([begun, refused], status=201)))

    with pytest.raises(BulkFailed, match="1 of 2 failed") as caught:
        client.resharding.create_jobs(db="shop")

    assert "shards/8-f/shop.1" in str(caught.value.exceptions[0])
    assert client.resharding.create_jobs.results(db="shop") == [begun, refused]
