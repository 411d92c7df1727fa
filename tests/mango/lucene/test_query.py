"""Expressions as queries for a search index: how each condition is written."""

import pytest
from search_fields import FIELDS, has, is_, item

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.lucene import write_query
from couchmapper.mango.nodes import FALSE, TRUE, And, Expression, Not, Or


@pytest.mark.parametrize(
    ("condition", "query"),
    [
        (is_("name", "$eq", "Ann"), 'name:"Ann"'),
        (is_("name", "$eq", 'say "hi" \\'), r'name:"say \"hi\" \\"'),
        (is_("name", "$eq", ""), 'name:""'),
        (is_("name", "$eq", None), '$types:"name=null"'),
        (is_("name", "$eq", 5), "$types:never"),
        (is_("name", "$ne", "Ann"), r'$types:name\=* AND NOT name:"Ann"'),
        (is_("name", "$in", ["Ann", "Bob"]), 'name:("Ann" OR "Bob")'),
        (is_("name", "$in", ["Ann", None]), '(name:"Ann" OR $types:"name=null")'),
        (is_("name", "$nin", ["Ann", "Bob"]), r'$types:name\=* AND NOT name:("Ann" OR "Bob")'),
        (is_("name", "$regex", "^A b"), r"name:A\ b*"),
        (is_("name", "$regex", "^"), '$types:"name=string"'),
        (is_("name", "$exists", True), r"$types:name\=*"),
        (is_("name", "$exists", False), '$types:"no name"'),
        (is_("name", "$type", "string"), '$types:"name=string"'),
        (is_("name", "$gte", ""), '$types:"name=string"'),
        (is_("name", "$lt", ""), '$types:"name=null"'),
        (is_("name", "$gt", None), '$types:"name=string"'),
        (is_("name", "$gte", None), '$types:"name=null" OR $types:"name=string"'),
        (is_("note", "$exists", True), r"$types:note\=*"),
        (is_("note", "$eq", None), '$types:"note=null"'),
        (is_("paid", "$eq", True), 'paid:"true"'),
        (is_("paid", "$lt", True), 'paid:"false"'),
        (is_("paid", "$gte", False), 'paid:("false" OR "true")'),
        (is_("_id", "$eq", "order:1"), '_id:"order:1"'),
        (is_("_id", "$ne", "order:1"), '*:* AND NOT _id:"order:1"'),
        (is_("_id", "$gt", "order:1"), r'_id:{"order:1" TO "\udbff\udfff"]'),
        (is_("_id", "$exists", False), "$types:never"),
        (has("tags", item("$eq", "tea")), 'tags:"tea"'),
        (has("tags", item("$regex", "^te")), "tags:te*"),
        (Not(has("tags", item("$eq", "tea"))), r'$types:tags\=* AND NOT tags:"tea"'),
        (is_("tags", "$in", ["tea", "pot"]), 'tags:("tea" OR "pot")'),
        (has("sizes", Or((item("$eq", 1), item("$gt", 5)))), "sizes:[1 TO 1] OR sizes:{5 TO *]"),
        (has("sizes", item("$gte", 1), item("$lt", 5)), "sizes:[1 TO 5}"),
        (has("sizes", item("$gt", None), item("$lt", 5)), "sizes:[* TO 5}"),
        (has("rates", item("$gt", True), item("$lt", 5)), "rates:[* TO 5}"),
        (has("rates", item("$eq", 5)), "rates:[5 TO 5]"),
        (has("marks", item("$gte", True)), 'marks:"true"'),
        (TRUE, "*:*"),
        (FALSE, "$types:never"),
    ],
)
def test_a_condition_is_written(condition: Expression, query: str):
    assert write_query(condition, FIELDS) == query


@pytest.mark.parametrize(
    ("operator", "query"),
    [
        ("$lt", "[* TO 5}"),
        ("$lte", "[* TO 5]"),
        ("$gt", "{5 TO *]"),
        ("$gte", "[5 TO *]"),
        ("$eq", "[5 TO 5]"),
    ],
)
def test_a_number_is_compared_by_a_range(operator: str, query: str):
    assert write_query(is_("total", operator, 5), FIELDS) == f"total:{query}"


@pytest.mark.parametrize(
    ("conditions", "query"),
    [
        ([is_("total", "$gte", 1), is_("total", "$lt", 5)], "total:[1 TO 5}"),
        ([is_("total", "$gt", 1), is_("total", "$gt", 3), is_("total", "$lte", 5)], "total:{3 TO 5]"),
        ([is_("total", "$gt", 5), is_("total", "$lt", 1)], "$types:never"),
        (
            [is_("placed", "$gte", "2026-01-01"), is_("placed", "$lt", "2026-02-01")],
            'placed:["2026-01-01" TO "2026-02-01"}',
        ),
        ([is_("weight", "$lt", 5), is_("weight", "$gt", True)], "weight:[* TO 5}"),
        (
            [is_("total", "$gt", 1), is_("name", "$eq", "Ann"), is_("total", "$lt", 5)],
            'total:{1 TO 5} AND name:"Ann"',
        ),
        (
            [is_("_id", "$gte", "1"), is_("_id", "$lt", "2")],
            r'_id:["1" TO "\udbff\udfff"] AND _id:["\u0000" TO "2"}',
        ),
    ],
)
def test_bounds_of_one_field_are_one_range(conditions: list[Expression], query: str):
    assert write_query(And(tuple(conditions)), FIELDS) == query


def test_what_is_smaller_by_its_type_is_below_a_bound():
    assert write_query(is_("weight", "$lt", 5), FIELDS) == '$types:"weight=null" OR weight:[* TO 5}'


def test_an_open_end_beside_a_text_is_a_text():
    assert (
        write_query(is_("placed", "$gte", "2026-01-01"), FIELDS) == r'placed:["2026-01-01" TO "\udbff\udfff"]'
    )


def test_and_stands_beside_or_in_parentheses_only():
    either = Or((is_("total", "$eq", 1), And((is_("paid", "$eq", True), is_("name", "$eq", "Ann")))))

    assert write_query(either, FIELDS) == 'total:[1 TO 1] OR (paid:"true" AND name:"Ann")'


def test_a_negation_has_something_to_take_away_from():
    query = write_query(And((is_("name", "$ne", "a"), is_("name", "$ne", "b"))), FIELDS)

    assert query == (r'($types:name\=* AND NOT name:"a") AND ($types:name\=* AND NOT name:"b")')


def test_a_field_that_is_not_indexed_is_refused():
    with pytest.raises(ExpressionError, match=r"other \$eq: is not in the search index: name the field"):
        write_query(is_("other", "$eq", 1), FIELDS)


def test_all_reasons_are_told_at_once():
    both = is_("note", "$eq", "tea") & is_("other", "$eq", 1)

    with pytest.raises(
        ExpressionError, match=r"note \$eq: the index holds the words.*; other \$eq: is not in"
    ):
        write_query(both, FIELDS)


def test_the_backend_says_what_it_takes():
    support = is_("name", "$eq", "Ann").supports("lucene")

    assert support
    assert support.conditions == ("name is in the index, a text as keyword=",)


def test_the_backend_says_what_it_cannot_do():
    support = is_("name", "$regex", "A").supports("lucene")

    assert not support
    assert support.reasons == (
        "name $regex: Lucene has other regular expressions than CouchDB; only .startswith(...) has a form",
    )
