"""Views whose rows link to other documents."""

from typing import Any

import pytest
import quickjs

from couchmapper import jsonio
from couchmapper.design import Count, Design, Sum, View
from couchmapper.exceptions import DesignError
from couchmapper.mapping import Document, Mapped, Ref, field
from couchmapper.mapping.links import Link


class Customer(Document):
    name: Mapped[str]


class Order(Document):
    number: Mapped[int]
    customer: Mapped[Ref[Customer] | None] = field(default=None)
    gifts: Mapped[list[Ref[Customer]]] = field(factory=list)


class OrderViews(Design, model=Order):
    customers = View(key=Order.number, link=Order.customer)
    counted = View(key=Order.number, link=Order.customer, reduce=Count())
    numbers = View(key=Order.number, value=Order.number)


def emitted(document: Any) -> list[Any]:
    context = quickjs.Context()
    context.eval("var rows = []; var emit = function (key, value) { rows.push([key, value]); };")
    text = jsonio.dumps(jsonio.dumps(document).decode()).decode()
    context.eval(f"({OrderViews.customers.definition(Order)['map']})(JSON.parse({text}))")
    rows: list[Any] = jsonio.loads(context.eval("JSON.stringify(rows)"))
    return rows


def test_a_link_is_emitted_as_couchdb_links_documents():
    order = {"_id": "o", "type": "order", "number": 1}

    assert emitted({**order, "customer": "customer:ann"}) == [[1, {"_id": "customer:ann"}]]
    assert emitted({**order, "customer": None}) == []
    assert emitted(order) == []


def test_a_view_knows_where_its_links_lead():
    assert OrderViews.customers.target is Customer
    assert OrderViews.numbers.target is None


def test_the_values_of_rows_are_links():
    assert type(OrderViews.customers.load_value({"_id": "customer:ann"})) is Link
    assert OrderViews.counted.load_reduced(3) == 3


@pytest.mark.parametrize(
    "link",
    [Order.number, Order.gifts, "customer", Customer],
    ids=["number", "list", "text", "model"],
)
def test_a_link_is_a_field_with_one_reference(link: Any):
    with pytest.raises(
        DesignError, match=r"link= of a view is a field with one reference, such as Order\.cust"
    ):
        View(key=Order.number, link=link)


def test_a_view_has_one_kind_of_value():
    with pytest.raises(DesignError, match="a view emits one of value= and link="):
        View(key=Order.number, value=Order.number, link=Order.customer)  # type: ignore[call-overload]


def test_links_have_no_sum():
    with pytest.raises(DesignError, match="the reduce function needs value="):
        View(key=Order.number, link=Order.customer, reduce=Sum()).definition(Order)
