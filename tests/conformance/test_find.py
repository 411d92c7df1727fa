import pytest

from couchmapper.client.failures import BulkFailed
from couchmapper.exceptions import BadRequest, InvalidSelector, NotFound, NoUsableIndex

PEOPLE = [
    {"_id": "ann", "age": 41, "city": "Rome", "tags": ["a", "b"], "home": {"floor": 2}},
    {"_id": "bob", "age": 29, "city": "Oslo", "tags": []},
    {"_id": "cleo", "age": None, "city": "Rome"},
    {"_id": "dan", "age": "old", "tags": ["b"], "home": {"floor": 0}},
]


@pytest.fixture
def people(database):
    """Give a database with four documents of unequal shape."""
    database.bulk.docs(PEOPLE)
    return database


def found(database, selector, **options) -> list[str]:
    return sorted(document["_id"] for document in database.find(selector, **options)["docs"])


@pytest.mark.parametrize(
    ("selector", "ids"),
    [
        ({}, ["ann", "bob", "cleo", "dan"]),
        ({"city": "Rome"}, ["ann", "cleo"]),
        ({"city": {"$eq": "Rome"}}, ["ann", "cleo"]),
        ({"city": {"$ne": "Rome"}}, ["bob"]),
        ({"age": {"$gt": 30}}, ["ann", "dan"]),
        ({"age": {"$lt": 30}}, ["bob", "cleo"]),
        ({"age": {"$gte": 29, "$lte": 41}}, ["ann", "bob"]),
        ({"age": None}, ["cleo"]),
        ({"age": {"$in": [29, "old"]}}, ["bob", "dan"]),
        ({"age": {"$nin": [29, "old"]}}, ["ann", "cleo"]),
        ({"tags": {"$in": ["a"]}}, ["ann"]),
        ({"tags": {"$all": ["a", "b"]}}, ["ann"]),
        ({"tags": {"$size": 0}}, ["bob"]),
        ({"tags": {"$elemMatch": {"$eq": "b"}}}, ["ann", "dan"]),
        ({"tags": {"$allMatch": {"$eq": "b"}}}, ["dan"]),
        ({"tags": {"$exists": False}}, ["cleo"]),
        ({"city": {"$exists": True}}, ["ann", "bob", "cleo"]),
        ({"age": {"$type": "number"}}, ["ann", "bob"]),
        ({"age": {"$mod": [2, 1]}}, ["ann", "bob"]),
        ({"city": {"$regex": "^R"}}, ["ann", "cleo"]),
        ({"city": {"$beginsWith": "Os"}}, ["bob"]),
        ({"home.floor": 2}, ["ann"]),
        ({"home": {"floor": 0}}, ["dan"]),
        ({"city": "Rome", "age": 41}, ["ann"]),
        ({"$or": [{"age": 29}, {"age": 41}]}, ["ann", "bob"]),
        ({"$and": [{"city": "Rome"}, {"age": None}]}, ["cleo"]),
        ({"$nor": [{"age": 29}, {"age": 41}]}, ["cleo", "dan"]),
        ({"$not": {"city": "Rome"}}, ["bob"]),
        ({"city": {"$not": {"$eq": "Rome"}}}, ["bob"]),
        ({"_id": {"$gt": "bob"}}, ["cleo", "dan"]),
        ({"nothing": {"$ne": 1}}, []),
    ],
)
def test_a_selector_finds_the_documents_that_it_means(people, selector, ids):
    assert found(people, selector) == ids


def test_whole_documents_are_found(people):
    (document,) = people.find({"_id": "bob"})["docs"]

    assert document["_rev"].startswith("1-")
    assert {**PEOPLE[1], "_rev": document["_rev"]} == document


def test_fields_choose_the_members(people):
    answer = people.find({"_id": "ann"}, fields=["_id", "home.floor", "nothing"])

    assert answer["docs"] == [{"_id": "ann", "home": {"floor": 2}}]


def test_design_documents_are_not_found(people):
    people.design.put({"_id": "_design/d", "city": "Rome"})

    assert found(people, {"city": "Rome"}) == ["ann", "cleo"]


def test_twenty_five_documents_are_found_at_most_without_a_limit(database):
    database.bulk.docs({"_id": f"{number:02}"} for number in range(30))

    assert len(database.find({})["docs"]) == 25
    assert len(database.find({}, limit=28)["docs"]) == 28
    assert database.find({}, limit=0)["docs"] == []


def test_skip_leaves_out_the_first(database):
    database.bulk.docs({"_id": letter} for letter in "abc")

    assert found(database, {"_id": {"$gt": None}}, skip=1) == ["b", "c"]


def test_a_bookmark_goes_on_where_the_page_ended(database):
    database.bulk.docs({"_id": f"{number:02}"} for number in range(5))
    pages, bookmark = [], None

    for _ in range(4):
        page = database.find({}, limit=2, bookmark=bookmark)
        pages.append([document["_id"] for document in page["docs"]])
        bookmark = page["bookmark"]

    assert pages == [["00", "01"], ["02", "03"], ["04"], []]


def test_a_broken_bookmark_is_a_bad_request(database):
    with pytest.raises(BadRequest):
        database.find({}, bookmark="broken")


@pytest.mark.parametrize(
    "selector",
    [
        {"a": {"$unknown": 1}},
        {"a": {"$in": 1}},
        {"a": {"$size": -1}},
        {"a": {"$exists": 1}},
        {"a": {"$type": 1}},
        {"a": {"$mod": [2]}},
        {"a": {"$regex": 1}},
        {"a": {"$regex": "("}},
        {"$and": {}},
        {"$not": 1},
        {"": 1},
        [],
        None,
    ],
    ids=str,
)
def test_a_selector_without_meaning_is_refused(database, selector):
    database.documents.put({"_id": "x", "a": 1})

    with pytest.raises(InvalidSelector) as caught:
        database.find(selector)

    assert caught.value.status == 400


@pytest.mark.parametrize(
    "options", [{"limit": -1}, {"skip": -1}, {"fields": 1}, {"sort": 1}, {"sort": [{"a": "up"}]}], ids=str
)
def test_an_option_without_meaning_is_a_bad_request(database, options):
    with pytest.raises(BadRequest):
        database.find({}, **options)


def test_an_order_needs_an_index(people):
    with pytest.raises(NoUsableIndex):
        people.find({"age": {"$gt": 0}}, sort=["age"])


def test_an_index_gives_the_order(people):
    people.find.create_index(["age"], name="by-age", ddoc="people")

    up = people.find({"age": {"$exists": True}}, sort=["age"])
    down = people.find({"age": {"$exists": True}}, sort=[{"age": "desc"}])

    assert [document["_id"] for document in up["docs"]] == ["cleo", "bob", "ann", "dan"]
    assert [document["_id"] for document in down["docs"]] == ["dan", "ann", "bob", "cleo"]


def test_ids_give_an_order_without_an_index(people):
    answer = people.find({"_id": {"$gt": "a"}}, sort=[{"_id": "desc"}])

    assert [document["_id"] for document in answer["docs"]] == ["dan", "cleo", "bob", "ann"]


def test_directions_cannot_be_mixed(people):
    with pytest.raises(BadRequest) as caught:
        people.find.create_index([{"age": "asc"}, {"city": "desc"}])

    assert caught.value.error == "unsupported_mixed_sort"


def test_creating_an_index_twice_changes_nothing(database):
    made = database.find.create_index(["age"], name="by-age", ddoc="people")
    again = database.find.create_index(["age"], name="by-age", ddoc="people")

    assert made == {"result": "created", "id": "_design/people", "name": "by-age"}
    assert again == {"result": "exists", "id": "_design/people", "name": "by-age"}


def test_an_index_without_a_name_gets_one_from_its_definition(database):
    made = database.find.create_index(["age"])

    assert made["result"] == "created"
    assert database.find.create_index(["age"])["result"] == "exists"
    assert database.find.create_index(["city"])["name"] != made["name"]


def test_the_indexes_are_listed_after_the_one_of_all_documents(database):
    database.find.create_index(["age", {"city": "asc"}], name="by-age", ddoc="people")

    builtin, made = database.find.indexes()

    assert (builtin["name"], builtin["type"], builtin["ddoc"]) == ("_all_docs", "special", None)
    assert (made["name"], made["type"], made["ddoc"]) == ("by-age", "json", "_design/people")
    assert made["def"]["fields"] == [{"age": "asc"}, {"city": "asc"}]


def test_a_deleted_index_is_gone(database):
    database.find.create_index(["age"], name="by-age", ddoc="people")

    database.find.delete_index("people", "by-age")

    assert [index["name"] for index in database.find.indexes()] == ["_all_docs"]
    with pytest.raises(NotFound):
        database.find.delete_index("people", "by-age")


def test_explain_names_the_index(people):
    people.find.create_index(["age"], name="by-age", ddoc="people")

    assert people.find.explain({"age": 41})["index"]["name"] == "by-age"
    assert people.find.explain({"city": "Rome"})["index"]["name"] == "_all_docs"


def test_a_query_without_an_index_is_warned_about(people):
    people.find.create_index(["age"], name="by-age", ddoc="people")

    assert "index" in people.find({"city": "Rome"})["warning"]
    assert "warning" not in people.find({"age": 41})


def test_an_index_holds_only_documents_with_all_its_fields(people):
    people.find.create_index(["age", "city"], name="both", ddoc="people")

    answer = people.find({"age": {"$gt": None}, "city": {"$exists": True}}, sort=["age", "city"])

    assert [document["_id"] for document in answer["docs"]] == ["bob", "ann"]


def test_a_partial_index_serves_when_it_is_named(people):
    people.find.create_index(["age"], name="romans", ddoc="people", partial_filter_selector={"city": "Rome"})
    selector = {"age": {"$gte": None}, "city": "Rome"}

    assert people.find.explain(selector)["index"]["name"] == "_all_docs"
    assert people.find.explain(selector, use_index=["people", "romans"])["index"]["name"] == "romans"
    assert found(people, selector, use_index=["people", "romans"]) == ["ann", "cleo"]


def test_a_named_index_that_cannot_serve_is_warned_about(people):
    people.find.create_index(["age"], name="by-age", ddoc="people")

    answer = people.find({"city": "Rome"}, use_index="people")

    assert "_design/people was not used" in answer["warning"]
    assert len(answer["docs"]) == 2


def test_a_named_index_can_be_made_a_condition(people):
    people.find.create_index(["age"], name="by-age", ddoc="people")

    with pytest.raises(BadRequest) as caught:
        people.find({"city": "Rome"}, use_index="people", allow_fallback=False)

    assert caught.value.error == "invalid_index"


def test_statistics_count_what_was_looked_at(people):
    answer = people.find({"city": "Rome"}, execution_stats=True)

    assert answer["execution_stats"]["total_docs_examined"] == 4
    assert answer["execution_stats"]["results_returned"] == 2


def test_a_new_document_is_found_at_once_by_an_index(people):
    people.find.create_index(["city"], name="by-city", ddoc="people")
    assert found(people, {"city": "Lima"}) == []

    people.documents.put({"_id": "eve", "city": "Lima"})

    assert found(people, {"city": "Lima"}) == ["eve"]


def test_conflicts_can_be_asked_for(database):
    database.bulk.docs([{"_id": "a", "_rev": "1-x"}, {"_id": "a", "_rev": "1-y"}], new_edits=False)

    (document,) = database.find({}, conflicts=True)["docs"]

    assert document["_conflicts"] == ["1-x"]


def test_indexes_are_deleted_together(database):
    for name in ("a", "b"):
        database.find.create_index([name], ddoc=name, name=name)

    told = database.find.delete_indexes(["a", "_design/b"])

    assert sorted(each["id"] for each in told["success"]) == ["_design/a", "_design/b"]
    assert [index["name"] for index in database.find.indexes()] == ["_all_docs"]


def test_an_index_that_is_not_there_fails_among_the_others(database):
    database.find.create_index(["a"], ddoc="a", name="a")

    with pytest.raises(BulkFailed) as caught:
        database.find.delete_indexes(["a", "b"])

    assert [each["id"] for each in caught.value.results["success"]] == ["_design/a"]
    assert [each["id"] for each in caught.value.results["fail"]] == ["_design/b"]
