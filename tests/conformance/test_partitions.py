import pytest

from couchmapper.exceptions import BadRequest, IllegalDocumentId

pytestmark = pytest.mark.stores("couchdb")

MAP = "function (doc) { emit(doc.n, doc.text); }"
ROOMS = [{"_id": f"{room}:{number}", "n": number, "text": room} for room in ("a", "b") for number in range(5)]


@pytest.fixture
def house(client, database_name):
    client.databases.create(database_name, partitioned=True)
    database = client.database(database_name)
    database.bulk.docs([*ROOMS, {"_id": "_design/d", "views": {"by_n": {"map": MAP}}}])
    return database


def test_a_partition_counts_its_documents(house):
    information = house.partition("a").information()

    assert (information["partition"], information["doc_count"]) == ("a", 5)


def test_a_partition_lists_its_documents(house):
    rows = house.partition("b").bulk.all_docs(limit=2, include_docs=True)["rows"]

    assert [row["id"] for row in rows] == ["b:0", "b:1"]
    assert rows[0]["doc"]["text"] == "b"


def test_a_view_is_asked_for_one_partition(house):
    rows = house.partition("a").views.query("d", "by_n", start_key=3)["rows"]

    assert [(row["id"], row["value"]) for row in rows] == [("a:3", "a"), ("a:4", "a")]


def test_a_selector_finds_documents_of_one_partition(house):
    found = house.partition("b").find({"n": {"$gt": 2}}, fields=["_id"])["docs"]

    assert found == [{"_id": "b:3"}, {"_id": "b:4"}]
    assert house.partition("b").find.explain({"n": 1})["opts"]["partition"] == "b"


def test_lists_of_a_partition_are_paged(house):
    part = house.partition("a")

    assert [len(page) for page in part.bulk.all_docs.pages().of(2)] == [2, 2, 1]
    assert [len(page) for page in part.views.query.pages("d", "by_n").of(3)] == [3, 2]
    assert [len(page) for page in part.find.query.pages({"n": {"$gte": 0}}).of(2)] == [2, 2, 1]


def test_rows_of_a_partition_are_read_as_they_arrive(house):
    with house.partition("a").bulk.all_docs.rows() as rows:
        assert [row["id"] for row in rows] == [f"a:{number}" for number in range(5)]


def test_a_partition_that_is_empty_has_no_rows(house):
    assert house.partition("none").bulk.all_docs()["rows"] == []


def test_a_document_without_a_partition_is_refused(house):
    with pytest.raises(IllegalDocumentId):
        house.documents.put({"_id": "plain"})


def test_a_database_without_partitions_says_so(database):
    with pytest.raises(BadRequest, match="not partitioned"):
        database.partition("a").information()


@pytest.mark.parametrize("name", ["", ".", "..", "_a", "a:b"])
def test_what_is_no_partition_is_refused_here(name, house):
    with pytest.raises(BadRequest):
        house.partition(name)
