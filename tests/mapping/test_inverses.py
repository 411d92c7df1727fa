"""Inverse fields: no part of the JSON, loaded or not, and never changed by hand."""

import copy
import pickle
from typing import Any

import attrs
import pytest

from couchmapper.design import Design, View
from couchmapper.exceptions import ExpressionError, ModelError, NotLoaded, ReadOnlyField
from couchmapper.mapping import Document, Embedded, Mapped, Ref, inverse
from couchmapper.mapping.inverses import InverseField, is_loaded, keep_found
from couchmapper.mapping.mapper import dump, load


class Customer(Document, id="customer:{name}"):
    name: Mapped[str]
    orders: Mapped[list["Order"]] = inverse(lambda: OrderViews.by_customer)


class Reseller(Customer):
    pass


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[Ref[Customer]]


class OrderViews(Design, model=Order):
    by_customer = View(key=Order.customer)


def ann() -> Customer:
    customer = Customer(name="ann")
    keep_found(customer, "orders", [Order(number=1, customer=Ref(customer))])
    return customer


def test_it_is_no_argument_and_no_part_of_the_json():
    with pytest.raises(TypeError):
        Customer(name="ann", orders=[])  # type: ignore[call-arg]
    assert dump(ann()) == {"_id": "customer:ann", "type": "customer", "name": "ann"}


def test_a_member_of_that_name_in_json_is_another_thing():
    stored = {"_id": "customer:ann", "type": "customer", "name": "ann", "orders": 7}
    customer = load(Customer, stored)

    assert not is_loaded(customer, "orders")
    assert dump(customer) == stored


def test_it_takes_no_part_in_equality_and_is_not_shown():
    assert ann() == Customer(name="ann")
    assert repr(ann()) == "Customer(name='ann', id='customer:ann')"


def test_touching_it_unloaded_tells_how_to_load_it():
    with pytest.raises(
        NotLoaded, match=r"^Customer\.orders is not loaded for 'customer:ann', .*include\(Customer"
    ):
        _ = Customer(name="ann").orders


def test_what_was_found_is_a_list():
    assert isinstance(ann().orders, list)
    assert [order.number for order in ann().orders] == [1]


def test_a_subclass_has_it_too():
    reseller = Reseller(name="ann")
    keep_found(reseller, "orders", [])

    assert reseller.orders == []
    assert Reseller.orders.owner is Reseller  # type: ignore[attr-defined]


def test_it_is_not_assigned():
    with pytest.raises(
        ReadOnlyField, match=r"Customer\.orders holds the documents that refer to 'customer:ann'"
    ):
        ann().orders = []


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.append(1),
        lambda found: found.extend([1]),
        lambda found: found.insert(0, 1),
        lambda found: found.pop(),
        lambda found: found.remove(1),
        lambda found: found.clear(),
        lambda found: found.sort(key=id),
        lambda found: found.reverse(),
        lambda found: found.__setitem__(0, 1),
        lambda found: found.__delitem__(0),
        lambda found: found.__iadd__([1]),
        lambda found: found.__imul__(2),
    ],
)
def test_the_list_is_not_changed(change):
    with pytest.raises(ReadOnlyField, match="change those, or take a copy"):
        change(ann().orders)


def test_every_method_that_changes_a_list_is_refused():
    found = ann().orders
    assert {name for name in dir(list) if getattr(type(found), name) is type(found).append} == {
        *("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"),
        *("__delitem__", "__iadd__", "__imul__", "__setitem__"),
    }


def test_a_copied_document_shares_the_documents_found():
    customer = ann()

    assert copy.deepcopy(customer).orders[0] is customer.orders[0]
    assert customer.orders.copy() == list(customer.orders)


def test_what_was_found_travels_between_processes():
    customer = pickle.loads(pickle.dumps(ann()))  # noqa: S301 - our own bytes

    assert [order.number for order in customer.orders] == [1]
    assert not customer.orders[0].customer.is_loaded


def test_an_evolved_document_has_not_loaded_it():
    assert not is_loaded(attrs.evolve(ann(), name="bob"), "orders")


# --- on the class


def test_the_class_has_the_field():
    assert isinstance(Customer.orders, InverseField)
    assert repr(Customer.orders) == "<inverse field Customer.orders>"


@pytest.mark.parametrize(
    "use",
    [
        lambda orders: orders == [],
        lambda orders: orders != [],
        lambda orders: orders < 5,
        lambda orders: orders.any(5),
        lambda orders: orders.len(),
        lambda orders: orders.exists(),
        lambda orders: orders.desc(),
        lambda orders: orders[0],
        lambda orders: 5 in orders,
        list,
        bool,
    ],
)
def test_it_has_no_place_in_a_condition(use):
    with pytest.raises(ExpressionError, match="is not stored, so it has no place in a condition"):
        use(Customer.orders)


# --- declarations


class Supplier(Document):
    orders: Mapped[list[Order]] = inverse("OrderViews.by_customer")
    wrong: Mapped[list[Order]] = inverse("OrderViews.nowhere")


class LocalSupplier(Supplier):
    __module__ = "elsewhere"


@pytest.mark.parametrize("field", [Supplier.orders, LocalSupplier.orders, Customer.orders])
def test_the_view_is_named_or_given_by_a_function(field: Any):
    assert field.view() is OrderViews.by_customer


def test_a_view_that_is_not_there_is_told_with_the_way_out():
    with pytest.raises(ModelError, match=r"^Supplier\.wrong: .*'nowhere'; a view is named as"):
        Supplier.wrong.view()  # type: ignore[attr-defined]


def test_the_view_itself_is_not_there_yet():
    with pytest.raises(
        ModelError, match=r"inverse takes the name of a view, such as 'OrderViews\.by_customer'"
    ):
        inverse(OrderViews.by_customer)  # type: ignore[arg-type]


def test_an_embedded_value_has_no_inverse():
    with pytest.raises(ModelError, match=r"^Address\.orders: an embedded value has no id"):

        class Address(Embedded):
            orders: Mapped[list[Order]] = inverse(lambda: OrderViews.by_customer)
