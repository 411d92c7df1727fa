"""Models, documents, indexes and queries, to prove how queries are planned."""

import operator
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import new_class
from typing import Any

import attrs
from hypothesis import strategies as st
from meanings import short

from couchmapper.database import Database
from couchmapper.design import Design, Index
from couchmapper.mango.nodes import TRUE, Expression
from couchmapper.mango.parse import parse
from couchmapper.mango.paths import join_path
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping import Document, Embedded, Field, Mapped, field
from couchmapper.mapping.declared import declare_together
from couchmapper.mapping.expressions import path_of
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSON, JSONObject

# --- the models


class Town(Embedded):
    name: Mapped[str]


class Sale(Document, type="sale"):
    number: Mapped[int]
    title: Mapped[str]
    note: Mapped[str | None]
    town: Mapped[Town]
    state: Mapped[str] = field(default="new")
    rank: Mapped[float | None] = field(default=None)
    tags: Mapped[list[str]] = field(factory=list)
    extra: Mapped[dict[str, int]] = field(factory=dict)


class Pet(Document, abstract=True):
    name: Mapped[str]
    age: Mapped[int]


class Cat(Pet, type="cat"):
    lives: Mapped[int] = field(default=9)


class Dog(Pet, type="dog"):
    owner: Mapped[str]


MODELS: dict[str, Any] = {"Sale": Sale, "Pet": Pet, "Cat": Cat, "Dog": Dog}

# --- documents, which have what the models require, though not always of the right type

TEXTS = ("", "a", "A", "ab", "Ab", "b", "B", "e", "é", "e\u0301", "z", "เก", "ก", "a\u00ad")
IDS = ("a", "A", "B", "b", "ab", "ä", "z", "9", "a/b", "a_b", "sale:1", "sale:2", "é", "e\u0301", "เก")
STATES = ("new", "paid", "void")
texts = st.sampled_from(TEXTS)
numbers = st.integers(-2, 3)
strange: st.SearchStrategy[JSON] = st.sampled_from(
    [None, True, False, -1, 2.5, "a", "zz", "é", {}, {"a": 1}, {"a": 1, "b": 2}]
)


def mostly(right: st.SearchStrategy[Any]) -> st.SearchStrategy[JSON]:
    return st.one_of(right, right, right, right, right, strange)


sales = st.fixed_dictionaries(
    {
        "type": st.just("sale"),
        "number": mostly(numbers),
        "title": mostly(texts),
        "note": mostly(st.one_of(st.none(), texts)),
        "town": st.fixed_dictionaries({"name": mostly(texts)}),
    },
    optional={
        "state": mostly(st.sampled_from(STATES)),
        "rank": mostly(st.one_of(st.none(), st.sampled_from([0.0, 1.0, 1.5]))),
        "tags": mostly(st.lists(texts, max_size=2)),
        "extra": st.dictionaries(st.sampled_from("ab"), numbers, max_size=2),
    },
)
pets = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["cat", "dog", "cow"]),
        "name": mostly(texts),
        "age": mostly(numbers),
        "owner": mostly(texts),
    }
)
others = st.fixed_dictionaries(
    {}, optional={"number": numbers, "title": texts, "name": texts, "age": numbers}
)


@st.composite
def documents(draw: st.DrawFn, members: st.SearchStrategy[JSONObject]) -> list[JSONObject]:
    ids = draw(st.lists(st.sampled_from(IDS), min_size=5, max_size=10, unique=True))
    return [{"_id": one, **draw(st.one_of(members, members, members, others))} for one in ids]


# --- conditions


def compared(fields: Sequence[Any], operands: st.SearchStrategy[Any]) -> st.SearchStrategy[Expression]:
    one = st.sampled_from(fields)
    comparisons = [operator.eq, operator.eq, operator.lt, operator.le, operator.gt, operator.ge, operator.ne]
    return st.one_of(
        st.builds(lambda how, some, value: how(some, value), st.sampled_from(comparisons), one, operands),
        st.builds(lambda some, low, high: some.between(low, high), one, operands, operands),
        st.builds(lambda some, values: some.in_(values), one, st.lists(operands, min_size=1, max_size=3)),
        st.builds(lambda some, values: some.not_in(values), one, st.lists(operands, max_size=2)),
    )


def of_texts(fields: Sequence[Any]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        compared(fields, texts),
        st.builds(lambda some, start: some.startswith(start), st.sampled_from(fields), texts),
        st.builds(lambda some, start: some.begins_with(start), st.sampled_from(fields), texts.filter(bool)),
        st.builds(lambda some: some.matches("(?i)^a|b$"), st.sampled_from(fields)),
    )


RAW: tuple[JSONObject, ...] = (
    *({"note": {"$in": [None, "a"]}}, {"note": {"$nin": [None, "b"]}}, {"note": {"$gte": None}}),
    *({"number": {"$gt": None}}, {"number": {"$lte": "a"}}, {"number": {"$type": "number"}}),
    *(
        {"town": {"$eq": {"name": "a"}}},
        {"extra": {"$eq": {"a": 1, "b": 2}}},
        {"title": {"$gt": "", "$lt": []}},
    ),
    *({"rank": {"$exists": False}}, {"tags.0": "a"}, {"$nor": [{"number": 1}, {"title": "a"}]}),
)


def there(fields: Sequence[Any]) -> st.SearchStrategy[Expression]:
    one = st.sampled_from(fields)
    return st.one_of(
        st.builds(lambda some: some.exists(), one),
        st.builds(lambda some: some.is_missing(), one),
        st.builds(lambda some: some == None, one),  # noqa: E711 - it is an expression
    )


def of_ids(model: Any) -> st.SearchStrategy[Expression]:
    return of_texts([model.id])


leaves_of_sales = st.one_of(
    compared([Sale.number], numbers),
    compared([Sale.number, Sale.number, Sale.extra["a"]], numbers),
    of_texts([Sale.title, Sale.note, Sale.town.name]),
    compared([Sale.state], st.sampled_from(STATES)),
    compared([Sale.rank], st.sampled_from([0.0, 1.0, 1.5])),
    there([Sale.note, Sale.state, Sale.rank, Sale.title, Sale.tags, Sale.extra["a"]]),
    st.builds(Sale.tags.any, texts),
    st.builds(Sale.tags.any_in, st.lists(texts, max_size=2)),
    st.builds(lambda text: Sale.tags[0] == text, texts),
    of_ids(Sale),
    st.builds(parse, st.sampled_from(RAW)),
)
leaves_of_pets = st.one_of(
    compared([Pet.age], numbers), of_texts([Pet.name]), of_texts([Dog.owner]), there([Dog.owner]), of_ids(Pet)
)


def joined(leaves: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    conjunctions = st.builds(
        lambda some: some[0] if len(some) == 1 else some[0] & some[1] & some[-1],
        st.lists(
            st.one_of(
                leaves, leaves, st.builds(operator.or_, leaves, leaves), st.builds(lambda one: ~one, leaves)
            ),
            min_size=1,
            max_size=3,
        ),
    )
    return short(st.one_of(st.just(TRUE), *[conjunctions] * 9))


# --- queries, orders and indexes, which are about the same few fields

FIELDS: dict[Any, list[Field[Any]]] = {
    Sale: [
        *(
            Sale.number,
            Sale.title,
            Sale.note,
            Sale.state,
            Sale.rank,
            Sale.town.name,
            Sale.tags,
            Sale.extra["a"],
        ),
    ],
    Pet: [Pet.name, Pet.age, Dog.owner],
}
WHERE: dict[Any, list[Expression]] = {
    Sale: [Sale.state == "new", Sale.number > 0, Sale.note != None, Sale.tags.any("a")],  # noqa: E711
    Pet: [Pet.age > 1, Pet.name == "a"],
}


@st.composite
def orders(draw: st.DrawFn, model: Any, fields: Sequence[Field[Any]]) -> tuple[SortTerm, ...]:
    """Draw an order: up, down or mixed, some with the id behind the fields, or before."""
    some = draw(st.lists(st.sampled_from(fields), max_size=2, unique=True))
    if draw(st.integers(0, 3)) == 0:
        some.insert(draw(st.integers(0, len(some))), model.id)
    ways = draw(st.sampled_from([(False, False, False), (True, True, True), (True, False, True)]))
    return tuple(one.desc() if down else one.asc() for one, down in zip(some, ways, strict=False))


@st.composite
def queries(draw: st.DrawFn, model: Any, fields: Sequence[Field[Any]]) -> QuerySpec[Any]:
    return QuerySpec(
        model=model,
        where=draw(CONDITIONS[model]),
        order=draw(orders(model, fields)),
        limit=draw(st.sampled_from([None, None, None, 0, 1, 2, 3])),
        skip=draw(st.sampled_from([0, 0, 0, 1, 2])),
        page_size=draw(st.sampled_from([2, 1000, 1000])),
        scans="allow",
    )


@attrs.frozen
class Declared:
    """An index that a program declares."""

    fields: tuple[Any, ...]
    where: Expression
    partial: bool

    def index(self) -> Index:
        return Index(*self.fields, where=self.where, partial=self.partial)


@st.composite
def declared(draw: st.DrawFn, model: Any, fields: Sequence[Field[Any]]) -> Declared:
    some = draw(st.lists(st.sampled_from(fields), min_size=1, max_size=3, unique=True))
    if draw(st.integers(0, 2)) == 0:
        return Declared(tuple(some), TRUE, partial=False)
    where = draw(st.one_of(st.just(TRUE), st.just(TRUE), st.sampled_from(WHERE[model])))
    return Declared(tuple(one.desc() for one in some), where, partial=True)


@contextmanager
def design(model: Any, indexes: Sequence[Declared]) -> Iterator[type[Design]]:
    """Declare indexes of a model for a while."""
    members = {f"index{number}": one.index() for number, one in enumerate(indexes)}
    try:
        yield new_class(
            "Planned", (Design,), {"model": model, "name": "planned"}, lambda names: names.update(members)
        )
    finally:
        declare_together(model, "planned", [])


@attrs.frozen
class ByHand:
    """An index that somebody made with `POST /{db}/_index`."""

    fields: tuple[str, ...]
    descending: bool
    partial: JSONObject

    def create(self, database: Database, number: int) -> None:
        fields = [{name: "desc"} if self.descending else name for name in self.fields]
        partial = {"partial_filter_selector": self.partial} if self.partial else {}
        database.find.create_index(fields, ddoc=f"hand{number}", name=f"hand{number}", **partial)


def by_hand(fields: Sequence[Field[Any]]) -> st.SearchStrategy[ByHand]:
    names = ["type", "_id", *(join_path(path_of(field)) for field in fields)]
    return st.builds(
        ByHand,
        st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True).map(tuple),
        st.booleans(),
        st.sampled_from([{}, {}, {}, {"type": "sale"}, {"number": {"$gt": 0}}]),
    )


# --- cases


@attrs.frozen(kw_only=True)
class Case:
    """A database with some documents and indexes, and queries for it."""

    model: Any
    documents: list[JSONObject]
    declared: list[Declared]
    by_hand: list[ByHand]
    queries: list[QuerySpec[Any]]


CONDITIONS = {Sale: joined(leaves_of_sales), Pet: joined(leaves_of_pets)}


@st.composite
def cases(draw: st.DrawFn, size: int = 15) -> Case:
    model = draw(st.sampled_from([Sale, Sale, Pet]))
    fields = draw(st.lists(st.sampled_from(FIELDS[model]), min_size=1, max_size=3, unique=True))
    return Case(
        model=model,
        documents=draw(documents(sales if model is Sale else pets)),
        declared=draw(st.lists(declared(model, fields), max_size=4)),
        by_hand=draw(st.lists(by_hand(fields), max_size=3)),
        queries=draw(st.lists(queries(model, fields), min_size=size, max_size=size)),
    )
