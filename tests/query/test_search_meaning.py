"""A search finds what CouchDB's Mango finds, for documents that fit their model.

Index functions run on generated documents, queries are written from generated conditions, and the reader of
Lucene's grammar decides; `match` says what is right.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucene_reader import read
from search_stand_in import entries

from couchmapper.design import Design, SearchIndex
from couchmapper.mango.lucene import write_query
from couchmapper.mango.match import match
from couchmapper.mango.nodes import And, Condition, Elements, Expression
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.mapper import dump
from couchmapper.typing import JSONObject

TEXTS = [
    "",
    "a",
    "ab",
    "b",
    "a*",
    "a?",
    '"q"',
    "back\\",
    "12",
    "-5",
    "1e5",
    "OR",
    "a b",
    "é",
    "日",
    "😀",
    "/x/",
    "+",
]
NUMBERS = [0.0, 1.0, -1.0, 2.5, -2.5, 1e-7, 123456789.0]
WHOLE = [0, 1, -1, 5, -5, 100, 2**53 - 1]
TIMES = [datetime(2026, month, 1, microsecond=month, tzinfo=UTC) for month in range(1, 6)]
KEYS = [UUID(int=number * 2**120 + number) for number in range(1, 6)]
KINDS = ["null", "boolean", "number", "string", "array", "object"]


class Address(Embedded):
    city: Mapped[str]


class Thing(Document, type="thing"):
    text: Mapped[str | None] = field(default=None)
    name: Mapped[str] = field(default="")
    size: Mapped[float] = field(default=0.0)
    count: Mapped[int | None] = field(default=None)
    flag: Mapped[bool | None] = field(default=None)
    at: Mapped[datetime | None] = field(default=None)
    key: Mapped[UUID] = field(default=KEYS[0])
    tags: Mapped[list[str]] = field(factory=list)
    numbers: Mapped[list[int] | None] = field(default=None)
    ratings: Mapped[list[int | None]] = field(factory=list)
    address: Mapped[Address | None] = field(default=None)


class ThingSearch(Design, model=Thing):
    clouseau = SearchIndex(
        *(Thing.size, Thing.count, Thing.flag, Thing.at, Thing.key, Thing.numbers, Thing.ratings),
        keyword=[Thing.text, Thing.name, Thing.tags, Thing.address.city],
    )
    nouveau = SearchIndex(
        *(Thing.size, Thing.count, Thing.flag, Thing.at, Thing.key, Thing.numbers, Thing.ratings),
        keyword=[Thing.text, Thing.name, Thing.tags, Thing.address.city],
        engine="nouveau",
    )


@st.composite
def documents(draw: st.DrawFn) -> JSONObject:
    """Draw a document of the model, of which some members may be missing."""
    thing = Thing(
        id="thing:" + draw(st.sampled_from(["a", "A", "*", "12", '"'])),
        text=draw(st.sampled_from([*TEXTS, None])),
        name=draw(st.sampled_from(TEXTS)),
        size=draw(st.sampled_from(NUMBERS)),
        count=draw(st.sampled_from([*WHOLE, None])),
        flag=draw(st.sampled_from([True, False, None])),
        at=draw(st.sampled_from([*TIMES, None])),
        key=draw(st.sampled_from(KEYS)),
        tags=draw(st.lists(st.sampled_from(TEXTS), max_size=3)),
        numbers=draw(st.sampled_from([None, [], [1], [5, -5], [0, 100]])),
        ratings=draw(st.lists(st.sampled_from([None, -5, 0, 5]), max_size=2)),
        address=draw(st.sampled_from([None, Address(city=""), Address(city="Rome"), Address(city="a*")])),
    )
    json = dump(thing)
    for name in draw(st.sets(st.sampled_from(sorted(json.keys() - {"_id", "type"})), max_size=4)):
        del json[name]
    return json


def compared(asked: Any, values: list[Any]) -> st.SearchStrategy[Expression]:
    operators = ["__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"]
    return st.builds(
        lambda name, value: getattr(asked, name)(value), st.sampled_from(operators), st.sampled_from(values)
    )


def equal(asked: Any, values: list[Any]) -> st.SearchStrategy[Expression]:
    some = st.lists(st.sampled_from(values), max_size=3)
    return st.one_of(
        st.builds(asked.__eq__, st.sampled_from(values)),
        st.builds(asked.__ne__, st.sampled_from(values)),
        st.builds(asked.in_, some),
        st.builds(asked.not_in, some),
    )


def shaped(asked: Any) -> st.SearchStrategy[Expression]:
    kinds = st.builds(asked.is_type, st.sampled_from(KINDS))
    return st.one_of(st.just(asked.exists()), st.just(asked.is_missing()), kinds, st.just(asked != None))  # noqa: E711


def of_elements(asked: Any) -> st.SearchStrategy[Expression]:
    tests: list[Any] = [
        lambda one: one < 3,
        lambda one: one >= 0,
        lambda one: one.between(-1, 5),
        lambda one: (one == 5) | (one < -1),
        lambda one: one.in_([0, 5]),
    ]
    return st.sampled_from([asked.any(test) for test in tests])


def some_number(low: int, high: int) -> Expression:
    return Elements(("numbers",), "$elemMatch", And((Condition((), "$gte", low), Condition((), "$lt", high))))


LEAVES = st.one_of(
    equal(Thing.text, [*TEXTS, None]),
    equal(Thing.name, TEXTS),
    equal(Thing.count, [*WHOLE, None]),
    equal(Thing.address.city, ["", "Rome", "a*"]),
    compared(Thing.size, NUMBERS),
    compared(Thing.count, WHOLE),
    compared(Thing.flag, [True, False]),
    compared(Thing.at, TIMES),
    compared(Thing.key, KEYS),
    compared(Thing.id, ["thing:A", "thing:*", "thing:1", "thing:\\"]),
    *(
        st.builds(one.startswith, st.sampled_from(TEXTS))
        for one in (Thing.text, Thing.name, Thing.address.city)
    ),
    *(shaped(one) for one in (Thing.text, Thing.count, Thing.tags, Thing.address.city, Thing.flag)),
    st.builds(Thing.tags.any, st.sampled_from(TEXTS)),
    st.builds(Thing.tags.any_in, st.lists(st.sampled_from(TEXTS), max_size=3)),
    of_elements(Thing.numbers),
    of_elements(Thing.ratings),
    st.builds(some_number, st.sampled_from([-5, 0, 5]), st.sampled_from([1, 6])),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        st.builds(lambda a: ~a, inner),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("index", [ThingSearch.clouseau, ThingSearch.nouveau], ids=["clouseau", "nouveau"])
@given(condition=CONDITIONS, document=documents())
def test_a_search_finds_what_a_query_finds(
    index: SearchIndex[Any], condition: Expression, document: JSONObject
):
    terms = entries(index.definition(Thing), document)

    assert read(write_query(condition, index.fields))(terms) == match(condition, document)
