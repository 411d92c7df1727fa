"""What `docs/semantics.md` says: the one meaning, case by case, and where CouchDB itself departs from it."""

from typing import Any

import pytest
from judges import JavaScript, Python
from questions import Question
from seeds import GROUPS, Group
from text_seeds import GROUPS as GROUPS_OF_TEXTS

from couchmapper.database import Database
from couchmapper.exceptions import ServerError
from couchmapper.mango.parse import parse
from couchmapper.typing import JSONObject

ALL = {**GROUPS, **GROUPS_OF_TEXTS}


def answers(database: Database, group: Group) -> dict[str, str]:
    """Ask a database with the documents of a group everything that the group asks."""
    database.bulk.docs(group.documents)
    return {name: written(found(database, selector), group) for name, (selector, _) in group.cases.items()}


def found(database: Database, selector: JSONObject) -> set[str]:
    return {one["_id"] for one in database.find(selector, limit=100)["docs"]}


def written(ids: Any, group: Group) -> str:
    """Write ids as `seeds.py` does."""
    return "*" if len(ids) == len(group.documents) > 6 else " ".join(sorted(ids))


def expected(group: Group) -> dict[str, str]:
    return {name: ids for name, (_, ids) in group.cases.items()}


@pytest.mark.parametrize("group", ALL.values(), ids=ALL)
def test_a_selector_means_to_a_store_what_is_written(database: Database, group: Group):
    assert answers(database, group) == expected(group)


@pytest.mark.parametrize("group", ALL.values(), ids=ALL)
def test_a_selector_means_to_python_what_is_written(group: Group):
    python = Python(list(group.documents))

    asked = {name: Question(selector, parse(selector)) for name, (selector, _) in group.cases.items()}

    assert {name: written(python.ids(one), group) for name, one in asked.items()} == expected(group)


@pytest.mark.parametrize("group", ALL.values(), ids=ALL)
def test_a_selector_means_to_javascript_what_is_written_or_is_refused(group: Group):
    javascript, python = JavaScript(list(group.documents)), Python(list(group.documents))

    for selector, _ in group.cases.values():
        question = Question(selector, parse(selector))
        assert javascript.ids(question) in (None, python.ids(question) & javascript.known)


# --- where CouchDB departs from it


def test_an_index_loses_texts_that_do_not_sort_behind_their_beginning(database: Database):
    begins = {"a": {"$beginsWith": "เ"}}
    database.bulk.docs([{"_id": "thai", "a": "เก"}, {"_id": "other", "a": "ก"}])
    before = found(database, begins)

    database.find.create_index(["a"], ddoc="by-a", name="by-a")

    assert before == {"thai"}
    assert found(database, begins) == set()
    assert found(database, {"a": {"$regex": "^เ"}}) == {"thai"}


def test_an_index_keeps_what_begins_in_ascii(database: Database):
    texts = ("a", "a\u00adb", "aé", "a\u0e40", "a😀", "a\n", "A", "b")
    database.bulk.docs({"_id": str(place), "a": text} for place, text in enumerate(texts))
    database.find.create_index(["a"], ddoc="by-a", name="by-a")

    assert found(database, {"a": {"$beginsWith": "a"}}) == {"0", "1", "2", "3", "4", "5"}


def test_bounds_of_ids_are_by_bytes_and_find_nothing_where_they_cross_in_collation(database: Database):
    database.bulk.docs([{"_id": "a"}, {"_id": "b"}, {"_id": "B"}])

    assert found(database, {"_id": {"$gt": "Z"}}) == {"a", "b"}
    assert found(database, {"_id": {"$gt": "Z", "$lt": "c"}}) == set()
    assert found(database, {"_id": {"$gt": "a", "$lt": "B"}}) == set()


def test_bounds_of_ids_that_cross_in_collation_are_no_matter_with_an_index_on_another_field(
    database: Database,
):
    database.bulk.docs([{"_id": "a", "n": 1}, {"_id": "b", "n": 1}])
    database.find.create_index(["n"], ddoc="by-n", name="by-n")

    assert found(database, {"_id": {"$gt": "Z", "$lt": "c"}, "n": 1}) == {"a", "b"}


def test_a_list_of_no_conditions_takes_an_index_that_does_not_hold_all(database: Database):
    database.bulk.docs([{"_id": "a", "n": 1}, {"_id": "b"}])
    before = found(database, {"$and": [{"$or": []}]})

    database.find.create_index(["n"], ddoc="by-n", name="by-n")

    assert before == {"a", "b"}
    assert found(database, {"$and": [{"$or": []}]}) == {"a"}


TOO_MUCH: dict[str, JSONObject] = {
    "null in a list": {"a": {"$in": [None, 1]}},
    "a list in a list": {"a": {"$in": [[1], 1]}},
    "an object of two members": {"a": {"$eq": {"b": 1, "c": 2}}},
}


@pytest.mark.parametrize("selector", TOO_MUCH.values(), ids=TOO_MUCH)
@pytest.mark.stores("couchdb")
def test_some_arguments_fail_as_soon_as_there_is_an_index(database: Database, selector: JSONObject):
    database.bulk.docs([{"_id": "a", "a": 1}])
    found(database, selector)

    database.find.create_index(["n"], ddoc="by-n", name="by-n")

    with pytest.raises(ServerError, match="function_clause"):
        found(database, selector)


def test_null_in_a_list_can_be_asked_in_other_words(database: Database):
    documents = [
        {"_id": "null", "a": None},
        {"_id": "within", "a": [None]},
        {"_id": "1", "a": 1},
        {"_id": "2", "a": 2},
    ]
    database.bulk.docs([*documents, {"_id": "missing"}])
    database.find.create_index(["n"], ddoc="by-n", name="by-n")
    either = {"$or": [{"a": None}, {"a": {"$elemMatch": {"$eq": None}}}, {"a": {"$in": [1]}}]}

    assert found(database, either) == {"null", "within", "1"}
    assert found(database, {"$not": either}) == {"2"}


def test_a_whole_list_of_lists_can_be_asked_in_other_words(database: Database):
    database.bulk.docs([{"_id": "1", "a": [[1]]}, {"_id": "2", "a": [[1, 2]]}, {"_id": "3", "a": [[1], 2]}])
    database.find.create_index(["n"], ddoc="by-n", name="by-n")

    assert found(database, {"a.0": {"$eq": [1]}, "a": {"$size": 1}}) == {"1"}
