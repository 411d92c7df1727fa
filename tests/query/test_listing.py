"""Documents out of `_all_docs`: of known ids, or of a part of all ids."""

from itertools import chain

import pytest
from fake_source import FakeDatabase

from couchmapper.exceptions import InvalidAnswer
from couchmapper.mango.nodes import TRUE
from couchmapper.query.listing import by_ids, by_range, document_of
from couchmapper.query.plan import IdRange
from couchmapper.typing import JSONObject


def documents(*ids: str) -> list[JSONObject]:
    return [{"_id": one, "_rev": "1-a"} for one in ids]


def ids_of(pages) -> list[str]:
    return [document["_id"] for document in chain.from_iterable(pages)]


def within(first: str, end: str | None) -> IdRange:
    return IdRange(first=first, end=end, condition=TRUE)


# --- rows


def test_a_row_has_its_document():
    row = {"id": "a", "key": "a", "value": {"rev": "1-a"}, "doc": {"_id": "a"}}

    assert document_of(row) == {"_id": "a"}


@pytest.mark.parametrize(
    "row",
    [
        {"key": "a", "error": "not_found"},
        {"id": "a", "key": "a", "value": {"rev": "2-a", "deleted": True}, "doc": None},
    ],
    ids=["not found", "deleted"],
)
def test_a_row_of_what_is_not_there_has_none(row):
    assert document_of(row) is None


@pytest.mark.parametrize(
    "row",
    [
        {"key": "a", "error": "timeout"},
        {"id": "a", "key": "a", "value": {"rev": "1-a"}, "doc": None},
        {"id": "a", "key": "a", "value": {"rev": "1-a"}},
    ],
    ids=["another error", "no document", "not asked for"],
)
def test_what_the_server_could_not_read_is_not_taken_for_missing(row):
    with pytest.raises(InvalidAnswer, match="could not read 'a'; ask again"):
        document_of(row)


# --- known ids


def test_no_ids_ask_nothing():
    find = FakeDatabase(documents("a"))

    assert [*by_ids(find.source(), [], 10)] == []
    assert find.routes == []


def test_one_document_is_read_itself():
    find = FakeDatabase(documents("a"))

    assert ids_of(by_ids(find.source(), ["a"], 10)) == ["a"]
    assert ids_of(by_ids(find.source(), ["b"], 10)) == []
    assert find.routes == ["document", "document"]


@pytest.mark.parametrize("name", [".", ".."])
def test_one_that_no_url_can_name_is_asked_for_as_a_key(name):
    find = FakeDatabase(documents(name))

    assert ids_of(by_ids(find.source(), [name], 10)) == [name]
    assert find.routes == ["all_docs"]


@pytest.mark.parametrize(("size", "requests"), [(1, 4), (2, 2), (3, 2), (4, 1), (9, 1)])
def test_several_come_in_the_order_that_was_asked_for(size, requests):
    find = FakeDatabase(documents("a", "b", "c", "d"))

    assert ids_of(by_ids(find.source(), ["c", "a", "x", "b"], size)) == ["c", "a", "b"]
    assert find.routes == ["all_docs"] * requests


# --- a part of all ids


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("descending", [False, True])
def test_everything_between_comes_once(size, descending):
    find = FakeDatabase(documents("a", "b1", "b2", "b3", "b4", "c"))

    found = ids_of(by_range(find.source(), within("b", "b9"), size, descending=descending))

    assert found == sorted(["b1", "b2", "b3", "b4"], reverse=descending)


def test_the_end_is_not_in_it():
    find = FakeDatabase(documents("a", "b", "c"))

    assert ids_of(by_range(find.source(), within("a", "c"), 9, descending=False)) == ["a", "b"]


def test_a_part_may_have_no_end():
    find = FakeDatabase(documents("a", "b", "c"))

    assert ids_of(by_range(find.source(), within("b", None), 2, descending=False)) == ["b", "c"]


def test_design_documents_are_none():
    find = FakeDatabase(documents("Z", "_design/a", "_design/b", "a"))

    pages = [*by_range(find.source(), within("", None), 2, descending=False)]

    assert ids_of(pages) == ["Z", "a"]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_none_is_passed_over_when_the_last_of_a_page_is_deleted(size, descending):
    find = FakeDatabase(documents(*(f"b{number}" for number in range(7))))
    found = []

    for page in by_range(find.source(), within("b", "c"), size, descending=descending):
        found += [document["_id"] for document in page]
        find.documents = [one for one in find.documents if one["_id"] not in found[-1:]]

    assert found == sorted((f"b{number}" for number in range(7)), reverse=descending)


def test_pages_are_read_when_they_are_asked_for():
    find = FakeDatabase(documents("b1", "b2", "b3"))
    pages = by_range(find.source(), within("b", "c"), 2, descending=False)

    assert find.routes == []
    next(pages)
    assert find.routes == ["all_docs"]


def test_a_row_that_the_server_could_not_read_ends_it():
    class Tired(FakeDatabase):
        def all_docs(self, **options) -> JSONObject:
            answer = super().all_docs(**options)
            answer["rows"][-1] = {**answer["rows"][-1], "doc": None}
            return answer

    find = Tired(documents("b1", "b2"))

    with pytest.raises(InvalidAnswer, match="b2"):
        ids_of(by_range(find.source(), within("b", "c"), 9, descending=False))
    with pytest.raises(InvalidAnswer, match="b2"):
        ids_of(by_ids(find.source(), ["b1", "b2"], 9))
