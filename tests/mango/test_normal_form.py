"""CouchDB's own normal form of selectors."""

from typing import Any

import pytest

from couchmapper.mango.match import compile_match
from couchmapper.mango.normal_form import normal_selector, readable
from couchmapper.mango.parse import parse


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, {}),
        ({"a": 1}, {"a": {"$eq": 1}}),
        ({"a": {"b": {"$gt": 1}}}, {"a.b": {"$gt": 1}}),
        ({"a": {}}, {"a": {"$eq": {}}}),
        (
            {"a": {"$gt": 1, "$lt": 5}, "b": 1},
            {"$and": [{"$and": [{"a": {"$gt": 1}}, {"a": {"$lt": 5}}]}, {"b": {"$eq": 1}}]},
        ),
        ({"$not": {"a": {"$gt": 1}}}, {"a": {"$lte": 1}}),
        (
            {"$nor": [{"a": 1}, {"b": {"$regex": "x"}}]},
            {"$and": [{"a": {"$ne": 1}}, {"b": {"$not": {"$regex": "x"}}}]},
        ),
        ({"a": {"$not": {"$exists": True}}}, {"a": {"$exists": False}}),
        ({"$not": {"$or": [{"a": 1}, {"$not": {"b": 1}}]}}, {"$and": [{"a": {"$ne": 1}}, {"b": {"$eq": 1}}]}),
        ({"a": {"$elemMatch": {"$gt": 1}}}, {"a": {"$elemMatch": {"": {"$gt": 1}}}}),
        ({"a": {"$elemMatch": {"b": 1}}}, {"a": {"$elemMatch": {"b": {"$eq": 1}}}}),
        ({"a": {"$in": []}}, {"a": {"$in": []}}),
    ],
)
def test_every_condition_has_its_own_object(selector: dict[str, Any], expected: dict[str, Any]):
    assert normal_selector(selector) == expected


@pytest.mark.parametrize(
    "selector",
    [{"a": {"$elemMatch": {"$gt": 1}}}, {"a": {"$allMatch": {"$gte": 1, "$lt": 9}}}, {"a": [1, 5]}],
)
def test_the_normal_form_can_be_read_again(selector: dict[str, Any]):
    document = {"_id": "x", "a": [1, 5]}

    again = parse(readable(normal_selector(selector)))

    assert compile_match(again)(document) == compile_match(parse(selector))(document) is True
