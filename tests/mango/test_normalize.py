"""The laws of the tree: read, written, normalised and matched, an expression keeps its meaning."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from couchmapper.mango.dump import dump
from couchmapper.mango.match import match
from couchmapper.mango.nodes import FALSE, TRUE, And, Condition, Elements, Expression, Nor, Not, Or
from couchmapper.mango.normalize import normalize
from couchmapper.mango.operators import compile_test
from couchmapper.mango.parse import parse
from couchmapper.mango.paths import Absent, look_up

JSON = Any

names = st.sampled_from(["a", "b", "c.d", "$e"])
paths = st.lists(names, min_size=1, max_size=2).map(tuple)
scalars = st.sampled_from([None, True, 0, 1, 1.0, -2, "", "a", "A", "é"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=3,
)
operations = st.one_of(
    st.tuples(st.sampled_from(["$lt", "$lte", "$eq", "$ne", "$gte", "$gt"]), values),
    st.tuples(st.sampled_from(["$in", "$nin", "$all"]), st.lists(values, max_size=2)),
    st.tuples(st.just("$exists"), st.booleans()),
    st.tuples(st.just("$type"), st.sampled_from(["number", "string", "array"])),
    st.tuples(st.just("$size"), st.integers(0, 2)),
    st.tuples(st.just("$regex"), st.sampled_from(["a", "^$"])),
)


def conditions(path: st.SearchStrategy[Any]) -> st.SearchStrategy[Condition]:
    return st.tuples(path, operations).map(lambda parts: Condition(parts[0], *parts[1]))


def joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(several.map(And), several.map(Or), several.map(Nor), inner.map(Not))


inner_paths = st.just(()) | st.just(("_id",)) | paths


def elements_of(
    path: st.SearchStrategy[Any], inner: st.SearchStrategy[Expression]
) -> st.SearchStrategy[Expression]:
    return st.builds(Elements, path, st.sampled_from(["$elemMatch", "$allMatch", "$keyMapMatch"]), inner)


within = st.recursive(
    conditions(inner_paths), lambda inner: joined(inner) | elements_of(inner_paths, inner), max_leaves=3
)
elements = elements_of(paths, within)
expressions = st.recursive(conditions(paths) | elements, joined, max_leaves=4)
documents = st.fixed_dictionaries(
    {"_id": st.just("1")},
    optional={
        "a": values | st.lists(st.dictionaries(names | st.just("_id"), scalars, max_size=2)),
        "b": values,
        "$e": values,
    },
)


class NorReachedError(Exception):
    pass


def evaluate(node: Expression, document: JSON, *, negated: bool = False) -> bool:
    """Evaluate by the definition: on a document, negations go down to the fields and end at a missing one."""
    match node:
        case Not(operand):
            return evaluate(operand, document, negated=not negated)
        case Nor(operands):
            return evaluate(Or(operands), document, negated=not negated)
        case And(operands) | Or(operands):
            answers = [evaluate(operand, document, negated=negated) for operand in operands]
            return all(answers) if isinstance(node, And) is not negated else any(answers)
        case Condition(path, "$exists", argument):
            found = look_up(document, path)
            wanted = argument is not negated
            return not isinstance(found, Absent) if wanted else found is Absent.MISSING
        case Condition(path) | Elements(path):
            found = look_up(document, path)
            return not isinstance(found, Absent) and evaluate_leaf(node, found) is not negated
    raise TypeError(node)


def evaluate_leaf(node: Expression, found: JSON) -> bool:
    match node:
        case Condition(path, operator, argument):
            return compile_test(operator, argument, raw=path == ("_id",))(found)
        case Elements(_, operator, operand):
            items = found if isinstance(found, list if operator != "$keyMapMatch" else dict) else []
            try:
                answers = (evaluate_within(operand, item) for item in items)
                return bool(items) and (all(answers) if operator == "$allMatch" else any(answers))
            except NorReachedError:
                return False
    raise TypeError(node)


def evaluate_within(node: Expression, value: JSON) -> bool:
    """Evaluate by the definition: within elements a negation is the plain contrary, and a `$nor` fails."""
    match node:
        case Nor():
            raise NorReachedError
        case Not(operand):
            return not evaluate_within(operand, value)
        case And(operands):
            return all(evaluate_within(operand, value) for operand in operands)
        case Or(operands):
            return any(evaluate_within(operand, value) for operand in operands)
    return evaluate(node, value)


@given(expressions, documents)
@example(
    Elements(("a",), "$elemMatch", Condition(("_id",), "$lt", None)), {"_id": "1", "a": [{"_id": False}]}
)
@settings(max_examples=300)
def test_the_normal_form_matches_the_same_documents(expression: Expression, document: JSON):
    assert match(expression, document) is evaluate(expression, document)


@given(expressions)
def test_the_normal_form_is_normal(expression: Expression):
    assert normalize(normalize(expression)) == normalize(expression)


@given(expressions)
@example(Nor())
@example(Not(Nor()))
@example(Not(TRUE))
@example(Elements(("a",), "$elemMatch", And((Nor(), FALSE))))
def test_what_is_written_is_read_back_in_normal_form(expression: Expression):
    assert normalize(parse(dump(expression))) == normalize(expression)


@given(expressions)
@example(Not(TRUE))
@example(Elements(("a",), "$elemMatch", Nor()))
def test_what_was_read_is_written_and_read_back_exactly(expression: Expression):
    read = parse(dump(expression))

    assert parse(dump(read)) == read


A1 = Condition(("a",), "$eq", 1)
IS_X = Condition(("a",), "$regex", "x")


@pytest.mark.parametrize(
    ("expression", "normal"),
    [
        (Not(A1), Condition(("a",), "$ne", 1)),
        (Not(Condition(("a",), "$gt", 1)), Condition(("a",), "$lte", 1)),
        (Not(Condition(("a",), "$exists", True)), Condition(("a",), "$exists", False)),
        (Not(Not(A1)), A1),
        (Not(IS_X), Not(IS_X)),
        (Nor((A1, IS_X)), And((Condition(("a",), "$ne", 1), Not(IS_X)))),
        (Not(And((A1, IS_X))), Or((Condition(("a",), "$ne", 1), Not(IS_X)))),
        (And((A1, And((IS_X, TRUE)))), And((A1, IS_X))),
        (And((A1, FALSE)), FALSE),
        (Or((A1, TRUE)), TRUE),
        (Or((A1,)), A1),
        (Condition(("a",), "$in", []), FALSE),
        (Condition(("a",), "$nin", []), Condition(("a",), "$exists", True)),
        (Not(Condition(("a",), "$all", [])), Condition(("a",), "$exists", True)),
        (Elements(("a",), "$elemMatch", FALSE), FALSE),
        (
            Elements(("a",), "$elemMatch", Condition(("_id",), "$lt", None)),
            Elements(("a",), "$elemMatch", Condition(("_id",), "$lt", None)),
        ),
        (Elements(("a",), "$elemMatch", Not(A1)), Elements(("a",), "$elemMatch", Not(A1))),
    ],
    ids=str,
)
def test_the_normal_form(expression: Expression, normal: Expression):
    assert normalize(expression) == normal
