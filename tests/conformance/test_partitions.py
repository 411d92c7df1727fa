import pytest

from couchmapper.exceptions import (
    BadRequest,
    DocumentConflict,
    DocumentNotFound,
    IllegalDocumentId,
    NoUsableIndex,
)
from couchmapper.mapping import Document, Mapped
from couchmapper.session import CommitError

MAP = "function (doc) { emit(doc.n, doc.text); }"
VIEWS = {"by_n": {"map": MAP}, "count": {"map": MAP, "reduce": "_count"}}
ROOMS = [{"_id": f"{room}:{number}", "n": number, "text": room} for room in ("a", "b") for number in range(5)]


class Reading(Document, partition="sensor", id="{hour:02}"):
    sensor: Mapped[str]
    hour: Mapped[int]
    value: Mapped[float]


@pytest.fixture
def empty(client, database_name):
    """Give a partitioned database without documents."""
    client.databases.create(database_name, partitioned=True)
    return client.database(database_name)


@pytest.fixture
def house(empty):
    """Give a partitioned database of two rooms, with views of each room and of the whole house."""
    whole = {"_id": "_design/whole", "views": VIEWS, "options": {"partitioned": False}}
    empty.bulk.docs([*ROOMS, {"_id": "_design/d", "views": VIEWS}, whole])
    return empty


@pytest.fixture
def indexed(house):
    """Give the house with an index of its rooms, and one of the whole."""
    house.find.create_index(["n"], ddoc="rooms", name="rooms")
    house.find.create_index(["n"], ddoc="houses", name="houses", partitioned=False)
    return house


def test_a_database_says_that_it_is_partitioned(house):
    assert house.information()["props"] == {"partitioned": True}


def test_a_partition_counts_its_documents(house):
    rev = house.documents.get("a:0")["_rev"]
    house.documents.delete("a:0", rev=rev)

    information = house.partition("a").information()

    assert (information["partition"], information["doc_count"]) == ("a", 4)
    assert information["doc_del_count"] == 1


def test_a_partition_lists_its_documents(house):
    rows = house.partition("b").bulk.all_docs(limit=2, include_docs=True)["rows"]

    assert [row["id"] for row in rows] == ["b:0", "b:1"]
    assert rows[0]["doc"]["text"] == "b"


def test_a_list_stays_within_its_partition(house):
    def ids(**options):
        return [row["id"] for row in house.partition("a").bulk.all_docs(**options)["rows"]]

    assert ids(start_key="0", end_key="z", limit=1) == ["a:0"]
    assert ids(start_key="a:3", end_key="b:3") == ["a:3", "a:4"]
    assert ids(descending=True, start_key="b:2", limit=2) == ["a:4", "a:3"]
    assert ids(key="b:1") == []


def test_a_view_is_asked_for_one_partition(house):
    rows = house.partition("a").views.query("d", "by_n", start_key=3)["rows"]

    assert [(row["id"], row["value"]) for row in rows] == [("a:3", "a"), ("a:4", "a")]


def test_a_view_is_reduced_for_one_partition(house):
    room = house.partition("a").views

    assert room.query("d", "count")["rows"] == [{"key": None, "value": 5}]
    assert room.query("d", "count", group=True, key=2)["rows"] == [{"key": 2, "value": 1}]


def test_a_view_is_of_partitions_or_of_the_whole_database(house):
    assert house.views.query("whole", "count")["rows"] == [{"key": None, "value": 10}]
    with pytest.raises(BadRequest, match="`partition` parameter is mandatory"):
        house.views.query("d", "by_n")
    with pytest.raises(BadRequest, match="`partition` parameter is not supported in this design doc"):
        house.partition("a").views.query("whole", "by_n")


def test_a_selector_finds_documents_of_one_partition(house):
    found = house.partition("b").find({"n": {"$gt": 2}}, fields=["_id"])["docs"]

    assert found == [{"_id": "b:3"}, {"_id": "b:4"}]
    assert house.partition("b").find.explain({"n": 1})["opts"]["partition"] == "b"


def test_indexes_are_of_partitions_unless_they_say_otherwise(indexed):
    listed = {index["name"]: index.get("partitioned") for index in indexed.find.indexes()}

    assert listed == {"_all_docs": None, "rooms": True, "houses": False}


def test_a_query_has_the_indexes_of_its_scope(indexed):
    inside, outside = (place.find.explain({"n": 1}) for place in (indexed.partition("a"), indexed))

    assert [told["index"]["name"] for told in (inside, outside)] == ["rooms", "houses"]
    assert [told["partitioned"] for told in (inside, outside)] == [True, True]
    assert [told["mrargs"]["partition"] for told in (inside, outside)] == ["a", None]
    (rooms,) = (one for one in outside["index_candidates"] if one["index"]["name"] == "rooms")
    assert rooms["analysis"]["reasons"] == [{"name": "scope_mismatch"}]


def test_an_index_gives_the_order_of_a_partition(indexed):
    found = indexed.partition("b").find({"n": {"$gt": 1}}, sort=[{"n": "desc"}], fields=["_id", "n"])

    assert [document["_id"] for document in found["docs"]] == ["b:4", "b:3", "b:2"]
    assert "warning" not in found


def test_an_order_needs_an_index_of_the_scope(house):
    house.find.create_index(["text"], ddoc="rooms", name="rooms")
    selector = {"text": {"$gt": None}}

    assert len(house.partition("a").find(selector, sort=["text"])["docs"]) == 5
    with pytest.raises(NoUsableIndex, match="No global index exists for this sort"):
        house.find(selector, sort=["text"])
    with pytest.raises(NoUsableIndex, match="No partitioned index exists for this sort"):
        house.partition("a").find({"n": {"$gt": 0}}, sort=["n"])


def test_a_named_index_of_the_other_scope_is_warned_about(indexed):
    answer = indexed.partition("a").find({"n": 1}, use_index="houses")

    assert "_design/houses was not used" in answer["warning"]
    assert len(answer["docs"]) == 1


def test_lists_of_a_partition_are_paged(house):
    part = house.partition("a")

    assert [len(page) for page in part.bulk.all_docs.pages().of(2)] == [2, 2, 1]
    assert [len(page) for page in part.views.query.pages("d", "by_n").of(3)] == [3, 2]
    assert [len(page) for page in part.find.query.pages({"n": {"$gte": 0}}).of(2)] == [2, 2, 1]


def test_what_an_index_of_partitions_finds_is_paged(indexed):
    pages = indexed.partition("b").find.query.pages({"n": {"$gte": 1}}).of(3)

    assert [[document["_id"] for document in page] for page in pages] == [["b:1", "b:2", "b:3"], ["b:4"]]


def test_rows_of_a_partition_are_read_as_they_arrive(house):
    with house.partition("a").bulk.all_docs.rows() as rows:
        assert [row["id"] for row in rows] == [f"a:{number}" for number in range(5)]


def test_a_partition_that_is_empty_has_no_rows(house):
    assert house.partition("none").bulk.all_docs()["rows"] == []
    assert house.partition("none").views.query("d", "by_n")["rows"] == []


@pytest.mark.parametrize("document_id", ["plain", ":x", "x:"])
def test_a_document_without_a_partition_is_refused(document_id, house):
    with pytest.raises(BadRequest):
        house.documents.put({"_id": document_id})
    with pytest.raises(BadRequest):
        house.bulk.docs([{"_id": "a:9"}, {"_id": document_id, "_rev": "1-a"}], new_edits=False)
    with pytest.raises(DocumentNotFound):
        house.documents.get("a:9")


def test_a_document_without_a_partition_cannot_be_asked_for(house):
    with pytest.raises(IllegalDocumentId):
        house.documents.get("plain")


def test_design_and_local_documents_have_no_partition(house):
    house.design.put({"_id": "_design/x", "language": "x"})
    house.local.put({"_id": "_local/x", "n": 1})

    assert house.local.get("x")["n"] == 1


def test_a_database_without_partitions_says_so(database):
    with pytest.raises(BadRequest, match="not partitioned"):
        database.partition("a").information()
    with pytest.raises(BadRequest, match="not partitioned"):
        database.partition("a").find({})


@pytest.mark.parametrize("name", ["", ".", "..", "_a", "a:b"])
def test_what_is_no_partition_is_refused_here(name, house):
    with pytest.raises(BadRequest):
        house.partition(name)


# --- models


def test_documents_of_a_model_live_in_their_partitions(empty):
    with empty.begin() as session:
        session.add_all(Reading(sensor=sensor, hour=9, value=1.5) for sensor in ("attic", "cellar"))

    with empty.session() as session:
        found = session.get_many(Reading, ["attic:09", "cellar:09"])
        assert [reading.sensor for reading in found] == ["attic", "cellar"]
        found[0].value = 2.5
        session.delete(found[1])
        session.commit()

    assert empty.documents.get("attic:09")["value"] == 2.5
    assert [empty.partition(name).information()["doc_count"] for name in ("attic", "cellar")] == [1, 0]


def test_a_conflict_in_a_partition_is_told(empty):
    with empty.begin() as session:
        session.add(Reading(sensor="attic", hour=9, value=1.5))

    with empty.session() as session:
        reading = session.get(Reading, "attic:09")
        empty.documents.put({**empty.documents.get("attic:09"), "value": 9.5})
        reading.value = 2.5
        with pytest.raises(CommitError) as caught:
            session.commit()

    assert any(isinstance(error, DocumentConflict) for error in caught.value.exceptions)


def test_a_model_without_partitions_cannot_be_stored_in_them(empty):
    class Plain(Document, id="plain-{number}"):
        number: Mapped[int]

    with empty.session() as session:
        session.add(Plain(number=1))
        with pytest.raises(CommitError) as caught:
            session.commit()

    assert [type(error) for error in caught.value.exceptions] == [IllegalDocumentId]
