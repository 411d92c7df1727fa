"""No silent scan: what is refused, what is warned of, and that the answers are the same all along."""

import warnings
from typing import Any

import pytest

from couchmapper.database import Client, Database
from couchmapper.design import Design, Index
from couchmapper.exceptions import FullScanRefused, FullScanWarning, IndexNotUsedWarning
from couchmapper.mapping import Document, Mapped, field
from couchmapper.messages import Request, Response
from couchmapper.query.spec import ID
from couchmapper.transport.base import TransportWrapper

MANY = 120


class Order(Document, id="{key}"):
    key: Mapped[str]
    number: Mapped[int]
    note: Mapped[str | None]
    state: Mapped[str] = field(default="new")


class OrderIndexes(Design, model=Order):
    by_number = Index(Order.number)
    by_note = Index(Order.note, Order.number)
    new = Index(Order.number, where=Order.state == "new")


IDS = ("ä", "a", "B", "b", "A", "9")


@pytest.fixture
def shop(database: Database) -> Database:
    """Give a database with six orders of every kind, a strange one and what is no order."""
    strange = {"_id": "strange", "type": "order", "key": "strange", "number": "ten", "note": 10}
    with database.begin() as session:
        session.add_all(
            Order(
                key=key,
                number=number // 2,
                note=None if number % 3 else key,
                state="new" if number else "old",
            )
            for number, key in enumerate(IDS)
        )
    database.bulk.docs([strange, {"_id": "no order", "number": 1, "state": "new"}])
    return database


@pytest.fixture
def full_shop(database: Database) -> Database:
    """Give a database with more orders than may be read in vain."""
    orders = [
        {"_id": f"{number:03}", "type": "order", "key": f"{number:03}", "number": number, "note": None}
        for number in range(MANY)
    ]
    database.bulk.docs(orders)
    return database


def ids(client: Client, shop: Database, query: Any) -> list[str]:
    """Return what a query finds on the server, in its order; no indexes are known before."""
    with client.database(shop.name).session() as session:
        pages = session.ask(query.spec).read([ID]).pages
        return [document["_id"] for page in pages for document in page]


def told_of(ask: Any) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        ask()
    return told


# --- refused, or the same


def test_a_query_passes_once_its_index_is_deployed(shop: Database):
    with shop.session(scans="forbid") as session:
        query = session.query(Order).where(Order.number == 1)
        with pytest.raises(FullScanRefused, match="declared and not deployed"):
            query.all()
        OrderIndexes.deploy(shop)

        assert sorted(order.id for order in query) == ["B", "b"]
        assert query.count() == 2
        with pytest.raises(FullScanRefused, match=r"declare Index\(Order.key\) in a Design"):
            session.query(Order).where(Order.key == "a").all()


QUERIES: dict[str, Any] = {
    "value": lambda query: query.where(Order.number == 1),
    "bounds": lambda query: query.where(Order.number >= 1).order_by(Order.number.desc(), Order.id.desc()),
    "values": lambda query: query.where(Order.number.in_([0, 2])).order_by(Order.number, Order.id),
    "null": lambda query: query.where(Order.note == None),  # noqa: E711 - it is an expression
    "order": lambda query: query.order_by(Order.note, Order.number, Order.id).skip(1).limit(4),
    "filter": lambda query: query.where(Order.state == "new").order_by(Order.number.desc()).limit(20),
    "everything": lambda query: query,
    "raw": lambda query: query.raw({"number": {"$lte": "zz"}, "note": {"$in": [None, 10]}}),
}


@pytest.mark.parametrize("name", QUERIES)
def test_the_answer_is_the_same_with_and_without_indexes_and_scans(client: Client, shop: Database, name: str):
    with shop.session() as session:
        query = QUERIES[name](session.query(Order))
    matches = query.spec.condition.matches
    documents = [row["doc"] for row in shop.bulk.all_docs(include_docs=True)["rows"]]

    before = ids(client, shop, query.scans("allow"))
    OrderIndexes.deploy(shop)
    allowed, forbidden = ids(client, shop, query.scans("allow")), ids(client, shop, query.scans("forbid"))

    assert set(before) <= {document["_id"] for document in documents if matches(document)}
    if query.spec.order:
        assert len(before) == len(allowed)
    else:
        assert set(before) == {document["_id"] for document in documents if matches(document)}
    if not query.spec.order or query.spec.names_ids():
        assert sorted(before) == sorted(allowed)
    assert forbidden == allowed


def test_ids_are_by_bytes_whatever_indexes_there_are(client: Client, shop: Database):
    for fields in (["_id"], ["state", "_id"], ["number", "_id"]):
        shop.find.create_index(fields)
    with shop.session() as session:
        orders = session.query(Order).scans("allow")

    new = orders.where(Order.state == "new")
    assert ids(client, shop, new.order_by(Order.id)) == ["9", "A", "B", "a", "b"]
    assert ids(client, shop, new.where(Order.id > "B")) == ["a", "b"]
    assert ids(client, shop, new.where(Order.id < "a").order_by(Order.id.desc())) == ["B", "A", "9"]
    assert ids(client, shop, orders.where(Order.number == 0).order_by(Order.id)) == ["a", "ä"]
    assert ids(client, shop, orders.order_by(Order.number, Order.id)) == [
        "a",
        "ä",
        "B",
        "b",
        "9",
        "A",
        "strange",
    ]


# --- warned of


ASKS: dict[str, Any] = {
    "all": lambda query: query.all(),
    "list": list,
    "loop": lambda query: [order for order in query],  # noqa: C416 - a loop is meant
    "generator": lambda query: sum(1 for _ in query),
    "next": lambda query: next(iter(query), None),
    "first": lambda query: query.first(),
    "one": lambda query: query.one_or_none(),
    "exists": lambda query: query.exists(),
    "count": lambda query: query.count(),
    "page": lambda query: query.page(5),
    "select": lambda query: query.select(Order.number).all(),
    "dicts": lambda query: query.to_dicts(),
    "delete": lambda query: query.delete(),
}


def test_a_scan_is_warned_of_at_the_line_of_the_program(full_shop: Database):
    for name, ask in ASKS.items():
        with full_shop.session() as session:
            query = session.query(Order).where(Order.state == "gone")
            told = told_of(lambda: ask(query))  # noqa: B023 - it is called at once

        assert [type(one.message) for one in told] == [FullScanWarning], name
        line = ask.__code__.co_firstlineno if ask is not list else told[0].lineno
        assert (told[0].filename, told[0].lineno) == (__file__, line), name
        warning: Any = told[0].message
        assert (warning.examined, warning.returned) == (MANY, 0), name
        assert "declare Index(Order.state) in a Design and deploy it" in str(warning), name


def test_a_loop_is_warned_once_in_each_run(full_shop: Database):
    with full_shop.session() as session:
        query = session.query(Order).where(Order.number % 20 == 0).page_size(2)
        told = told_of(lambda: [query.all(), query.all()])

    assert [type(one.message) for one in told] == [FullScanWarning] * 2


@pytest.mark.parametrize(
    ("scans", "count"), [("allow", 0), ("warn", 1), (None, 0)], ids=["allow", "warn", "default"]
)
def test_a_small_scan_is_warned_of_when_that_is_asked_for(shop: Database, scans: Any, count: int):
    def ask() -> None:
        with shop.session(scans=scans) as session:
            assert len(session.query(Order).where(Order.state == "old").all()) == 1

    assert len(told_of(ask)) == count


def test_a_large_scan_is_not_warned_of_when_it_is_allowed(full_shop: Database):
    with full_shop.session() as session:
        assert told_of(session.query(Order).where(Order.state == "gone").scans("allow").all) == []


def test_an_index_of_the_servers_that_does_not_narrow_is_no_way_out(shop: Database):
    shop.find.create_index(["note"])
    with shop.session(scans="warn") as session:
        told = told_of(session.query(Order).where(Order.state == "old").order_by(Order.note).all)

    assert [type(one.message) for one in told] == [FullScanWarning]


# --- an index that is not there


def test_an_index_that_is_not_deployed_is_told_of_at_the_line_of_the_program(shop: Database):
    with shop.session() as session:
        query = session.query(Order).where(Order.number == 1)
        told = told_of(lambda: [order.id for order in query])

    assert [type(one.message) for one in told] == [IndexNotUsedWarning]
    assert told[0].filename == __file__
    assert OrderIndexes.by_number.name in str(told[0].message)


def test_an_index_that_goes_before_a_query_is_a_refusal_where_scans_are_forbidden(shop: Database):
    OrderIndexes.deploy(shop)
    with shop.session(scans="forbid") as session:
        query = session.query(Order).where(Order.number == 1)
        assert len(query.all()) == 2
        shop.find.delete_index(OrderIndexes.by_number.ddoc, OrderIndexes.by_number.name)

        with pytest.raises(FullScanRefused, match="the index that serves the query is gone"):
            query.all()
        with pytest.raises(FullScanRefused, match="is declared and not deployed"):
            query.all()


def test_an_index_that_goes_before_a_query_is_told_of_where_scans_are_not_forbidden(shop: Database):
    OrderIndexes.deploy(shop)
    with shop.session() as session:
        query = session.query(Order).where(Order.number == 1)
        query.page(1)
        shop.find.delete_index(OrderIndexes.by_number.ddoc, OrderIndexes.by_number.name)
        told = told_of(query.all)

    assert [type(one.message) for one in told] == [IndexNotUsedWarning]


# --- servers before CouchDB 3.5


class Old(TransportWrapper):
    """Refuses `allow_fallback`, as servers do that do not know it."""

    refused = 0

    def send(self, request: Request) -> Response:
        if b"allow_fallback" not in (request.body or b""):
            return self.inner.send(request)
        self.refused += 1
        body = b'{"error":"invalid_key","reason":"Invalid key allow_fallback for this request."}'
        return Response(status=400, headers={"content-type": "application/json"}, body=body)


def test_an_older_server_is_asked_without_what_it_does_not_know(client: Client, shop: Database):
    OrderIndexes.deploy(shop)
    old = Old(client.transport)
    with Client(old).database(shop.name).session(scans="forbid") as session:
        query = session.query(Order).where(Order.number == 1)

        assert [len(query.all()), len(query.all())] == [2, 2]
    assert old.refused == 1


def test_an_older_server_tells_that_an_index_has_gone_by_its_answer(client: Client, shop: Database):
    OrderIndexes.deploy(shop)
    with Client(Old(client.transport)).database(shop.name).session(scans="forbid") as session:
        query = session.query(Order).where(Order.number == 1)
        assert len(query.all()) == 2
        shop.find.delete_index(OrderIndexes.by_number.ddoc, OrderIndexes.by_number.name)

        with pytest.raises(FullScanRefused, match="the index that serves the query is gone"):
            query.all()
        with pytest.raises(FullScanRefused, match="is declared and not deployed"):
            query.all()
