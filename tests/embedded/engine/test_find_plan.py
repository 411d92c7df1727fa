"""Ranges of rows for a plan."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.collation import sort_key
from couchmapper.embedded.engine.find import read_find
from couchmapper.embedded.engine.find_plan import choose_index, id_range, row_range
from couchmapper.embedded.engine.indexes import read_indexes
from couchmapper.embedded.engine.key_space import KeySpace
from couchmapper.embedded.storage.ranges import IdRange
from couchmapper.exceptions import NoUsableIndex
from couchmapper.mango.ranges import KeyRange

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
)


@given(st.lists(values, min_size=1, max_size=3), st.lists(values, min_size=1, max_size=3))
def test_a_range_ends_behind_the_keys_that_begin_with_its_end(end: list[Any], key: list[Any]):
    last = row_range(KeyRange((), tuple(end)), KeySpace(sort_key)).last
    beginning = sort_key(key[: len(end)])

    assert last is not None
    assert (sort_key(key) <= last.key) == (beginning <= sort_key(end))


def ids(selector: dict[str, Any]) -> IdRange | None:
    return id_range(read_find({"selector": selector}))


def test_ids_are_bounded_by_texts_only():
    assert ids({"_id": {"$gte": "a", "$lt": "b"}}) == IdRange(first="a", last="b")
    assert ids({"_id": {"$gt": None}}) == IdRange()
    assert ids({"_id": {"$lt": 5}}) is None
    assert ids({"a": 1}) == IdRange()


def test_a_bookmark_moves_the_beginning():
    query = read_find({"selector": {"_id": {"$gt": "a"}}})

    assert id_range(query, after="c") == IdRange(first="c", first_included=False)


def design(name: str, field: str, **options: bool) -> dict[str, Any]:
    view = {"map": {"fields": {field: "asc"}}, "reduce": "_count", "options": {"def": {"fields": [field]}}}
    return {"_id": f"_design/{name}", "language": "query", "views": {name: view}, "options": options}


DESIGNS = [design("inner", "a"), design("outer", "a", partitioned=False), design("other", "b")]


def chosen(partition: str, *, partitioned: bool = True, **more: Any) -> str | None:
    query = read_find({"selector": {"a": 1}, "partition": partition, **more})
    choice = choose_index(query, read_indexes(DESIGNS, partitioned=partitioned), partitioned=partitioned)
    return choice.chosen.index.name if choice.chosen is not None else None


def test_a_query_has_the_indexes_of_its_scope():
    assert (chosen("p"), chosen("")) == ("inner", "outer")
    assert chosen("", partitioned=False) == "inner"


def test_an_index_of_the_other_scope_is_no_candidate_even_when_it_is_named():
    assert chosen("p", use_index="outer") == "inner"


@pytest.mark.parametrize(("partition", "kind"), [("p", "partitioned"), ("", "global")])
def test_an_order_needs_an_index_of_the_scope(partition: str, kind: str):
    with pytest.raises(NoUsableIndex, match=f"No {kind} index exists for this sort"):
        chosen(partition, sort=["c"])
