"""What is read out of a projection is what loading the whole document gives."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import Document, Embedded, Mapped, Ref, field
from couchmapper.embedded.engine.find_fields import project
from couchmapper.exceptions import CouchMapperError, DocumentInvalid, ExpressionError, UnexpectedType
from couchmapper.mapping import mapper
from couchmapper.query.columns import reader_of
from couchmapper.query.shapes import Shape, shape_of
from couchmapper.typing import JSONObject


class Address(Embedded):
    city: Mapped[str]
    country: Mapped[str] = field(default="BE")
    lines: Mapped[list[str]] = field(factory=list)


class Card(Embedded, type="card"):
    number: Mapped[str]


class Transfer(Embedded, type="transfer"):
    account: Mapped[str]


class Customer(Document):
    name: Mapped[str]


@attrs.frozen
class Point:
    x: int
    y: int = 0


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    total: Mapped[Decimal] = field(scale=2, default=Decimal("1.50"))
    note: Mapped[str | None] = field(default=None, name="remark")
    billing: Mapped[Address]
    shipping: Mapped[Address | None] = field(default=None)
    home: Mapped[Address] = field(factory=lambda: Address(city="Ghent"))
    payment: Mapped[Card | Transfer | None] = field(default=None)
    tags: Mapped[list[str]] = field(factory=list)
    sizes: Mapped[dict[int, int]] = field(factory=dict)
    data: Mapped[Any] = field(default=None)
    point: Mapped[Point] = field(factory=lambda: Point(x=1))
    customer: Mapped[Ref[Customer] | None] = field(default=None)


class Label(Document):
    name: Mapped[str]
    title: Mapped[str] = attrs.field()
    shown: Mapped[str] = field(default="", converter=str.upper)

    @title.default
    def _title(self) -> str:
        return f"the {self.name}"


class Animal(Document, abstract=True):
    name: Mapped[str]


class Dog(Animal):
    legs: Mapped[int] = field(default=4)


class Bird(Animal):
    legs: Mapped[int] = field(default=2)
    wings: Mapped[int] = field(default=2)


def stored(**members) -> JSONObject:
    return {
        "_id": "order:1",
        "_rev": "1-a",
        "type": "order",
        "number": 1,
        "billing": {"city": "Paris"},
        **members,
    }


def read(shape: Shape[Any], document: JSONObject) -> Any:
    """Read a row as a query does: of a projection, unless whole documents are asked for."""
    return shape.read(project(document, shape.paths) if shape.paths else document)


def test_a_row_is_a_tuple_of_the_fields():
    shape = shape_of(Order, Order.id, Order.number, Order.total, Order.note)

    assert shape.paths == (("_id",), ("number",), ("total",), ("remark",))
    assert read(shape, stored(total=1999, remark="soon")) == ("order:1", 1, Decimal("19.99"), "soon")


def test_a_field_that_is_missing_has_its_default():
    assert read(shape_of(Order, Order.total, Order.tags), stored()) == (Decimal("1.50"), [])


def test_a_default_is_made_anew_for_each_row():
    shape = shape_of(Order, Order.tags)

    assert read(shape, stored())[0] is not read(shape, stored())[0]


def test_a_field_without_default_that_is_missing_is_a_fault():
    document = stored()
    del document["number"]

    with pytest.raises(DocumentInvalid, match="number: missing, and the field has no default") as caught:
        read(shape_of(Order, Order.number), document)
    assert caught.value.document_id == "order:1"


def test_all_faults_of_a_document_are_told_at_once():
    document = stored(number="one", tags=["a", 5], shipping={"city": "Rome", "lines": [None]})

    with pytest.raises(DocumentInvalid) as caught:
        read(shape_of(Order, Order.number, Order.tags, Order.shipping.city, Order.shipping.country), document)
    assert [fault.path for fault in caught.value.faults] == ["number", "tags[1]", "shipping.lines[0]"]


def test_faults_of_fields_that_are_not_selected_are_nobodys_concern():
    assert read(shape_of(Order, Order.number), stored(tags="none")) == (1,)


def test_a_nested_field_is_asked_for_alone_where_what_is_missing_is_a_fault():
    shape = shape_of(Order, Order.billing.city)

    assert shape.paths == (("_id",), ("billing", "city"))
    assert read(shape, stored()) == ("Paris",)
    with pytest.raises(DocumentInvalid, match=r"billing\.city: missing"):
        read(shape, stored(billing={}))


def test_what_holds_a_nested_field_is_asked_for_where_it_may_be_null_or_have_a_default():
    shape = shape_of(Order, Order.shipping.city, Order.home.city, Order.billing.country)

    assert shape.paths == (("_id",), ("shipping",), ("home",), ("billing",))
    assert read(shape, stored()) == (None, "Ghent", "BE")
    assert read(shape, stored(shipping=None)) == (None, "Ghent", "BE")
    assert read(shape, stored(shipping={"city": "Rome"}, home={"city": "Bern"})) == ("Rome", "Bern", "BE")


def test_a_default_in_an_object_that_is_missing_does_not_hide_that():
    document = stored()
    del document["billing"]

    with pytest.raises(DocumentInvalid, match="billing: missing"):
        read(shape_of(Order, Order.billing.country), document)


def test_no_path_is_asked_for_inside_of_another_one():
    shape = shape_of(Order, Order.billing.city, Order.billing, Order.tags[0], Order.tags)

    assert shape.paths == (("_id",), ("billing",), ("tags",))
    assert read(shape, stored(tags=["a"])) == ("Paris", Address(city="Paris"), "a", ["a"])


def test_elements_are_looked_up_in_what_holds_them():
    shape = shape_of(Order, Order.tags[1], Order.sizes[42], Order.data["a"], Order.home.lines[0])
    document = stored(
        tags=["x", "y"], sizes={"42": 7}, data={"a": [1]}, home={"city": "Bern", "lines": ["here"]}
    )

    assert read(shape, document) == ("y", 7, [1], "here")
    assert [column.name for column in shape.columns] == ["tags[1]", "sizes[42]", "data['a']", "home.lines[0]"]


def test_fields_of_attrs_classes_are_read_as_loading_reads_them():
    readers = [reader_of(Order, ("point", name)) for name in ("x", "y")]

    assert [reader.read(Order, stored(point={"x": 5})) for reader in readers] == [5, 0]


@pytest.mark.parametrize("members", [{}, {"tags": []}, {"tags": ["a"]}], ids=["none", "empty", "short"])
def test_an_element_that_is_missing_is_a_fault_that_says_how_to_leave_the_document_out(members: JSONObject):
    with pytest.raises(
        DocumentInvalid, match=r"tags\[1\]: missing; keep the documents that have it, .*exists"
    ):
        read(shape_of(Order, Order.tags[1]), stored(**members))


def test_a_field_of_one_class_of_several_is_missing_in_the_others():
    shape = shape_of(Order, Order.payment.account)

    assert read(shape, stored()) == (None,)
    assert read(shape, stored(payment={"type": "transfer", "account": "5"})) == ("5",)
    with pytest.raises(DocumentInvalid, match=r"payment\.account: missing"):
        read(shape, stored(payment={"type": "card", "number": "5"}))


def test_references_are_read_as_references():
    assert read(shape_of(Order, Order.customer), stored(customer="customer:ann")) == (Ref("customer:ann"),)


def test_a_converter_makes_the_value_as_it_does_on_loading():
    assert read(shape_of(Label, Label.shown), {"_id": "1", "type": "label", "shown": "loud"}) == ("LOUD",)


def test_a_default_that_is_made_of_other_fields_needs_the_whole_document():
    shape = shape_of(Label, Label.title)

    assert shape.paths == ()
    assert read(shape, {"_id": "1", "type": "label", "name": "tea"}) == ("the tea",)
    assert read(shape, {"_id": "1", "type": "label", "name": "tea", "title": "Tea"}) == ("Tea",)


def test_older_versions_are_upcast_and_therefore_read_whole():
    class Note(Document, version=2):
        text: Mapped[str]

    @Note.upcast(1, 2)
    def rename(json: JSONObject) -> JSONObject:
        return {**json, "text": json["body"]}

    shape = shape_of(Note, Note.text)

    assert shape.paths == ()
    assert read(shape, {"_id": "1", "type": "note", "body": "old"}) == ("old",)
    assert read(shape, {"_id": "2", "type": "note", "schema_version": 2, "text": "new"}) == ("new",)


def test_each_document_of_a_family_is_read_as_its_own_class():
    shape = shape_of(Animal, Animal.name, Dog.legs)

    assert shape.paths == (("_id",), ("type",), ("name",), ("legs",))
    assert read(shape, {"_id": "1", "type": "dog", "name": "Rex"}) == ("Rex", 4)
    assert read(shape, {"_id": "2", "type": "bird", "name": "Tweety"}) == ("Tweety", 2)
    with pytest.raises(UnexpectedType):
        read(shape, {"_id": "3", "type": "fish", "name": "Wanda"})


def test_a_field_that_not_all_classes_of_a_family_have_is_refused():
    with pytest.raises(ExpressionError, match="Dog has no field that is stored as 'wings'"):
        shape_of(Animal, Bird.wings)


@pytest.mark.parametrize(
    "selected",
    [
        (),
        ("number",),
        (Order.number == 1,),
        (Order.number, Order.number),
        (Customer.name,),
        (Order.number, int),
    ],
    ids=["nothing", "text", "condition", "twice", "of-another-model", "class-beside-a-field"],
)
def test_what_is_no_field_of_the_model_is_refused(selected: Any):
    with pytest.raises(ExpressionError):
        shape_of(Order, *selected)


@attrs.frozen
class Summary:
    number: int
    city: str | None
    amount: Decimal = attrs.field(default=Decimal(0), metadata={"why": "filled by keyword or not at all"})


def test_a_class_is_filled_by_the_names_of_its_fields():
    @attrs.frozen
    class Brief:
        number: int
        note: str | None
        _total: Decimal

    assert read(shape_of(Order, Brief, _total=Order.total), stored(remark="x")) == Brief(
        1, "x", Decimal("1.50")
    )


def test_a_field_of_a_class_is_filled_from_the_one_that_is_named():
    shape = shape_of(Order, Summary, city=Order.shipping.city)

    assert read(shape, stored(shipping={"city": "Rome"})) == Summary(1, "Rome")
    assert [column.name for column in shape.columns] == ["number", "city", "amount"]
    assert shape.cells(Summary(1, None)) == (1, None, Decimal(0))


def test_a_field_that_nothing_fills_is_refused_with_the_close_match():
    @attrs.frozen
    class Misspelt:
        nummber: int

    with pytest.raises(ExpressionError, match=r"Misspelt\.nummber: .* did you mean 'number'\?"):
        shape_of(Order, Misspelt)


def test_a_keyword_that_the_class_does_not_have_is_refused_with_the_close_match():
    with pytest.raises(ExpressionError, match=r"Summary has no field 'town'; there are number, city, amount"):
        shape_of(Order, Summary, town=Order.shipping.city)


@pytest.mark.parametrize("row", [int, Order, type("Empty", (), {})], ids=["int", "document", "plain-class"])
def test_only_attrs_classes_are_filled(row: type):
    with pytest.raises(ExpressionError, match="attrs class"):
        shape_of(Order, row)


def test_keywords_are_for_a_class():
    with pytest.raises(ExpressionError, match="attrs class"):
        shape_of(Order, Order.number, city=Order.shipping.city)


def test_what_a_class_refuses_is_a_fault_of_the_document():
    @attrs.frozen
    class Small:
        number: int = attrs.field(validator=attrs.validators.lt(5))

    with pytest.raises(DocumentInvalid, match="no Small can be made of it"):
        read(shape_of(Order, Small), stored(number=7))


address = st.fixed_dictionaries(
    {},
    optional={
        "city": st.sampled_from(["Ghent", None]),
        "country": st.sampled_from(["NL", 5]),
        "lines": st.sampled_from([[], ["a"], None]),
    },
)
members = st.fixed_dictionaries(
    {},
    optional={
        "number": st.sampled_from([1, 2.5, None]),
        "total": st.sampled_from([5, "5", None]),
        "billing": address | st.none() | st.just(5),
        "shipping": address | st.none(),
        "home": address | st.none(),
        "tags": st.sampled_from([[], ["a"], ["a", "b"], {"0": "a"}, None]),
        "payment": st.sampled_from(
            [None, {"type": "card", "number": "1"}, {"type": "transfer"}, {"type": "x"}]
        ),
    },
)

SELECTED: dict[Any, Callable[[Order], Any]] = {
    Order.number: lambda order: order.number,
    Order.total: lambda order: order.total,
    Order.billing.city: lambda order: order.billing.city,
    Order.billing.country: lambda order: order.billing.country,
    Order.billing.lines: lambda order: order.billing.lines,
    Order.shipping.city: lambda order: order.shipping and order.shipping.city,
    Order.home.country: lambda order: order.home.country,
    Order.tags: lambda order: order.tags,
    Order.payment: lambda order: order.payment,
}


@given(members)
def test_a_row_is_what_loading_the_whole_document_gives(given_members: JSONObject):
    document = {"_id": "order:1", "type": "order", **given_members}
    shape = shape_of(Order, *SELECTED)

    try:
        order = mapper.load(Order, document)
    except CouchMapperError:
        with pytest.raises(DocumentInvalid):
            read(shape, document)
    else:
        assert read(shape, document) == tuple(look(order) for look in SELECTED.values())
