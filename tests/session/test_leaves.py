import pytest

from couchmapper import jsonio
from couchmapper.exceptions import IllegalDocumentId, InvalidAnswer, NotFound, ServerError
from couchmapper.messages import Response
from couchmapper.session.leaves import ancestry, is_tombstone, leaves, stored_revisions, without_revisions


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


def test_an_id_that_no_document_can_have_is_refused(database):
    with pytest.raises(IllegalDocumentId, match="_bad"):
        leaves(database, ["a", "_bad"])


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


def test_documents_are_read_at_older_revisions_with_one_request(database, wire):
    store(database, revision("a", "x", n=1), revision("a", "y", "x", n=2), revision("b", "z", n=3))
    wire.requests.clear()

    found = stored_revisions(database, [("a", "1-x"), ("b", "1-z"), ("a", "1-x")])

    assert {key: document["n"] for key, document in found.items()} == {("a", "1-x"): 1, ("b", "1-z"): 3}
    assert len(wire.requests) == 1


def test_revisions_that_are_not_stored_are_left_out(database):
    store(database, revision("a", "y", "x"))

    assert stored_revisions(database, [("a", "1-x"), ("b", "1-x")]) == {}


def test_no_revisions_asked_for_sends_nothing(database, wire):
    assert stored_revisions(database, []) == {}
    assert not wire.requests


def test_a_revision_that_the_server_could_not_read_is_an_error(database, wire):
    failed = {"id": "a", "rev": "1-x", "error": "internal_server_error", "reason": "no"}
    wire.breaks(answer([{"id": "a", "docs": [{"error": failed}]}]), at="_bulk_get")

    with pytest.raises(ServerError):
        stored_revisions(database, [("a", "1-x")])


@pytest.mark.parametrize("results", [[7], {"a": 1}, None, [{"id": "a", "docs": [{"ok": None}]}]])
def test_an_answer_about_revisions_that_is_none_is_refused(database, wire, results):
    wire.breaks(answer(results), at="_bulk_get")

    with pytest.raises(InvalidAnswer):
        stored_revisions(database, [("a", "1-x")])
