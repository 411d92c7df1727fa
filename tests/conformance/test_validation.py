"""Functions of design documents that have a word in every write."""

import pytest

from couchmapper.exceptions import Forbidden, ServerError, Unauthorized

GUARD = """function (newDoc, oldDoc, userCtx, secObj) {
  if (newDoc.hidden) { throw({unauthorized: "who are you"}); }
  if (newDoc._deleted && oldDoc.locked) { throw({forbidden: "locked"}); }
  if (oldDoc && oldDoc.owner !== newDoc.owner) {
    throw({forbidden: oldDoc.owner + " owns revision " + newDoc._revisions.start});
  }
  if (newDoc.boom) { throw("boom"); }
}"""


@pytest.fixture
def guarded(database):
    """Give a database in which a function looks at what is written."""
    database.design.put({"_id": "_design/guard", "validate_doc_update": GUARD})
    return database


def test_a_function_can_forbid_a_document(guarded):
    written = guarded.documents.put({"_id": "a", "owner": "Ann"})
    with pytest.raises(Forbidden) as refused:
        guarded.documents.put({"_id": "a", "_rev": written["rev"], "owner": "Bob"})
    assert refused.value.reason == "Ann owns revision 1"
    assert guarded.documents.get("a")["owner"] == "Ann"


def test_a_function_can_ask_who_it_is(guarded):
    with pytest.raises(Unauthorized, match="who are you"):
        guarded.documents.put({"_id": "a", "hidden": True})


def test_a_function_sees_deletions(guarded):
    written = guarded.documents.put({"_id": "a", "locked": True})
    with pytest.raises(Forbidden, match="locked"):
        guarded.documents.delete("a", rev=written["rev"])


def test_in_a_bulk_write_only_the_forbidden_document_fails(guarded):
    results = guarded.bulk.docs.results([{"_id": "a"}, {"_id": "b", "hidden": True}, {"_id": "c"}])
    assert [result.get("error") for result in results] == [None, "unauthorized", None]


def test_revisions_made_elsewhere_are_looked_at_too(guarded):
    results = guarded.bulk.docs.results([{"_id": "a", "_rev": "1-abc", "hidden": True}], new_edits=False)
    assert [(result["id"], result["error"]) for result in results] == [("a", "unauthorized")]


def test_another_exception_is_an_error_of_the_server(guarded):
    with pytest.raises(ServerError, match="boom"):
        guarded.documents.put({"_id": "a", "boom": True})


def test_design_documents_are_not_looked_at(guarded):
    assert guarded.design.put({"_id": "_design/other", "hidden": True})["ok"] is True
