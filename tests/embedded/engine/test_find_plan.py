"""Ranges of rows for a plan."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from couchmapper.collation import sort_key
from couchmapper.embedded.engine.find import read_find
from couchmapper.embedded.engine.find_plan import id_range, row_range
from couchmapper.embedded.storage.ranges import IdRange
from couchmapper.mango.ranges import KeyRange

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
)


@given(st.lists(values, min_size=1, max_size=3), st.lists(values, min_size=1, max_size=3))
def test_a_range_ends_behind_the_keys_that_begin_with_its_end(end: list[Any], key: list[Any]):
    last = row_range(KeyRange((), tuple(end))).last
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
