"""Generated map functions decide as Mango does, wherever they are not refused."""

import math
from typing import Any

import pytest
import quickjs
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.design.javascript import map_function, value_of
from couchmapper.exceptions import DesignError
from couchmapper.mango.match import match
from couchmapper.mango.nodes import FALSE, TRUE, And, Condition, Elements, Expression, Nor, Not, Or, Path
from couchmapper.mango.parse import parse

A, B, AB = ("a",), ("b",), ("a", "b")


def rows(function: str, document: Any) -> list[Any]:
    """Run a map function on one document, as a query server does, and return what it emits."""
    context = quickjs.Context()
    context.eval("var rows = []; var emit = function (key, value) { rows.push([key, value]); };")
    text = jsonio.dumps(jsonio.dumps(document).decode()).decode()
    context.eval(f"({function})(JSON.parse({text}))")
    emitted: list[Any] = jsonio.loads(context.eval("JSON.stringify(rows)"))
    return emitted


def fulfils(guard: Expression, document: Any) -> bool:
    return bool(rows(map_function(guard, "1", "null"), document))


# --- the law


names = st.sampled_from(["a", "b", "0", "length", "toString", "__proto__", "x y", "class"])
numbers = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([2**53 - 1, 2**53, 2**53 + 1, -(2**60), 10**400, 0.5, -0.0, 1e300, 2.0]),
)
texts = st.sampled_from(["", "a", "A", "ab", "10", "é", "中", "</script>", "\u2028", '"', "\\", "😀"])
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)
documents = st.dictionaries(names, values, max_size=4).map(lambda members: {"_id": "x", **members})
paths = st.lists(names, min_size=1, max_size=3).map(tuple)
sizes = st.integers(0, 3)
types = st.sampled_from(["null", "boolean", "number", "string", "array", "object", "nonsense"])


def conditions(some_paths: st.SearchStrategy[Path]) -> st.SearchStrategy[Expression]:
    comparisons = st.sampled_from(["$eq", "$ne", "$lt", "$lte", "$gt", "$gte"])
    return st.one_of(
        st.builds(Condition, some_paths, comparisons, values),
        st.builds(Condition, some_paths, st.sampled_from(["$in", "$nin"]), st.lists(scalars, max_size=3)),
        st.builds(Condition, some_paths, st.just("$exists"), st.booleans()),
        st.builds(Condition, some_paths, st.just("$type"), types),
        st.builds(Condition, some_paths, st.just("$size"), sizes),
        st.builds(Condition, some_paths, st.just("$beginsWith"), texts),
    )


def joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        st.builds(And, several), st.builds(Or, several), st.builds(Nor, several), st.builds(Not, inner)
    )


def lists_of(
    inner: st.SearchStrategy[Expression], some_paths: st.SearchStrategy[Path]
) -> st.SearchStrategy[Expression]:
    return st.builds(Elements, some_paths, st.sampled_from(["$elemMatch", "$allMatch"]), inner)


elements = st.recursive(
    conditions(st.one_of(st.just(()), paths)),
    lambda inner: st.one_of(joined(inner), lists_of(inner, st.one_of(st.just(()), paths))),
    max_leaves=4,
)


expressions = st.recursive(st.one_of(conditions(paths), lists_of(elements, paths)), joined, max_leaves=6)


@settings(max_examples=20000)
@given(expressions, st.lists(documents, min_size=1, max_size=4))
@example(Not(Condition(A, "$eq", 5)), [{"_id": "x"}])
@example(
    Condition(AB, "$exists", False), [{"_id": "x", "a": 5}, {"_id": "x", "a": []}, {"_id": "x", "a": None}]
)
@example(Elements(A, "$elemMatch", Not(Condition(B, "$eq", 1))), [{"_id": "x", "a": [{}]}])
@example(Elements(A, "$elemMatch", Condition(B, "$eq", 1)), [{"_id": "x", "a": [None, "b", 5]}])
@example(Condition(("a", "length"), "$gt", 0), [{"_id": "x", "a": [1]}, {"_id": "x", "a": "text"}])
@example(Condition(("toString",), "$exists", True), [{"_id": "x"}])
def test_the_guard_agrees_with_mango(guard: Expression, some: list[Any]):
    try:
        function = map_function(guard, "1", "null")
    except DesignError:
        assume(False)
        return

    for document in some:
        assert bool(rows(function, document)) == match(guard, document)
