"""Fluent queries of views: every store gives the same rows, documents and pages."""

from decimal import Decimal

import pytest

from couchmapper.design import Count, Design, Sum, View
from couchmapper.exceptions import MultipleResultsFound, NoResultFound, PartitionRequired
from couchmapper.mapping import Document, Mapped, Ref, field
from couchmapper.query import Row

NAMES = ("Ann", "ann", "an", "Anna", "Bob", "Ännchen", "A\u0308nnchen 2", "Zoë", "мир", "мй", "เก", "An")


class Customer(Document, id="customer:{name}"):
    name: Mapped[str]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    buyer: Mapped[str]
    status: Mapped[str] = field(default="new")
    total: Mapped[Decimal] = field(default=Decimal(1), scale=2)
    customer: Mapped[Ref[Customer] | None] = field(default=None)


class OrderViews(Design, model=Order):
    by_buyer = View(key=Order.buyer)
    by_number = View(key=Order.number)
    per_status = View(key=(Order.status, Order.number), value=Order.total, reduce=Sum())
    counted = View(key=Order.status, reduce=Count())
    customers = View(key=Order.number, link=Order.customer)


def numbers(query):
    return [int(row.id.partition(":")[2]) for row in query]


def turned(query, size):
    """Return the keys of all pages from the first to the last one, and back again."""
    page = query.page(size)
    pages = [page]
    while page.next is not None:
        page = query.page(size, after=page.next)
        pages.append(page)
    back = [page]
    while page.previous is not None:
        page = query.page(size, before=page.previous)
        back.append(page)
    return [[row.key for row in page] for page in pages], [[row.key for row in page] for page in back]


@pytest.fixture
def shop(database):
    """Give a database with an order of each of `NAMES`, numbered from 0 on, and the deployed views."""
    with database.begin() as session:
        session.add(Customer(name="ann"))
        for number, buyer in enumerate(NAMES):
            session.add(
                Order(
                    number=number,
                    buyer=buyer,
                    status="paid" if number % 3 else "new",
                    customer=Ref(f"customer:{buyer.lower()}") if number < 5 else None,
                )
            )
    OrderViews.deploy(database)
    return database


@pytest.mark.parametrize("prefix", [*NAMES[:10], "A", "a", "Ä", "м", "", "x"], ids=range(16))
def test_a_prefix_finds_the_texts_that_begin_with_it_letter_by_letter(shop, prefix):
    with shop.session() as session:
        found = session.view(OrderViews.by_buyer).prefix(prefix)

        assert sorted(row.key for row in found) == sorted(name for name in NAMES if name.startswith(prefix))


def test_limit_and_skip_count_what_begins_with_the_prefix(shop):
    with shop.session() as session:
        found = session.view(OrderViews.by_buyer).prefix("An")

        assert [row.key for row in found] == ["An", "Ann", "Anna"]
        assert [row.key for row in found.skip(1).limit(1)] == ["Ann"]
        assert [row.key for row in found.descending().limit(2)] == ["Anna", "Ann"]
        assert (found.count(), found.skip(1).count(), found.limit(1).count()) == (3, 2, 1)


def test_a_range_goes_from_one_key_to_another_whatever_the_order(shop):
    with shop.session() as session:
        orders = session.view(OrderViews.by_number)

        assert numbers(orders.range(3, 5)) == [3, 4, 5]
        assert numbers(orders.range(3, 5, inclusive_end=False)) == [3, 4]
        assert numbers(orders.range(3, 5).descending()) == [5, 4, 3]
        assert numbers(orders.descending().range(3, 5, inclusive_end=False)) == [4, 3]
        assert numbers(orders.range(9)) == [9, 10, 11]
        assert numbers(orders.range(end=2).descending()) == [2, 1, 0]
        assert numbers(orders.range(..., 1)) == [0, 1]
        assert numbers(orders.range(3, 3, inclusive_end=False)) == []
        assert numbers(orders.range(3, 3, inclusive_end=False).descending()) == []
        assert numbers(orders.range(3, 3).descending()) == [3]


def test_an_end_that_stops_early_takes_in_all_that_begins_so(shop):
    with shop.session() as session:
        rows = session.view(OrderViews.per_status).rows()

        assert numbers(rows.range(("new", 5), ("paid",)))[:3] == [6, 9, 1]
        assert numbers(rows.range(("new", 5), ("paid",), inclusive_end=False)) == [6, 9]
        assert numbers(rows.range(("new", 5), ("paid",), inclusive_end=False).descending()) == [9, 6]
        assert numbers(rows.range(end=("new",))) == numbers(rows.prefix(("new",))) == [0, 3, 6, 9]


def test_groups_are_chosen_like_rows(shop):
    with shop.session() as session:
        totals = session.view(OrderViews.per_status)
        per_status = totals.group(level=1)

        assert totals.value() == Decimal("12.00")
        assert totals.prefix(("paid",)).value() == Decimal("8.00")
        assert totals.prefix(("gone",)).value() is None
        assert [(row.key, row.value) for row in per_status.descending()] == [
            (("paid",), Decimal("8.00")),
            (("new",), Decimal("4.00")),
        ]
        assert [row.key for row in totals.group().keys([("paid", 2), ("new", 0), ("new", 1)])] == [
            ("paid", 2),
            ("new", 0),
        ]
        assert [row.key for row in session.view(OrderViews.counted).group().prefix("n")] == ["new"]


def test_rows_are_counted(shop):
    with shop.session() as session:
        counted, orders = session.view(OrderViews.counted), session.view(OrderViews.by_number)

        assert (counted.count(), counted.rows().count(), counted.group().count()) == (12, 12, 2)
        assert (counted.key("new").count(), counted.rows().range("o").count()) == (4, 8)
        assert counted.rows().keys(["new", "paid", "gone", "new"]).count() == 12
        assert counted.key("gone").count() == 0
        assert (orders.count(), orders.skip(5).count(), orders.skip(5).limit(3).count()) == (12, 7, 3)
        assert (orders.skip(20).count(), orders.range(4, 6).count(), orders.limit(0).count()) == (0, 3, 0)


def test_single_rows(shop):
    with shop.session() as session:
        orders = session.view(OrderViews.by_number)

        assert orders.first() == orders.key(0).one() == Row(key=0, value=None, id="order:0")
        assert orders.key(99).first() is None
        assert orders.key(99).one_or_none() is None
        assert orders.key(1).to_dicts() == [{"id": "order:1", "key": 1, "value": None}]
        assert session.view(OrderViews.counted).group().to_dicts()[0] == {"key": "new", "value": 4}
        with pytest.raises(NoResultFound):
            orders.key(99).one()
        with pytest.raises(MultipleResultsFound):
            orders.one()


def test_documents_are_those_that_emitted_the_rows(shop):
    with shop.session() as session:
        held = session.get(Order, "order:4")
        orders = session.view(OrderViews.by_number)

        found = list(orders.range(3, 5).descending().documents(Order))
        chosen = [order.number for order in orders.keys([7, 1, 7]).documents(Order)]

    assert [order.number for order in found] == [5, 4, 3]
    assert found[1] is held
    assert chosen == [7, 1]


def test_documents_that_wait_for_their_deletion_are_left_out_before_rows_are_counted(shop):
    with shop.session() as session:
        session.delete(session.get(Order, "order:1"))
        found = session.view(OrderViews.by_number).skip(1).limit(2).documents(Order)

        assert [order.number for order in found] == [2, 3]


def test_linked_documents_are_those_that_are_referred_to(shop):
    with shop.session() as session:
        customers = session.view(OrderViews.customers)

        assert [(row.key, row.value) for row in customers] == [
            (number, Ref(f"customer:{NAMES[number].lower()}")) for number in range(5)
        ]
        assert [customer.name for customer in customers.documents()] == ["ann", "ann"]
        assert [customer.name for customer in customers.documents(unique=True)] == ["ann"]


@pytest.mark.parametrize("size", [1, 2, 5, 12, 20])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("inclusive", [False, True])
def test_pages_lead_there_and_back(shop, size, descending, inclusive):
    with shop.session() as session:
        orders = session.view(OrderViews.per_status).rows()
        orders = orders.range(("new", 2), ("paid", 8), inclusive_end=inclusive)
        orders = orders.descending() if descending else orders
        keys = [row.key for row in orders]

        there, back = turned(orders, size)

    assert there == [keys[start : start + size] for start in range(0, len(keys), size)]
    assert back == there[::-1]


def test_pages_of_groups_and_of_a_prefix_lead_there_and_back(shop):
    with shop.session() as session:
        totals = session.view(OrderViews.per_status)

        assert turned(totals.group(level=1), 1) == ([[("new",)], [("paid",)]], [[("paid",)], [("new",)]])
        assert turned(totals.group(level=1).descending(), 1)[0] == [[("paid",)], [("new",)]]
        there, back = turned(totals.group(), 5)
        assert (len(there), back) == (3, there[::-1])
        assert turned(session.view(OrderViews.by_buyer).prefix("An"), 2) == (
            [["An", "Ann"], ["Anna"]],
            [["Anna"], ["An", "Ann"]],
        )


def test_pages_lose_and_repeat_nothing_where_keys_repeat(shop):
    with shop.session() as session:
        there, back = turned(session.view(OrderViews.counted).rows(), 3)
        page = session.view(OrderViews.counted).rows().page(3)
        second = session.view(OrderViews.counted).rows().page(3, after=page.next)

    assert there == [["new"] * 3, ["new", "paid", "paid"], ["paid"] * 3, ["paid"] * 3]
    assert back == there[::-1]
    assert [row.id for row in (*page, *second)] == [
        *("order:0", "order:3", "order:6", "order:9"),
        *("order:1", "order:10"),
    ]


def test_rows_that_come_and_go_at_a_border_move_nothing_else(shop):
    with shop.session() as session:
        orders = session.view(OrderViews.by_number)
        first = orders.page(3)
        with shop.begin() as other:
            other.delete(other.get(Order, "order:2"))
            other.delete(other.get(Order, "order:3"))
            moved = other.get(Order, "order:11")
            moved.number = 3

        second = orders.page(3, after=first.next)
        again = orders.page(3, before=second.previous)

    assert numbers(second) == [11, 4, 5]
    assert numbers(again) == [0, 1]
    assert (again.previous, first.previous) == (None, None)


def test_where_nothing_is_left_behind_a_page_the_way_back_is_there(shop):
    with shop.session() as session:
        orders = session.view(OrderViews.by_number)
        first = orders.page(6)
        with shop.begin() as other:
            for number in range(6, 12):
                other.delete(other.get(Order, f"order:{number}"))

        nothing = orders.page(6, after=first.next)

        assert (len(nothing), nothing.next) == (0, None)
        assert numbers(orders.page(6, before=nothing.previous)) == [0, 1, 2, 3, 4, 5]


def test_a_partition_is_asked_like_a_whole_database(client, database_name):
    client.databases.create(database_name, partitioned=True)
    database = client.database(database_name)

    class Reading(Document, partition="sensor", id="{hour}"):
        sensor: Mapped[str]
        hour: Mapped[int]
        value: Mapped[int] = field(default=1)

    class Readings(Design, model=Reading):
        by_hour = View(key=Reading.hour, value=Reading.value, reduce=Sum())
        counted = View(key=Reading.hour, reduce=Count())

    Readings.deploy(database)
    with database.begin() as session:
        session.add_all(Reading(sensor=sensor, hour=hour) for sensor in ("a", "b") for hour in range(5))

    with database.session() as session:
        hours = session.view(Readings.by_hour).partition("a")
        rows = hours.rows()

        assert [row.id for row in rows.range(1, 3, inclusive_end=False).descending()] == ["a:2", "a:1"]
        assert [reading.sensor for reading in rows.limit(2).documents(Reading)] == ["a", "a"]
        assert (hours.value(), rows.count(), rows.range(2).count()) == (5, 5, 3)
        assert session.view(Readings.counted).partition("b").rows().range(1, 2).count() == 2
        there, back = turned(rows, 2)
        assert (there, back) == ([[0, 1], [2, 3], [4]], [[4], [2, 3], [0, 1]])
        with pytest.raises(PartitionRequired, match=r"<view readings/by_hour> of its own: name one with"):
            session.view(Readings.by_hour).value()
