"""Guards in JavaScript decide as Mango does, wherever they are not refused."""

from typing import Any

import pytest
import quickjs
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.exceptions import ExpressionError
from couchmapper.mango.javascript.guard import Guard, write_guard
from couchmapper.mango.match import match
from couchmapper.mango.nodes import FALSE, TRUE, And, Condition, Elements, Expression, Nor, Not, Or, Path
from couchmapper.mango.parse import parse

A, B, AB = ("a",), ("b",), ("a", "b")


def decisions(guard: Expression, documents: list[Any]) -> list[bool]:
    """Run a guard on documents, as a query server does."""
    written = write_guard(guard)
    text = jsonio.dumps(jsonio.dumps(documents).decode()).decode()
    function = f"function (doc) {{ {written.functions} return {written.test}; }}"
    decided: list[bool] = jsonio.loads(
        quickjs.Context().eval(f"JSON.stringify(JSON.parse({text}).map({function}))")
    )
    return decided


def fulfils(guard: Expression, document: Any) -> bool:
    return decisions(guard, [document]) == [True]


# --- the law


names = st.sampled_from(["a", "b", "0", "length", "toString", "__proto__", "x y", "class"])
numbers = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([2**53 - 1, 2**53, 2**53 + 1, -(2**60), 10**400, 0.5, -0.0, 1e300, 2.0]),
)
texts = st.sampled_from(["", "a", "A", "ab", "a\n", "10", "é", "中", "</script>", "\u2028", '"', "\\", "😀"])
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)
documents = st.dictionaries(names, values, max_size=4).map(lambda members: {"_id": "x", **members})
paths = st.lists(names, min_size=1, max_size=3).map(tuple)
sizes = st.integers(0, 3)
patterns = st.sampled_from(
    ["a", "^a", "a$", "^a.*$", "^.+$", "(?i)^A", "^[a-z0-9]{2}$", "^(a|1)?0$", "é", "[^a]+", "/", "^$", ""]
)
types = st.sampled_from(["null", "boolean", "number", "string", "array", "object", "nonsense"])


def conditions(some_paths: st.SearchStrategy[Path]) -> st.SearchStrategy[Expression]:
    comparisons = st.sampled_from(["$eq", "$ne", "$lt", "$lte", "$gt", "$gte"])
    return st.one_of(
        st.builds(Condition, some_paths, comparisons, values),
        st.builds(Condition, some_paths, st.sampled_from(["$in", "$nin"]), st.lists(scalars, max_size=3)),
        st.builds(Condition, some_paths, st.just("$all"), st.lists(scalars, max_size=2)),
        st.builds(Condition, some_paths, st.just("$regex"), patterns),
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
    operators = st.sampled_from(["$elemMatch", "$allMatch", "$keyMapMatch"])
    return st.builds(Elements, some_paths, operators, inner)


elements = st.recursive(
    conditions(st.one_of(st.just(()), paths)),
    lambda inner: st.one_of(joined(inner), lists_of(inner, st.one_of(st.just(()), paths))),
    max_leaves=4,
)


expressions = st.recursive(st.one_of(conditions(paths), lists_of(elements, paths)), joined, max_leaves=6)


@settings(max_examples=300)
@given(expressions, st.lists(documents, min_size=1, max_size=4))
@example(Not(Condition(A, "$eq", 5)), [{"_id": "x"}])
@example(
    Condition(AB, "$exists", False), [{"_id": "x", "a": 5}, {"_id": "x", "a": []}, {"_id": "x", "a": None}]
)
@example(Elements(A, "$elemMatch", Not(Condition(B, "$eq", 1))), [{"_id": "x", "a": [{}]}])
@example(Elements(A, "$elemMatch", Condition(B, "$eq", 1)), [{"_id": "x", "a": [None, "b", 5]}])
@example(Condition(("a", "length"), "$gt", 0), [{"_id": "x", "a": [1]}, {"_id": "x", "a": "text"}])
@example(Condition(("a", "map", "b"), "$exists", False), [{"_id": "x", "a": [1]}])
@example(Condition(("a", "0", "b"), "$exists", False), [{"_id": "x", "a": [{}]}, {"_id": "x", "a": []}])
@example(Condition(("toString",), "$exists", True), [{"_id": "x"}])
@example(Condition(("toString", "length"), "$ne", None), [{"_id": "x"}])
@example(
    Condition(("a", "__proto__"), "$eq", 1), [{"_id": "x", "a": {"__proto__": 1}}, {"_id": "x", "a": {}}]
)
@example(Condition(A, "$all", ["a", None]), [{"_id": "x", "a": ["a", None]}, {"_id": "x", "a": "a"}])
@example(
    Elements(A, "$elemMatch", Condition((), "$all", ["a", "b"])),
    [{"_id": "x", "a": [["b", "a"]]}, {"_id": "x", "a": [["b"], ["a"]]}],
)
@example(
    Elements(A, "$elemMatch", Elements(B, "$elemMatch", Condition((), "$in", ["a"]))),
    [{"_id": "x", "a": [{}, {"b": ["a"]}]}, {"_id": "x", "a": [{"b": [["a"]]}]}],
)
@example(
    Elements(A, "$keyMapMatch", Condition((), "$regex", "^b")),
    [{"_id": "x", "a": {"b": 1}}, {"_id": "x", "a": ["b"]}, {"_id": "x", "a": {}}],
)
@example(
    Elements(A, "$elemMatch", Elements((), "$keyMapMatch", Condition((), "$eq", "__proto__"))),
    [{"_id": "x", "a": [{"__proto__": 1}]}, {"_id": "x", "a": [{}]}],
)
@example(Not(Condition(A, "$regex", "^a$")), [{"_id": "x", "a": 5}, {"_id": "x"}, {"_id": "x", "a": "a\n"}])
@example(Condition(A, "$eq", 2**53 - 1), [{"_id": "x", "a": 2**53 + 1}, {"_id": "x", "a": 2**53}])
def test_the_guard_agrees_with_mango(guard: Expression, some: list[Any]):
    assume(guard.supports("javascript"))

    assert decisions(guard, some) == [match(guard, document) for document in some]


def test_a_condition_on_a_missing_field_is_false_also_under_negation():
    for guard in (Condition(A, "$ne", 5), Not(Condition(A, "$eq", 5)), Nor((Condition(A, "$size", 1),))):
        assert not fulfils(guard, {"_id": "x"})
        assert fulfils(guard, {"_id": "x", "a": None})


@pytest.mark.parametrize("value", [0, "", False, None])
def test_values_that_javascript_takes_for_false_are_values(value: Any):
    assert fulfils(Condition(A, "$exists", True), {"_id": "x", "a": value})
    assert fulfils(Condition(A, "$eq", value), {"_id": "x", "a": value})


@pytest.mark.parametrize("name", ["a.b", "it's", 'say "a"', "a\\b", "1a", "é", "\u2028", "class", "a-b", ""])
def test_names_are_written_so_that_javascript_reads_them(name: str):
    assert fulfils(Condition((name,), "$eq", 1), {"_id": "x", name: 1})


def test_constants():
    assert fulfils(TRUE, {"_id": "x"})
    assert not fulfils(FALSE, {"_id": "x"})


# --- what is refused


@pytest.mark.parametrize(
    ("selector", "reason"),
    [
        ({"a": {"$gt": "m"}}, "a $gt: JavaScript orders text by code units"),
        ({"a": {"$lt": [1]}}, "a $lt: JavaScript orders text by code units"),
        ({"a": {"$gt": ""}}, "a $gt: is not exact at the smallest value of a type"),
        ({"a": {"$lte": {}}}, "a $lte: is not exact at the smallest value of a type"),
        ({"_id": {"$gt": "m"}}, "_id $gt: CouchDB orders ids by their bytes"),
        ({"a": {"$regex": "a.b"}}, r"a $regex: \. takes one byte in CouchDB and one code unit"),
        ({"a": {"$all": [1]}}, r"a $all: JavaScript takes 1\.0 for 1"),
        ({"a": {"$all": [[1]]}}, "a $all: compares whole lists or objects"),
        ({"a": {"$all": [2**60]}}, r"beyond 2\^53"),
        ({"a": {"$beginsWith": "x"}}, "a $beginsWith: CouchDB ends a prefix where a character ends"),
        ({"a": {"$beginsWith": "x\r"}}, r"write \.startswith\(\.\.\.\)"),
        ({"a": {"$mod": [2, 1]}}, r"a $mod: JavaScript takes 4\.0 for 4"),
        ({"a": {"$keyMapMatch": {"$gt": "x"}}}, "an element $gt: JavaScript orders text"),
        ({"$text": "tea"}, "$text: only a search index"),
        ({"a": [1]}, "a $eq: compares whole lists or objects"),
        ({"a": {"$in": [{"b": 1}]}}, "a $in: compares whole lists or objects"),
        ({"a": 2**53}, r"a $eq: JavaScript does not tell integers beyond 2\^53 apart"),
        ({"a": {"$nin": [1, -(2**60)]}}, r"beyond 2\^53"),
        ({"a": {"$lt": 1e300}}, r"beyond 2\^53"),
        ({"a": "e\u0301"}, "a $eq: CouchDB takes the text for equal to others"),
        ({"a": {"$ne": "soft\u00adhyphen"}}, "write it in NFC"),
        ({"a.01": 1}, r"a\.01 $eq: JavaScript and CouchDB read this index in different ways"),
        ({"a": {"$elemMatch": {"$nor": [{"b": 1}]}}}, r"\$nor within the elements of a list"),
        ({"a": {"$elemMatch": {"$gt": "m"}}}, "an element $gt: JavaScript orders text"),
        ({"$or": [{"a": 1}, {"$not": {"b": {"$regex": "."}}}]}, r"b $regex: \. takes"),
    ],
    ids=str,
)
def test_what_javascript_cannot_decide_as_mango_does_is_refused(selector: Any, reason: str):
    with pytest.raises(ExpressionError, match=reason.replace("$", r"\$").replace(r"\\$", r"\$")):
        write_guard(parse(selector))


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (Expression(), "cannot be written in JavaScript"),
        (Condition(A, "$foo", 1), r"a \$foo: has no exact JavaScript form"),
        (Elements(A, "$foo", TRUE), r"a \$foo: has no exact JavaScript form"),
        (Condition(A, "$size", -1), r"a \$size: Bad argument"),
    ],
    ids=["node", "operator", "elements", "argument"],
)
def test_what_has_no_meaning_is_refused(expression: Expression, reason: str):
    with pytest.raises(ExpressionError, match=reason):
        write_guard(expression)


def test_every_reason_is_told_once():
    guard = parse({"a": {"$gt": "m", "$mod": [2, 1]}, "b": [1], "$or": [{"b": [2]}, {"b": [3]}]})

    with pytest.raises(ExpressionError) as caught:
        write_guard(guard)

    assert str(caught.value).split("; ") == [
        "a $gt: JavaScript orders text by code units and CouchDB by Unicode collation",
        "use a key range instead",
        "a $mod: JavaScript takes 4.0 for 4, which has no remainder in Mango",
        "b $eq: compares whole lists or objects, which JavaScript does not",
    ]


# --- the text, which must not change: every change rebuilds the indexes of all who use it


RANK = """  var rank = function (value) {
    if (value === undefined) { return -1; }
    if (value === null) { return 0; }
    if (typeof value === "boolean") { return 1; }
    if (typeof value === "number") { return 2; }
    if (typeof value === "string") { return 3; }
    return Array.isArray(value) ? 4 : 5;
  };
"""


@pytest.mark.parametrize(
    ("selector", "guard"),
    [
        ({"a": {"$exists": True}}, "doc.a !== undefined"),
        ({"a": {"$exists": False}}, "doc.a === undefined"),
        ({"a.b": {"$exists": True}}, "rank(doc.a) === 5 && doc.a.b !== undefined"),
        (
            {"a.b": {"$exists": False}},
            "(doc.a === undefined || (rank(doc.a) === 5 && doc.a.b === undefined))",
        ),
        ({"a": 1.5, "b": None}, "doc.a === 1.5 && doc.b === null"),
        ({"a": {"$ne": "x"}}, 'doc.a !== undefined && doc.a !== "x"'),
        ({"a": {"$gt": None}}, "rank(doc.a) > 0"),
        (
            {"a": {"$lt": True}},
            "doc.a !== undefined && (rank(doc.a) < 1 || (rank(doc.a) === 1 && doc.a < true))",
        ),
        ({"a": {"$type": "string"}}, "rank(doc.a) === 3"),
        ({"a": {"$size": 2}}, "Array.isArray(doc.a) && doc.a.length === 2"),
        ({"a": {"$beginsWith": "x\n"}}, 'typeof doc.a === "string" && doc.a.lastIndexOf("x\\n", 0) === 0'),
        ({"a": {"$regex": "^é\\."}}, 'typeof doc.a === "string" && doc.a.lastIndexOf("é.", 0) === 0'),
        (
            {"a": {"$in": ["x"]}},
            (
                '(["x"].indexOf(doc.a) !== -1 || (Array.isArray(doc.a)'
                ' && doc.a.some(function (item) { return ["x"].indexOf(item) !== -1; })))'
            ),
        ),
        (
            {"$not": {"a": {"$size": 2}}},
            "doc.a !== undefined && !(Array.isArray(doc.a) && doc.a.length === 2)",
        ),
        ({"$or": [{"a": 1}, {"b": 1, "c": 1}]}, "(doc.a === 1 || (doc.b === 1 && doc.c === 1))"),
        (
            {"a": {"$elemMatch": {"b": {"$ne": 1}}}},
            (
                "Array.isArray(doc.a) && doc.a.some(function (item)"
                " { return rank(item) === 5 && item.b !== undefined && item.b !== 1; })"
            ),
        ),
        (
            {"a": {"$allMatch": {"$not": {"$eq": 1}}}},
            (
                "Array.isArray(doc.a) && doc.a.length > 0"
                " && doc.a.every(function (item) { return !(item === 1); })"
            ),
        ),
        (
            {"a": {"$all": ["x", None]}},
            'Array.isArray(doc.a) && doc.a.indexOf("x") !== -1 && doc.a.indexOf(null) !== -1',
        ),
        (
            {"a": {"$keyMapMatch": {"$eq": "x"}}},
            'rank(doc.a) === 5 && Object.keys(doc.a).some(function (item) { return item === "x"; })',
        ),
        (
            {"a": {"$regex": "(?i)^a.*[^x]+/$"}},
            'typeof doc.a === "string" && /^a[^\\n]*[^x]+\\/(?=\\n?$)/i.test(doc.a)',
        ),
        ({"a-b.0": 1}, 'rank(doc["a-b"]) >= 4 && doc["a-b"]["0"] === 1'),
        ({"valueOf": 1}, 'Object.prototype.hasOwnProperty.call(doc, "valueOf") && doc.valueOf === 1'),
        ({"a": "</\u2028"}, 'doc.a === "<\\/\\u2028"'),
    ],
    ids=str,
)
def test_the_text_of_a_guard(selector: Any, guard: str):
    functions = RANK if "rank(" in guard else ""

    assert write_guard(parse(selector)) == Guard(functions=functions, test=guard)


@pytest.mark.parametrize("text", ["เก", "กเ", "ເກ"])
def test_a_text_of_which_collation_turns_letters_round_is_refused(text: str):
    reasons = Condition(("a",), "$eq", text).supports("javascript").reasons

    assert len(reasons) == 1
    assert "CouchDB takes the text for equal to others" in reasons[0]
