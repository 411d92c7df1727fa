"""Design documents as classes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from couchmapper.design import Count, Design, Index, Reduce, Stats, Sum, View
from couchmapper.design.declaration import Declaration
from couchmapper.exceptions import DesignError
from couchmapper.mango import And
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.declared import declared_for
from couchmapper.mapping.metadata import metadata_of


class Address(Embedded):
    city: Mapped[str]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[str]
    placed: Mapped[datetime] = field(default=datetime(2026, 11, 23, tzinfo=UTC))
    status: Mapped[str] = field(default="new")
    total: Mapped[Decimal] = field(default=Decimal(0), scale=2)
    weight: Mapped[float | None] = field(default=None)
    sizes: Mapped[list[int]] = field(factory=list)
    address: Mapped[Address | None] = field(default=None)


class Rush(Order):
    hours: Mapped[int]


class OrderViews(Design, model=Order):
    by_customer = View(key=(Order.customer, Order.placed), where=Order.status != "void")
    totals = View(key=Order.status, value=Order.total, reduce=Sum())
    by_city = View(key=Order.address.city, value=Order.number)
    weights = View(key=Order.number, value=Order.weight, reduce=Stats())
    per_status = View(key=Order.status, reduce=Count())
    largest = View(key=Order.status, value=Order.total, reduce=Reduce("_top_3"))


# --- the document


def test_a_design_document_holds_its_views():
    document = OrderViews.document()

    assert document["_id"] == "_design/order_views"
    assert document["language"] == "javascript"
    assert list(document["views"]) == ["by_customer", "totals", "by_city", "weights", "per_status", "largest"]
    assert [view.get("reduce") for view in document["views"].values()] == [
        None,
        "_sum",
        None,
        "_stats",
        "_count",
        "_top_3",
    ]


def test_a_design_has_the_name_that_it_is_given():
    class Named(Design, model=Order, name="orders"):
        per_status = View(key=Order.status)

    assert Named.document()["_id"] == "_design/orders"
    assert (Named.per_status.design_name, Named.per_status.name) == ("orders", "per_status")
    assert repr(Named.per_status) == "<view orders/per_status>"


def test_a_view_without_a_class_has_no_design():
    with pytest.raises(DesignError, match="belongs to no Design class"):
        _ = View(key=Order.status).design_name


def test_every_reason_why_a_design_cannot_be_built_is_told():
    class Wrong(Design, model=Order):
        good = View(key=Order.status)
        text = View(key=Order.status, where=(Order.customer > "m") & Order.customer.matches(r"\bx"))
        other = View(key=Order.status, where=Order.sizes == [1])
        nothing = View(key=Order.status, reduce=Sum())

    with pytest.raises(DesignError) as caught:
        Wrong.document()

    message = str(caught.value)
    assert message.startswith("Wrong cannot be built: text: customer $gt: JavaScript orders text")
    assert "; customer $regex: " in message
    assert "; other: sizes $eq: compares whole lists" in message
    assert "; nothing: the reduce function needs value=" in message
    assert "good" not in message


# --- several documents, and what queries are told of them


def test_a_design_has_a_document_for_its_views_and_one_for_each_index():
    class Both(Design, model=Order):
        by_status = Index(Order.status)
        per_status = View(key=Order.status, reduce=Count())
        by_number = Index(Order.number)

    assert [document["_id"] for document in Both.documents()] == [
        "_design/both.by_status",
        "_design/both",
        "_design/both.by_number",
    ]
    assert [one.given_name for one in Both.declarations()] == ["by_status", "per_status", "by_number"]
    assert Both.document() in Both.documents()
    assert list(Both.document()["views"]) == ["per_status"]


def test_a_design_of_indexes_alone_has_no_document_for_views():
    class Indexes(Design, model=Order):
        by_status = Index(Order.status)

    assert [document["_id"] for document in Indexes.documents()] == ["_design/indexes.by_status"]
    assert Indexes.document() == {"_id": "_design/indexes", "language": "javascript", "views": {}}


def test_faults_of_views_and_indexes_are_told_together():
    class Wrong(Design, model=Order):
        text = View(key=Order.status, where=Order.customer > "m")
        none = Index(Order.status, where=Order.number.in_([]))

    with pytest.raises(
        DesignError, match=r"Wrong cannot be built: text: .*; none: no document could be in it"
    ):
        Wrong.documents()


def test_two_indexes_of_one_name_are_refused():
    class Twice(Design, model=Order):
        one = Index(Order.status)
        other = Index(Order.number, name="one")

    with pytest.raises(DesignError, match="Twice cannot be built: one: two of this name are declared"):
        Twice.documents()


def test_a_view_may_have_the_name_of_an_index():
    class Both(Design, model=Order):
        by_status = View(key=Order.status)
        index = Index(Order.status, name="by_status")

    assert [list(document["views"]) for document in Both.documents()] == [["by_status"], [Both.index.name]]


def test_a_new_kind_of_declaration_needs_no_change_of_the_design():
    class Filter(Declaration):
        kind = "filter"
        member = "filters"

        def definition(self, model: type[Document]) -> Any:
            return f"function (doc) {{ return doc.type === '{metadata_of(model).type}'; }}"

    class Filtered(Design, model=Rush):
        rushes = Filter()

    assert Filtered.document() == {
        "_id": "_design/filtered",
        "language": "javascript",
        "views": {},
        "filters": {"rushes": "function (doc) { return doc.type === 'rush'; }"},
    }


@pytest.mark.parametrize("partitioned", [True, False])
def test_a_design_says_whether_it_is_for_one_partition(partitioned: Any):
    class Parted(Design, model=Order, partitioned=partitioned):
        by_status = Index(Order.status)
        per_status = View(key=Order.status)

    assert [document["options"] for document in Parted.documents()] == [{"partitioned": partitioned}] * 2


def test_queries_are_told_whether_an_index_is_for_one_partition():
    class Reading(Document, partition="sensor"):
        sensor: Mapped[str]

    class PerSensor(Design, model=Reading):
        sensors = Index(Reading.sensor)

    class Together(Design, model=Reading, partitioned=False):
        sensors = Index(Reading.sensor)

    assert [(index.ddoc, index.partitioned) for index in declared_for(Reading)] == [
        ("per_sensor.sensors", True),
        ("together.sensors", False),
    ]
    assert "options" not in PerSensor.documents()[0]
    assert Together.documents()[0]["options"] == {"partitioned": False}


def test_queries_are_told_what_a_view_counts():
    class Sale(Document):
        customer: Mapped[str]
        total: Mapped[int]

    class Sales(Design, model=Sale):
        by_customer = View(key=Sale.customer, where=Sale.total > 5, value=Sale.total, reduce=Count())
        by_both = View(key=(Sale.customer, Sale.total), reduce=Count())
        rows = View(key=Sale.customer)
        sums = View(key=Sale.customer, value=Sale.total, reduce=Sum())

    one, both = declared_for(Sale)

    assert (one.kind, one.ddoc, one.name, one.fields, one.is_list) == (
        "view",
        "sales",
        "by_customer",
        (("customer",),),
        False,
    )
    assert one.where == And(
        (Sale.customer.exists(), Sale.total.exists(), Sale.total > 5),
    )
    assert (both.name, both.fields, both.is_list) == ("by_both", (("customer",), ("total",)), True)


def test_a_design_that_is_defined_again_forgets_what_it_declared():
    class Sale(Document):
        customer: Mapped[str]

    class Sales(Design, model=Sale):
        gone = Index(Sale.customer)

    class Again(Design, model=Sale, name="sales"):
        by_customer = Index(Sale.customer)

    assert Sales.design_name == Again.design_name
    assert [index.name for index in declared_for(Sale)] == ["by_customer"]


def test_queries_can_tell_whether_a_database_has_what_is_declared():
    class Sale(Document):
        customer: Mapped[str]

    class Sales(Design, model=Sale):
        by_customer = Index(Sale.customer)
        per_customer = View(key=Sale.customer, reduce=Count())

    index, view = declared_for(Sale)
    of_index, of_view = Sales.documents()

    assert (index.is_in(of_index), view.is_in(of_view)) == (True, True)
    assert (index.is_in(of_view), view.is_in({}), index.is_in({"views": {}})) == (False, False, False)

    class Older(Design, model=Sale, name="sales"):
        by_customer = Index(Sale.customer, where=Sale.customer != "Ann")
        per_customer = View(key=Sale.customer, where=Sale.customer != "Ann", reduce=Count())

    old_index, old_view = Older.documents()
    assert (index.is_in(old_index), view.is_in(old_view)) == (False, False)
    assert not index.is_in({"views": {index.stored_name: old_index["views"][Older.by_customer.name]}})


@pytest.mark.parametrize(
    ("said", "stored", "is_in"),
    [
        (None, {}, True),
        (None, {"options": {"partitioned": True}}, True),
        (None, {"options": {"partitioned": False}}, False),
        (True, {}, True),
        (True, {"options": {"partitioned": False}}, False),
        (False, {"options": {"partitioned": False}}, True),
        (False, {"options": {"local_seq": True}}, False),
    ],
)
def test_a_view_of_one_partition_is_not_that_of_all(said: Any, stored: Any, is_in: Any):
    class Reading(Document, partition="sensor"):
        sensor: Mapped[str]

    class Readings(Design, model=Reading, partitioned=said):
        per_sensor = View(key=Reading.sensor, reduce=Count())

    (view,), (document,) = declared_for(Reading), Readings.documents()

    assert view.is_in({"views": document["views"], **stored}) is is_in


def test_a_class_of_the_family_that_comes_later_changes_what_is_declared():
    class Sale(Document):
        customer: Mapped[str]

    class Sales(Design, model=Sale):
        by_customer = Index(Sale.customer)

    (index,), (before,) = declared_for(Sale), Sales.documents()

    class Return(Sale):
        reason: Mapped[str]

    assert not index.is_in(before)
    assert index.is_in(*Sales.documents())


def test_a_declaration_without_a_design_has_a_text_as_well():
    assert repr(View(key=Order.number)) == "<view of no Design>"
