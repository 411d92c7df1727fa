"""Search indexes as attributes of a design class."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest

from couchmapper.design import Design, SearchIndex
from couchmapper.exceptions import DesignError
from couchmapper.mapping import Document, Embedded, Mapped, Ref, field
from couchmapper.mapping.expressions import path_of


class Status(Enum):
    NEW = "new"


class Address(Embedded):
    city: Mapped[str]


class Customer(Document):
    name: Mapped[str]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    note: Mapped[str | None] = field(default=None)
    customer: Mapped[str] = field(default="")
    status: Mapped[Status] = field(default=Status.NEW)
    placed: Mapped[datetime] = field(default=datetime(2026, 11, 23, tzinfo=UTC))
    day: Mapped[date | None] = field(default=None)
    key: Mapped[UUID] = field(default=UUID(int=1))
    total: Mapped[Decimal] = field(default=Decimal(0), scale=2)
    price: Mapped[Decimal] = field(default=Decimal(0))
    paid: Mapped[bool] = field(default=False)
    tags: Mapped[list[str]] = field(factory=list)
    sizes: Mapped[list[int] | None] = field(default=None)
    buyer: Mapped[Ref[Customer] | None] = field(default=None)
    address: Mapped[Address | None] = field(default=None)
    mixed: Mapped[int | str] = field(default=0)
    parts: Mapped[list[Address]] = field(factory=list)
    default: Mapped[str] = field(default="")
    odd: Mapped[str] = field(default="", name="odd name")


class OrderSearch(Design, model=Order):
    text = SearchIndex(Order.note, Order.total, keyword=[Order.customer], where=Order.paid == True)  # noqa: E712
    lucene = SearchIndex(Order.note, facet=[Order.tags], engine="nouveau", analyzer="english")


@pytest.mark.parametrize(
    ("declared", "form"),
    [
        (Order.note, "text"),
        (Order.tags, "text"),
        (Order.status, "keyword"),
        (Order.placed, "keyword"),
        (Order.price, "keyword"),
        (Order.buyer, "keyword"),
        (Order.total, "number"),
        (Order.number, "number"),
        (Order.sizes, "number"),
        (Order.paid, "boolean"),
        (Order.address.city, "text"),
    ],
    ids=repr,
)
def test_a_field_is_indexed_by_its_type(declared: Any, form: str):
    assert SearchIndex(declared).fields[path_of(declared)].form == form


@pytest.mark.parametrize(
    ("declared", "is_ordered"),
    [
        (Order.placed, True),
        (Order.day, True),
        (Order.key, True),
        (Order.total, True),
        (Order.status, False),
        (Order.price, False),
        (Order.buyer, False),
    ],
    ids=repr,
)
def test_dates_and_ids_have_the_order_of_couchdb(declared: Any, is_ordered: bool):  # noqa: FBT001 - a fact
    assert SearchIndex(declared).fields[path_of(declared)].is_ordered == is_ordered


def test_text_that_is_counted_is_one_term():
    assert SearchIndex(facet=[Order.customer]).fields["customer",].form == "keyword"


def test_text_can_be_indexed_in_both_forms():
    index = SearchIndex(keyword=[Order.note], text=[Order.note])

    class Both(Design, model=Order):
        both = index

    function = Both.document()["indexes"]["both"]["index"]
    assert index.fields["note",].form == "keyword"
    assert 'term("note", doc.note, {});' in function
    assert 'words("note_text", doc.note, {});' in function


def test_every_index_holds_the_id():
    assert SearchIndex(Order.note).fields["_id",].form == "keyword"


def test_a_name_has_only_letters_that_services_sort_by():
    assert SearchIndex(Order.odd).fields["odd name",].name == "odd_20_name"


def test_clouseau_is_told_which_fields_are_not_analysed():
    definition = OrderSearch.document()["indexes"]["text"]

    assert definition["analyzer"] == {
        "name": "perfield",
        "default": "standard",
        "fields": {"_id": "keyword", "$types": "keyword", "customer": "keyword"},
    }


def test_nouveau_is_told_which_fields_are_not_analysed():
    definition = OrderSearch.document()["nouveau"]["lucene"]

    assert definition["default_analyzer"] == "english"
    assert definition["field_analyzers"] == {"_id": "keyword", "$types": "keyword", "tags": "keyword"}


def test_the_index_holds_documents_of_its_model_that_fulfil_where():
    function = OrderSearch.document()["indexes"]["text"]["index"]

    assert '  if (doc.type === "order" && doc.paid === true) {' in function


@pytest.mark.parametrize(
    ("store", "stored"),
    [([Order.customer], ["customer"]), (True, ["note", "customer"]), (False, []), ([Order.note], ["note"])],
    ids=str,
)
def test_values_are_stored_where_it_is_said(store: Any, stored: list[str]):
    class Stored(Design, model=Order):
        index = SearchIndex(Order.note, keyword=[Order.customer], store=store)

    function = Stored.document()["indexes"]["index"]["index"]
    assert [name for name in ("note", "customer") if f', doc.{name}, {{"store": true}}' in function] == stored


def test_an_index_knows_its_place():
    assert OrderSearch.text.name == "text"
    assert OrderSearch.text.ddoc == "order_search"
    assert OrderSearch.text.model is Order
    assert repr(OrderSearch.text) == "<search index order_search/text>"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (SearchIndex, "a search index needs fields"),
        (lambda: SearchIndex("note"), "a search index holds fields such as Order.note, got 'note'"),
        (lambda: SearchIndex(Order.note, engine="solr"), "engine= is 'clouseau' or 'nouveau', got 'solr'"),
        (lambda: SearchIndex(Order.note, where=True), "where= is an expression"),
        (
            lambda: SearchIndex(Order.mixed),
            "<field mixed> holds number or string; a search index takes fields of",
        ),
        (lambda: SearchIndex(Order.address), "Of an embedded value, name its fields"),
        (lambda: SearchIndex(Order.parts), "<field parts> holds object"),
        (lambda: SearchIndex(text=[Order.total]), "in text= holds no text, but values of type number"),
        (lambda: SearchIndex(facet=[Order.sizes]), "sizes is a list of numbers, which no service counts"),
        (
            lambda: SearchIndex(Order.default),
            "is the name of all text together|the name of all text together",
        ),
    ],
)
def test_what_cannot_be_indexed_is_refused(make: Any, reason: str):
    with pytest.raises(DesignError, match=reason):
        make()


def test_a_condition_that_javascript_cannot_decide_is_refused_with_the_name_of_the_index():
    class Wrong(Design, model=Order):
        text = SearchIndex(Order.note, where=Order.customer > "A")

    with pytest.raises(DesignError, match=r"Wrong cannot be built: text: customer \$gt: JavaScript orders"):
        Wrong.document()
