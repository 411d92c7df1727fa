"""The documents of a view's rows are those that the session holds, as they are when it is their turn."""

import pytest

from couchmapper.database import Client, Database
from couchmapper.design import Count, Design, View
from couchmapper.exceptions import NotFound, SessionClosed, UnexpectedType
from couchmapper.mapping import Document, Mapped, Ref, field


class Customer(Document, id="customer:{name}"):
    name: Mapped[str]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    customer: Mapped[Ref[Customer] | None] = field(default=None)


class OrderViews(Design, model=Order):
    by_number = View(key=Order.number)
    by_status = View(key=Order.status, reduce=Count())
    customers = View(key=Order.number, link=Order.customer)


@pytest.fixture
def shop(wire, database: Database) -> Database:
    """Give a database with five orders, all of Ann, and the deployed views."""
    with database.begin() as session:
        session.add(Customer(name="ann"))
        session.add_all(Order(number=number, customer=Ref("customer:ann")) for number in range(5))
    OrderViews.deploy(database)
    wire.requests.clear()
    return database


def numbers(orders) -> list[int]:
    return [order.number for order in orders]


def test_a_view_is_asked_when_it_is_iterated(wire, shop: Database):
    with shop.session() as session:
        orders = session.view(OrderViews.by_number).descending().limit(2)
        assert wire.requests == []
        assert [row.key for row in orders] == [4, 3]


def test_nothing_is_asked_for_no_rows(wire, shop: Database):
    with shop.session() as session:
        assert session.view(OrderViews.by_number).limit(0).all() == []
        assert session.view(OrderViews.by_number).keys([]).all() == []
        assert wire.requests == []


def test_some_rows_are_one_request(shop: Database):
    with shop.session(max_requests=3) as session:
        assert len(session.view(OrderViews.by_number).skip(1).limit(3).all()) == 3
        assert session.view(OrderViews.by_status).value() == 5
        assert session.view(OrderViews.by_status).rows().key("new").count() == 5


def test_a_page_is_one_request(shop: Database):
    with shop.session(max_requests=2) as session:
        orders = session.view(OrderViews.by_number)

        first = orders.page(2)
        assert [row.key for row in orders.page(2, after=first.next)] == [2, 3]


def test_the_documents_of_rows_are_two_requests(shop: Database):
    with shop.session(max_requests=2) as session:
        assert numbers(session.view(OrderViews.by_number).documents(Order)) == [0, 1, 2, 3, 4]


def test_a_document_that_is_deleted_meanwhile_is_left_out(shop: Database):
    with shop.session() as session:
        found = session.view(OrderViews.by_number).documents(Order)
        first = next(found)
        session.delete(session.get(Order, "order:1"))
        session.delete(session.get(Order, "order:2"))
        session.commit()

        assert (first.number, numbers(found)) == (0, [3, 4])


def test_a_document_that_was_forgotten_meanwhile_is_made_anew(shop: Database):
    with shop.session() as session:
        found = session.view(OrderViews.by_number).documents(Order)
        next(found)
        session.expunge(session.get(Order, "order:1"))

        assert next(found) is session.get(Order, "order:1")


def test_changes_are_seen_and_saved(shop: Database):
    with shop.begin() as session:
        for order in session.view(OrderViews.by_number).documents(Order):
            order.status = "paid"

    with shop.session() as session:
        assert [row.key for row in session.view(OrderViews.by_status).group()] == ["paid"]


def test_a_linked_document_that_waits_for_its_deletion_is_left_out(shop: Database):
    with shop.session() as session:
        session.delete(session.get(Customer, "customer:ann"))

        assert list(session.view(OrderViews.customers).documents()) == []


def test_a_link_leads_to_the_database_where_its_model_lives(wire):
    orders, people = (Client(wire).database(name, create=True) for name in ("orders", "people"))

    class Person(Document, database=people, id="person:{name}"):
        name: Mapped[str]

    class Visit(Document, database=orders, id="visit:{number}"):
        number: Mapped[int]
        person: Mapped[Ref[Person]]

    class Visits(Design, model=Visit):
        people = View(key=Visit.number, link=Visit.person)

    Visits.deploy(orders)
    with orders.session(people) as session:
        session.add(Person(name="ann"))
        session.add(Visit(number=1, person=Ref("person:ann")))
        session.commit()

    with orders.session(people) as session:
        assert [person.name for person in session.view(Visits.people).documents()] == ["ann"]


def test_a_link_to_a_document_of_another_model_is_told(shop: Database):
    with shop.begin() as session:
        session.get(Order, "order:3").customer = Ref("order:4")

    with shop.session() as session, pytest.raises(UnexpectedType):
        list(session.view(OrderViews.customers).documents())


def test_a_view_of_a_closed_session_is_not_asked(shop: Database):
    with shop.session() as session:
        rows, documents = iter(session.view(OrderViews.by_number)), session.view(OrderViews.by_number)
        next(rows)

    with pytest.raises(SessionClosed):
        documents.all()
    with pytest.raises(SessionClosed):
        list(documents.documents())


def test_a_view_that_was_not_deployed_is_told_by_the_first_row(database: Database):
    with database.session() as session:
        orders = session.view(OrderViews.by_number)
        with pytest.raises(NotFound):
            orders.first()
        with pytest.raises(NotFound):
            orders.count()


def test_many_keys_are_asked_for_some_at_a_time(shop: Database):
    with shop.session(max_requests=3) as session:
        keys = [*range(1200, 3, -1), 2]

        assert [row.key for row in session.view(OrderViews.by_number).keys(keys)] == [4, 2]
