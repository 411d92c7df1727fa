"""Pages of `_find`, and the order where the server has none."""

from collections.abc import Iterator
from itertools import chain, pairwise

import pytest
from fake_source import FakeDatabase
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.collation import compare
from couchmapper.exceptions import ServerError
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping import Document, Mapped, field
from couchmapper.query.planner import plan
from couchmapper.query.results import find_pages
from couchmapper.query.scans import Watch
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSON, JSONObject


class Item(Document):
    name: Mapped[str]
    rank: Mapped[int] = field(default=0)


def documents(count: int) -> list[JSONObject]:
    return [{"_id": f"{number:04}", "type": "item", "name": "x", "rank": number} for number in range(count)]


def found_documents(database: FakeDatabase, spec: QuerySpec) -> Iterator[JSONObject]:
    how = plan(spec, None if database.indexed else ())
    return chain.from_iterable(find_pages(spec, how, database.source(), Watch(spec, how)))


def found(database: FakeDatabase, **asked) -> list[str]:
    spec = QuerySpec(model=Item, **{"scans": "allow", **asked})
    return [document["_id"] for document in found_documents(database, spec)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7])
def test_all_pages_are_read_once(count: int):
    find = FakeDatabase(documents(count))

    assert found(find, page_size=3) == [document["_id"] for document in documents(count)]
    assert len(find.asked) == count // 3 + 1


def test_a_short_page_is_the_last_one():
    find = FakeDatabase(documents(5))

    found(find, page_size=3)

    assert [asked["selector"]["_id"] for asked in find.asked] == [
        {"$gte": None},
        {"$gte": None, "$gt": "0002"},
    ]


def test_what_nobody_knows_the_order_of_is_asked_for_again():
    find = FakeDatabase(documents(5))
    spec = QuerySpec(model=Item, scans="allow", page_size=3)
    how = plan(spec)

    pages = [len(page) for page in find_pages(spec, how, find.source(), Watch(spec, how))]

    assert pages == [3, 2]
    assert find.routes == ["find", "indexes", "find", "find"]


def test_pages_are_asked_for_when_they_are_needed():
    find = FakeDatabase(documents(9))
    answers = found_documents(find, QuerySpec(model=Item, page_size=3))

    for _ in range(3):
        next(answers)
    assert len(find.asked) == 1
    next(answers)
    assert len(find.asked) == 2


def test_a_limit_is_asked_of_the_server():
    find = FakeDatabase(documents(9))

    assert len(found(find, page_size=3, limit=7)) == 7
    assert [asked["limit"] for asked in find.asked] == [3, 3, 1]


def test_a_limit_that_fills_its_pages_asks_no_further():
    find = FakeDatabase(documents(9))

    assert len(found(find, page_size=3, limit=6)) == 6
    assert len(find.asked) == 2


def test_skip_is_for_the_first_page_only():
    find = FakeDatabase(documents(9))

    assert found(find, page_size=3, skip=2)[0] == "0002"
    assert [asked.get("skip") for asked in find.asked] == [2, None, None]
    assert found(find, skip=9) == []


@pytest.mark.parametrize("asked", [{"limit": 0}, {"where": Item.name.in_([])}])
def test_what_finds_nothing_asks_nothing(asked):
    find = FakeDatabase(documents(9))

    assert found(find, **asked) == []
    assert find.asked == []


def test_an_index_is_used_when_there_is_one():
    find = FakeDatabase(documents(5), indexed=True)

    found(find, order=(Item.rank.asc(),), limit=2, skip=1)

    (asked,) = find.asked
    assert (asked["sort"], asked["limit"], asked["skip"]) == ([{"rank": "asc"}], 2, 1)


def test_without_an_index_everything_is_read_and_sorted_here():
    find = FakeDatabase(documents(7))

    assert found(find, order=(Item.rank.desc(),), limit=2, skip=1, page_size=3) == ["0005", "0004"]
    assert [asked["sort"] for asked in find.asked] == [[{"_id": "asc"}]] * 3
    assert [asked.get("skip") for asked in find.asked] == [None, None, None]


def test_mixed_directions_are_sorted_here_at_once():
    find = FakeDatabase(documents(3), indexed=True)

    assert found(find, order=(Item.name.asc(), Item.rank.desc())) == ["0002", "0001", "0000"]
    assert [asked["sort"] for asked in find.asked] == [None]


def test_another_error_is_not_taken_for_a_missing_index():
    class Broken(FakeDatabase):
        def find(self, *_: object, **__: object) -> JSONObject:
            raise ServerError("out of order")

    with pytest.raises(ServerError):
        found(Broken(), order=(Item.rank.asc(),))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@given(
    st.lists(st.tuples(values, st.sampled_from(["a", "b"])), max_size=12),
    st.tuples(st.booleans(), st.booleans()),
    st.none() | st.integers(0, 9),
    st.integers(0, 9),
)
def test_the_order_is_couchdbs_order_of_values(
    rows: list[tuple[JSON, str]], down: tuple[bool, bool], limit: int | None, skip: int
):
    stored = [
        {"_id": str(number), "type": "item", "name": name, "rank": rank}
        for number, (rank, name) in enumerate(rows)
    ]
    order = (SortTerm(("rank",), descending=down[0]), SortTerm(("name",), descending=down[1]))
    everything = QuerySpec(model=Item, order=order)

    answer = list(found_documents(FakeDatabase(stored), everything))
    part = list(
        found_documents(FakeDatabase(stored), QuerySpec(model=Item, order=order, limit=limit, skip=skip))
    )

    assert sorted(document["_id"] for document in answer) == sorted(document["_id"] for document in stored)
    assert part == answer[skip:][:limit]
    for left, right in pairwise(answer):
        ranks = compare(left["rank"], right["rank"]) * (-1 if down[0] else 1)
        names = compare(left["name"], right["name"]) * (-1 if down[1] else 1)
        assert ranks < 0 or (ranks == 0 and names <= 0)
