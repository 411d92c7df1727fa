"""A query finds the documents that its condition means, in its order, whatever indexes there are."""

import os
from collections import Counter
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meanings import Line, Order, Place, Stage, ids, integers, texts
from questions import asked, asked_of_few

from couchmapper import Query, Session
from couchmapper.collation import sort_key
from couchmapper.connect import connect
from couchmapper.database import Client, Database
from couchmapper.design import Design, Index
from couchmapper.exceptions import ExpressionError
from couchmapper.mango import Expression, dump
from couchmapper.mango.paths import look_up
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping import mapper
from couchmapper.transport.retry import RetryPolicy
from couchmapper.typing import JSONObject

SERVER = os.environ.get("COUCHMAPPER_TEST_URL")
_numbers = count()


class OrderIndexes(Design, model=Order):
    by_number = Index(Order.number)
    by_title = Index(Order.title, Order.number)
    by_note = Index(Order.note, Order.title)
    new = Index(Order.placed, where=Order.stage == Stage.NEW)
    by_stage = Index(Order.stage, Order.number, partial=False)
    by_either = Index(Order.either.desc())
    by_tags = Index(Order.tags)
    by_city = Index(Order.place.city, Order.place.floor)


places = st.builds(Place, city=texts, floor=st.one_of(st.none(), integers))
orders = st.builds(
    Order,
    id=ids,
    number=integers,
    total=st.sampled_from([0.0, -1.5, 2.0**60]),
    paid=st.booleans(),
    title=texts,
    note=st.one_of(st.none(), texts),
    either=st.one_of(integers, texts),
    stage=st.sampled_from(Stage),
    tags=st.lists(texts, max_size=3),
    counts=st.lists(st.one_of(st.none(), integers), max_size=3),
    lines=st.lists(st.builds(Line, sku=texts, quantity=integers), max_size=2),
    grid=st.lists(st.lists(integers, max_size=2), max_size=2),
    place=places,
    extra=st.dictionaries(st.sampled_from(["a", "b", "a.b"]), integers, max_size=2),
    anything=st.one_of(st.none(), integers, texts, st.lists(integers, max_size=2)),
)
sorts: st.SearchStrategy[tuple[SortTerm, ...]] = st.one_of(
    st.just(()),
    st.builds(
        lambda some, descending: tuple(one.desc() if descending else one.asc() for one in some),
        st.lists(
            st.sampled_from([Order.number, Order.title, Order.note, Order.stage, Order.either, Order.id]),
            min_size=1,
            max_size=2,
            unique=True,
        ),
        st.booleans(),
    ),
)


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    question = st.one_of(asked(), asked_of_few())
    return (
        draw(st.lists(orders, min_size=4, max_size=8, unique_by=lambda one: one.id)),
        draw(st.lists(st.tuples(question, sorts), min_size=15, max_size=15)),
    )


def check(database: Database, some: list[Any], questions: list[Any], tally: Counter[str]) -> None:
    """Ask queries of a database with these orders and some indexes."""
    documents = {one.id: mapper.dump(one) for one in some}
    database.bulk.docs(documents.values())
    OrderIndexes.deploy(database)
    with database.session() as session:
        for question, terms in questions:
            query = begun(session, question.expression).order_by(*terms).scans("allow")
            meant = sorted(one for one in documents if question.expression.matches(documents[one]))
            found = [one.id for one in query]
            assert sorted(found) == meant, (question.expression, query.explain())
            assert is_in_order([documents[one] for one in found], terms), (terms, found)
            assert query.count() == len(meant)
            tally["cases"] += 1
            tally["found something"] += bool(meant)


def begun(session: Session, expression: Expression) -> Query[Order]:
    """Begin a query; a field that is not the model's own can be asked for by a selector alone."""
    try:
        return session.query(Order).where(expression)
    except ExpressionError:
        return session.query(Order).raw(dump(expression))


def is_in_order(documents: list[JSONObject], terms: tuple[SortTerm, ...]) -> bool:
    """Tell whether documents come by the values of these fields, ids by their bytes."""
    keys = [
        [
            one["_id"].encode() if term.path == ("_id",) else sort_key(look_up(one, term.path))
            for term in terms
        ]
        for one in documents
    ]
    return keys == sorted(keys, reverse=any(term.descending for term in terms))


def prove(client: Client, rounds: int) -> Counter[str]:
    tally: Counter[str] = Counter()

    @settings(max_examples=rounds)
    @given(batches())
    def ask(batch: tuple[list[Any], list[Any]]) -> None:
        database = client.database(f"couchmapper-queries-{next(_numbers)}", create=True)
        try:
            check(database, *batch, tally)
        finally:
            client.databases.delete(database.name)

    ask()
    return tally


def test_queries_of_an_embedded_store_find_what_is_meant():
    with connect("memory:") as client:
        tally = prove(client, 20)

    assert tally["cases"] >= 150
    assert tally["found something"] > tally["cases"] / 4


@pytest.mark.long
def test_thousands_of_queries_of_an_embedded_store_find_what_is_meant():
    with connect("memory:") as client:
        assert prove(client, 400)["cases"] >= 4000


@pytest.mark.server
def test_queries_of_a_server_find_what_is_meant():
    with connect(SERVER, retry=RetryPolicy(attempts=1)) as client:
        assert prove(client, 10)["cases"] >= 100


@pytest.mark.long
@pytest.mark.server
def test_a_thousand_queries_of_a_server_find_what_is_meant():
    with connect(SERVER, retry=RetryPolicy(attempts=1)) as client:
        assert prove(client, 80)["cases"] >= 1000


def test_ids_come_in_the_order_of_their_bytes_with_an_index_and_without():
    with connect("memory:") as client:
        database = client.database("orders", create=True)
        OrderIndexes.deploy(database)
        with database.begin() as session:
            session.add_all(Order(id=one, number=1, place=Place(city="")) for one in ("ä", "a", "B", "b"))
        with database.session() as session:
            conditions = (Order.title == "", Order.number == 1, Order.total == 0.0)
            queries = [session.query(Order).where(one).order_by(Order.id) for one in conditions]
            found = [[order.id for order in query.scans("allow")] for query in queries]

    assert found == [["B", "a", "b", "ä"]] * 3
