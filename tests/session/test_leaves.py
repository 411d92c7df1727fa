import pytest

from couchmapper import jsonio
from couchmapper.exceptions import IllegalDocumentId, InvalidAnswer, NotFound
from couchmapper.messages import Response
from couchmapper.session.leaves import ancestry, is_tombstone, leaves, without_revisions


def revision(id, *digests, **body):
    """Write a document at a revision, its digest and those of its ancestors given, newest first."""
    start = len(digests)
    return {
        "_id": id,
        "_rev": f"{start}-{digests[0]}",
        "_revisions": {"start": start, "ids": digests},
        **body,
    }


def store(database, *documents):
    database.bulk.docs(documents, new_edits=False)


def answer(results):
    return Response(status=200, headers={}, body=jsonio.dumps({"results": results}))


def test_every_leaf_is_read_with_one_request(database, wire):
    store(database, revision("a", "x"), revision("a", "y"), revision("b", "z"))
    wire.requests.clear()

    found = leaves(database, ["b", "a"])

    assert list(found) == ["b", "a"]
    assert [leaf["_rev"] for leaf in found["a"]] == ["1-y", "1-x"]
    assert [request.path[-1] for request in wire.requests] == ["_bulk_get"]


def test_a_living_leaf_comes_before_a_longer_branch_that_was_deleted(database):
    store(database, revision("a", "dead", "old", _deleted=True), revision("a", "alive"))

    assert [leaf["_rev"] for leaf in leaves(database, ["a"])["a"]] == ["1-alive", "2-dead"]


def test_a_deleted_document_has_its_tombstone(database):
    store(database, revision("a", "dead", _deleted=True))

    (leaf,) = leaves(database, ["a"])["a"]

    assert is_tombstone(leaf)


def test_an_id_that_never_was_has_no_leaves(database):
    assert leaves(database, ["a"]) == {"a": []}


def test_an_id_that_is_asked_for_twice_is_read_once(database, wire):
    assert leaves(database, ["a", "a"]) == {"a": []}
    assert jsonio.loads(wire.requests[-1].body) == {"docs": [{"id": "a"}]}


def test_nothing_asked_for_sends_nothing(database, wire):
    assert leaves(database, []) == {}
    assert not wire.requests


def test_an_id_that_no_document_can_have_is_refused_before_anything_is_sent(database, wire):
    with pytest.raises(IllegalDocumentId):
        leaves(database, ["a", "_bad"])
    assert not wire.requests


def test_a_leaf_that_the_server_cannot_read_is_an_error(database, wire):
    failed = {"id": "a", "rev": "2-x", "error": "not_found", "reason": "missing"}
    wire.breaks(answer([{"id": "a", "docs": [{"error": failed}]}]), at="_bulk_get")

    with pytest.raises(NotFound, match="2-x"):
        leaves(database, ["a"])


@pytest.mark.parametrize(
    "results", [[], [{"id": "b", "docs": []}], [{"id": "a", "docs": [{"ok": None}]}], [7], {}, None]
)
def test_results_for_other_documents_are_refused(database, wire, results):
    wire.breaks(answer(results), at="_bulk_get")

    with pytest.raises(InvalidAnswer):
        leaves(database, ["a"])


def test_the_ancestry_of_a_document_begins_with_its_own_revision(database):
    store(database, revision("a", "c", "b", "a"))

    (leaf,) = leaves(database, ["a"])["a"]

    assert ancestry(leaf) == ("3-c", "2-b", "1-a")


def test_an_ancestry_may_not_reach_back_to_the_first_revision():
    assert ancestry({"_revisions": {"start": 9, "ids": ["b", "a"]}}) == ("9-b", "8-a")


def test_a_document_can_be_shown_without_its_history():
    assert without_revisions(revision("a", "x", n=1)) == {"_id": "a", "_rev": "1-x", "n": 1}
