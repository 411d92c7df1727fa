import pytest

from couchmapper.design import Design, View
from couchmapper.exceptions import NotLoaded, ReferenceMissing
from couchmapper.mapping import Document, Embedded, Mapped, Ref, field, inverse


class Company(Document, id="company:{name}"):
    name: Mapped[str]


class Customer(Document, id="customer:{name}"):
    name: Mapped[str]
    company: Mapped[Ref[Company] | None] = field(default=None)
    orders: Mapped[list["Order"]] = inverse(lambda: OrderViews.by_customer)


class Reseller(Customer):
    discount: Mapped[int] = field(default=10)


class Product(Document, id="product:{name}"):
    name: Mapped[str]


class Line(Embedded):
    product: Mapped[Ref[Product]]
    quantity: Mapped[int] = field(default=1)


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[Ref[Customer]]
    gifts: Mapped[list[Ref[Product]]] = field(factory=list)
    lines: Mapped[list[Line]] = field(factory=list)


class OrderViews(Design, model=Order):
    by_customer = View(key=Order.customer)


class Employee(Document, id="employee:{name}"):
    name: Mapped[str]
    boss: Mapped[Ref["Employee"] | None] = field(default=None)


@pytest.fixture
def shop(database):
    """Give a database with four orders: of a customer, of a reseller twice, and of nobody."""
    OrderViews.deploy(database)
    tea, ann = Company(name="tea"), Customer(name="ann", company=Ref("company:tea"))
    zoe = Reseller(name="Zoë", company=Ref("company:gone"))
    leaf, mug = Product(name="leaf"), Product(name="mug")
    with database.begin() as session:
        session.add_all([tea, ann, zoe, leaf, mug])
        session.add(Order(number=1, customer=Ref(ann), gifts=[Ref(leaf), Ref(mug)]))
        session.add(
            Order(number=2, customer=Ref(zoe), lines=[Line(product=Ref(leaf)), Line(product=Ref(mug))])
        )
        session.add(Order(number=3, customer=Ref(zoe), gifts=[Ref("product:gone")]))
        session.add(Order(number=4, customer=Ref("customer:eve")))
    return database


def by_number(orders) -> dict[int, Order]:
    return {order.number: order for order in orders}


def test_a_reference_is_stored_as_an_id(shop):
    stored = shop.documents.get("order:2")

    assert (stored["customer"], stored["lines"][0]) == (
        "customer:Zoë",
        {"product": "product:leaf", "quantity": 1},
    )


def test_a_query_loads_what_its_documents_refer_to(shop):
    with shop.session() as session:
        orders = by_number(session.query(Order).include(Order.customer, Order.gifts, Line.product))

    assert orders[1].customer.document.name == "ann"
    assert [gift.document.name for gift in orders[1].gifts] == ["leaf", "mug"]
    assert [line.product.document.name for line in orders[2].lines] == ["leaf", "mug"]
    assert isinstance(orders[2].customer.document, Reseller)
    assert orders[2].customer.document is orders[3].customer.document


def test_further_levels_follow(shop):
    with shop.session() as session:
        orders = by_number(session.query(Order).include(Order.customer, Customer.company))

    assert orders[1].customer.document.company.document.name == "tea"
    assert orders[2].customer.document.company.is_missing


def test_one_may_go_up_several_steps(database):
    with database.begin() as session:
        session.add(Employee(name="ann"))
        session.add(Employee(name="bob", boss=Ref("employee:ann")))
        session.add(Employee(name="cem", boss=Ref("employee:bob")))

    with database.session() as session:
        cem = session.get(Employee, "employee:cem", include=[Employee.boss, Employee.boss])

    assert cem.boss.document.boss.document.name == "ann"


def test_a_deleted_document_is_missing_and_so_is_one_that_never_was(shop):
    with shop.begin() as session:
        session.delete(session.get(Customer, "customer:ann"))

    with shop.session() as session:
        orders = by_number(session.query(Order).include(Order.customer))

    for number in (1, 4):
        with pytest.raises(ReferenceMissing):
            _ = orders[number].customer.document


def test_what_is_not_included_is_not_fetched(shop):
    with shop.session() as session:
        order = session.get(Order, "order:1")

        with pytest.raises(NotLoaded):
            _ = order.customer.document


def test_documents_are_given_what_they_refer_to_later(shop):
    with shop.session() as session:
        orders = session.get_many(Order, ["order:1", "order:2"])
        session.include(orders, Order.customer)

        assert [order.customer.document.name for order in orders] == ["ann", "Zoë"]


def test_the_documents_that_refer_to_one_are_found_by_a_view(shop):
    with shop.session() as session:
        customers = (
            session.query(Customer).order_by(Customer.name).include(Customer.orders, Order.gifts).all()
        )

        assert {one.name: [order.number for order in one.orders] for one in customers} == {
            "ann": [1],
            "Zoë": [2, 3],
        }
        assert customers[0].orders[0].gifts[0].document.name == "leaf"


def test_an_order_that_changes_its_customer_is_found_with_the_other_one(shop):
    with shop.begin() as session:
        ann = session.get(Customer, "customer:ann")
        session.get(Order, "order:2").customer = Ref(ann)

    with shop.session() as session:
        ann, zoe = session.get_many(Customer, ["customer:ann", "customer:Zoë"], include=[Customer.orders])

    assert [order.number for order in ann.orders] == [1, 2]
    assert [order.number for order in zoe.orders] == [3]


@pytest.mark.parametrize("operand", ["customer:Zoë", Ref("customer:Zoë"), Reseller(name="Zoë")])
def test_a_query_finds_documents_by_what_they_refer_to(shop, operand):
    with shop.session() as session:
        found = session.query(Order).where(Order.customer == operand)

        assert sorted(by_number(found)) == [2, 3]


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        (Order.customer != "customer:Zoë", [1, 4]),
        (Order.customer.in_(["customer:ann", Customer(name="eve")]), [1, 4]),
        (Order.gifts.any(Product(name="mug")), [1]),
        (Order.gifts.any_in(["product:gone", Ref("product:mug")]), [1, 3]),
        (Order.lines.any(Line.product == Ref("product:leaf")), [2]),
    ],
)
def test_conditions_on_references_mean_their_ids(shop, condition, numbers):
    with shop.session() as session:
        assert sorted(by_number(session.query(Order).where(condition))) == numbers


def test_the_rows_of_a_view_have_references_as_keys(shop):
    with shop.session() as session:
        rows = list(session.view(OrderViews.by_customer).key(Reseller(name="Zoë")))

    assert [(row.key, row.id) for row in rows] == [
        (Ref("customer:Zoë"), "order:2"),
        (Ref("customer:Zoë"), "order:3"),
    ]


def test_what_is_done_to_a_loaded_document_is_saved_with_the_rest(shop):
    with shop.begin() as session:
        order = session.query(Order).where(Order.number == 1).include(Order.customer).one()
        order.customer.document.company = None
        order.gifts.pop()

    assert shop.documents.get("customer:ann")["company"] is None
    assert shop.documents.get("order:1")["gifts"] == ["product:leaf"]


def test_pages_of_a_query_are_included_one_by_one(shop):
    with shop.session() as session:
        orders = by_number(session.query(Order).page_size(3).include(Order.customer))

    assert [orders[number].customer.is_loaded for number in (1, 2, 3, 4)] == [True, True, True, False]
