"""What a selector matches: CouchDB's answers, as a real server gave them."""

from typing import Any

import pytest

from couchmapper.exceptions import InvalidSelector
from couchmapper.mango.match import compile_match, match
from couchmapper.mango.nodes import FALSE, TRUE, And, Condition, Elements, Nor, Not, Or
from couchmapper.mango.parse import parse

JSON = Any

DOCUMENT = {
    "_id": "b",
    "a": [1, 2, 3],
    "empty": [],
    "null": None,
    "true": True,
    "i": 5,
    "f": 1.0,
    "one": 1,
    "s": "Ab",
    "o": {"k": 1},
    "objs": [{"p": 1}, {"q": 2}],
    "a.b": 1,
    "$q": 1,
    "minus": -7,
    "h": "héllo",
    "big": 2**60 + 1,
    "words": ["tea", "Tee"],
    "fraction": 7.5,
}

SERVER_SAYS: list[tuple[JSON, bool]] = [
    # a missing field matches nothing but {"$exists": false}, also under negation
    ({"zz": {"$ne": 5}}, False),
    ({"zz": {"$nin": [5]}}, False),
    ({"zz": {"$not": {"$eq": 5}}}, False),
    ({"$not": {"zz": 5}}, False),
    ({"$nor": [{"zz": 5}]}, False),
    ({"zz": {"$not": {"$regex": "x"}}}, False),
    ({"zz": {"$not": {"$size": 1}}}, False),
    ({"zz": {"$not": {"$elemMatch": {"$eq": 1}}}}, False),
    ({"zz": None}, False),
    ({"zz": {"$exists": False}}, True),
    ({"zz": {"$exists": True}}, False),
    ({"zz": {"$exists": False, "$ne": 3}}, False),
    ({"$not": {"zz": {"$exists": True}}}, True),
    ({"null": {"$exists": True}}, True),
    ({"null": None}, True),
    # a bad path is not a missing field
    ({"i.k": {"$exists": False}}, False),
    ({"i.k": {"$exists": True}}, False),
    ({"o.zz": {"$exists": False}}, True),
    ({"zz.k": {"$exists": True}}, False),
    ({"zz.k": {"$exists": False}}, True),
    ({"a.3": {"$exists": False}}, False),
    ({"a.x": {"$exists": False}}, False),
    # paths
    ({"a.0": 1}, True),
    ({"a.+1": 2}, True),
    ({"a.-1": 3}, False),
    ({"objs.p": 1}, False),
    ({"objs.0.p": 1}, True),
    ({"a\\.b": 1}, True),
    ({"a.b": 1}, False),
    ({"\\$q": 1}, True),
    ({"o": {"k": 1}}, True),
    ({"o": {"k": {"$gt": 0}}}, True),
    ({"o": {}}, False),
    ({"o": {"$eq": {"k": 1}}}, True),
    # negated element operators
    ({"empty": {"$not": {"$elemMatch": {"$eq": 1}}}}, True),
    ({"i": {"$not": {"$elemMatch": {"$eq": 1}}}}, True),
    ({"i": {"$not": {"$size": 1}}}, True),
    ({"i": {"$not": {"$regex": "x"}}}, True),
    # equality is numeric, but not for $all
    ({"one": 1.0}, True),
    ({"f": 1}, True),
    ({"one": {"$in": [1.0]}}, True),
    ({"true": 1}, False),
    ({"a": {"$all": [1, 2]}}, True),
    ({"a": {"$all": [1.0]}}, False),
    ({"a": {"$all": []}}, False),
    ({"a": {"$all": [[1, 2, 3]]}}, True),
    ({"a": {"$all": [[1.0, 2, 3]]}}, True),
    ({"i": {"$all": [5]}}, False),
    # $in and $nin look into arrays, and never at the array itself
    ({"a": {"$in": [1]}}, True),
    ({"a": {"$in": [[1, 2, 3]]}}, False),
    ({"a": {"$eq": [1, 2, 3]}}, True),
    ({"a": {"$nin": [1]}}, False),
    ({"a": {"$nin": [9]}}, True),
    ({"empty": {"$in": [1]}}, False),
    ({"empty": {"$nin": [1]}}, True),
    ({"i": {"$in": []}}, False),
    ({"i": {"$nin": []}}, True),
    ({"zz": {"$nin": []}}, False),
    # a list of no conditions is true, but not as the whole selector
    ({"i": 5, "$or": []}, True),
    ({"i": 5, "$and": []}, True),
    ({"i": 5, "$nor": []}, True),
    ({"$or": []}, False),
    ({"$and": []}, False),
    ({"$nor": []}, False),
    ({"i": {"$or": []}}, False),
    ({"$not": {"$or": []}}, False),
    ({"$and": [{"$or": []}]}, True),
    ({"i": 5, "$not": {"$or": []}}, True),
    ({}, True),
    ({"$and": [{}]}, False),
    # element operators
    ({"a": {"$elemMatch": {"$gt": 2}}}, True),
    ({"a": {"$elemMatch": {"$gt": 3}}}, False),
    ({"a": {"$allMatch": {"$gt": 0}}}, True),
    ({"a": {"$allMatch": {"$gt": 1}}}, False),
    ({"empty": {"$allMatch": {"$gt": 0}}}, False),
    ({"i": {"$allMatch": {"$gt": 0}}}, False),
    ({"objs": {"$elemMatch": {"p": 1}}}, True),
    ({"objs": {"$elemMatch": {"p": {"$ne": 1}}}}, False),
    ({"objs": {"$elemMatch": {}}}, False),
    ({"o": {"$keyMapMatch": {"$eq": "k"}}}, True),
    ({"o": {"$keyMapMatch": {"$eq": "z"}}}, False),
    ({"a": {"$keyMapMatch": {"$gt": None}}}, False),
    # within elements a negation is the plain contrary, and a $nor fails
    ({"objs": {"$elemMatch": {"$not": {"p": 1}}}}, True),
    ({"objs": {"$allMatch": {"r": {"$not": {"$eq": 1}}}}}, True),
    ({"objs": {"$elemMatch": {"$nor": [{"p": 9}]}}}, False),
    ({"objs": {"$elemMatch": {"$or": [{"p": 1}, {"$nor": []}]}}}, True),
    ({"objs": {"$elemMatch": {"$or": [{"$nor": []}, {"p": 1}]}}}, False),
    ({"objs": {"$elemMatch": {"$and": []}}}, True),
    # comparisons cross types
    ({"s": {"$gt": 5}}, True),
    ({"a": {"$gt": 5}}, True),
    ({"null": {"$lt": 5}}, True),
    ({"true": {"$lt": 5}}, True),
    ({"null": {"$gt": None}}, False),
    ({"null": {"$gte": None}}, True),
    ({"o": {"$gt": [9]}}, True),
    # $mod: integers only, the sign of the value
    ({"minus": {"$mod": [3, -1]}}, True),
    ({"minus": {"$mod": [3, 2]}}, False),
    ({"minus": {"$mod": [-3, -1]}}, True),
    ({"f": {"$mod": [1, 0]}}, False),
    ({"fraction": {"$mod": [7, 0]}}, False),
    ({"true": {"$mod": [1, 0]}}, False),
    ({"i": {"$mod": [3, 2]}}, True),
    # $regex sees bytes
    ({"h": {"$regex": "^h.llo$"}}, False),
    ({"h": {"$regex": "(*UTF8)^h.llo$"}}, True),
    ({"h": {"$regex": "ll"}}, True),
    ({"i": {"$regex": "5"}}, False),
    # exact integers
    ({"big": 2**60}, False),
    ({"big": 2**60 + 1}, True),
    ({"big": {"$gt": 2**60}}, True),
    # texts by collation, ids by bytes
    ({"s": {"$gt": "aB"}}, True),
    ({"s": {"$lt": "AB"}}, True),
    ({"h": "he\u0301llo"}, True),
    ({"h": "hé\u00adllo"}, True),
    ({"_id": {"$gt": "Z"}}, True),
    ({"_id": {"$lt": "B"}}, False),
    ({"_id": "b\u00ad"}, False),
    ({"_id": {"$in": ["b", "c"]}}, True),
    # the rest of the operators
    ({"words": {"$size": 2}}, True),
    ({"words": {"$size": 1}}, False),
    ({"s": {"$beginsWith": "A"}}, True),
    ({"s": {"$beginsWith": "a"}}, False),
    ({"s": {"$beginsWith": ""}}, True),
    ({"i": {"$beginsWith": "5"}}, False),
    ({"true": {"$type": "boolean"}}, True),
    ({"f": {"$type": "number"}}, True),
    ({"o": {"$type": "object"}}, True),
    ({"null": {"$type": "nothing"}}, False),
]


@pytest.mark.parametrize(("selector", "expected"), SERVER_SAYS, ids=[str(item[0]) for item in SERVER_SAYS])
def test_a_selector_matches_what_the_server_says(selector, expected):
    assert match(parse(selector), DOCUMENT) is expected


def test_constants_need_no_document():
    assert match(TRUE, {})
    assert not match(FALSE, {})


def test_a_predicate_serves_many_documents():
    is_large = compile_match(Condition(("total",), "$gt", 5))

    assert [total for total in range(10) if is_large({"total": total})] == [6, 7, 8, 9]


def test_an_and_holds_when_all_of_three_hold():
    three = And(tuple(Condition((name,), "$eq", 1) for name in "abc"))

    assert match(three, {"a": 1, "b": 1, "c": 1})
    assert not match(three, {"a": 1, "b": 1, "c": 2})


def test_a_nor_takes_a_missing_field_for_no_match():
    neither = Nor((Condition(("a",), "$eq", 1), Condition(("b",), "$eq", 1)))

    assert match(neither, {"a": 2, "b": 2})
    assert not match(neither, {"a": 2})


def test_an_or_of_negations_holds_when_one_field_is_there():
    assert match(Not(And((Condition(("a",), "$eq", 1), Condition(("b",), "$eq", 1)))), {"a": 2})


def test_an_id_within_elements_is_compared_by_bytes_too():
    composed = Elements(("list",), "$elemMatch", Condition(("_id",), "$eq", "é"))

    assert match(composed, {"list": [{"_id": "é"}]})
    assert not match(composed, {"list": [{"_id": "e\u0301"}]})


def test_an_or_within_elements_holds_for_one_element():
    either = Elements(("a",), "$elemMatch", Or((Condition((), "$eq", 1), Condition((), "$eq", 2))))

    assert match(either, {"a": [3, 2]})
    assert not match(either, {"a": [3, 4]})


def test_an_unknown_operator_is_refused_before_any_document_is_seen():
    with pytest.raises(InvalidSelector) as caught:
        compile_match(Condition(("a",), "$soundsLike", "b"))

    assert caught.value.error == "invalid_operator"
