"""`count()` is the number of documents that `all()` finds, whatever tells it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noted import Noted, is_read_off

from couchmapper.connect import connect
from couchmapper.database import Client
from couchmapper.design import Count, Design, Index, View
from couchmapper.mapping import Document, Mapped, field
from couchmapper.typing import JSON


class Thing(Document, id="{key}"):
    key: Mapped[str]
    value: Mapped[JSON] = field(default=None)
    rank: Mapped[JSON] = field(default=0)


class Indexes(Design, model=Thing):
    by_value = Index(Thing.value)


class Pairs(Design, model=Thing):
    by_rank = Index(Thing.rank, Thing.value)


class Views(Design, model=Thing):
    per_value = View(key=Thing.value, reduce=Count())


class Tuples(Design, model=Thing):
    per_rank = View(key=(Thing.rank, Thing.value), reduce=Count())


VALUES = [
    None,
    False,
    True,
    -1,
    0.5,
    1,
    2**60,
    2**60 + 1,
    "",
    "a",
    "A",
    "Ab",
    "e\u0301",
    "\u00e9",
    "f",
    "straße",
    "日",
    [],
    [1, "a"],
    {},
    {"b": 1, "1": 2},
]
BOUNDS = [None, True, 1, 2**60, "a", "A", "\u00e9", [1, "a"], {"b": 1, "1": 2}]


def stored():
    """Yield documents with each value, some of them under two ranks, and some without the fields."""
    for place, value in enumerate(VALUES):
        for rank in (1, "1") if place % 3 == 0 else (1,):
            key = f"{place:02}{rank!r}"
            yield {"_id": key, "type": "thing", "key": key, "value": value, "rank": rank}
    yield {"_id": "no-value", "type": "thing", "key": "no-value", "rank": 1}
    yield {"_id": "no-rank", "type": "thing", "key": "no-rank", "value": 1}
    yield {"_id": "stranger", "type": "other", "key": "stranger", "value": 1, "rank": 1}


@pytest.fixture
def wire(client):
    return Noted(client.transport)


@pytest.fixture
def shelf(wire, database_name):
    """Give a database with the documents."""
    shelf = Client(wire).database(database_name, create=True)
    shelf.bulk.docs(list(stored()))
    return shelf


def around(name, bounds=BOUNDS):
    """Yield selectors that bound a field on either side, and on both; they order values of all types."""
    for bound in bounds:
        yield from ({name: {operator: bound}} for operator in ("$eq", "$lt", "$lte", "$gt", "$gte"))
    yield {name: {"$gt": True, "$lte": "a"}}
    yield {name: {"$gte": None, "$lt": 1}}


def counts(database, selectors):
    """Return what `count()` tells, and how many `all()` finds, for each selector."""
    told, found = {}, {}
    for selector in selectors:
        with database.session() as session:
            query = session.query(Thing).raw(selector)
            told[str(selector)], found[str(selector)] = query.count(), len(query.all())
    return told, found


@pytest.mark.parametrize("design", [Indexes, Views], ids=lambda one: one.__name__)
def test_a_count_is_what_is_found_whatever_the_values(shelf, design):
    design.deploy(shelf)
    others = [{"$ne": 1}, {"$exists": False}, {"$exists": True}, {"$in": [1, "a"]}, {"$type": "string"}]

    told, found = counts(shelf, [*around("value"), *({"value": other} for other in others), {}])

    assert told == found


@pytest.mark.parametrize("design", [Pairs, Tuples], ids=lambda one: one.__name__)
def test_a_count_by_several_fields_is_what_is_found(shelf, design):
    design.deploy(shelf)
    few = [None, 0.5, 2**60, "A", [1, "a"]]
    selectors = [{"rank": "1", **selector} for selector in around("value", few)]
    for rank in ({"$exists": True}, 1, {"$gt": 1}, {"$gte": 1, "$lt": "1"}):
        selectors += [{"rank": rank, "value": {"$exists": True}}, {"rank": rank, "value": "a"}]

    told, found = counts(shelf, selectors)

    assert told == found


@pytest.mark.parametrize("deployed", [True, False])
def test_limit_and_skip_are_reckoned_with(shelf, deployed):
    if deployed:
        Pairs.deploy(shelf)

    with shelf.session() as session:
        every = session.query(Thing).raw({"rank": 1, "value": {"$gte": None}})
        asked = [every, every.limit(2), every.limit(2).skip(20), every.skip(20), every.limit(50)]
        asked += [every.limit(3).skip(30), every.limit(0)]

        assert [query.count() for query in asked] == [21, 2, 1, 1, 21, 0, 0]
        assert [len(query.all()) for query in asked] == [21, 2, 1, 1, 21, 0, 0]


SOME = st.sampled_from(VALUES) | st.integers(-3, 3) | st.text("aA\u00e9e\u0301\uffff", max_size=2)
RANGES = st.dictionaries(st.sampled_from(["$eq", "$lt", "$lte", "$gt", "$gte"]), SOME, min_size=1, max_size=2)
SELECTORS = st.fixed_dictionaries({}, optional={"value": RANGES, "rank": RANGES, "key": RANGES})
DOCUMENTS = st.fixed_dictionaries(
    {"type": st.just("thing"), "key": st.text("ab", max_size=2)}, optional={"value": SOME, "rank": SOME}
)


class Keys(Design, model=Thing):
    """Keys are always there."""

    by_key = Index(Thing.key)
    per_key = View(key=(Thing.key, Thing.rank), reduce=Count())


@settings(max_examples=40, deadline=None)
@given(documents=st.lists(DOCUMENTS, max_size=8), selectors=st.lists(SELECTORS, min_size=4, max_size=8))
def test_a_count_is_what_is_found_whatever_is_asked(documents, selectors):
    with connect("memory:") as client:
        shelf = client.database("shelf", create=True)
        shelf.bulk.docs([{"_id": f"{place:02}", **one} for place, one in enumerate(documents)])
        for design in (Views, Tuples, Keys, Indexes, Pairs):
            told, found = counts(shelf, selectors)
            assert told == found
            design.deploy(shelf)
        told, found = counts(shelf, selectors)

    assert told == found


# --- what is asked


@pytest.mark.parametrize(
    ("design", "selector", "route"),
    [
        (Indexes, {"value": "a"}, "by_value"),
        (Indexes, {"value": {"$gt": "a"}}, "by_value"),
        (Indexes, {"value": {"$exists": True}}, "by_value"),
        (Pairs, {"rank": 1, "value": {"$lt": 5}}, "by_rank"),
        (Views, {"value": {"$gte": "a"}}, "per_value"),
        (Views, {"value": None}, "per_value"),
        (Tuples, {"rank": 1, "value": {"$gt": 5}}, "per_rank"),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_an_index_tells_the_number(wire, shelf, design, selector, route):
    design.deploy(shelf)

    with shelf.session() as session:
        _, routes = wire.since(session.query(Thing).raw(selector).count)

    asked = [one for one in routes if one not in {"_index", f"_design/{design.design_name}"}]
    assert len(asked) == 1
    assert f"/_view/{route}" in asked[0]


@pytest.mark.parametrize(
    ("design", "selector"),
    [
        (Indexes, {}),
        (Indexes, {"value": {"$ne": 1}}),
        (Indexes, {"value": 1, "rank": 1}),
        (Pairs, {"value": "a"}),
        (Views, {"value": {"$gt": "a"}}),
        (Views, {"value": 2**60}),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_what_no_index_tells_is_gone_through(wire, shelf, design, selector):
    design.deploy(shelf)

    with shelf.session() as session:
        _, routes = wire.since(session.query(Thing).raw(selector).count)

    assert not is_read_off(routes)
    assert routes[0] == "_index"
    assert routes[-1] == "_find"


def test_ids_are_counted_where_they_are_looked_up(wire, shelf):
    Indexes.deploy(shelf)

    with shelf.session() as session:
        query = session.query(Thing).where(Thing.id.in_(["no-rank", "no-value", "stranger", "nobody"]))
        counted, routes = wire.since(query.count)

    assert (counted, routes) == (2, ["_all_docs"])


# --- after changes


@pytest.mark.parametrize("design", [Indexes, Views], ids=lambda one: one.__name__)
def test_a_count_follows_the_changes(shelf, design):
    design.deploy(shelf)

    def count():
        with shelf.session() as session:
            return session.query(Thing).where(Thing.value == "new").count()

    counted = [count()]
    with shelf.begin() as session:
        session.add_all(
            [Thing(key="x", value="new"), Thing(key="y", value="new"), Thing(key="z", value="old")]
        )
    counted.append(count())
    with shelf.begin() as session:
        session.get(Thing, "z").value = "new"
        session.get(Thing, "x").value = "old"
        session.delete(session.get(Thing, "y"))
    counted.append(count())

    assert counted == [0, 2, 1]


def test_changes_that_wait_do_not_count(shelf):
    Indexes.deploy(shelf)

    with shelf.session() as session:
        session.add(Thing(key="x", value="a"))
        session.delete(session.get(Thing, "no-rank"))

        assert session.query(Thing).where(Thing.value == "a").count() == 2
        assert session.query(Thing).where(Thing.value == 1).count() == 2


def test_an_index_of_another_release_is_not_used(wire, shelf):
    class Older(Document, id="{key}", type="thing"):
        key: Mapped[str]
        value: Mapped[JSON]

    class Newer(Document, id="{key}", type="thing"):
        key: Mapped[str]
        value: Mapped[JSON]

    class Before(Design, model=Older, name="counting"):
        by_value = Index(Older.value, where=Older.value != "a")
        per_value = View(key=Older.value, where=Older.value != "a", reduce=Count())

    class After(Design, model=Newer, name="counting"):
        by_value = Index(Newer.value)
        per_value = View(key=Newer.value, reduce=Count())

    Before.deploy(shelf)
    with shelf.session() as session:
        query = session.query(Newer).where(Newer.value == "a")
        before, stale = wire.since(query.count)
        After.deploy(shelf)
        after, fresh = wire.since(query.count)

    assert (before, after) == (2, 2)
    assert not is_read_off(stale)
    assert is_read_off(fresh)


def test_an_index_that_was_deleted_is_not_missed(shelf):
    Indexes.deploy(shelf)

    with shelf.session() as session:
        query = session.query(Thing).where(Thing.value == "a")
        before = query.count()
        shelf.design.delete(Indexes.by_value.ddoc, rev=shelf.design.get(Indexes.by_value.ddoc)["_rev"])

        assert (before, query.count()) == (2, 2)


# --- families


class Animal(Document, id="{name}", abstract=True):
    name: Mapped[str]


class Dog(Animal):
    tricks: Mapped[int] = field(default=0)


class Cat(Animal):
    lives: Mapped[int] = field(default=9)


class Animals(Design, model=Animal):
    by_name = Index(Animal.name)
    dogs = View(key=Dog.tricks, where=Dog.tricks >= 0, reduce=Count())


class Dogs(Design, model=Dog):
    tricky = Index(Dog.tricks, where=Dog.tricks > 1)


def test_a_family_is_counted_as_it_is_found(wire, client, shelf):
    Animals.deploy(shelf)
    Dogs.deploy(shelf)
    with shelf.begin() as session:
        session.add_all([Dog(name="rex", tricks=2), Dog(name="ace"), Cat(name="tom"), Cat(name="kit")])

    with shelf.session() as session:
        whole, by_name = wire.since(session.query(Animal).count)
        part, through = wire.since(session.query(Dog).count)
        some, tricky = wire.since(session.query(Dog).where(Dog.tricks > 1).count)

    assert (whole, part, some) == (4, 2, 1)
    assert (is_read_off(by_name), is_read_off(through), is_read_off(tricky)) == (True, False, True)
