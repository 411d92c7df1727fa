import pytest

from couchmapper.exceptions import BadRequest, IllegalDocumentId


def put(database, *ids: str) -> dict[str, str]:
    """Store empty documents; return their revisions by id."""
    results = database.bulk.docs([{"_id": each} for each in ids])
    return {result["id"]: result["rev"] for result in results}


def test_each_document_has_a_result_in_order(database):
    results = database.bulk.docs([{"_id": "b"}, {"_id": "a"}, {"n": 1}])

    assert [result["ok"] for result in results] == [True, True, True]
    assert [result["id"] for result in results[:2]] == ["b", "a"]
    assert database.documents.get(results[2]["id"])["n"] == 1


def test_no_documents_have_no_results(database):
    assert database.bulk.docs([]) == []


def test_a_conflict_is_a_result_and_the_others_are_stored(database):
    put(database, "a")

    results = database.bulk.docs.results([{"_id": "a", "n": 2}, {"_id": "b"}])

    assert (results[0]["id"], results[0]["error"]) == ("a", "conflict")
    assert "rev" not in results[0]
    assert results[1]["ok"] is True


def test_of_one_id_twice_the_first_is_stored(database):
    results = database.bulk.docs.results([{"_id": "a", "n": 1}, {"_id": "a", "n": 2}])

    assert [result.get("error") for result in results] == [None, "conflict"]
    assert database.documents.get("a")["n"] == 1


def test_documents_are_updated_and_deleted_by_revision(database):
    revs = put(database, "a", "b")

    database.bulk.docs(
        [{"_id": "a", "_rev": revs["a"], "n": 2}, {"_id": "b", "_rev": revs["b"], "_deleted": True}]
    )

    assert database.documents.get("a")["n"] == 2
    assert database.information()["doc_del_count"] == 1


@pytest.mark.parametrize("broken", [{"_id": "_a"}, {"_id": ""}, {"_id": 7}])
def test_an_illegal_id_fails_the_whole_request(database, broken):
    with pytest.raises(IllegalDocumentId):
        database.bulk.docs([{"_id": "a"}, broken])

    assert database.information()["doc_count"] == 0


@pytest.mark.parametrize("broken", [{"_id": "b", "_unknown": 1}, "text"])
def test_a_malformed_document_fails_the_whole_request(database, broken):
    with pytest.raises(BadRequest):
        database.bulk.docs([{"_id": "a"}, broken])

    assert database.information()["doc_count"] == 0


def test_revisions_from_elsewhere_have_no_results(database):
    results = database.bulk.docs([{"_id": "a", "_rev": "1-x"}, {"_id": "a", "_rev": "1-y"}], new_edits=False)

    assert results == []
    assert database.documents.get("a", conflicts=True)["_conflicts"] == ["1-x"]


def test_a_revision_that_is_there_already_changes_nothing(database):
    document = {"_id": "a", "_rev": "1-x", "n": 1}
    database.bulk.docs([document], new_edits=False)
    database.bulk.docs([{**document, "n": 2}], new_edits=False)

    assert database.documents.get("a", conflicts=True) == document


def test_bulk_get_has_one_entry_for_each_request(database):
    revs = put(database, "a", "b")

    found = database.bulk.get([{"id": "b"}, {"id": "a", "rev": revs["a"]}, {"id": "b"}])

    assert [entry["id"] for entry in found] == ["b", "a", "b"]
    assert [entry["docs"][0]["ok"]["_id"] for entry in found] == ["b", "a", "b"]


def test_bulk_get_tells_what_is_missing(database):
    (entry,) = database.bulk.get([{"id": "a"}])

    assert entry["id"] == "a"
    assert entry["docs"][0]["error"]["error"] == "not_found"
    assert entry["docs"][0]["error"]["reason"] == "missing"


def test_bulk_get_can_tell_the_history(database):
    revs = put(database, "a")

    (entry,) = database.bulk.get([{"id": "a"}], revs=True)

    assert entry["docs"][0]["ok"]["_revisions"] == {"start": 1, "ids": [revs["a"].removeprefix("1-")]}


def test_all_documents_are_listed_by_the_bytes_of_their_ids(database):
    revs = put(database, "b", "a", "B", "ä", "10", "9")

    listed = database.bulk.all_docs()

    assert [row["id"] for row in listed["rows"]] == ["10", "9", "B", "a", "b", "ä"]
    assert [row["key"] for row in listed["rows"]] == ["10", "9", "B", "a", "b", "ä"]
    assert listed["rows"][3]["value"] == {"rev": revs["a"]}
    assert (listed["total_rows"], listed["offset"]) == (6, 0)


def test_the_listing_holds_design_documents_and_no_tombstones(database):
    revs = put(database, "a", "b")
    database.documents.delete("a", rev=revs["a"])
    database.design.put({"_id": "_design/d"})
    database.local.put({"_id": "_local/l"})

    assert [row["id"] for row in database.bulk.all_docs()["rows"]] == ["_design/d", "b"]


def ids(database, **options) -> list[str]:
    return [row["id"] for row in database.bulk.all_docs(**options)["rows"]]


def test_a_listing_has_bounds(database):
    put(database, "a", "b", "c", "d")

    assert ids(database, start_key="b", end_key="c") == ["b", "c"]
    assert ids(database, start_key="b", end_key="c", inclusive_end=False) == ["b"]
    assert ids(database, key="c") == ["c"]


def test_a_listing_can_be_turned_round(database):
    put(database, "a", "b", "c")

    assert ids(database, descending=True) == ["c", "b", "a"]
    assert ids(database, start_key="b", descending=True) == ["b", "a"]


def test_a_listing_can_be_cut(database):
    put(database, "a", "b", "c")

    page = database.bulk.all_docs(skip=1, limit=1)

    assert [row["id"] for row in page["rows"]] == ["b"]
    assert (page["total_rows"], page["offset"]) == (3, 1)
    assert ids(database, limit=0) == []


def test_a_listing_can_hold_the_documents(database):
    database.documents.put({"_id": "a", "n": 1})

    (row,) = database.bulk.all_docs(include_docs=True)["rows"]

    assert row["doc"] == {"_id": "a", "_rev": row["value"]["rev"], "n": 1}


def test_keys_have_one_row_each_in_their_order(database):
    put(database, "a", "b")

    rows = database.bulk.all_docs(keys=["b", "nothing", "a", "b"])["rows"]

    assert [row.get("id") for row in rows] == ["b", None, "a", "b"]
    assert rows[1] == {"key": "nothing", "error": "not_found"}


def test_the_row_of_a_deleted_key_says_so(database):
    revs = put(database, "a")
    deleted = database.documents.delete("a", rev=revs["a"])

    (row,) = database.bulk.all_docs(keys=["a"], include_docs=True)["rows"]

    assert row["value"] == {"rev": deleted["rev"], "deleted": True}
    assert row["doc"] is None


def test_no_keys_have_no_rows(database):
    put(database, "a")

    assert ids(database, keys=[]) == []


def test_a_key_that_is_no_text_finds_nothing(database):
    put(database, "a")

    assert ids(database, key=None) == []


@pytest.mark.stores("couchdb")
def test_lists_are_asked_for_together(database):
    put(database, "a", "b", "c")

    told = database.bulk.queries(
        [{"key": "b"}, {"start_key": "b", "limit": 1}, {"keys": ["c", "a"]}, {"key": 0}]
    )

    assert [[row["id"] for row in each["rows"]] for each in told["results"]] == [["b"], ["b"], ["c", "a"], []]
