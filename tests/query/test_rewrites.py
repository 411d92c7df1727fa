"""What is added for an index changes nothing: the same documents match, and lie between the bounds."""

from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from couchmapper.collation import compare
from couchmapper.mango import match, normalize
from couchmapper.mango.nodes import TRUE, And, Condition, Elements, Expression, Nor, Not, Or, Path
from couchmapper.mango.paths import Absent
from couchmapper.mango.ranges import Bound, FieldRange
from couchmapper.mango.text_patterns import starting
from couchmapper.mapping import Document, Mapped, field
from couchmapper.query.rewrites import for_index, implied_range, is_pinned
from couchmapper.typing import JSON


class Order(Document, type="order"):
    status: Mapped[str]
    number: Mapped[int]
    note: Mapped[str | None] = field(default=None)
    tags: Mapped[list[str]] = field(factory=list)
    placed: Mapped[date] = field(default=date(2026, 11, 28))


STATUS, NUMBER, NOTE, TAGS, ID = ("status",), ("number",), ("note",), ("tags",), ("_id",)

# --- the law

LAST = "\uffff"  # no character, and behind every one: a text with it can be behind the range of its beginning
signs = st.sampled_from(
    ["a", "B", "\n", "\0", "\u00ad", "-", "é", "\u0301", "\u0323", "l", "\u00b7", "เ", "ก", "中", "😀"]
)
characters = st.characters(exclude_categories=["Cs"], exclude_characters=[LAST])
texts = st.one_of(st.lists(signs, max_size=4).map("".join), st.text(characters, max_size=3))
scalars = st.one_of(texts, st.sampled_from([None, True, False, 0, 1, 1.5, -2]))
operands = st.one_of(scalars, st.sampled_from([[], ["a"], {}, {"a": 1}]))
documents = st.fixed_dictionaries(
    {
        "_id": st.text("aB😀\uffff:", min_size=1, max_size=4),
        "type": st.just("order"),
        "status": scalars,
        "number": scalars,
    },
    optional={"note": scalars, "tags": st.lists(texts, max_size=3)},
)
some_documents = st.lists(documents, min_size=1, max_size=6)
paths = st.sampled_from([STATUS, NUMBER, NOTE, TAGS, ID])
conditions = st.one_of(
    st.builds(Condition, paths, st.sampled_from(["$eq", "$ne", "$lt", "$lte", "$gt", "$gte"]), operands),
    st.builds(Condition, paths, st.sampled_from(["$in", "$in", "$nin"]), st.lists(operands, max_size=3)),
    st.builds(lambda path, text: Condition(path, "$regex", starting(text)), paths, texts),
    st.builds(Condition, paths, st.just("$beginsWith"), texts),
    st.builds(Condition, paths, st.just("$exists"), st.booleans()),
    st.builds(lambda text: Elements(TAGS, "$elemMatch", Condition((), "$eq", text)), texts),
)


def joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        st.builds(And, several), st.builds(Or, several), st.builds(Nor, several), st.builds(Not, inner)
    )


expressions = st.recursive(conditions, joined, max_leaves=5)


def matching(condition: Expression, documents: list[Any]) -> list[Any]:
    return [one for one in documents if match(condition, one)]


def lies_in(value: JSON, found: FieldRange) -> bool:
    low, high = found.low, found.high
    above = low is None or compare(value, low.value) > -low.included
    below = high is None or compare(value, high.value) < high.included
    return above and below


@given(expressions, st.lists(paths, min_size=1, max_size=3, unique=True), some_documents)
@example(Condition(ID, "$regex", "^a"), [ID], [{"_id": "a😀", "status": "a", "number": 1}])
@example(
    Or((Condition(ID, "$in", ["B"]), Condition(ID, "$regex", "^a"))),
    [ID],
    [{"_id": "B", "status": "a", "number": 1}],
)
@example(Condition(STATUS, "$regex", "^a"), [STATUS], [{"_id": "x", "status": "a\uffff", "number": 1}])
@example(
    Condition(NOTE, "$in", ["b", None]), [NOTE], [{"_id": "x", "status": "a", "number": 1, "note": None}]
)
def test_what_is_added_changes_nothing(condition: Expression, fields: list[Path], some: list[Any]):
    normal = normalize(condition)

    assert matching(for_index(normal, fields, Order), some) == matching(normal, some)


@given(expressions, st.sampled_from([STATUS, NUMBER, NOTE, TAGS]), some_documents)
@example(Condition(STATUS, "$regex", "^l"), STATUS, [{"_id": "x", "status": "l\u00b7a"}])
@example(
    Condition(STATUS, "$regex", "^\0"), STATUS, [{"_id": "x", "status": "\0a"}, {"_id": "y", "status": "\0"}]
)
@example(Condition(STATUS, "$in", ["a", "b"]), STATUS, [{"_id": "x", "status": "a\u00ad"}])
@example(
    Or((Condition(NUMBER, "$gt", 5), Condition(NUMBER, "$in", [1, 2]))), NUMBER, [{"_id": "x", "number": 1}]
)
@example(
    And((Condition(NUMBER, "$in", [1, 5]), Condition(NUMBER, "$in", [7, 9]))),
    NUMBER,
    [{"_id": "x", "number": 7}],
)
def test_each_document_that_matches_lies_in_the_implied_range(
    condition: Expression, path: Path, some: list[Any]
):
    normal = normalize(condition)
    found = implied_range(normal, path, Order)
    values = [one.get(path[0], Absent.MISSING) for one in matching(normal, some)]

    assert found is None or all(value is not Absent.MISSING and lies_in(value, found) for value in values)


@given(st.text(st.characters(max_codepoint=127), max_size=3), texts)
def test_texts_lie_in_the_range_of_their_beginning_in_ascii(prefix: str, rest: str):
    found = implied_range(Condition(STATUS, "$regex", starting(prefix)), STATUS, Order)

    assert found is not None
    assert lies_in(prefix + rest, found)


# --- what is added

BEGINS = Condition(STATUS, "$regex", "^n")


@pytest.mark.parametrize(
    ("condition", "fields", "added"),
    [
        (Condition(STATUS, "$eq", "new"), [STATUS], []),
        (Condition(STATUS, "$eq", "new"), [STATUS, NUMBER], [Condition(NUMBER, "$exists", True)]),
        (
            Condition(STATUS, "$eq", "new"),
            [STATUS, NOTE],
            [],
        ),  # it has a default: older documents may lack it
        (
            Condition(STATUS, "$in", ["paid", "new"]),
            [STATUS],
            [Condition(STATUS, "$gte", "new"), Condition(STATUS, "$lte", "paid")],
        ),
        (Condition(STATUS, "$in", ["é", "a"]), [STATUS], []),
        (Condition(TAGS, "$in", ["a", "b"]), [TAGS], []),
        (BEGINS, [STATUS], [Condition(STATUS, "$gte", "n"), Condition(STATUS, "$lte", "n\uffff")]),
        (Condition(STATUS, "$regex", "^é"), [STATUS], []),
        (Condition(STATUS, "$regex", "n"), [STATUS], []),
        (
            Or((Condition(STATUS, "$beginsWith", "n"),)),
            [STATUS],
            [Condition(STATUS, "$gte", "n"), Condition(STATUS, "$lte", "n\uffff")],
        ),
        (Condition(ID, "$regex", "^a"), [ID], []),
        (
            Or((Condition(NUMBER, "$lt", 5), Condition(NUMBER, "$in", [7, 9]))),
            [NUMBER],
            [Condition(NUMBER, "$lte", 9)],
        ),
        (
            Or((Condition(NUMBER, "$lt", 5), Condition(STATUS, "$eq", "a"))),
            [NUMBER],
            [Condition(NUMBER, "$exists", True)],
        ),
        (TRUE, [STATUS], [Condition(STATUS, "$exists", True)]),
    ],
    ids=repr,
)
def test_an_index_needs(condition: Expression, fields: list[Path], added: list[Expression]):
    known = condition.operands if isinstance(condition, And) else (condition,)

    assert for_index(condition, fields, Order) == (And((*known, *added)) if added else condition)


def test_bounds_stand_on_the_first_fields_as_far_as_each_has_one_value():
    within = Condition(NUMBER, "$in", [7, 9])
    bounds = [Condition(NUMBER, "$gte", 7), Condition(NUMBER, "$lte", 9)]

    assert for_index(And((Condition(STATUS, "$eq", "new"), within)), [STATUS, NUMBER], Order) == And(
        (Condition(STATUS, "$eq", "new"), within, *bounds)
    )
    unbounded = And((Condition(STATUS, "$gt", "new"), within))
    assert for_index(unbounded, [STATUS, NUMBER], Order) == unbounded


@pytest.mark.parametrize(
    ("found", "pinned"),
    [
        (FieldRange(low=Bound(1, included=True), high=Bound(1.0, included=True)), True),
        (FieldRange(low=Bound("é", included=True), high=Bound("e\u0301", included=True)), True),
        (FieldRange(low=Bound(1, included=True), high=Bound(1, included=False)), False),
        (FieldRange(low=Bound(1, included=True), high=Bound(2, included=True)), False),
        (FieldRange(low=Bound(1, included=True)), False),
        (FieldRange(), False),
    ],
    ids=repr,
)
def test_a_range_of_one_value_is_pinned(found: FieldRange, pinned: bool):  # noqa: FBT001 - a parameter
    assert is_pinned(found) == pinned
