"""What a condition says of ids: each that fulfils it is chosen, and lies in the range, by bytes."""

from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from couchmapper.mango import match, normalize
from couchmapper.mango.nodes import FALSE, TRUE, And, Condition, Expression, Nor, Not, Or
from couchmapper.mango.text_patterns import starting
from couchmapper.query.id_conditions import chosen_ids, id_range

ID = ("_id",)
LAST, BEFORE_SURROGATES, BEHIND_SURROGATES = "\U0010ffff", "\ud7ff", "\ue000"

# --- the law

signs = st.sampled_from(
    ["a", "b", "B", "\0", "é", "\u0301", BEFORE_SURROGATES, BEHIND_SURROGATES, "\uffff", "😀", LAST]
)
ids = st.one_of(st.lists(signs, min_size=1, max_size=4).map("".join), st.text(min_size=1, max_size=4))
operands = st.one_of(ids, ids, ids, st.sampled_from(["", 5, None, True, ["a"]]))
conditions = st.one_of(
    st.builds(
        Condition, st.just(ID), st.sampled_from(["$eq", "$ne", "$lt", "$lte", "$gt", "$gte"]), operands
    ),
    st.builds(Condition, st.just(ID), st.sampled_from(["$in", "$nin"]), st.lists(operands, max_size=3)),
    st.builds(lambda prefix: Condition(ID, "$regex", starting(prefix)), ids),
    st.builds(lambda prefix: Condition(ID, "$beginsWith", prefix), ids),
    st.just(Condition(("n",), "$eq", 1)),
)


def joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        st.builds(And, several), st.builds(Or, several), st.builds(Nor, several), st.builds(Not, inner)
    )


expressions = st.recursive(conditions, joined, max_leaves=5)
conjunctions = st.lists(st.one_of(conditions, expressions), min_size=1, max_size=4).map(
    lambda all_: And(tuple(all_))
)
some_ids = st.lists(ids, min_size=1, max_size=8)


def matching(condition: Expression, document_ids: list[str]) -> list[str]:
    return [one for one in document_ids if match(condition, {"_id": one, "n": 1})]


def is_within(document_id: str, bounds: tuple[str, str | None]) -> bool:
    first, end = bounds
    name = document_id.encode()
    return first.encode() <= name and (end is None or name < end.encode())


@given(conjunctions, some_ids)
@example(Condition(ID, "$regex", "^" + LAST), [LAST + "a"])
@example(And((Condition(ID, "$gt", "a"), Condition(ID, "$lte", "a\0"))), ["a\0"])
@example(And((Condition(ID, "$gt", "Z"), Condition(ID, "$lt", "c"))), ["a", "b"])
def test_each_id_that_fulfils_a_condition_lies_in_its_range(condition: Expression, some: list[str]):
    bounds = id_range(normalize(condition))

    assert bounds is None or all(is_within(one, bounds) for one in matching(condition, some))


@given(conjunctions, some_ids)
@example(Or((Condition(ID, "$eq", "a"), Condition(("n",), "$eq", 1))), ["b"])
@example(Condition(ID, "$in", ["e\u0301"]), ["é", "e\u0301"])
def test_each_id_that_fulfils_a_condition_is_one_of_the_chosen(condition: Expression, some: list[str]):
    chosen = chosen_ids(normalize(condition))
    mine = [one for one in some if not one.startswith("_")]

    assert chosen is None or set(matching(condition, mine)) <= set(chosen)


@given(conjunctions)
def test_the_chosen_are_in_the_order_of_their_bytes_and_each_once(condition: Expression):
    chosen = chosen_ids(normalize(condition))

    assert chosen is None or list(chosen) == sorted(set(chosen), key=str.encode)


@given(ids, ids)
@example("a" + BEFORE_SURROGATES, "a" + BEHIND_SURROGATES)
@example("a" + LAST, "b")
@example("a" + LAST, "a" + LAST + LAST)
@example("a", "a" + LAST * 3)
def test_the_range_of_a_prefix_is_the_ids_that_have_it(prefix: str, document_id: str):
    bounds = id_range(Condition(ID, "$regex", starting(prefix)))
    assume(prefix.strip(LAST))

    assert bounds is not None
    assert is_within(document_id, bounds) == document_id.startswith(prefix)


# --- what is known


@pytest.mark.parametrize(
    ("condition", "bounds"),
    [
        (Condition(ID, "$regex", "^order:"), ("order:", "order;")),
        (
            Condition(ID, "$regex", "^a" + BEFORE_SURROGATES),
            ("a" + BEFORE_SURROGATES, "a" + BEHIND_SURROGATES),
        ),
        (Condition(ID, "$regex", "^a\uffff"), ("a\uffff", "a\U00010000")),
        (Condition(ID, "$regex", "^a" + LAST), ("a" + LAST, "b")),
        (Condition(ID, "$regex", "^" + LAST), None),
        (Condition(ID, "$regex", "^"), None),
        (Condition(ID, "$regex", "^a|b"), None),
        (Condition(ID, "$gte", "a"), None),
        (And((Condition(ID, "$gte", "a"), Condition(ID, "$lt", "b"))), ("a", "b")),
        (And((Condition(ID, "$gt", "a"), Condition(ID, "$lte", "b"))), ("a\0", "b\0")),
        (And((Condition(ID, "$gt", "a"), Condition(ID, "$lt", 5))), None),
        (And((Condition(ID, "$regex", "^a"), Condition(ID, "$gte", "ab"))), ("ab", "b")),
        (And((Condition(ID, "$gte", "B"), Condition(ID, "$regex", "^a"))), ("a", "b")),
        (And((Condition(("n",), "$eq", 1), Condition(ID, "$regex", "^a"))), ("a", "b")),
        (Or((Condition(ID, "$regex", "^a"), Condition(ID, "$regex", "^b"))), None),
        (TRUE, None),
    ],
    ids=repr,
)
def test_a_condition_leaves_a_range(condition: Expression, bounds: Any):
    assert id_range(condition) == bounds


@pytest.mark.parametrize(
    ("condition", "chosen"),
    [
        (Condition(ID, "$eq", "a"), ("a",)),
        (Condition(ID, "$in", ["b", "a", "b", "B"]), ("B", "a", "b")),
        (Condition(ID, "$eq", 5), ()),
        (Condition(ID, "$in", ["", 5, None, "_design/x"]), ()),
        (And((Condition(ID, "$in", ["a", "b"]), Condition(ID, "$in", ["b", "c"]))), ("b",)),
        (And((Condition(ID, "$eq", "a"), Condition(("n",), "$eq", 1))), ("a",)),
        (Or((Condition(ID, "$eq", "b"), Condition(ID, "$in", ["a"]))), ("a", "b")),
        (Or((Condition(ID, "$eq", "b"), Condition(("n",), "$eq", 1))), None),
        (Condition(("a", "_id"), "$eq", "a"), None),
        (Condition(ID, "$ne", "a"), None),
        (Not(Condition(ID, "$regex", "a")), None),
        (TRUE, None),
        (FALSE, ()),
    ],
    ids=repr,
)
def test_a_condition_chooses_ids(condition: Expression, chosen: Any):
    assert chosen_ids(condition) == chosen
