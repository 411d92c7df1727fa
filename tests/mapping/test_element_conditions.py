"""Conditions on elements mean for each element what they mean for a document."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from couchmapper.mango.dump import dump
from couchmapper.mango.match import match
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Nor, Not
from couchmapper.mango.parse import parse
from couchmapper.mapping import Document, Embedded, Field, Mapped, field
from couchmapper.mapping.element_conditions import all_match, any_match, has_all


class Part(Embedded):
    name: Mapped[str]
    weight: Mapped[int | None] = field(default=None)


class Line(Embedded):
    sku: Mapped[str]
    count: Mapped[int] = field(default=1)
    tags: Mapped[list[str]] = field(factory=list)
    part: Mapped[Part | None] = field(default=None)
    parts: Mapped[list[Part]] = field(factory=list)
    prices: Mapped[dict[str, int]] = field(factory=dict)


class Order(Document):
    lines: Mapped[list[Line]] = field(factory=list)
    score: Mapped[int | str | None] = field(default=None)
    scores: Mapped[list[int | str | None]] = field(factory=list)
    prices: Mapped[dict[str, int]] = field(factory=dict)
    key: Mapped[str] = field(default="")


PARTS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["a", "b", None, 5]),
        "weight": st.sampled_from([None, 0, 1, 2]),
    },
)
LINES = st.fixed_dictionaries(
    {},
    optional={
        "sku": st.sampled_from(["tea", "a tea", "cup", "", None]),
        "count": st.sampled_from([None, -3, 0, 1, 2, "2"]),
        "tags": st.sampled_from([None, [], ["a"], ["a", "b"], ["b", None]]),
        "part": st.one_of(st.none(), PARTS),
        "parts": st.lists(PARTS, max_size=2),
        "prices": st.sampled_from([None, {}, {"a": 1}, {"b": 2}, {"a": 0, "b": 1}]),
    },
)

PART_LEAVES = st.sampled_from(
    [
        Part.name == "a",
        Part.name.startswith("a"),
        Part.weight > 0,
        Part.weight == None,  # noqa: E711 - an expression
        ~Part.name.contains("b"),
    ]
)


def joined(leaves: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.recursive(
        leaves,
        lambda below: st.one_of(
            st.builds(Not, below),
            st.builds(lambda left, right: left & right, below, below),
            st.builds(lambda left, right: left | right, below, below),
            st.builds(lambda left, right: Nor((left, right)), below, below),
        ),
        max_leaves=5,
    )


CONDITIONS = joined(
    st.one_of(
        st.sampled_from(
            [
                Line.sku == "tea",
                Line.sku != "tea",
                Line.sku.endswith("tea"),
                Line.sku.startswith("t"),
                Line.sku.is_type("string"),
                Line.sku.exists(),
                Line.sku.is_missing(),
                Line.count < 2,
                Line.count >= 1,
                Line.count.between(0, 1),
                Line.count.in_([0, 1]),
                Line.count.in_([]),
                Line.count.not_in([1]),
                Line.count.not_in([]),
                Line.count % 2 == 1,
                Line.count.or_missing(lambda count: count == 1),
                Line.tags.any("a"),
                Line.tags.any_in(["b", "c"]),
                Line.tags.has_all(["a", "b"]),
                Line.tags.all_or_empty(lambda tag: tag != "b"),
                Line.tags.len() == 2,
                Line.tags.len() != 1,
                Line.part.name == "a",
                Line.part.weight.is_missing(),
                Line.prices["a"] == 1,
                Line.prices.any_key("b"),
                Line.prices.any_key(lambda key: ~key.startswith("b")),
            ]
        ),
        st.builds(Line.parts.any, joined(PART_LEAVES)),
        st.builds(Line.parts.all, joined(PART_LEAVES)),
    )
)


@given(CONDITIONS, st.lists(LINES, max_size=3))
@example(~(Line.sku.endswith("tea")), [{}])
@example(~(Line.tags.any("a")), [{}, {"tags": []}])
@example(Nor((Line.sku == "tea", Line.sku == "cup")), [{"sku": ""}])
@example(Line.parts.any(~Part.name.startswith("a")), [{"parts": [{}]}])
def test_an_element_fulfils_what_a_document_would(condition: Expression, lines: list[Any]):
    document = {"_id": "x", "lines": lines}
    of_each = [match(condition, line) for line in lines]

    for asked, expected in [
        (Order.lines.any(condition), any(of_each)),
        (Order.lines.all(condition), bool(lines) and all(of_each)),
        (Order.lines.all_or_empty(condition), all(of_each)),
        (~Order.lines.any(condition), not any(of_each)),
    ]:
        assert match(asked, document) == expected
        assert match(parse(dump(asked)), document) == expected


VALUES = [None, -1, 0, 5, 7, "", "a", "tea"]
MADE: list[Callable[[Field[Any]], Expression]] = [
    lambda value: value == 5,
    lambda value: value != 5,
    lambda value: ~(value == 5),
    lambda value: value > 0,
    lambda value: ~(value > 0),
    lambda value: ~((value < 5) | value.is_type("string")),
    lambda value: value.in_([5, "a"]),
    lambda value: value.not_in([5, "a"]),
    lambda value: value.between(0, 5) & (value != 0),
    lambda value: ~value.startswith("t"),
    lambda value: value.contains("e") | (value % 2 == 1),
    lambda value: value.exists(),
    lambda value: value.is_missing(),
    lambda value: value.or_missing(lambda same: same == 5),
]


@given(st.sampled_from(range(len(MADE))), st.lists(st.sampled_from(VALUES), max_size=3))
def test_a_function_is_given_the_element(number: int, values: list[Any]):
    made = MADE[number]
    of_each = [match(made(Order.score), {"_id": "x", "score": value}) for value in values]
    document = {"_id": "x", "scores": values}

    assert match(Order.scores.any(made), document) == any(of_each)
    assert match(Order.scores.all(made), document) == (bool(values) and all(of_each))
    assert match(parse(dump(Order.scores.any(made) | Order.id.is_missing())), document) == any(of_each)


@pytest.mark.parametrize("keys", [[], ["a"], ["tea", "a"]], ids=str)
def test_a_function_is_given_the_key(keys: list[str]):
    document = {"_id": "x", "prices": dict.fromkeys(keys, 1)}

    assert match(Order.prices.any_key(lambda key: ~key.startswith("a")), document) == ("tea" in keys)
    assert match(Order.prices.any_key("a"), document) == ("a" in keys)


@given(st.lists(st.sampled_from(VALUES), max_size=3), st.lists(st.sampled_from(VALUES), max_size=3))
def test_a_list_has_all_when_each_is_an_element(wanted: list[Any], values: list[Any]):
    document = {"_id": "x", "scores": values}

    assert match(Order.scores.has_all(wanted), document) == set(wanted).issubset(values)


@pytest.mark.parametrize("values", [None, 5, "a", {"a": 1}], ids=str)
def test_what_is_no_list_has_nothing(values: Any):
    document = {"_id": "x", "scores": values}

    assert not match(Order.scores.has_all([]), document)
    assert not match(Order.scores.all_or_empty(5), document)
    assert not match(Order.scores.has_all([]), {"_id": "x"})


def test_numbers_are_asked_for_one_by_one():
    assert has_all(("a",), ["x", True, None]) == Condition(("a",), "$all", ["x", True, None])
    assert has_all(("a",), [1, "x"]) == And((is_one_of_a(1), is_one_of_a("x")))
    assert match(has_all(("a",), [1.0]), {"a": [1, 2]})
    assert match(has_all(("a",), [[1]]), {"a": [[1]]})
    assert not match(has_all(("a",), [[1]]), {"a": [1]})


def is_one_of_a(value: Any) -> Elements:
    return Elements(("a",), "$elemMatch", Condition((), "$eq", value))


def test_a_negation_within_asks_for_the_field():
    assert dump(any_match(("lines",), ~Line.sku.startswith("t"))) == {
        "lines": {"$elemMatch": {"sku": {"$exists": True, "$not": {"$regex": "^t"}}}}
    }
    assert dump(all_match(("lines",), ~(Line.sku == "tea"))) == {
        "lines": {"$allMatch": {"sku": {"$ne": "tea"}}}
    }
