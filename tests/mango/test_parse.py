"""Selectors are read as CouchDB reads them, and refused with its codes."""

import pytest

from couchmapper.exceptions import InvalidSelector
from couchmapper.mango.nodes import TRUE, And, Condition, Elements, Nor, Not, Or
from couchmapper.mango.parse import parse

A1 = Condition(("a",), "$eq", 1)
B2 = Condition(("b",), "$eq", 2)


@pytest.mark.parametrize(
    ("selector", "expression"),
    [
        ({}, TRUE),
        ({"a": 1}, A1),
        ({"a": {"$eq": 1}}, A1),
        ({"a": 1, "b": 2}, And((A1, B2))),
        ({"$and": [{"a": 1}, {"b": 2}]}, And((A1, B2))),
        ({"$and": [{"a": 1}]}, A1),
        ({"$and": [{"$and": [{"a": 1}, {"b": 2}]}, {"a": 1}]}, And((A1, B2, A1))),
        ({"$or": [{"a": 1}, {"b": 2}]}, Or((A1, B2))),
        ({"$nor": [{"a": 1}]}, Nor((A1,))),
        ({"$not": {"a": 1}}, Not(A1)),
        ({"a": {"$not": {"$eq": 1}}}, Not(A1)),
        ({"a": {"$or": [{"$eq": 1}, 1]}}, Or((A1, A1))),
        ({"a": {"$gt": 1, "b": 2}}, And((Condition(("a",), "$gt", 1), Condition(("a", "b"), "$eq", 2)))),
        ({"a": {"b.c": {"d\\.e": 1}}}, Condition(("a", "b", "c", "d.e"), "$eq", 1)),
        ({"a": {}}, Condition(("a",), "$eq", {})),
        ({"a": []}, Condition(("a",), "$eq", [])),
        ({"a": {"$elemMatch": {"b": 2}}}, Elements(("a",), "$elemMatch", B2)),
        ({"a": {"$allMatch": {"$eq": 1}}}, Elements(("a",), "$allMatch", Condition((), "$eq", 1))),
        ({"a": {"$elemMatch": {}}}, Elements(("a",), "$elemMatch", Condition((), "$eq", {}))),
        ({"$and": [{"$gt": 1}]}, Condition((), "$gt", 1)),
        ({"$text": "tea"}, Condition((), "$text", "tea")),
        ({"$text": "tea", "a": 1}, And((Condition((), "$text", "tea"), A1))),
        ({"$not": {"$not": {"$text": 5}}}, Not(Not(Condition((), "$text", 5)))),
    ],
    ids=str,
)
def test_a_selector_is_read(selector, expression):
    assert parse(selector) == expression


@pytest.mark.parametrize(
    ("selector", "error"),
    [
        ([], "invalid_selector_json"),
        (1, "invalid_selector_json"),
        (None, "invalid_selector_json"),
        ({"$gt": 1}, "invalid_selector"),
        ({"$not": {"$gt": 1}}, "invalid_selector"),
        ({"$not": {"$not": {"$elemMatch": {"a": 1}}}}, "invalid_selector"),
        ({"$not": {}}, "invalid_selector"),
        ({"": 1}, "invalid_selector"),
        ({"a": {"": 1}}, "invalid_field_name"),
        ({"a..b": 1}, "invalid_field_name"),
        ({"$q": 1}, "invalid_operator"),
        ({"a": {"$foo": 1}}, "invalid_operator"),
        ({"$text": []}, "bad_arg"),
        ({"a": {"$text": "x"}}, "bad_field"),
        ({"$not": {"$text": "x"}}, "bad_arg"),
        ({"$nor": [{"$text": "x"}]}, "bad_arg"),
        ({"a": {"$elemMatch": {"$text": "x"}}}, "not_supported"),
        ({"$where": "a"}, "not_supported"),
        ({"$and": {}}, "bad_arg"),
        ({"$or": 1}, "bad_arg"),
        ({"$nor": {"a": 1}}, "bad_arg"),
        ({"$not": [1]}, "bad_arg"),
        ({"a": {"$elemMatch": [1]}}, "bad_arg"),
        ({"a": {"$allMatch": 1}}, "bad_arg"),
        ({"a": {"$keyMapMatch": 1}}, "bad_arg"),
        ({"a": {"$elemMatch": {"b": {"$in": 1}}}}, "bad_arg"),
    ],
    ids=str,
)
def test_a_selector_without_meaning_is_refused_with_couchdbs_code(selector, error):
    with pytest.raises(InvalidSelector) as caught:
        parse(selector)

    assert (caught.value.status, caught.value.error) == (400, error)


def test_a_store_without_search_indexes_refuses_a_search():
    with pytest.raises(InvalidSelector) as caught:
        parse({"a": 1, "$text": "tea"}, search=False)

    assert caught.value.error == "not_supported"
