"""What type checkers see of references and of what is included. Checked, never run."""

from typing import assert_type

from couchmapper import Design, Document, Embedded, Mapped, Query, Ref, Row, View, connect, field, inverse
from couchmapper.mango.nodes import Condition, Expression
from couchmapper.mapping.expressions import Field, ReferenceField

shop = connect("memory:").database("shop", create=True)


class Company(Document):
    name: Mapped[str]


class Customer(Document, id="customer:{name}"):
    name: Mapped[str]
    company: Mapped[Ref[Company] | None] = field(default=None)
    orders: Mapped[list["Order"]] = inverse("OrderViews.by_customer")


class Reseller(Customer):
    discount: Mapped[int] = field(default=10)


class Product(Document):
    name: Mapped[str]


class Line(Embedded):
    product: Mapped[Ref[Product]]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[Ref[Customer]]
    parent: Mapped[Ref["Order"] | None] = field(default=None)
    gifts: Mapped[list[Ref[Product]]] = field(factory=list)
    by_colour: Mapped[dict[str, Ref[Product]]] = field(factory=dict)
    line: Mapped[Line | None] = field(default=None)


class OrderViews(Design, model=Order):
    by_customer = View(key=Order.customer)


ann = Customer(name="ann")
tea = Product(name="tea")
order = Order(number=1, customer=Ref(ann), gifts=[Ref(tea), Ref("product:cup")])
Order(number=2, customer=Ref("customer:bob"))
Order(number=3, customer=Ref(Reseller(name="cem")))

assert_type(Ref(ann), Ref[Customer])
assert_type(order.customer, Ref[Customer])
assert_type(order.customer.id, str)
assert_type(order.customer.is_loaded, bool)
assert_type(order.customer.document, Customer)
assert_type(order.customer.document.name, str)
assert_type(order.parent, Ref[Order] | None)
assert_type(order.gifts[0].document, Product)
assert_type(order.by_colour["red"].document, Product)
assert_type(ann.orders, list[Order])
assert_type(ann.orders[0].customer.document, Customer)

assert_type(Order.customer, ReferenceField[Customer])
assert_type(Order.parent, ReferenceField[Order])
assert_type(Order.gifts, Field[list[Ref[Product]]])
assert_type(Line.product, ReferenceField[Product])
assert_type(Customer.orders, Field[list[Order]])

assert_type(Order.customer == "customer:ann", Condition)
assert_type(Order.customer == ann, Condition)
assert_type(Order.customer == Ref(ann), Condition)
assert_type(Order.customer == Ref("customer:ann"), Condition)
assert_type(Order.customer == Reseller(name="cem"), Condition)
assert_type(Order.customer != ann, Condition)
assert_type(Order.parent == None, Condition)  # noqa: E711 - an expression, and this is its spelling
assert_type(Order.customer.in_([ann, "customer:bob"]), Condition)
assert_type(Order.customer.not_in([Ref(ann)]), Condition)
assert_type(Order.gifts.any(tea), Expression)
assert_type(Order.gifts.any_in(["product:tea"]), Condition)

order.customer = Ref(Reseller(name="cem"))
order.customer = Ref("customer:bob")

with shop.begin() as session:
    query = session.query(Order).include(Order.customer, Customer.company, Line.product)
    assert_type(query, Query[Order])
    assert_type(session.get(Order, "order:1", include=[Order.customer, Customer.orders]), Order | None)
    assert_type(session.get_many(Order, ["order:1"], include=[Order.gifts]), list[Order | None])
    session.include(order, Order.customer)
    session.include([order], Order.customer, Customer.orders)
    for row in session.view(OrderViews.by_customer).key(ann):
        assert_type(row, Row[Ref[Customer], None])
        assert_type(row.key.id, str)

order.customer = ann  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
order.customer = "customer:ann"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
order.customer = Ref(tea)  # type: ignore[arg-type]  # pyright: ignore[reportAttributeAccessIssue]
order.customer.document = ann  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
Order(number=1, customer="customer:ann")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Customer(name="ann", orders=[])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Ref(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
session.query(Order).include("customer")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
