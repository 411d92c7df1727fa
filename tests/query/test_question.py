"""A query put to a database: what is read, and when one is warned."""

import warnings

import pytest
from fake_source import FakeDatabase, stored_index
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import FullScanRefused, FullScanWarning
from couchmapper.mapping import Document, Mapped, field
from couchmapper.query.question import Question
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.typing import JSONObject

MUCH = {"execution_stats": {"total_docs_examined": 500}}


class Item(Document):
    name: Mapped[str]
    rank: Mapped[int] = field(default=0)


def documents(count: int) -> list[JSONObject]:
    return [
        {"_id": f"{number:04}", "_rev": "1-a", "type": "item", "name": "x", "rank": number}
        for number in range(count)
    ]


def question(find: FakeDatabase, **asked) -> Question:
    return Question(QuerySpec(model=Item, **{"scans": "allow", **asked}), find.source())


def ids_of(asked: Question) -> list[str]:
    return [document["_id"] for document in asked.read([ID]).documents()]


# --- reading


def test_nothing_is_asked_before_the_first_document_is_wanted():
    find = FakeDatabase(documents(3), indexes=[])
    reading = question(find).read()
    assert "find" not in find.routes

    next(reading.documents())

    assert "find" in find.routes


def test_pages_are_asked_for_when_they_are_needed():
    find = FakeDatabase(documents(9))
    find.source().known_indexes()
    found = question(find, page_size=3).read().documents()

    for _ in range(3):
        next(found)
    assert find.routes.count("find") == 1
    next(found)
    assert find.routes.count("find") == 2


def test_fields_are_asked_for_with_the_id_and_the_order():
    find = FakeDatabase(documents(3))

    list(question(find, order=(Item.rank.asc(),)).read([("name",)]).documents())

    assert {frozenset(asked["fields"]) for asked in find.asked} == {frozenset(("_id", "name", "rank"))}


def test_a_query_that_may_not_scan_is_refused_before_anything_is_read():
    find = FakeDatabase(documents(3))

    with pytest.raises(FullScanRefused):
        question(find, where=Item.rank > 0, scans="forbid").read()

    assert "find" not in find.routes


@pytest.mark.parametrize("scans", [None, "warn"])
def test_one_is_warned_before_the_first_document_comes(scans):
    find = FakeDatabase(documents(3), **MUCH)
    found = question(find, where=Item.name == "x", scans=scans).read().documents()

    with pytest.warns(FullScanWarning, match="is a scan"):
        next(found)


def test_one_is_warned_where_nothing_is_found():
    find = FakeDatabase([], **MUCH)

    with pytest.warns(FullScanWarning, match="is a scan"):
        assert list(question(find, where=Item.name == "x", scans=None).read().documents()) == []


def test_one_is_warned_once():
    find = FakeDatabase(documents(9), **MUCH)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        list(question(find, where=Item.name == "x", page_size=2, scans=None).read().documents())

    assert [one.category for one in told] == [FullScanWarning]


# --- counting


@pytest.mark.parametrize("scans", [None, "warn"])
def test_a_count_warns_of_what_it_reads(scans):
    find = FakeDatabase(documents(3), **MUCH)

    with pytest.warns(FullScanWarning, match="is a scan"):
        assert question(find, where=Item.name == "x", scans=scans).count() == 3


def test_a_count_that_may_not_scan_is_refused():
    with pytest.raises(FullScanRefused):
        question(FakeDatabase(documents(3)), where=Item.name == "x", scans="forbid").count()


@pytest.mark.parametrize("asked", [{"where": Item.rank.in_([])}, {"limit": 0}])
def test_nothing_is_counted_without_asking(asked):
    find = FakeDatabase(documents(3))

    assert question(find, **asked).count() == 0
    assert find.routes == []


def test_what_is_known_by_its_id_is_looked_at():
    find = FakeDatabase(documents(3))

    assert question(find, where=Item.id == "0001").count() == 1
    assert question(find, where=(Item.id == "0001") & (Item.rank == 7)).count() == 0
    assert find.routes == ["document", "document"]


@given(
    count=st.integers(0, 12),
    skip=st.integers(0, 14),
    limit=st.none() | st.integers(0, 14),
    size=st.integers(1, 14),
    way=st.tuples(st.booleans(), st.booleans()),
)
def test_a_count_is_the_number_of_what_is_found(count, skip, limit, size, way):
    """Whether documents are gone through, or a row of an index tells it."""
    is_ordered, is_counted = way
    views = {("by_rank", "by_rank"): [{"key": None, "value": count}]}
    indexes = [stored_index("by_rank", "rank", type="item")] if is_counted else []
    find = FakeDatabase(documents(count), indexed=True, indexes=indexes, views=views)
    order = (Item.rank.asc(),) if is_ordered else ()
    asked = question(find, where=Item.rank >= 0, order=order, skip=skip, limit=limit, page_size=size)

    assert asked.count() == len(ids_of(asked)) == len(range(count)[skip:][:limit])
