import pickle

import pytest

from couchmapper import jsonio
from couchmapper.exceptions import DocumentConflict, InvalidAnswer, ServerError
from couchmapper.messages import Response
from couchmapper.session.pruning import LeafMoved, Resolution, end_branches, write_result

FAILED = {"id": "a", "error": "internal_server_error", "reason": "no"}


def answer(results):
    return Response(status=201, headers={}, body=jsonio.dumps(results))


def test_a_result_has_a_new_revision(database):
    first = database.documents.put({"_id": "a", "n": 1})["rev"]

    rev = write_result(database, {"_id": "a", "_rev": first, "n": 2})

    assert database.documents.get("a") == {"_id": "a", "_rev": rev, "n": 2}


def test_a_result_that_is_stored_already_keeps_its_revision(database):
    first = database.documents.put({"_id": "a", "n": 1})["rev"]
    result = {"_id": "a", "_rev": first, "n": 2}

    assert write_result(database, result) == write_result(database, result)


def test_a_result_does_not_bring_a_deleted_document_back(database):
    first = database.documents.put({"_id": "a", "n": 1})["rev"]
    database.documents.delete("a", rev=first)

    with pytest.raises(LeafMoved):
        write_result(database, {"_id": "a", "_rev": first, "n": 2})


def test_a_server_that_fails_is_an_error(database, wire):
    wire.breaks(answer([FAILED]))

    with pytest.raises(ServerError, match="'a' at revision 1-x"):
        write_result(database, {"_id": "a", "_rev": "1-x"})


@pytest.mark.parametrize("results", [[], {}, None, [None], [{"id": "b", "rev": "1-x"}], [{"id": "a"}]])
def test_results_that_are_those_of_something_else_are_refused(database, wire, results):
    wire.breaks(answer(results))

    with pytest.raises(InvalidAnswer):
        write_result(database, {"_id": "a", "_rev": "1-x"})


def test_no_branch_to_end_sends_nothing(database, wire):
    assert end_branches(database, "a", [], rev="1-x") == Resolution(id="a", rev="1-x")
    assert not wire.requests


def test_a_branch_that_is_not_known_any_more_is_ended(database):
    database.documents.put({"_id": "a"})

    assert end_branches(database, "a", ["1-x"], rev=None).ended == ("1-x",)


def test_a_leaf_that_moved_is_a_conflict():
    error = LeafMoved(Resolution(id="a", rev="2-x", moved=("2-y",)))

    assert isinstance(error, DocumentConflict)
    assert "2-y" in str(error)
    assert "read it again" in str(error)


def test_a_leaf_that_moved_travels_between_processes():
    error = LeafMoved(Resolution(id="a", rev="2-x", moved=("2-y",)))

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert (str(copy), copy.resolution) == (str(error), error.resolution)
