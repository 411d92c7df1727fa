"""References: what stands in JSON, what is loaded, and what they may be compared with."""

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import (
    DocumentInvalid,
    ExpressionError,
    IllegalDocumentId,
    ModelError,
    NotLoaded,
    ReferenceMissing,
)
from couchmapper.mapping import Document, Embedded, Mapped, Ref, field
from couchmapper.mapping.converter import codec
from couchmapper.mapping.expressions import ReferenceField
from couchmapper.mapping.mapper import dump, load
from couchmapper.mapping.metadata import type_hints
from couchmapper.mapping.references import note_missing, point_to

IDS = st.text(st.characters(codec="utf-8"), min_size=1)


class Customer(Document, id="customer:{name}"):
    name: Mapped[str]


class Reseller(Customer):
    discount: Mapped[int] = field(default=10)


class Product(Document, id="product:{name}"):
    name: Mapped[str]


class Line(Embedded):
    product: Mapped[Ref[Product]]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[Ref[Customer]]
    referrer: Mapped[Ref[Customer] | None] = field(default=None)
    gifts: Mapped[list[Ref[Product]]] = field(factory=list)
    prices: Mapped[dict[Ref[Product], int]] = field(factory=dict)
    pair: Mapped[tuple[Ref[Product], Ref[Customer]] | None] = field(default=None)
    tags: Mapped[set[Ref[Product]]] = field(factory=set)
    lines: Mapped[list[Line]] = field(factory=list)
    parent: Mapped[Ref["Order"] | None] = field(default=None)


def ann() -> Customer:
    return Customer(name="ann")


# --- the value


def test_a_reference_is_made_of_a_document_or_of_its_id():
    assert Ref(ann()).id == Ref("customer:ann").id == "customer:ann"


def test_references_to_one_id_are_equal():
    assert Ref("a") == Ref("a") != Ref("b")
    assert len({Ref("a"), Ref("a"), Ref(ann())}) == 2
    assert Ref("a") != "a"


def test_a_reference_shows_its_id():
    assert repr(Ref(ann())) == "Ref('customer:ann')"


@pytest.mark.parametrize("target", ["", 5, None, b"a", Line(product=Ref("p")), Ref("a"), Customer])
def test_what_has_no_id_is_refused(target: Any):
    with pytest.raises(IllegalDocumentId, match="made of a document or of its id"):
        Ref(target)


def test_an_id_is_for_ever():
    with pytest.raises(AttributeError):
        Ref("a").id = "b"  # type: ignore[misc]


def test_the_document_is_the_one_that_it_was_made_of():
    customer = ann()

    assert Ref(customer).is_loaded
    assert Ref(customer).document is customer


def test_touching_what_is_not_loaded_tells_how_to_load_it():
    reference: Ref[Customer] = Ref("customer:ann")

    assert not reference.is_loaded
    with pytest.raises(
        NotLoaded, match=r"\.include\(Order\.customer\).*session\.include\(\[order\], Order\.cust"
    ):
        _ = reference.document


def test_a_document_that_was_looked_for_in_vain_is_named():
    reference: Ref[Customer] = Ref("customer:ann")
    note_missing(reference)

    assert reference.is_missing
    with pytest.raises(ReferenceMissing, match="there is no document 'customer:ann'"):
        _ = reference.document


def test_a_missing_document_may_be_found_later():
    reference, customer = Ref[Customer]("customer:ann"), ann()
    note_missing(reference)

    point_to(reference, customer)

    assert reference.document is customer
    assert not reference.is_missing


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy])
def test_a_copy_leads_to_the_same_document(make):
    reference = Ref(ann())
    twin = make(reference)

    note_missing(reference)

    assert twin.is_loaded
    assert twin == reference


def test_a_copied_document_shares_what_it_refers_to():
    order = Order(number=1, customer=Ref(ann()))

    assert copy.deepcopy(order).customer.document is order.customer.document


def test_only_the_id_travels_between_processes():
    reference = pickle.loads(pickle.dumps(Ref(ann())))  # noqa: S301 - our own bytes

    assert reference == Ref("customer:ann")
    assert not reference.is_loaded


# --- in JSON


def full_order() -> dict[str, Any]:
    return {
        "_id": "order:1",
        "type": "order",
        "number": 1,
        "customer": "customer:ann",
        "referrer": None,
        "gifts": ["product:tea", "product:cup"],
        "prices": {"product:tea": 3},
        "pair": ["product:tea", "customer:ann"],
        "tags": ["product:tea"],
        "lines": [{"product": "product:tea"}],
        "parent": "order:0",
    }


def test_an_id_stands_in_json_wherever_a_reference_is():
    order = load(Order, full_order())

    assert order.customer == Ref("customer:ann")
    assert order.gifts == [Ref("product:tea"), Ref("product:cup")]
    assert order.prices == {Ref("product:tea"): 3}
    assert order.pair == (Ref("product:tea"), Ref("customer:ann"))
    assert order.lines[0].product == Ref("product:tea")
    assert order.parent == Ref("order:0")
    assert dump(order) == full_order()


def test_a_new_document_is_written_with_the_ids_of_what_it_refers_to():
    order = Order(number=1, customer=Ref(ann()), gifts=[Ref("product:tea")])

    assert (dump(order)["customer"], dump(order)["gifts"]) == ("customer:ann", ["product:tea"])


def test_another_reference_is_a_change():
    order = load(Order, full_order())

    order.customer = Ref("customer:bob")

    assert dump(order) == {**full_order(), "customer": "customer:bob"}


@given(IDS)
def test_any_text_is_an_id_and_comes_back(text: str):
    known = codec(Ref[Customer])

    assert known.dump(known.load(text, None)) == text


@pytest.mark.parametrize("value", ["", 5, None, [], {}, True])
def test_what_is_no_id_is_named_with_its_place(value: Any):
    with pytest.raises(DocumentInvalid) as caught:
        load(Order, {**full_order(), "gifts": ["product:tea", value]})

    assert [fault.path for fault in caught.value.faults] == ["gifts[1]"]
    assert "the id of a Product" in str(caught.value)


@pytest.mark.parametrize("value", ["customer:ann", ann(), None, 5])
def test_only_a_reference_is_written_as_one(value: Any):
    order = Order(number=1, customer=value)

    with pytest.raises(DocumentInvalid, match="customer: expected a Ref to a Customer, such as Ref"):
        dump(order)


def test_a_document_of_another_class_is_refused():
    order = Order(number=1, customer=Ref(Product(name="tea")))  # type: ignore[arg-type]

    with pytest.raises(DocumentInvalid, match="customer: expected a Ref to a Customer, got one to a Product"):
        dump(order)


def test_a_document_of_a_subclass_is_one_of_its_base():
    assert dump(Order(number=1, customer=Ref(Reseller(name="ann"))))["customer"] == "customer:ann"


def test_a_document_that_has_another_id_by_now_is_told():
    customer = ann()
    order = Order(number=1, customer=Ref(customer))

    customer.id = "customer:eve"

    with pytest.raises(
        DocumentInvalid, match=r"Ref\('customer:ann'\) was made of a document that has another id"
    ):
        dump(order)


# --- declarations


@pytest.mark.parametrize("annotation", [Ref, Ref[Any], Ref[Line], Ref[str], Ref["Customer"]])  # type: ignore[type-var]
def test_a_reference_says_to_which_model_it_leads(annotation: Any):
    with pytest.raises(ModelError, match=r"names no model: .* as Ref\[Customer\]"):
        codec(annotation)


@pytest.mark.parametrize("annotation", [Ref[Customer] | Ref[Product], Ref[Customer] | str | None])
def test_two_meanings_of_one_text_are_refused(annotation: Any):
    with pytest.raises(ModelError, match="cannot be told apart in JSON; refer to a base class"):
        codec(annotation)


def test_a_reference_stands_beside_what_is_no_text():
    known = codec(Ref[Customer] | int | None)

    assert [known.load(value, None) for value in ("a", 5, None)] == [Ref("a"), 5, None]


def test_a_default_that_all_instances_would_share_is_refused():
    with pytest.raises(ModelError, match="all instances would share the default"):

        class Note(Document):
            customer: Mapped[Ref[Customer]] = field(default=Ref("customer:house"))


def test_models_may_refer_to_each_other_by_name():
    class Author(Document):
        best: Mapped["Ref[Book] | None"] = field(default=None)

    class Book(Document):
        author: Mapped[Ref["Author"]]

    assert load(Author, {"_id": "a", "type": "author", "best": "b"}).best == Ref("b")
    assert load(Book, {"_id": "b", "type": "book", "author": "a"}).author == Ref("a")


def declared_elsewhere() -> type[Document]:
    class Faraway(Document):
        name: Mapped[str]

    return Faraway


def test_a_model_of_another_module_is_found_by_its_name_when_only_one_has_it():
    faraway = [declared_elsewhere()]

    class Note(Document):
        twin: Mapped["Ref[Faraway]"]  # type: ignore[name-defined]  # noqa: F821 - imported for type checkers alone

    assert load(Note, {"_id": "n", "type": "note", "twin": "a"}).twin == Ref("a")
    assert type_hints(Note)["twin"] == Ref[faraway[0]]  # type: ignore[valid-type]


def test_a_name_that_several_models_have_is_refused():
    class Scope:
        class Double(Document, type="one"):
            name: Mapped[str]

    class Other:
        class Double(Document, type="other"):
            name: Mapped[str]

    class Note(Document):
        double: Mapped["Ref[Double]"]  # type: ignore[name-defined]  # noqa: F821 - this is the point

    with pytest.raises(ModelError, match=r"Scope\.Double and .*Other\.Double are models of that name"):
        load(Note, {"_id": "n", "type": "note", "double": "a"})


# --- in expressions


@pytest.mark.parametrize("operand", ["customer:ann", Ref("customer:ann"), ann(), Reseller(name="ann")])
def test_a_field_is_compared_with_a_reference_a_document_or_an_id(operand: Any):
    assert isinstance(Order.customer, ReferenceField)
    assert (Order.customer == operand).argument == "customer:ann"
    assert (Order.referrer != operand).argument == "customer:ann"
    assert Order.customer.in_([operand, "b"]).argument == ["customer:ann", "b"]
    assert Order.referrer.not_in([operand]).argument == ["customer:ann"]


def test_no_reference_is_compared_as_null():
    assert (Order.referrer == None).argument is None  # noqa: E711 - an expression


def test_elements_are_compared_likewise():
    tea = Product(name="tea")

    assert Order.gifts.any(tea) == Order.gifts.any("product:tea") == Order.gifts.any(Ref(tea))
    assert Order.gifts.any_in([tea, "b"]).argument == ["product:tea", "b"]
    assert (Line.product == tea).argument == "product:tea"


@pytest.mark.parametrize(
    "operand", ["", 5, Product(name="tea"), Ref(Product(name="tea")), Line(product=Ref("p"))]
)
def test_what_cannot_be_the_reference_is_refused(operand: Any):
    with pytest.raises(ExpressionError, match="cannot be compared with"):
        _ = Order.customer == operand


def test_a_document_is_no_operand_elsewhere():
    with pytest.raises(ExpressionError, match="cannot be compared with"):
        _ = Order.number == ann()  # type: ignore[comparison-overlap]
