"""What documents refer to is loaded level by level; a shelf of documents counts how often it is asked."""

from collections.abc import Iterable, Iterator

import pytest

from couchmapper.design import Design, View
from couchmapper.exceptions import ExpressionError, NotLoaded, ReferenceMissing, UnexpectedType
from couchmapper.mapping import Document, Embedded, Mapped, Ref, field, inverse, mapper
from couchmapper.mapping.inclusion import inclusions
from couchmapper.session.including import in_pages, load_included


class Company(Document, id="company:{name}"):
    name: Mapped[str]


class Customer(Document, id="customer:{name}"):
    name: Mapped[str]
    company: Mapped[Ref[Company] | None] = field(default=None)
    orders: Mapped[list["Order"]] = inverse(lambda: OrderViews.by_customer)


class Product(Document, id="product:{name}"):
    name: Mapped[str]
    maker: Mapped[Ref[Company] | None] = field(default=None)


class Line(Embedded):
    product: Mapped[Ref[Product]]


class Shipment(Embedded):
    carrier: Mapped[Ref[Company]]
    insurer: Mapped[Ref[Company] | None] = field(default=None)


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[Ref[Customer]]
    seller: Mapped[Ref[Company] | None] = field(default=None)
    gifts: Mapped[list[Ref[Product]]] = field(factory=list)
    samples: Mapped[dict[str, Ref[Product]]] = field(factory=dict)
    pair: Mapped[tuple[Ref[Product], int] | None] = field(default=None)
    lines: Mapped[list[Line]] = field(factory=list)
    shipment: Mapped[Shipment | None] = field(default=None)


class OrderViews(Design, model=Order):
    by_customer = View(key=Order.customer)


class Employee(Document, id="employee:{name}"):
    name: Mapped[str]
    boss: Mapped[Ref["Employee"] | None] = field(default=None)


class Shelf:
    """Has documents, gives the same object for an id each time, and keeps what was asked for."""

    def __init__(self, *documents: Document) -> None:
        self._documents = {document.id: document for document in documents}
        self.asked: list[list[str]] = []
        self.views: list[tuple[str, list[str]]] = []

    def load_many(self, wanted: Iterable[tuple[type[Document], str]]) -> dict[tuple[type, str], Document]:
        self.asked.append([document_id for _, document_id in wanted])
        return {
            (model, document_id): self._documents[document_id]
            for model, document_id in wanted
            if document_id in self._documents
        }

    def view_documents(self, _model, view, keys) -> Iterator[tuple[str, Document]]:
        self.views.append((view.name, list(keys)))
        for document in self._documents.values():
            if isinstance(document, Order) and document.customer.id in keys:
                yield document.customer.id, document


def stored(document: Document) -> Document:
    """Return the document as one that was loaded, with nothing behind its references."""
    return mapper.load(type(document), {**mapper.dump(document), "_rev": "1-a"})


def include(shelf: Shelf, documents: list[Document], *fields) -> None:
    load_included(shelf, documents, inclusions(fields, dict.fromkeys(type(one) for one in documents)))


def order(number: int, customer: str = "customer:ann", **values) -> Order:
    return stored(Order(number=number, customer=Ref(customer), **values))


ANN, BOB = Customer(name="ann", company=Ref("company:tea")), Customer(name="bob", company=Ref("company:cup"))
TEA, CUP = Company(name="tea"), Company(name="cup")
LEAF, MUG = Product(name="leaf", maker=Ref("company:tea")), Product(name="mug")


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(*map(stored, (ANN, BOB, TEA, CUP, LEAF, MUG)))


def test_a_reference_is_given_its_document(shelf):
    one = order(1)

    include(shelf, [one], Order.customer)

    assert one.customer.document.name == "ann"


def test_many_documents_are_one_request_and_each_id_is_in_it_once(shelf):
    orders = [order(number, f"customer:{'ann' if number % 2 else 'bob'}") for number in range(100)]

    include(shelf, orders, Order.customer)

    assert shelf.asked == [["customer:bob", "customer:ann"]]
    assert orders[0].customer.document is orders[98].customer.document


def test_fields_of_one_level_share_a_request(shelf):
    one = order(1, seller=Ref(TEA), gifts=[Ref(LEAF)], lines=[Line(product=Ref(MUG))])

    include(shelf, [one], Order.customer, Order.seller, Order.gifts, Line.product)

    assert shelf.asked == [["customer:ann", "company:tea", "product:leaf", "product:mug"]]


def test_each_further_level_is_one_request(shelf):
    orders = [order(1, gifts=[Ref(LEAF)]), order(2, "customer:bob")]

    include(shelf, orders, Order.customer, Order.gifts, Customer.company, Product.maker)

    assert shelf.asked == [["customer:ann", "product:leaf", "customer:bob"], ["company:tea", "company:cup"]]
    assert orders[1].customer.document.company.document.name == "cup"
    assert orders[0].gifts[0].document.maker.document is orders[0].customer.document.company.document


def test_a_field_that_is_repeated_goes_one_level_further():
    ann, bob = Employee(name="ann"), Employee(name="bob", boss=Ref("employee:ann"))
    shelf, cem = Shelf(stored(ann), stored(bob)), stored(Employee(name="cem", boss=Ref("employee:bob")))

    include(shelf, [cem], Employee.boss, Employee.boss)

    assert shelf.asked == [["employee:bob"], ["employee:bob", "employee:ann"]]
    assert cem.boss.document.boss.document.name == "ann"


def test_references_are_found_wherever_a_field_may_hold_them(shelf):
    one = order(
        1,
        gifts=[Ref(LEAF), Ref(MUG)],
        samples={"a": Ref(MUG)},
        pair=(Ref(LEAF), 2),
        lines=[Line(product=Ref(LEAF))],
        shipment=Shipment(carrier=Ref(TEA)),
    )

    include(shelf, [one], Order.gifts, Order.samples, Order.pair, Line.product, Order.shipment.carrier)

    assert [gift.document.name for gift in one.gifts] == ["leaf", "mug"]
    assert one.samples["a"].document is one.gifts[1].document
    assert one.pair[0].document is one.lines[0].product.document
    assert one.shipment.carrier.document.name == "tea"


def test_an_embedded_class_names_its_references_in_every_document(shelf):
    one = order(1, shipment=Shipment(carrier=Ref(TEA), insurer=Ref(CUP)))

    include(shelf, [one], Shipment.carrier, Shipment.insurer)

    assert shelf.asked == [["company:tea", "company:cup"]]


def test_nothing_to_load_asks_nothing(shelf):
    include(shelf, [order(1)], Order.gifts, Line.product, Order.seller, Order.shipment.carrier)

    assert shelf.asked == []


def test_what_is_not_there_is_told_when_it_is_touched(shelf):
    one = order(1, "customer:eve")

    include(shelf, [one], Order.customer)

    assert one.customer.is_missing
    with pytest.raises(ReferenceMissing, match="'customer:eve'"):
        _ = one.customer.document


def test_what_was_not_included_stays_unloaded(shelf):
    one = order(1, seller=Ref(TEA))

    include(shelf, [one], Order.customer)

    with pytest.raises(NotLoaded):
        _ = one.seller.document


def test_a_reference_to_a_document_that_no_server_knows_keeps_it(shelf):
    eve = Customer(name="eve")
    one = Order(number=1, customer=Ref(eve))

    include(shelf, [one], Order.customer)

    assert one.customer.document is eve


def test_a_reference_to_the_object_of_another_session_is_given_the_one_of_this(shelf):
    one = order(1)
    one.customer = Ref(stored(ANN))
    other = one.customer.document

    include(shelf, [one], Order.customer)

    assert one.customer.document is not other


def test_a_document_that_went_is_missing_from_then_on():
    one = order(1)
    include(Shelf(stored(ANN)), [one], Order.customer)

    include(Shelf(), [one], Order.customer)

    assert one.customer.is_missing
    assert not one.customer.is_loaded


def test_a_document_of_another_model_is_told_with_the_field():
    class Elsewhere:
        def load_many(self, wanted):
            return dict.fromkeys(wanted, stored(TEA))

    with pytest.raises(
        UnexpectedType, match=r"^Order\.customer leads to 'company:tea', a Company, and expects"
    ):
        include(Elsewhere(), [order(1)], Order.customer)


def test_very_many_references_are_asked_for_in_portions(shelf):
    include(shelf, [order(number, f"customer:{number}") for number in range(4001)], Order.customer)

    assert [len(ids) for ids in shelf.asked] == [2000, 2000, 1]


# --- inverse fields


def test_an_inverse_field_is_one_view_query_whatever_the_number_of_documents():
    orders = [order(1), order(2, "customer:bob"), order(3)]
    customers = [stored(ANN), stored(BOB), stored(Customer(name="cem"))]
    shelf = Shelf(*orders)

    include(shelf, customers, Customer.orders)

    assert shelf.views == [("by_customer", ["customer:ann", "customer:bob", "customer:cem"])]
    assert [[one.number for one in customer.orders] for customer in customers] == [[1, 3], [2], []]


def test_an_inverse_field_stays_loaded():
    ann, shelf = stored(ANN), Shelf(order(1))
    include(shelf, [ann], Customer.orders)

    include(shelf, [ann, stored(BOB)], Customer.orders)

    assert [keys for _, keys in shelf.views] == [["customer:ann"], ["customer:bob"]]


def test_refreshing_a_document_unloads_its_inverse_fields():
    ann = stored(ANN)
    include(Shelf(order(1)), [ann], Customer.orders)

    mapper.restore(ann, mapper.source_of(ann))

    with pytest.raises(NotLoaded):
        _ = ann.orders


def test_fields_go_on_from_the_documents_of_an_inverse_field():
    ann, shelf = stored(ANN), Shelf(order(1, gifts=[Ref(LEAF)]), stored(LEAF))

    include(shelf, [ann], Customer.orders, Order.gifts)

    assert ann.orders[0].gifts[0].document.name == "leaf"


def test_an_impostor_among_the_rows_is_nobodys():
    class Fuzzy(Shelf):
        def view_documents(self, *_):
            one = order(1)
            yield from (("customer:ann", one), ("customer:\u00adann", order(2)), ("customer:ann", one))

    ann = stored(ANN)
    include(Fuzzy(), [ann], Customer.orders)

    assert [one.number for one in ann.orders] == [1]


# --- pages


def test_a_page_is_prepared_before_its_first_document_is_given():
    pages: list[list[int]] = []
    given = in_pages(iter(range(5)), 2, lambda page: pages.append(list(page)))

    assert pages == []
    assert next(given) == 0
    assert pages == [[0, 1]]
    assert list(given) == [1, 2, 3, 4]
    assert pages == [[0, 1], [2, 3], [4]]


def test_a_field_that_applies_to_nothing_is_refused(shelf):
    with pytest.raises(ExpressionError, match=r"^Customer\.company cannot be included"):
        include(shelf, [order(1)], Customer.company, Order.customer)
