"""Functions of design documents, whose text must not change: every change rebuilds the indexes of all."""

from typing import Any

import pytest
import quickjs

from couchmapper import jsonio
from couchmapper.design.javascript import filter_function, map_function
from couchmapper.exceptions import DesignError
from couchmapper.mango.javascript.fields import value_of
from couchmapper.mango.nodes import TRUE, Expression
from couchmapper.mango.parse import parse

RANK = """  var rank = function (value) {
    if (value === undefined) { return -1; }
    if (value === null) { return 0; }
    if (typeof value === "boolean") { return 1; }
    if (typeof value === "number") { return 2; }
    if (typeof value === "string") { return 3; }
    return Array.isArray(value) ? 4 : 5;
  };
"""


def rows(function: str, document: Any) -> list[Any]:
    """Run a map function on one document, as a query server does, and return what it emits."""
    context = quickjs.Context()
    context.eval("var rows = []; var emit = function (key, value) { rows.push([key, value]); };")
    text = jsonio.dumps(jsonio.dumps(document).decode()).decode()
    context.eval(f"({function})(JSON.parse({text}))")
    emitted: list[Any] = jsonio.loads(context.eval("JSON.stringify(rows)"))
    return emitted


def test_the_text_of_a_map_function():
    assert map_function(parse({"type": "order"}), "doc.a", "null") == (
        'function (doc) {\n  if (doc.type === "order") {\n    emit(doc.a, null);\n  }\n}'
    )


def test_the_text_of_a_map_function_that_compares_across_types():
    assert map_function(parse({"a": {"$gte": 5}}), "[doc.a]", "1") == (
        f"function (doc) {{\n{RANK}"
        "  if ((rank(doc.a) > 2 || (rank(doc.a) === 2 && doc.a >= 5))) {\n    emit([doc.a], 1);\n  }\n}"
    )


def test_the_text_of_a_filter_function():
    assert filter_function(parse({"type": "order"})) == (
        'function (doc, req) {\n  return doc.type === "order";\n}'
    )
    assert filter_function(parse({"a": {"$gt": None}})) == (
        f"function (doc, req) {{\n{RANK}  return rank(doc.a) > 0;\n}}"
    )


def test_a_map_function_emits_for_what_fulfils_the_guard():
    function = map_function(parse({"a": {"$gte": 5}}), "doc.a", "doc.b")

    assert rows(function, {"_id": "x", "a": 6, "b": "c"}) == [[6, "c"]]
    assert rows(function, {"_id": "x", "a": 4}) == []


def test_a_filter_function_passes_what_fulfils_the_guard():
    function = filter_function(parse({"$or": [{"a": 5}, {"b": {"$exists": True}}]}))

    context = quickjs.Context()
    assert context.eval(f"({function})({{_id: 'x', a: 5}}, {{}})") is True
    assert context.eval(f"({function})({{_id: 'x', a: 6}}, {{}})") is False


@pytest.mark.parametrize("name", ["a.b", "it's", 'say "a"', "a\\b", "1a", "é", "\u2028", "class", "a-b", ""])
def test_a_field_is_emitted_whatever_its_name(name: str):
    assert rows(map_function(TRUE, value_of((name,)), "null"), {"_id": "x", name: 7}) == [[7, None]]


@pytest.mark.parametrize("guard", [parse({"a": {"$gt": "m"}}), Expression()], ids=["order", "node"])
def test_what_javascript_cannot_decide_is_refused_with_the_reasons(guard: Expression):
    for write in (filter_function, lambda guard: map_function(guard, "1", "null")):
        with pytest.raises(DesignError) as caught:
            write(guard)
        assert str(caught.value) == "; ".join(guard.supports("javascript").reasons)
