"""How the plan of a query is put into words, with what the database says of it."""

from typing import Any

import pytest
from fake_source import FakeDatabase, stored_index
from planning import Order, Room, declared, index

from couchmapper.mango.nodes import TRUE, Expression
from couchmapper.mango.sort import SortTerm
from couchmapper.query.explaining import explain
from couchmapper.query.explanation import Explanation
from couchmapper.query.spec import QuerySpec


def explained(
    where: Expression = TRUE, *order: SortTerm, indexes: Any = (), **asked: Any
) -> tuple[Explanation, FakeDatabase]:
    database = FakeDatabase(indexes=[stored_index(name, *name.split()) for name in indexes])
    spec = QuerySpec(**{"model": Order, "where": where, "order": order, **asked})
    return explain(spec, database.source()), database


@pytest.mark.parametrize(
    ("where", "asked", "route"),
    [
        (Order.id == "a", {}, "the document is read by its id"),
        (Order.id.in_(["a", "b"]), {}, "_all_docs keys"),
        (Order.id.startswith("a"), {}, "_all_docs range"),
        (Order.number == 1, {}, "_find"),
        (Order.number.in_([]), {}, "nothing is asked"),
        (Room.floor == "a", {"model": Room}, "_find in the partition a"),
        (Room.id.startswith("a:1"), {"model": Room}, "_all_docs range in the partition a"),
        (Room.floor.in_(["b", "a"]), {"model": Room}, "_find in the partition a, then in b"),
        (
            Room.floor.in_(list("abcdefgh")),
            {"model": Room},
            "_find in the partition a, then in b, c, d, e, f, 2 more",
        ),
    ],
)
def test_the_route_is_told(where: Expression, asked: Any, route: str):
    assert explained(where, **asked)[0].route == route


def test_what_is_read_without_an_index_is_not_asked_of_the_server():
    told, database = explained(Order.id.between("a", "b"), indexes=["number"])

    assert (told.key_range, told.index, told.server) == (("a", "b\0"), None, None)
    assert database.routes == ["indexes"]


def test_the_index_and_the_part_that_is_read_are_told():
    told, database = explained(Order.number > 5, Order.number.desc(), indexes=["number", "total"])

    assert (told.index, told.key_range, told.is_scan) == ("_design/number number", ([5], []), False)
    assert (told.sort, told.advice) == ([{"number": "desc"}], None)
    assert database.routes == ["indexes", "explain"]


def test_the_server_is_asked_about_what_would_be_sent():
    told, database = explained(Order.number.in_([5, 6]), Order.number.asc(), indexes=["number customer"])

    assert told.selector == database.asked[0]["selector"]
    assert told.selector == {
        "type": "order",
        "number": {"$in": [5, 6], "$gte": 5, "$lte": 6},
        "customer": {"$exists": True},
    }
    assert database.asked[0]["sort"] == [{"number": "asc"}]
    assert database.asked[0]["use_index"] == ["_design/number customer", "number customer"]
    assert told.server == {"index": {"name": "_all_docs", "type": "special"}}


@pytest.mark.parametrize(
    ("where", "order", "indexes", "reason"),
    [
        (Order.number > 5, [], ["number", "status"], "not status: documents without status could match"),
        (
            Order.number > 5,
            [],
            ["number", "customer"],
            "not customer: another one narrows more, or gives the order",
        ),
        (
            Order.number > 5,
            [Order.total.asc()],
            ["number"],
            "the order is made here, from all documents that match",
        ),
        (
            Order.number == 5,
            [Order.id.asc()],
            ["number _id"],
            "not number _id: it has ids by collation, and they are asked for by their bytes",
        ),
        (TRUE, [Order.id.asc()], ["number"], "not number: it narrows nothing, and does not give the order"),
        (
            Order.note.in_([None, "late"]),
            [],
            [],
            "CouchDB cannot be asked for some of the values: what comes is looked at here",
        ),
    ],
)
def test_what_speaks_against_an_index_is_told(where: Any, order: Any, indexes: Any, reason: str):
    assert reason in explained(where, *order, indexes=indexes)[0].reasons


def test_an_index_of_other_documents_is_told():
    new = index(Order, "number", where=Order.status == "new")
    with declared(new) as (known,):
        stored = stored_index("number", "number", status="new") | {"name": known.index.name}
        database = FakeDatabase(indexes=[stored])
        told = explain(QuerySpec(model=Order, where=Order.number > 5), database.source())

    assert told.reasons == (f"not {known.index.name}: it does not hold all documents that are asked for",)


def test_an_index_that_is_declared_and_not_deployed_is_told():
    with declared(index(Order, "number")) as (known,):
        told, _ = explained(Order.number > 5)

    assert told.reasons == (f"not {known.index.name}: it is declared and not deployed",)
    assert told.advice == f"the index {known.index.name!r} of _design/number is declared and not deployed"


def test_an_index_that_is_declared_and_there_is_told_once():
    plain = index(Order, "type", "total", partial=False)
    with declared(plain) as (known,):
        stored = stored_index("type total", "type", "total") | {"name": known.index.name}
        database = FakeDatabase(indexes=[stored, stored_index("number", "number")])
        told = explain(QuerySpec(model=Order, where=Order.number > 5), database.source())

    assert told.reasons == (f"not {known.index.name}: another one narrows more, or gives the order",)


def test_a_scan_comes_with_advice():
    told, _ = explained(Order.number > 5)

    assert (told.is_scan, told.index, told.key_range) == (True, None, None)
    assert told.advice == "no index serves it; declare Index(Order.number) in a Design and deploy it"


def test_the_first_of_several_partitions_is_explained():
    told, database = explained(Room.floor.in_(["b", "a"]) & (Room.seats > 5), model=Room)

    assert database.asked[0]["selector"]["floor"] == "a"
    assert database.routes == ["indexes", "indexes", "partition a", "explain"]
    assert told.is_scan
