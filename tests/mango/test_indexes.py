"""Which index CouchDB takes."""

from typing import Any

import pytest

from couchmapper.mango.indexes import ALL_DOCS, Index, candidates, choose, covers, obstacles
from couchmapper.mango.normalize import normalize
from couchmapper.mango.parse import parse


def index(*fields: str, ddoc: str = "_design/d", name: str = "", partial: bool = False) -> Index:
    paths = tuple((field,) for field in fields)
    return Index(ddoc=ddoc, name=name or "-".join(fields), fields=paths, partial=partial)


def normal(selector: dict[str, Any]) -> Any:
    return normalize(parse(selector))


@pytest.mark.parametrize(
    ("selector", "sort", "expected"),
    [
        ({"a": 1, "b": 1}, [], ()),
        ({"a": 1}, [], ("field_mismatch",)),
        ({"a": 1}, ["b"], ()),
        ({"a": {"$gt": 1}}, ["b"], ("sort_order_mismatch",)),
        ({"b": 1}, ["a", "b"], ()),
        ({"a": 1, "b": 1}, ["b", "a"], ("sort_order_mismatch",)),
        ({"a": 1, "b": 1}, ["c"], ("sort_order_mismatch",)),
        ({"$or": [{"a": 1, "b": 1}, {"a": 2, "b": 3}]}, [], ()),
    ],
)
def test_an_index_serves_when_no_row_can_be_missing_and_the_order_fits(
    selector: dict[str, Any], sort: list[str], expected: tuple[str, ...]
):
    assert obstacles(index("a", "b"), normal(selector), sort=[(name,) for name in sort]) == expected


def test_id_needs_no_condition():
    assert obstacles(index("a", "_id"), normal({"a": 1})) == ()


def test_all_docs_serves_everything_but_most_sorts():
    assert obstacles(ALL_DOCS, normal({"a": 1})) == ()
    assert obstacles(ALL_DOCS, normal({"_id": {"$gt": "x"}}), sort=[("_id",)]) == ()
    assert obstacles(ALL_DOCS, normal({"a": 1}), sort=[("_id",)]) == ("field_mismatch",)
    assert obstacles(ALL_DOCS, normal({"_id": "x"}), sort=[("a",)]) == ("sort_order_mismatch",)


def test_the_index_that_begins_with_most_of_the_fields_is_taken():
    some = [index("a"), index("b", "a"), index("a", "b", "c")]

    assert choose(some, normal({"a": 1, "b": 1})) == some[1]


def test_then_the_narrower_one_and_then_the_first_by_name():
    wide, second, first = index("a", "b"), index("a", ddoc="_design/z"), index("a", ddoc="_design/y")
    selector = normal({"a": 1, "b": {"$regex": "x"}})

    assert [found.index for found in candidates([wide, second, first], selector)] == [first, second, wide]


def test_a_field_with_an_empty_range_is_the_only_one_that_counts():
    some = [index("a", "b"), index("b")]

    assert choose(some, normal({"a": 1, "b": {"$gt": 5, "$lt": 1}})) == some[1]


def test_partial_indexes_are_passed_over():
    assert choose([index("a", partial=True)], normal({"a": 1})) == ALL_DOCS


def test_no_index_may_be_left():
    assert choose([index("a")], normal({"b": 1}), sort=[("b",)]) is None


def test_an_index_covers_its_fields_and_the_id():
    assert covers(index("a", "b"), [("_id",), ("a",)])
    assert not covers(index("a"), [("b",)])
    assert not covers(ALL_DOCS, [("_id",)])
