"""What a session loads for references: how often it asks, and what it holds already."""

import json
import weakref

import pytest

from couchmapper.database import Client, Database
from couchmapper.design import Count, Design, View
from couchmapper.exceptions import (
    BudgetExceeded,
    ExpressionError,
    InvalidAnswer,
    NotLoaded,
    SessionClosed,
    UnexpectedType,
)
from couchmapper.mapping import Document, Mapped, Ref, field, inverse
from couchmapper.messages import Response


class Customer(Document, id="customer:{name}"):
    name: Mapped[str]
    city: Mapped[str] = field(default="Ghent")
    orders: Mapped[list["Order"]] = inverse(lambda: OrderViews.by_customer)


class Product(Document, id="product:{name}"):
    name: Mapped[str]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[Ref[Customer]]
    products: Mapped[list[Ref[Product]]] = field(factory=list)


class OrderViews(Design, model=Order):
    by_customer = View(key=Order.customer, reduce=Count())


@pytest.fixture
def shop(database: Database, wire) -> Database:
    """Give a database with ten orders of two customers, and one of a customer who is not there."""
    OrderViews.deploy(database)
    names = ["ann", "bob"]
    with database.begin() as session:
        session.add_all(Customer(name=name) for name in names)
        session.add_all(Product(name=name) for name in ("tea", "cup"))
        session.add_all(
            Order(number=number, customer=Ref(f"customer:{names[number % 2]}"), products=[Ref("product:tea")])
            for number in range(10)
        )
        session.add(Order(number=99, customer=Ref("customer:eve")))
    wire.requests.clear()
    return database


def endpoints(wire) -> list[str]:
    return [request.path[-1] for request in wire.requests]


def keys(wire) -> list[list[str]]:
    return [json.loads(one.body)["keys"] for one in wire.requests if one.path[-1] == "_all_docs"]


def test_a_query_loads_what_it_includes_with_one_more_request(shop, wire):
    with shop.session() as session:
        orders = session.query(Order).include(Order.customer, Order.products).all()

        assert {order.customer.document.name for order in orders if order.number < 99} == {"ann", "bob"}
        assert {product.document.name for order in orders for product in order.products} == {"tea"}
        assert orders[-1].customer.is_missing
    assert endpoints(wire) == ["_find", "_all_docs"]


def test_all_lead_to_the_one_object_that_the_session_holds(shop):
    with shop.session() as session:
        orders = session.query(Order).where(Order.customer == "customer:ann").include(Order.customer).all()

        assert {id(order.customer.document) for order in orders} == {
            id(session.get(Customer, "customer:ann"))
        }


def test_what_is_done_to_a_loaded_document_is_saved(shop):
    with shop.begin() as session:
        session.query(Order).include(Order.customer).first().customer.document.city = "Rome"

    with shop.session() as session:
        assert session.get(Customer, "customer:ann").city == "Rome"


def test_what_the_session_holds_is_not_asked_for(shop, wire):
    with shop.session() as session:
        ann = session.get(Customer, "customer:ann")
        ann.city = "Rome"
        wire.requests.clear()

        orders = session.query(Order).include(Order.customer).all()

        assert orders[0].customer.document is ann
        assert keys(wire) == [["customer:bob", "customer:eve"]]


def test_what_waits_for_its_deletion_is_missing_and_not_asked_for(shop, wire):
    with shop.session() as session:
        session.delete(session.get(Customer, "customer:ann"))
        wire.requests.clear()

        order = session.get(Order, "order:0", include=[Order.customer])

        assert order.customer.is_missing
        assert keys(wire) == []


def test_what_was_added_and_not_yet_saved_is_found(shop):
    with shop.session() as session:
        eve = Customer(name="eve")
        session.add(eve)

        assert session.get(Order, "order:99", include=[Order.customer]).customer.document is eve


def test_get_includes(shop, wire):
    with shop.session() as session:
        order = session.get(Order, "order:1", include=[Order.customer, Customer.orders])

        assert [one.number for one in order.customer.document.orders] == [1, 3, 5, 7, 9]
    assert endpoints(wire) == ["order:1", "_all_docs", "by_customer"]


def test_get_of_nothing_includes_nothing(shop, wire):
    with shop.session() as session:
        assert session.get(Order, "order:1000", include=[Order.customer]) is None
    assert endpoints(wire) == ["order:1000"]


def test_get_many_includes(shop, wire):
    with shop.session() as session:
        one, none, other = session.get_many(Order, ["order:0", "x", "order:1"], include=[Order.customer])

        assert (one.customer.document.name, none, other.customer.document.name) == ("ann", None, "bob")
    assert endpoints(wire) == ["_all_docs", "_all_docs"]


def test_documents_that_are_there_are_given_what_they_refer_to(shop, wire):
    with shop.session() as session:
        orders = session.get_many(Order, ["order:0", "x", "order:1"])
        wire.requests.clear()

        session.include(orders, Order.customer)
        session.include(orders[0], Order.products)

        assert orders[2].customer.document.name == "bob"
        assert orders[0].products[0].document.name == "tea"
    assert endpoints(wire) == ["_all_docs", "_all_docs"]


def test_including_in_no_documents_asks_nothing(shop, wire):
    with shop.session() as session:
        session.include([], Order.customer)
        session.include([None], Order.customer)
    assert wire.requests == []


def test_an_inverse_field_is_one_request_for_all(shop, wire):
    with shop.session() as session:
        customers = session.query(Customer).include(Customer.orders).all()

        assert [[one.number for one in customer.orders] for customer in customers] == [
            [0, 2, 4, 6, 8],
            [1, 3, 5, 7, 9],
        ]
        assert session.get(Order, "order:1") is customers[1].orders[0]
    assert endpoints(wire)[:2] == ["_find", "by_customer"]


def test_an_inverse_field_leaves_out_what_waits_for_its_deletion(shop):
    with shop.session() as session:
        session.delete(session.get(Order, "order:0"))

        ann = session.get(Customer, "customer:ann", include=[Customer.orders])

        assert [one.number for one in ann.orders] == [2, 4, 6, 8]


def test_refreshing_unloads_what_was_included(shop):
    with shop.session() as session:
        ann = session.get(Customer, "customer:ann", include=[Customer.orders])
        order = session.get(Order, "order:0", include=[Order.customer])

        session.refresh(ann)
        session.refresh(order)

        assert not order.customer.is_loaded
        with pytest.raises(NotLoaded):
            _ = ann.orders


def test_a_large_answer_is_included_page_by_page(shop, wire):
    with shop.session() as session:
        session.query(Order).count()  # which makes the indexes known
        wire.requests.clear()
        found = iter(session.query(Order).page_size(4).include(Order.products))
        assert wire.requests == []

        next(found)
        assert endpoints(wire) == ["_find", "_all_docs"]
        assert len(list(found)) == 10
    assert endpoints(wire).count("_find") == 3


def test_the_first_document_includes_no_others(shop, wire):
    with shop.session() as session:
        assert session.query(Order).include(Order.customer).first().customer.document.name == "ann"
    assert keys(wire) == [["customer:ann"]]


def test_each_database_is_asked_once(wire, shop):
    elsewhere = Client(wire).database("people", create=True)

    class Person(Document, database=elsewhere, id="{name}"):
        name: Mapped[str]

    class Note(Document, database=shop, id="{name}"):
        name: Mapped[str]
        author: Mapped[Ref[Person]]
        twin: Mapped[Ref["Note"] | None] = field(default=None)

    with shop.begin(elsewhere) as session:
        session.add(Person(name="one"))
        session.add(Note(name="one", author=Ref("one"), twin=Ref("one")))
        session.add(Note(name="two", author=Ref("one"), twin=Ref("one")))
    wire.requests.clear()

    with shop.session(elsewhere) as session:
        note = session.get(Note, "two", include=[Note.author, Note.twin])

        assert (type(note.author.document), type(note.twin.document)) == (Person, Note)
    assert [request.path[0] for request in wire.requests[1:]] == ["people", "shop"]


def test_a_reference_to_a_document_of_another_model_is_told(shop):
    with shop.session() as session:
        session.add(Order(number=100, customer=Ref("product:tea")))
        session.commit()

    with shop.session() as session, pytest.raises(UnexpectedType, match="'product:tea' has type 'product'"):
        session.get(Order, "order:100", include=[Order.customer])


def test_a_document_that_the_server_could_not_read_is_not_missing(shop, wire):
    row = {"key": "customer:ann", "error": "not_enough_nodes"}
    wire.breaks(Response(status=200, headers={}, body=json.dumps({"rows": [row]}).encode()), at="_all_docs")

    with shop.session() as session, pytest.raises(InvalidAnswer, match="could not read 'customer:ann'"):
        session.get(Order, "order:0", include=[Order.customer])


def test_what_is_included_is_in_the_budget(shop):
    with shop.session(max_requests=1) as session, pytest.raises(BudgetExceeded):
        session.get(Order, "order:0", include=[Order.customer])


def test_what_is_no_reference_is_refused_before_anything_is_sent(shop, wire):
    with shop.session() as session:
        with pytest.raises(ExpressionError):
            session.get(Order, "order:0", include=[Order.number])
        with pytest.raises(ExpressionError):
            session.query(Order).include(Order.number)
    assert wire.requests == []


def test_a_closed_session_includes_nothing(shop):
    with shop.session() as session:
        order = session.get(Order, "order:0")

    with pytest.raises(SessionClosed):
        session.include(order, Order.customer)


def test_steps_of_a_query_add_up(shop):
    with shop.session() as session:
        query = session.query(Order).include(Order.customer).include(Customer.orders).where(Order.number == 0)

        assert [one.number for one in query.one().customer.document.orders] == [0, 2, 4, 6, 8]


def test_a_loop_over_many_lets_go_of_what_it_included(database):
    with database.begin() as session:
        session.add_all(Order(number=number, customer=Ref(f"customer:{number}")) for number in range(2500))
        session.add_all(Customer(name=str(number)) for number in range(2500))

    with database.session(scans="allow") as session:
        query = session.query(Order).page_size(500).include(Order.customer)
        customers = [weakref.ref(order.customer.document) for order in query]

    assert sum(customer() is not None for customer in customers) < 1500
