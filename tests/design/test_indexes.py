"""JSON indexes as attributes of a design class."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from couchmapper.design import Design, Index
from couchmapper.exceptions import DesignError
from couchmapper.mango import TRUE, Condition, text_search
from couchmapper.mapping import Document, Embedded, Mapped, field


class Address(Embedded):
    city: Mapped[str]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    placed: Mapped[datetime] = field(default=datetime(2026, 11, 23, tzinfo=UTC))
    status: Mapped[str] = field(default="new")
    price: Mapped[Decimal] = field(default=Decimal(0))
    tags: Mapped[list[str]] = field(factory=list)
    dotted: Mapped[str] = field(default="", name="a.b")
    address: Mapped[Address | None] = field(default=None)


class Rush(Order):
    hours: Mapped[int]


class Note(Document, type_field=None):
    text: Mapped[str]


class Shape(Document, abstract=True):
    size: Mapped[int]


def design(model: type[Document] = Order, **attributes: Any) -> type[Design]:
    """Declare a design class with these attributes."""
    kind: type[Design] = type(Design)("Orders", (Design,), attributes, model=model)
    return kind


def definition(index: Index, model: type[Document] = Order) -> Any:
    """Write the only view of the only design document."""
    (document,) = design(model, some=index).documents()
    (found,) = document["views"].values()
    return found


def stored_name(index: Index, model: type[Document] = Order) -> str:
    """Return the name that an index has in a database when its attribute is called `some`."""
    design(model, some=index)
    return index.name


ORDERS = {"$in": ["order", "rush"]}


# --- the design document


def test_an_index_has_a_design_document_of_its_own():
    class OrderViews(Design, model=Rush):
        by_status = Index(Rush.status, Rush.placed, where=Rush.status != "void")
        by_hours = Index(Rush.hours)

    status, hours = OrderViews.documents()

    assert status == {
        "_id": "_design/order_views.by_status",
        "language": "query",
        "views": {
            OrderViews.by_status.name: {
                "map": {
                    "fields": {"status": "asc", "placed": "asc"},
                    "partial_filter_selector": {
                        "$and": [{"type": {"$eq": "rush"}}, {"status": {"$ne": "void"}}]
                    },
                },
                "reduce": "_count",
                "options": {
                    "def": {
                        "fields": ["status", "placed"],
                        "partial_filter_selector": {"type": "rush", "status": {"$ne": "void"}},
                    }
                },
            }
        },
    }
    assert hours["_id"] == "_design/order_views.by_hours"


def test_the_first_of_the_fields_is_the_first_member():
    assert list(definition(Index(Order.status, Order.placed))["map"]["fields"]) == ["status", "placed"]
    assert list(definition(Index(Order.placed, Order.status))["map"]["fields"]) == ["placed", "status"]


def test_a_family_is_in_the_index_of_its_base():
    assert definition(Index(Order.status))["options"]["def"]["partial_filter_selector"] == {"type": ORDERS}


def test_all_fields_may_descend():
    found = definition(Index(Order.status.desc(), Order.placed.desc()))

    assert found["map"]["fields"] == {"status": "desc", "placed": "desc"}
    assert found["options"]["def"]["fields"] == [{"status": "desc"}, {"placed": "desc"}]


def test_ascending_is_what_is_not_said():
    assert definition(Index(Order.status.asc(), Order.placed)) == definition(
        Index(Order.status, Order.placed)
    )


def test_fields_are_written_as_paths():
    found = definition(Index(Order.address.city, Order.tags[0], Order.dotted, Order.id))

    assert list(found["map"]["fields"]) == ["address.city", "tags.0", "a\\.b", "_id"]


def test_an_index_of_all_types_has_the_type_first():
    assert definition(Index(Order.status, partial=False)) == {
        "map": {"fields": {"type": "asc", "status": "asc"}, "partial_filter_selector": {}},
        "reduce": "_count",
        "options": {"def": {"fields": ["type", "status"]}},
    }
    assert list(definition(Index(Order.status.desc(), partial=False))["map"]["fields"].values()) == [
        "desc",
        "desc",
    ]


def test_a_model_without_a_type_has_nothing_to_tell_its_documents_by():
    plain = {"fields": {"text": "asc"}, "partial_filter_selector": {}}

    assert definition(Index(Note.text), Note)["map"] == plain
    assert definition(Index(Note.text, partial=False), Note)["map"] == plain


def test_a_condition_on_elements_is_written_as_couchdb_does():
    found = definition(Index(Rush.hours, where=Rush.tags.any("red")), Rush)

    assert found["map"]["partial_filter_selector"] == {
        "$and": [{"type": {"$eq": "rush"}}, {"tags": {"$elemMatch": {"": {"$eq": "red"}}}}]
    }


def test_an_index_may_have_another_name_than_its_attribute():
    class OrderViews(Design, model=Order):
        renamed = Index(Order.status, name="by_status")

    (document,) = OrderViews.documents()

    assert document["_id"] == "_design/order_views.by_status"
    assert list(document["views"]) == [OrderViews.renamed.name]
    assert (OrderViews.renamed.given_name, OrderViews.renamed.ddoc) == ("by_status", "order_views.by_status")
    assert OrderViews.renamed.name.startswith("by_status-")
    assert repr(OrderViews.renamed) == "<index order_views/by_status>"


def test_an_index_without_a_class_has_no_design():
    with pytest.raises(DesignError, match="the index '' belongs to no Design class"):
        _ = Index(Order.status).ddoc


# --- the name tells what is in it


def test_the_name_of_an_index_must_not_change_with_a_release():
    """A changed name rebuilds the index in every database."""
    filtered = Index(Rush.placed, Rush.address.city, where=(Rush.status != "void") & Rush.tags.any("é"))

    assert stored_name(Index(Rush.status), Rush) == "some-6b3ccfa6"
    assert stored_name(filtered, Rush) == "some-9e0844d9"
    assert stored_name(Index(Order.status.desc())) == "some-f596321c"
    assert stored_name(Index(Order.status, partial=False)) == "some-965f611f"


@pytest.mark.parametrize(
    "other",
    [
        Index(Rush.placed),
        Index(Rush.status, Rush.placed),
        Index(Rush.placed, Rush.status, where=Rush.hours > 1),
        Index(Rush.status, Rush.placed, where=Rush.hours > 2),
        Index(Rush.status, Rush.placed, where=Rush.hours >= 1),
        Index(Rush.status, partial=False),
    ],
    ids=["field", "fields", "order", "value", "operator", "all"],
)
def test_an_index_of_other_documents_or_fields_has_another_name(other: Index):
    index = Index(Rush.status, Rush.placed, where=Rush.hours > 1)

    assert stored_name(other, Rush) != stored_name(index, Rush)


def test_an_index_of_the_same_documents_has_the_same_name():
    index = Index(Rush.status, where=Rush.hours > 1)

    assert stored_name(Index(Rush.status, where=Rush.hours > 1), Rush) == stored_name(index, Rush)
    assert stored_name(Index(Rush.status.desc(), where=~(Rush.hours <= 1)), Rush) == stored_name(index, Rush)


def test_an_index_of_another_model_has_another_name():
    assert stored_name(Index(Order.status)) != stored_name(Index(Rush.status), Rush)


# --- what queries are told


def test_queries_are_told_what_is_in_an_index():
    class Told(Design, model=Rush):
        by_status = Index(Rush.status, where=Rush.hours > 1)

    index = Told.by_status.declared()

    assert (index.ddoc, index.name, index.kind) == ("told.by_status", "by_status", "json")
    assert index.stored_name == Told.by_status.name
    assert index.fields == (("status",),)
    assert index.filter == Condition(("type",), "$eq", "rush") & Condition(("hours",), "$gt", 1)
    assert index.is_list
    assert index.partial


def test_queries_are_told_that_an_index_is_of_all_types():
    class All(Design, model=Rush):
        by_status = Index(Rush.status, partial=False)

    index = All.by_status.declared()

    assert index.fields == (("type",), ("status",))
    assert index.filter == TRUE
    assert not index.partial


# --- what no index can be


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ((), "an index has fields such as Order.placed, got none"),
        (("status",), "an index has fields such as Order.placed, got 'status'"),
        ((Order.status, 5), "an index has fields such as Order.placed, got 5"),
        ((Order.status, Order.placed, Order.status), "an index has each field once, got <field status>"),
        ((Order.status, Order.placed.desc()), r"have one direction: write \.desc\(\) behind all of them"),
    ],
    ids=["none", "text", "number", "twice", "mixed"],
)
def test_fields_that_no_index_can_have_are_refused(fields: Any, message: str):
    with pytest.raises(DesignError, match=message):
        Index(*fields)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"where": True}, r"where= is an expression such as Order\.status == 'paid', got True"),
        ({"where": Order.status == "new", "partial": False}, "leave out where=, or partial="),
        ({"name": ""}, "name= is a text without a slash that begins with no underscore, got ''"),
        ({"name": "_all_docs"}, "got '_all_docs'"),
        ({"name": "a/b"}, "got 'a/b'"),
        ({"name": 5}, "got 5"),
    ],
    ids=["where", "both", "empty", "underscore", "slash", "number"],
)
def test_options_that_no_index_can_have_are_refused(options: Any, message: str):
    with pytest.raises(DesignError, match=message):
        Index(Order.status, **options)


def test_all_faults_of_an_index_are_told():
    with pytest.raises(DesignError, match=r"an index has each field once.*; where= is an expression"):
        Index(Order.status, Order.status, where=None)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (Index(Note.text), "some: Order has no field 'text'"),
        (Index(Order.status, where=Order.number.in_([])), "some: no document could be in it"),
        (
            Index(Order.status, where=(Order.number > 1) & text_search("tea")),
            r"some: CouchDB does not look at \$text in where=",
        ),
        (
            Index(Order.status, where=Condition(("a\\b",), "$eq", 1)),
            "some: no selector can address the field",
        ),
    ],
    ids=["foreign", "nothing", "text", "backslash"],
)
def test_an_index_that_cannot_be_built_says_why(index: Index, message: str):
    with pytest.raises(DesignError, match=message):
        definition(index)


def test_a_field_of_a_subclass_is_one_of_the_model():
    assert list(definition(Index(Rush.hours))["map"]["fields"]) == ["hours"]


def test_a_model_without_documents_has_no_index():
    with pytest.raises(DesignError, match="some: no document could be in it"):
        definition(Index(Shape.size), Shape)
