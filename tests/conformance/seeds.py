"""What CouchDB finds: one document each for what can happen, one selector each for what can be asked.

The answers are those of a CouchDB 3.5.0; `*` is every document.
"""

import attrs

from couchmapper.typing import JSONObject


@attrs.frozen(kw_only=True)
class Group:
    """Documents, and the ids of those that each selector finds, by what is asked."""

    documents: tuple[JSONObject, ...]
    cases: dict[str, tuple[JSONObject, str]]


MISSING_FIELDS_AND_NULL = Group(
    documents=(
        {"_id": "missing"},
        {"_id": "null", "a": None},
        {"_id": "five", "a": 5},
        {"_id": "text", "a": "x"},
        {"_id": "list", "a": [5]},
        {"_id": "empty", "a": []},
    ),
    cases={
        "not equal": ({"a": {"$ne": 5}}, "empty list null text"),
        "not in": ({"a": {"$nin": [5]}}, "empty null text"),
        "not, around a field": ({"$not": {"a": 5}}, "empty list null text"),
        "not, beneath a field": ({"a": {"$not": {"$eq": 5}}}, "empty list null text"),
        "nor": ({"$nor": [{"a": 5}]}, "empty list null text"),
        "not a pattern": ({"a": {"$not": {"$regex": "x"}}}, "empty five list null"),
        "not a size": ({"a": {"$not": {"$size": 1}}}, "empty five null text"),
        "not an element": ({"a": {"$not": {"$elemMatch": {"$eq": 5}}}}, "empty five null text"),
        "not all elements": ({"a": {"$not": {"$allMatch": {"$eq": 5}}}}, "empty five null text"),
        "not all of": ({"a": {"$not": {"$all": [5]}}}, "empty five null text"),
        "not a beginning": ({"a": {"$not": {"$beginsWith": "x"}}}, "empty five list null"),
        "not a type": ({"a": {"$not": {"$type": "number"}}}, "empty list null text"),
        "equal to null": ({"a": None}, "null"),
        "in null": ({"a": {"$in": [None]}}, "null"),
        "there": ({"a": {"$exists": True}}, "empty five list null text"),
        "not there": ({"a": {"$exists": False}}, "missing"),
        "not not there": ({"$not": {"a": {"$exists": False}}}, "empty five list null text"),
        "not there and different": ({"a": {"$exists": False, "$ne": 5}}, ""),
        "above null": ({"a": {"$gt": None}}, "empty five list text"),
        "from null": ({"a": {"$gte": None}}, "empty five list null text"),
        "below null": ({"a": {"$lt": None}}, ""),
        "in nothing": ({"a": {"$in": []}}, ""),
        "not in nothing": ({"a": {"$nin": []}}, "empty five list null text"),
        "all of nothing": ({"a": {"$all": []}}, ""),
    },
)

PATHS = Group(
    documents=(
        {"_id": "object", "a": {"b": 1}},
        {"_id": "other", "a": {"c": 1}},
        {"_id": "number", "a": 5},
        {"_id": "null", "a": None},
        {"_id": "missing"},
        {"_id": "list", "a": [{"b": 1}, 2]},
        {"_id": "dotted", "a.b": 1},
        {"_id": "dollar", "$a": 1},
        {"_id": "nested", "a": {"b": {"b": 1}}},
        {"_id": "digits", "a": {"0": 1}},
    ),
    cases={
        "a field of an object": ({"a.b": 1}, "object"),
        "the same, nested": ({"a": {"b": 1}}, "object"),
        "not there": ({"a.b": {"$exists": False}}, "digits dollar dotted missing other"),
        "there": ({"a.b": {"$exists": True}}, "nested object"),
        "different": ({"a.b": {"$ne": 1}}, "nested"),
        "beneath what is missing": ({"z.b": {"$exists": False}}, "*"),
        "an element": ({"a.1": 2}, "list"),
        "an element not there": (
            {"a.2": {"$exists": False}},
            "digits dollar dotted missing nested object other",
        ),
        "a field of an element": ({"a.0.b": 1}, "list"),
        "a digit in an object": ({"a.0": 1}, "digits"),
        "a digit with a sign": ({"a.+1": 2}, "list"),
        "a dot in a name": ({"a\\.b": 1}, "dotted"),
        "a dollar in a name": ({"\\$a": 1}, "dollar"),
        "whole object": ({"a": {"$eq": {"b": 1}}}, "object"),
        "empty object": ({"a": {}}, ""),
        "operators in an object": ({"a": {"b": {"$gt": 0}}}, "nested object"),
    },
)

TYPES = Group(
    documents=(
        {"_id": "null", "a": None},
        {"_id": "false", "a": False},
        {"_id": "true", "a": True},
        {"_id": "zero", "a": 0},
        {"_id": "six", "a": 6},
        {"_id": "text", "a": "5"},
        {"_id": "nothing", "a": ""},
        {"_id": "list", "a": [5]},
        {"_id": "object", "a": {"b": 5}},
        {"_id": "empty", "a": {}},
    ),
    cases={
        "above a number": ({"a": {"$gt": 5}}, "empty list nothing object six text"),
        "below a number": ({"a": {"$lt": 5}}, "false null true zero"),
        "equal to true": ({"a": True}, "true"),
        "equal to one": ({"a": 1}, ""),
        "equal to zero": ({"a": 0}, "zero"),
        "above true": ({"a": {"$gt": True}}, "empty list nothing object six text zero"),
        "up to false": ({"a": {"$lte": False}}, "false null"),
        "above a text": ({"a": {"$gt": "5"}}, "empty list object"),
        "below a text": ({"a": {"$lt": "5"}}, "false nothing null six true zero"),
        "above a list": ({"a": {"$gt": [5]}}, "empty object"),
        "below a list": ({"a": {"$lt": [5]}}, "false nothing null six text true zero"),
        "above an object": ({"a": {"$gt": {}}}, "object"),
        "from an object": ({"a": {"$gte": {"b": 5}}}, "object"),
        "a number": ({"a": {"$type": "number"}}, "six zero"),
        "a boolean": ({"a": {"$type": "boolean"}}, "false true"),
        "an object": ({"a": {"$type": "object"}}, "empty object"),
        "no type": ({"a": {"$type": "integer"}}, ""),
    },
)

NUMBERS = Group(
    documents=(
        {"_id": "1", "a": 1},
        {"_id": "1.0", "a": 1.0},
        {"_id": "0", "a": 0},
        {"_id": "-0.0", "a": -0.0},
        {"_id": "2^53", "a": 2**53},
        {"_id": "2^53+1", "a": 2**53 + 1},
        {"_id": "2^53.0", "a": 2.0**53},
        {"_id": "2^60", "a": 2**60},
        {"_id": "2^60+1", "a": 2**60 + 1},
        {"_id": "2^60.0", "a": 2.0**60},
        {"_id": "10^30", "a": 10**30},
        {"_id": "1e30", "a": 1e30},
        {"_id": "-7", "a": -7},
        {"_id": "2.5", "a": 2.5},
        {"_id": "list", "a": [1, 2]},
        {"_id": "floats", "a": [1.0, 2.0]},
    ),
    cases={
        "an integer": ({"a": 1}, "1 1.0"),
        "a float": ({"a": 1.0}, "1 1.0"),
        "in floats": ({"a": {"$in": [1.0]}}, "1 1.0 floats list"),
        "zero": ({"a": 0}, "-0.0 0"),
        "minus zero": ({"a": {"$gte": -0.0, "$lte": -0.0}}, "-0.0 0"),
        "2^53": ({"a": 2**53}, "2^53 2^53.0"),
        "2^53 + 1": ({"a": 2**53 + 1}, "2^53+1"),
        "above 2^53": ({"a": {"$gt": 2**53, "$lt": 2**60}}, "2^53+1"),
        "2^60": ({"a": 2**60}, "2^60 2^60.0"),
        "2^60 as a float": ({"a": 2.0**60}, "2^60 2^60.0"),
        "above 2^60 as a float": ({"a": {"$gt": 2.0**60, "$lt": 9e18}}, "2^60+1"),
        "10^30": ({"a": 10**30}, "10^30"),
        "1e30": ({"a": 1e30}, "1e30"),
        "whole lists": ({"a": {"$eq": [1, 2]}}, "floats list"),
        "all of integers": ({"a": {"$all": [1]}}, "list"),
        "all of floats": ({"a": {"$all": [1.0]}}, "floats"),
        "all of a list": ({"a": {"$all": [[1.0, 2]]}}, "floats list"),
        "remainder of the divisor's sign": ({"a": {"$mod": [3, 2]}}, "2^53 2^60+1"),
        "remainder of the value's sign": ({"a": {"$mod": [3, -1]}}, "-7"),
        "remainder by a negative": ({"a": {"$mod": [-3, -1]}}, "-7"),
        "remainder of 1": ({"a": {"$mod": [1, 0]}}, "-7 0 1 10^30 2^53 2^53+1 2^60 2^60+1"),
    },
)

ARRAYS = Group(
    documents=(
        {"_id": "123", "a": [1, 2, 3]},
        {"_id": "empty", "a": []},
        {"_id": "of-lists", "a": [[1, 2, 3]]},
        {"_id": "mixed", "a": [1, "1", None]},
        {"_id": "objects", "a": [{"p": 1}, {"q": 2}]},
        {"_id": "one", "a": 1},
        {"_id": "null", "a": None},
        {"_id": "missing"},
    ),
    cases={
        "equal": ({"a": {"$eq": [1, 2, 3]}}, "123"),
        "equal to an element": ({"a": 1}, "one"),
        "in, an element": ({"a": {"$in": [1]}}, "123 mixed one"),
        "in, the whole": ({"a": {"$in": [[1, 2, 3]]}}, "of-lists"),
        "not in, an element": ({"a": {"$nin": [1]}}, "empty null objects of-lists"),
        "all": ({"a": {"$all": [3, 1]}}, "123"),
        "all of one list": ({"a": {"$all": [[1, 2, 3]]}}, "123 of-lists"),
        "all of a scalar": ({"a": {"$all": [1]}}, "123 mixed"),
        "size": ({"a": {"$size": 3}}, "123 mixed"),
        "size of nothing": ({"a": {"$size": 0}}, "empty"),
        "an element": ({"a": {"$elemMatch": {"$eq": 1}}}, "123 mixed"),
        "an element that is a list": ({"a": {"$elemMatch": {"$eq": [1, 2, 3]}}}, "of-lists"),
        "an element of an element": ({"a": {"$elemMatch": {"$elemMatch": {"$eq": 3}}}}, "of-lists"),
        "an element that is null": ({"a": {"$elemMatch": {"$eq": None}}}, "mixed"),
        "every element": ({"a": {"$allMatch": {"$gte": 1}}}, "123 objects of-lists"),
        "every element is of a type": ({"a": {"$allMatch": {"$type": "object"}}}, "objects"),
        "a field of an element": ({"a": {"$elemMatch": {"p": 1}}}, "objects"),
        "no implicit descent": ({"a.p": 1}, ""),
        "an element without a condition": ({"a": {"$elemMatch": {}}}, ""),
        "above a shorter list": ({"a": {"$gt": [1, 2]}}, "123 mixed objects of-lists"),
    },
)

NEGATION_WITHIN_ELEMENTS = Group(
    documents=(
        {"_id": "p1", "a": [{"p": 1}]},
        {"_id": "p2", "a": [{"p": 2}]},
        {"_id": "q", "a": [{"q": 1}]},
        {"_id": "both", "a": [{"p": 1}, {"q": 1}]},
        {"_id": "empty", "a": []},
        {"_id": "number", "a": 5},
    ),
    cases={
        "different": ({"a": {"$elemMatch": {"p": {"$ne": 1}}}}, "p2"),
        "not": ({"a": {"$elemMatch": {"$not": {"p": 1}}}}, "both p2 q"),
        "not, beneath a field": ({"a": {"$elemMatch": {"p": {"$not": {"$eq": 1}}}}}, "both p2 q"),
        "every one not": ({"a": {"$allMatch": {"$not": {"p": 1}}}}, "p2 q"),
        "nor": ({"a": {"$elemMatch": {"$nor": [{"p": 9}]}}}, ""),
        "or before nor": ({"a": {"$elemMatch": {"$or": [{"p": 1}, {"$nor": []}]}}}, "both p1"),
        "nor before or": ({"a": {"$elemMatch": {"$or": [{"$nor": []}, {"p": 1}]}}}, ""),
        "not an element": ({"a": {"$not": {"$elemMatch": {"p": 1}}}}, "empty number p2 q"),
        "nothing and": ({"a": {"$elemMatch": {"$and": []}}}, "both p1 p2 q"),
    },
)

OBJECTS = Group(
    documents=(
        {"_id": "ab", "a": {"a": 1, "b": 2}},
        {"_id": "ba", "a": {"b": 2, "a": 1}},
        {"_id": "a", "a": {"a": 1}},
        {"_id": "float", "a": {"a": 1.0, "b": 2}},
        {"_id": "empty", "a": {}},
        {"_id": "list", "a": ["a", "b"]},
    ),
    cases={
        "equal": ({"a": {"$eq": {"a": 1, "b": 2}}}, "ab float"),
        "the fields alone": ({"a": {"a": 1, "b": 2}}, "ab ba float"),
        "above": ({"a": {"$gt": {"a": 1}}}, "ab ba float"),
        "a key": ({"a": {"$keyMapMatch": {"$eq": "b"}}}, "ab ba float"),
        "not a key": ({"a": {"$not": {"$keyMapMatch": {"$eq": "b"}}}}, "a empty list"),
        "a key of a beginning": ({"a": {"$keyMapMatch": {"$beginsWith": "a"}}}, "a ab ba float"),
    },
)

LISTS_OF_NO_CONDITIONS = Group(
    documents=(
        {"_id": "one", "a": 1},
        {"_id": "two", "a": 2},
        {"_id": "missing"},
    ),
    cases={
        "or alone": ({"$or": []}, ""),
        "and alone": ({"$and": []}, ""),
        "nor alone": ({"$nor": []}, ""),
        "or beside": ({"_id": "one", "$or": []}, "one"),
        "and beside": ({"_id": "one", "$and": []}, "one"),
        "nor beside": ({"_id": "one", "$nor": []}, "one"),
        "or beneath a field": ({"a": {"$or": []}}, ""),
        "or within and": ({"$and": [{"$or": []}]}, "missing one two"),
        "not or": ({"$not": {"$or": []}}, ""),
        "not or beside": ({"_id": "one", "$not": {"$or": []}}, "one"),
        "the empty selector": ({}, "missing one two"),
        "empty within and": ({"$and": [{}]}, ""),
    },
)

GROUPS = {
    "missing fields and null": MISSING_FIELDS_AND_NULL,
    "paths": PATHS,
    "types": TYPES,
    "numbers": NUMBERS,
    "arrays": ARRAYS,
    "negation within elements": NEGATION_WITHIN_ELEMENTS,
    "objects": OBJECTS,
    "lists of no conditions": LISTS_OF_NO_CONDITIONS,
}
