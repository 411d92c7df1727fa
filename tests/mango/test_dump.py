"""Expressions are written as the selector a person would write."""

import json

import pytest

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.dump import dump
from couchmapper.mango.nodes import (
    FALSE,
    TRUE,
    And,
    Condition,
    Elements,
    Expression,
    Nor,
    Not,
    Or,
    text_search,
)


def on(name: str, operator: str, argument: object) -> Condition:
    return Condition((name,), operator, argument)


PAID = on("status", "$eq", "paid")
TEA = Condition(("sku",), "$eq", "tea")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (TRUE, "{}"),
        (FALSE, '{"_id": {"$in": []}}'),
        (PAID, '{"status": "paid"}'),
        (on("a", "$eq", [1]), '{"a": {"$eq": [1]}}'),
        (on("a", "$eq", {"b": 1}), '{"a": {"$eq": {"b": 1}}}'),
        (on("a", "$eq", None), '{"a": null}'),
        (Condition(("a", "b"), "$gt", 1), '{"a.b": {"$gt": 1}}'),
        (Condition(("a.b", "$c"), "$gt", 1), '{"a\\\\.b.$c": {"$gt": 1}}'),
        (on("$q", "$gt", 1), '{"\\\\$q": {"$gt": 1}}'),
        (And((on("type", "$eq", "order"), PAID)), '{"type": "order", "status": "paid"}'),
        (And((on("a", "$gte", 1), on("a", "$lt", 5))), '{"a": {"$gte": 1, "$lt": 5}}'),
        (And((on("a", "$eq", 1), on("a", "$exists", True))), '{"a": {"$eq": 1, "$exists": true}}'),
        (And((on("a", "$gt", 1), on("a", "$gt", 5))), '{"$and": [{"a": {"$gt": 1}}, {"a": {"$gt": 5}}]}'),
        (
            And((on("a", "$gt", 1), PAID, on("a", "$lt", 5))),
            '{"$and": [{"a": {"$gt": 1}, "status": "paid"}, {"a": {"$lt": 5}}]}',
        ),
        (Or((PAID, on("a", "$eq", 1))), '{"$or": [{"status": "paid"}, {"a": 1}]}'),
        (And((PAID, Or((TEA,)))), '{"status": "paid", "$or": [{"sku": "tea"}]}'),
        (
            And((Or((TEA,)), Or((PAID,)))),
            '{"$and": [{"$or": [{"sku": "tea"}]}, {"$or": [{"status": "paid"}]}]}',
        ),
        (Nor((PAID,)), '{"$nor": [{"status": "paid"}]}'),
        (Not(PAID), '{"status": {"$not": {"$eq": "paid"}}}'),
        (And((Not(on("a", "$regex", "x")), on("a", "$gt", 1))), '{"a": {"$not": {"$regex": "x"}, "$gt": 1}}'),
        (Not(And((PAID, TEA))), '{"$not": {"status": "paid", "sku": "tea"}}'),
        (Elements(("lines",), "$elemMatch", TEA), '{"lines": {"$elemMatch": {"sku": "tea"}}}'),
        (
            Elements(("a",), "$elemMatch", And((Condition((), "$gt", 1), Condition((), "$lt", 5)))),
            '{"a": {"$elemMatch": {"$gt": 1, "$lt": 5}}}',
        ),
        (Elements(("a",), "$elemMatch", TRUE), '{"a": {"$elemMatch": {"$gte": null}}}'),
        (Elements(("a",), "$allMatch", FALSE), '{"a": {"$allMatch": {"$in": []}}}'),
        (text_search("tea"), '{"$text": "tea"}'),
        (And((PAID, text_search("tea"))), '{"status": "paid", "$text": "tea"}'),
        (Condition((), "$gt", 1), '{"$and": [{"$gt": 1}]}'),
        (Or((TRUE, FALSE)), '{"$or": [{"$gte": null}, {"$in": []}]}'),
    ],
)
def test_an_expression_is_written(expression: Expression, text: str):
    assert json.dumps(dump(expression)) == text


def test_a_field_that_no_selector_can_address_is_refused():
    with pytest.raises(ExpressionError, match="no selector can address"):
        dump(on("back\\slash", "$eq", 1))
