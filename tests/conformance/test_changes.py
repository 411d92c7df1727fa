"""The order of rows from more than one shard is the server's own: rows are compared by id."""

import pytest

from couchmapper.exceptions import BadRequest, NotFound

FILTER = "function (doc, req) { return doc.kind === req.query.kind; }"


def rows(database, **options) -> dict[str, list[str]]:
    """Return the changed revisions by document."""
    results = database.changes(**options)["results"]
    return {row["id"]: [change["rev"] for change in row["changes"]] for row in results}


def test_a_new_database_has_no_changes(database):
    answer = database.changes()

    assert (answer["results"], answer["pending"]) == ([], 0)
    assert answer["last_seq"]


def test_each_document_has_one_row_with_its_last_revision(database):
    first = database.documents.put({"_id": "a", "n": 1})
    second = database.documents.put({"_id": "a", "_rev": first["rev"], "n": 2})
    other = database.documents.put({"_id": "b"})

    assert rows(database) == {"a": [second["rev"]], "b": [other["rev"]]}


def test_a_tombstone_is_a_change(database):
    stored = database.documents.put({"_id": "a"})
    deleted = database.documents.delete("a", rev=stored["rev"])

    (row,) = database.changes()["results"]

    assert row["deleted"] is True
    assert row["changes"] == [{"rev": deleted["rev"]}]


def test_a_feed_goes_on_from_a_sequence(database):
    database.documents.put({"_id": "a"})
    seen = database.changes()["last_seq"]
    database.documents.put({"_id": "b"})

    assert rows(database, since=seen).keys() == {"b"}


def test_a_feed_from_now_has_nothing(database):
    database.documents.put({"_id": "a"})

    assert rows(database, since="now") == {}


def test_a_feed_from_zero_has_everything(database):
    database.documents.put({"_id": "a"})

    assert rows(database, since=0).keys() == rows(database, since="0").keys() == {"a"}


def test_a_sequence_that_is_none_is_refused(database):
    with pytest.raises(BadRequest):
        database.changes(since="broken")


def test_pages_of_a_feed_join_without_gap_or_repetition(database):
    database.bulk.docs({"_id": f"{number}"} for number in range(5))
    seen, since = [], "0"

    for _ in range(3):
        page = database.changes(since=since, limit=2)
        seen += [row["id"] for row in page["results"]]
        since = page["last_seq"]

    assert sorted(seen) == ["0", "1", "2", "3", "4"]


def test_pending_counts_what_is_left(database):
    database.bulk.docs({"_id": f"{number}"} for number in range(5))

    assert database.changes(limit=2)["pending"] == 3


def test_a_feed_can_hold_the_documents(database):
    stored = database.documents.put({"_id": "a", "n": 1})

    (row,) = database.changes(include_docs=True)["results"]

    assert row["doc"] == {"_id": "a", "_rev": stored["rev"], "n": 1}


def test_the_document_of_a_tombstone_is_the_tombstone(database):
    stored = database.documents.put({"_id": "a", "n": 1})
    deleted = database.documents.delete("a", rev=stored["rev"])

    (row,) = database.changes(include_docs=True)["results"]

    assert row["doc"] == {"_id": "a", "_rev": deleted["rev"], "_deleted": True}


def test_all_leaves_can_be_listed_the_winner_first(database):
    database.bulk.docs([{"_id": "a", "_rev": "1-x"}, {"_id": "a", "_rev": "1-y"}], new_edits=False)

    assert rows(database) == {"a": ["1-y"]}
    assert rows(database, style="all_docs") == {"a": ["1-y", "1-x"]}


def test_a_feed_can_be_turned_round(database):
    database.bulk.docs([{"_id": "a"}, {"_id": "b"}])

    assert rows(database, descending=True).keys() == {"a", "b"}


def test_a_feed_can_be_of_some_documents(database):
    database.bulk.docs([{"_id": "a"}, {"_id": "b"}, {"_id": "c"}])

    assert rows(database, doc_ids=["a", "c", "nothing"]).keys() == {"a", "c"}


def test_a_feed_can_be_of_what_a_selector_means(database):
    database.bulk.docs([{"_id": "a", "n": 1}, {"_id": "b", "n": 2}, {"_id": "c"}])

    assert rows(database, selector={"n": {"$gte": 1}}).keys() == {"a", "b"}


def test_a_selector_can_ask_for_tombstones(database):
    stored = database.documents.put({"_id": "a"})
    database.documents.delete("a", rev=stored["rev"])
    database.documents.put({"_id": "b"})

    assert rows(database, selector={"_deleted": True}).keys() == {"a"}


def test_a_selector_without_meaning_is_refused(database):
    with pytest.raises(BadRequest):
        database.changes(selector={"a": {"$unknown": 1}})


def test_a_feed_can_be_of_design_documents(database):
    database.documents.put({"_id": "a"})
    database.design.put({"_id": "_design/d"})

    assert rows(database, filter="_design").keys() == {"_design/d"}


def test_a_feed_can_be_of_what_a_function_lets_through(database):
    database.design.put({"_id": "_design/d", "filters": {"kind": FILTER}})
    database.bulk.docs([{"_id": "a", "kind": "x"}, {"_id": "b", "kind": "y"}])

    assert rows(database, filter="d/kind", parameters={"kind": "x"}).keys() == {"a"}


def test_a_feed_can_be_of_what_a_view_maps(database):
    views = {"n": {"map": "function (doc) { if (doc.n) emit(doc.n, null); }"}}
    database.design.put({"_id": "_design/d", "views": views})
    database.bulk.docs([{"_id": "a", "n": 1}, {"_id": "b"}])

    assert rows(database, filter="_view", view="d/n").keys() == {"a"}


def test_a_filter_function_that_is_not_there_is_refused(database):
    with pytest.raises(NotFound):
        database.changes(filter="no/where")


@pytest.mark.parametrize("name", ["_unknown", "word"])
def test_what_is_no_filter_is_refused(database, name):
    with pytest.raises(BadRequest):
        database.changes(filter=name)


def test_a_longpoll_answers_at_once_when_there_is_something(database):
    database.documents.put({"_id": "a"})

    assert rows(database, feed="longpoll").keys() == {"a"}


def test_a_longpoll_without_a_change_ends_after_its_timeout(database):
    database.documents.put({"_id": "a"})
    now = database.changes(since="now")["last_seq"]

    answer = database.changes(since=now, feed="longpoll", timeout=50)

    assert answer["results"] == []
    assert answer["last_seq"]
