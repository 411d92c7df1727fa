"""Which index CouchDB takes, and which part of it, is foreseen: queries, and what `_explain` says of them."""

import os
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from couchmapper.connect import connect
from couchmapper.database import Client, Database
from couchmapper.mango.dump import dump
from couchmapper.mango.indexes import ALL_DOCS, Index, choose
from couchmapper.mango.nodes import FALSE, TRUE, And, Condition, Elements, Expression, Not, Or, Path
from couchmapper.mango.normalize import normalize
from couchmapper.mango.paths import join_path, parse_path
from couchmapper.mango.ranges import field_range, indexable_fields, key_range
from couchmapper.typing import JSONObject

SERVER = os.environ.get("COUCHMAPPER_TEST_URL")
_numbers = count()

FIELDS = ("a", "b", "c", "d.e", "_id")
texts = st.sampled_from(["", "a", "A", "ab", "é", "z"])
values = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from([1.0, 2.5]), texts)
fields = st.sampled_from(FIELDS).map(parse_path)
bounds = st.builds(Condition, fields, st.sampled_from(["$eq", "$gt", "$gte", "$lt", "$lte"]), values)
others = st.one_of(
    st.builds(Condition, fields, st.just("$ne"), values),
    st.builds(Condition, fields, st.just("$exists"), st.booleans()),
    st.builds(Condition, fields, st.sampled_from(["$in", "$nin"]), st.lists(texts, min_size=1, max_size=2)),
    st.builds(Condition, fields, st.just("$beginsWith"), texts),
    st.builds(Condition, fields, st.just("$regex"), st.just("a")),
    st.builds(Condition, fields, st.just("$type"), st.just("string")),
    st.builds(Elements, fields, st.just("$elemMatch"), st.just(Condition((), "$eq", 1))),
)
expressions = st.recursive(
    st.one_of(bounds, bounds, others),
    lambda inner: st.one_of(
        st.builds(lambda some: And(tuple(some)), st.lists(inner, min_size=2, max_size=4)),
        st.builds(lambda some: Or(tuple(some)), st.lists(inner, min_size=2, max_size=2)),
        st.builds(Not, inner),
    ),
    max_leaves=5,
)


@attrs.frozen
class Asked:
    """A query: its condition in normal form, and the fields that it sorts by."""

    condition: Expression
    sort: tuple[Path, ...]

    def explain(self, database: Database) -> JSONObject | None:
        """Let a store explain the query; None where no index can serve it."""
        sort = {"sort": [join_path(path) for path in self.sort]} if self.sort else {}
        told = database.find.explain(dump(self.condition), **sort)
        return None if told["index"] is None else told


asked = st.builds(
    lambda expression, sort: Asked(normalize(expression), tuple(sort)),
    expressions,
    st.one_of(st.just([]), st.lists(fields, min_size=1, max_size=2, unique=True)),
).filter(lambda one: one.condition not in (TRUE, FALSE))
columns = st.lists(fields, min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Index], list[Asked]]:
    some = draw(st.lists(columns, min_size=1, max_size=4, unique=True))
    names = draw(st.permutations("pqrs"))
    indexes = [
        Index(ddoc=f"_design/{name}", name=name, fields=paths)
        for name, paths in zip(names, some, strict=False)
    ]
    return indexes, draw(st.lists(asked, min_size=20, max_size=20))


def create(database: Database, indexes: list[Index]) -> None:
    for index in indexes:
        paths = [join_path(path) for path in index.fields]
        database.find.create_index(paths, ddoc=index.ddoc.removeprefix("_design/"), name=index.name)


def check(indexes: list[Index], one: Asked, told: JSONObject | None, tally: Counter[str]) -> None:
    """Compare what is foreseen with what is told: the index, and from which key to which it is read."""
    foreseen = choose(indexes, one.condition, sort=one.sort)
    tally["cases"] += 1
    if foreseen is None or told is None:
        assert (foreseen, told) == (None, None), (one, foreseen, told)
        return
    assert (told["index"]["ddoc"] or "", told["index"]["name"]) == (foreseen.ddoc, foreseen.name), one
    tally["served"] += foreseen != ALL_DOCS
    if foreseen != ALL_DOCS and not has_empty_range(one.condition):
        keys = key_range(one.condition, foreseen.fields)
        arguments = told["mrargs"]
        assert arguments["start_key"] == list(keys.start), one
        assert arguments["end_key"] == [*keys.end, "<MAX>"], one
        tally["bounded"] += bool(keys.start or keys.end)


def has_empty_range(condition: Expression) -> bool:
    return any(field_range(condition, path) is None for path in indexable_fields(condition))


def summary(told: JSONObject | None) -> Any:
    """Return what two stores have to agree on when they explain a query."""
    if told is None:
        return None
    candidates = sorted(
        (one["index"]["name"], one["analysis"]["usable"], str(one["analysis"]["reasons"]))
        for one in told["index_candidates"]
    )
    arguments = told["mrargs"]
    kept = {name: arguments.get(name) for name in ("start_key", "end_key", "direction")}
    return told["index"]["name"], told["covering"], kept, candidates


def foresee(client: Client, *, rounds: int, with_server: bool) -> Counter[str]:
    tally: Counter[str] = Counter()

    @settings(max_examples=rounds)
    @given(cases())
    def prove(case: tuple[list[Index], list[Asked]]) -> None:
        indexes, queries = case
        name = f"couchmapper-planner-{next(_numbers)}"
        with connect("memory:") as memory:
            embedded = memory.database("planner", create=True)
            database = client.database(name, create=True) if with_server else embedded
            try:
                create(embedded, indexes)
                if with_server:
                    create(database, indexes)
                for one in queries:
                    told = one.explain(database)
                    check(indexes, one, told, tally)
                    if with_server:
                        assert summary(one.explain(embedded)) == summary(told), one
            finally:
                if with_server:
                    client.databases.delete(name)

    prove()
    return tally


@pytest.fixture
def server() -> Iterator[Client]:
    with connect(SERVER or "memory:") as client:
        yield client


def test_the_embedded_store_takes_the_index_that_is_foreseen(server: Client):
    tally = foresee(server, rounds=25, with_server=False)

    assert tally["cases"] >= 300
    assert tally["served"] > tally["cases"] / 4
    assert tally["bounded"] > tally["served"] / 10


@pytest.mark.server
def test_a_server_takes_the_index_that_is_foreseen(server: Client):
    assert foresee(server, rounds=15, with_server=True)["cases"] >= 200


@pytest.mark.long
@pytest.mark.server
def test_a_server_takes_the_index_that_is_foreseen_a_thousand_times(server: Client):
    assert foresee(server, rounds=60, with_server=True)["cases"] >= 1000
