"""What CouchDB is asked finds all that is meant, and holds nothing that its planner fails on."""

import unicodedata
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from couchmapper.mango import dump, match, normalize, parse
from couchmapper.mango.nodes import TRUE, And, Condition, Elements, Expression, Nor, Not, Or, Path
from couchmapper.query.askable import askable, is_exact
from couchmapper.typing import JSON

A, B = ("a",), ("b",)

# --- the law

names = st.sampled_from(["a", "b", "0", "_id", "é", "e\u0301", "x.y", "$a", "a\\", ""])
scalars = st.sampled_from([None, True, False, 0, 1, 1.0, "", "a", "B", "é", "e\u0301"])
values: st.SearchStrategy[JSON] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=5,
)
documents = st.fixed_dictionaries({"_id": st.just("x")}, optional={"a": values, "b": values})
comparisons = st.sampled_from(["$eq", "$eq", "$eq", "$ne", "$lt", "$gte"])
lists = st.sampled_from(["$in", "$in", "$nin", "$all"])
within = st.sampled_from([(), (), ("a",), ("0",), ("_id",)])


def conditions(paths: st.SearchStrategy[Path]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.builds(Condition, paths, comparisons, values),
        st.builds(Condition, paths, lists, st.lists(values, max_size=3)),
        st.builds(Condition, paths, st.just("$beginsWith"), st.sampled_from(["a", "e", "é"])),
        st.builds(Condition, paths, st.just("$exists"), st.booleans()),
    )


def joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        st.builds(And, several), st.builds(Or, several), st.builds(Nor, several), st.builds(Not, inner)
    )


def of_elements(paths: st.SearchStrategy[Path], inner: st.SearchStrategy[Expression]) -> Any:
    return st.builds(Elements, paths, st.sampled_from(["$elemMatch", "$allMatch", "$keyMapMatch"]), inner)


elements = st.recursive(
    conditions(within), lambda inner: st.one_of(joined(inner), of_elements(within, inner)), max_leaves=4
)
paths = st.sampled_from([A, B, ("a", "0"), ("a", "b"), ("b", "_id")])
expressions = st.recursive(st.one_of(conditions(paths), of_elements(paths, elements)), joined, max_leaves=5)


@given(expressions, documents)
@example(Condition(A, "$eq", {"é": 1, "b": 2}), {"_id": "x", "a": {"e\u0301": 1, "b": 2}})
@example(Condition(A, "$eq", {"a\\": 1, "": 2}), {"_id": "x", "a": {"a\\": 1, "": 2}})
@example(
    Elements(A, "$elemMatch", Condition((), "$eq", {"_id": "é", "b": 2})),
    {"_id": "x", "a": [{"_id": "e\u0301", "b": 2}]},
)
@example(
    Elements(A, "$elemMatch", Or((Condition((), "$eq", 5), And((Condition((), "$eq", [[1], 2]), Nor()))))),
    {"_id": "x", "a": [[[1], 3], 5]},
)
@example(
    Elements(A, "$elemMatch", Or((Condition((), "$eq", 5), And((Condition((), "$eq", [[1]]), Not(Nor())))))),
    {"_id": "x", "a": [[[2]], 5]},
)
@example(Not(Condition(A, "$eq", [[1]])), {"_id": "x", "a": [[1], 2]})
def test_what_is_asked_finds_all_that_is_meant(meant: Expression, document: Any):
    normal = normalize(meant)
    assume(match(normal, document))

    assert match(askable(normal), document)


@given(expressions, documents)
def test_what_is_asked_finds_nothing_else_when_it_is_exact(meant: Expression, document: Any):
    normal = normalize(meant)
    assume(is_exact(normal))

    assert match(askable(normal), document) == match(normal, document)


@given(expressions)
def test_nothing_is_asked_that_the_planner_fails_on(meant: Expression):
    asked = askable(normalize(meant))

    assert not any(is_too_much(argument) for argument in arguments(dump(asked)))


def arguments(selector: JSON) -> list[JSON]:
    """Return the arguments of all operators in a selector, those of `$and` and the like aside."""
    if isinstance(selector, list):
        return [one for item in selector for one in arguments(item)]
    if not isinstance(selector, dict):
        return [selector]
    found: list[JSON] = []
    for name, item in selector.items():
        if name in {"$eq", "$ne", "$in", "$nin", "$all", "$lt", "$gte"}:
            found.append(item)
        else:
            found += arguments(item)
    return found


def is_too_much(argument: JSON) -> bool:
    """Tell whether the planner fails: null or a list in a list, or an object of several members."""
    match argument:
        case list():
            return any(item is None or isinstance(item, list) or is_too_much(item) for item in argument)
        case dict():
            return len(argument) > 1 or any(map(is_too_much, argument.values()))
    return False


@given(expressions)
def test_what_is_asked_can_be_asked_so_again(meant: Expression):
    asked = askable(normalize(meant))

    assert is_exact(asked)
    assert parse(dump(asked)) is not None


@given(values, values)
@example({"é": 1, "b": 2}, None)
@example([{"_id": "é", "b": [1]}, None], [[1]])
def test_a_value_that_is_equal_to_what_is_meant_is_found(value: JSON, other: JSON):
    equal = spelled_otherwise(value)
    document = {"_id": "x", "a": equal, "b": [other, equal]}

    for meant in (
        Condition(A, "$eq", value),
        Condition(A, "$in", [other, value]),
        Condition(B, "$in", [value]),
        Condition(B, "$eq", [other, value]),
        Elements(B, "$elemMatch", Condition((), "$eq", value)),
        Elements(B, "$elemMatch", Condition((), "$in", [value])),
        Not(Condition(A, "$ne", value)),
        Not(Not(Elements(B, "$elemMatch", Not(Condition((), "$ne", value))))),
    ):
        normal = normalize(meant)
        assert match(askable(normal), document) or not match(normal, document)


def spelled_otherwise(value: JSON) -> JSON:
    """Return a value that CouchDB takes for the same: accents apart, and floats for integers."""
    match value:
        case str():
            return unicodedata.normalize("NFD", value)
        case list():
            return [spelled_otherwise(item) for item in value]
        case dict():
            return {
                unicodedata.normalize("NFD", name): spelled_otherwise(item) for name, item in value.items()
            }
        case int() if not isinstance(value, bool):
            return float(value)
    return value


# --- what it looks like


@pytest.mark.parametrize(
    ("meant", "asked"),
    [
        ({"a": 1, "b": [1, "x"]}, {"a": 1, "b": {"$eq": [1, "x"]}}),
        ({"a": {"$eq": {"b": None}}}, {"a": {"$eq": {"b": None}}}),
        ({"a": {"$eq": {"b": 1, "c": "x"}}}, {"a": {"$type": "object"}, "a.b": 1, "a.c": "x"}),
        (
            {"a": {"$eq": {"b": 1, "c": {"d": 1, "e": None}}}},
            {
                "$and": [
                    {"a": {"$type": "object"}, "a.b": 1},
                    {"a.c": {"$type": "object"}, "a.c.d": 1, "a.c.e": None},
                ]
            },
        ),
        ({"a": {"$eq": [[1], None]}}, {"a": {"$size": 2}, "a.0": {"$eq": [1]}, "a.1": None}),
        ({"a": {"$in": ["x", 5]}}, {"a": {"$in": ["x", 5]}}),
        (
            {"a": {"$in": ["x", None]}},
            {"$or": [{"a": {"$in": ["x"]}}, {"a": None}, {"a": {"$elemMatch": {"$eq": None}}}]},
        ),
        ({"a": {"$nin": ["x", None]}}, {"a": {"$exists": True}}),
        ({"a": {"$ne": [None]}}, {"a": {"$exists": True}}),
        ({"a": {"$all": [[1], [2]]}}, {"a": {"$type": "array"}}),
        ({"a": {"$elemMatch": {"$ne": [None]}}}, {"a": {"$elemMatch": {"$gte": None}}}),
        ({"a": {"$beginsWith": "x"}}, {"$or": [{"a": {"$beginsWith": "x"}}]}),
    ],
    ids=str,
)
def test_a_condition_is_asked_as(meant: Any, asked: Any):
    assert dump(askable(normalize(parse(meant)))) == asked


@pytest.mark.parametrize(
    "argument", [None, 5, "x", {}, {"b": {"c": None}}, [], [1, "x", True], [{"b": 1}]], ids=str
)
def test_a_value_that_can_be_asked_for_stays(argument: JSON):
    condition = Condition(A, "$eq", argument)

    assert askable(condition) == condition
    assert is_exact(condition)


def test_everything_stays_everything():
    assert askable(TRUE) == TRUE
