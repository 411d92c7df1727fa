from datetime import UTC, datetime
from decimal import Decimal

import pytest

from couchmapper.design import Count, Design, Stats, Sum, View
from couchmapper.exceptions import NotFound
from couchmapper.mapping import Document, Mapped, field
from couchmapper.query import Row


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[str]
    placed: Mapped[datetime]
    total: Mapped[Decimal] = field(scale=2)
    status: Mapped[str] = field(default="new")
    coupon: Mapped[str | None] = field(default=None)


class OrderViews(Design, model=Order):
    by_customer = View(key=(Order.customer, Order.placed), value=Order.total)
    by_status = View(key=Order.status, where=Order.number > 1)
    per_customer = View(key=(Order.customer, Order.status), reduce=Count())
    turnover = View(key=Order.customer, value=Order.total, reduce=Sum())
    numbers = View(key=Order.customer, value=Order.number, reduce=Stats())


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def ids(query):
    return [row.id for row in query]


@pytest.fixture
def shop(database):
    """Give a database with four orders, a stranger and the deployed views."""
    with database.begin() as session:
        session.add(Order(number=1, customer="Ann", placed=day(3), total=Decimal("3.50")))
        session.add(Order(number=2, customer="Bob", placed=day(1), total=Decimal("10.00"), status="paid"))
        session.add(Order(number=3, customer="Ann", placed=day(2), total=Decimal("0.25"), coupon="X"))
        session.add(Order(number=4, customer="Ärzte", placed=day(4), total=Decimal("1.00"), status="paid"))
    database.documents.put({"_id": "stranger", "type": "customer", "customer": "Ann", "status": "new"})
    OrderViews.deploy(database)
    return database


def test_a_design_is_deployed_once(database):
    assert OrderViews.deploy(database)
    assert not OrderViews.deploy(database)
    assert sorted(database.design.get("order_views")["views"]) == [
        "by_customer",
        "by_status",
        "numbers",
        "per_customer",
        "turnover",
    ]


def test_rows_have_typed_keys_and_values(shop):
    with shop.session() as session:
        rows = list(session.view(OrderViews.by_customer))

    assert rows == [
        Row(key=("Ann", day(2)), value=Decimal("0.25"), id="order:3"),
        Row(key=("Ann", day(3)), value=Decimal("3.50"), id="order:1"),
        Row(key=("Ärzte", day(4)), value=Decimal("1.00"), id="order:4"),
        Row(key=("Bob", day(1)), value=Decimal("10.00"), id="order:2"),
    ]


def test_keys_are_values_of_the_fields(shop):
    with shop.session() as session:
        orders = session.view(OrderViews.by_customer)

        assert ids(orders.key(("Ann", day(3)))) == ["order:1"]
        assert ids(orders.keys([("Bob", day(1)), ("Ann", day(2)), ("Ann", day(9))])) == ["order:2", "order:3"]
        assert ids(orders.range(("Ann", day(3)))) == ["order:1", "order:4", "order:2"]
        assert ids(orders.range(end=("Ann", day(2)))) == ["order:3"]
        assert ids(orders.prefix(("Ann",))) == ["order:3", "order:1"]
        assert ids(orders.prefix(("Ann",)).descending()) == ["order:1", "order:3"]
        assert ids(orders.skip(1).limit(2)) == ["order:1", "order:4"]


def test_a_condition_keeps_documents_out_of_a_view(shop):
    with shop.session() as session:
        assert [(row.key, row.id) for row in session.view(OrderViews.by_status)] == [
            ("new", "order:3"),
            ("paid", "order:2"),
            ("paid", "order:4"),
        ]


def test_rows_are_counted_in_groups(shop):
    with shop.session() as session:
        view = OrderViews.per_customer
        total = [(row.key, row.value, row.id) for row in session.view(view)]
        groups = [(row.key, row.value) for row in session.view(view).group()]
        customers = [(row.key, row.value) for row in session.view(view).group(level=1)]
        rows = ids(session.view(view).rows())

    assert total == [(None, 4, None)]
    assert groups == [(("Ann", "new"), 2), (("Ärzte", "paid"), 1), (("Bob", "paid"), 1)]
    assert customers == [(("Ann",), 2), (("Ärzte",), 1), (("Bob",), 1)]
    assert rows == ["order:1", "order:3", "order:4", "order:2"]


def test_sums_are_values_of_their_field(shop):
    with shop.session() as session:
        assert [row.value for row in session.view(OrderViews.turnover)] == [Decimal("14.75")]
        assert {row.key: row.value for row in session.view(OrderViews.turnover).group()} == {
            "Ann": Decimal("3.75"),
            "Ärzte": Decimal("1.00"),
            "Bob": Decimal("10.00"),
        }


def test_statistics_are_an_object(shop):
    with shop.session() as session:
        (row,) = session.view(OrderViews.numbers)

    assert row.value == {"sum": 10, "count": 4, "min": 1, "max": 4, "sumsqr": 30}


def test_a_view_follows_the_changes(shop):
    with shop.begin() as session:
        session.get(Order, "order:2").customer = "Cem"
        session.delete(session.get(Order, "order:4"))

    with shop.session() as session:
        assert {row.key: row.value for row in session.view(OrderViews.turnover).group()} == {
            "Ann": Decimal("3.75"),
            "Cem": Decimal("10.00"),
        }


def test_a_view_that_was_not_deployed_is_told(database):
    with database.session() as session, pytest.raises(NotFound):
        session.view(OrderViews.turnover).all()


def test_what_others_wrote_into_the_design_document_stays(database):
    OrderViews.deploy(database)
    stored = database.design.get("order_views")
    database.design.put({**stored, "filters": {"all": "function (doc) { return true; }"}})

    assert not OrderViews.deploy(database)
    assert "filters" in database.design.get("order_views")
