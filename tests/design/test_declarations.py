"""Design documents as classes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import quickjs

from couchmapper import jsonio
from couchmapper.design import Count, Design, Index, Reduce, Stats, Sum, View
from couchmapper.design.declaration import Declaration
from couchmapper.exceptions import DesignError, ExpressionError
from couchmapper.mango import And
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.declared import declared_for
from couchmapper.mapping.mapper import dump
from couchmapper.mapping.metadata import metadata_of


class Address(Embedded):
    city: Mapped[str]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[str]
    placed: Mapped[datetime] = field(default=datetime(2026, 11, 23, tzinfo=UTC))
    status: Mapped[str] = field(default="new")
    total: Mapped[Decimal] = field(default=Decimal(0), scale=2)
    price: Mapped[Decimal] = field(default=Decimal(0))
    weight: Mapped[float | None] = field(default=None)
    sizes: Mapped[list[int]] = field(factory=list)
    mixed: Mapped[int | str] = field(default=0)
    note: Mapped[str | None] = field(default=None)
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


def emitted(view: View[Any, Any, Any], document: Any, model: type[Document] = Order) -> list[Any]:
    context = quickjs.Context()
    context.eval("var rows = []; var emit = function (key, value) { rows.push([key, value]); };")
    text = jsonio.dumps(jsonio.dumps(document).decode()).decode()
    context.eval(f"({view.definition(model)['map']})(JSON.parse({text}))")
    rows: list[Any] = jsonio.loads(context.eval("JSON.stringify(rows)"))
    return rows


def order(**values: Any) -> dict[str, Any]:
    return dump(Order(**{"number": 1, "customer": "Ann", **values}))


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


def test_the_text_of_a_view():
    assert OrderViews.by_customer.definition(Rush) == {
        "map": "function (doc) {\n"
        '  if (doc.type === "rush" && doc.customer !== undefined && doc.placed !== undefined'
        ' && doc.status !== undefined && doc.status !== "void") {\n'
        "    emit([doc.customer, doc.placed], null);\n"
        "  }\n"
        "}"
    }


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


# --- which documents, which rows


def test_a_view_has_rows_for_the_documents_of_its_model():
    assert emitted(OrderViews.per_status, order()) == [["new", None]]
    assert emitted(OrderViews.per_status, dump(Rush(number=1, customer="Ann", hours=2))) == [["new", None]]
    assert emitted(OrderViews.per_status, {"_id": "x", "type": "other", "status": "new"}) == []
    assert emitted(OrderViews.per_status, {"_id": "x", "status": "new"}) == []


def test_a_view_has_rows_for_the_documents_that_have_the_fields():
    without = {name: value for name, value in order().items() if name != "placed"}

    assert emitted(OrderViews.by_customer, order()) == [[["Ann", "2026-11-23T00:00:00.000000Z"], None]]
    assert emitted(OrderViews.by_customer, without) == []
    assert emitted(OrderViews.by_customer, order(status="void")) == []
    assert emitted(OrderViews.by_city, order()) == []
    assert emitted(OrderViews.by_city, order(address=Address(city="Ghent"))) == [["Ghent", 1]]


def test_a_null_is_a_key():
    class Notes(Design, model=Order):
        by_note = View(key=Order.note)

    assert emitted(Notes.by_note, order()) == [[None, None]]


def test_a_sum_has_no_rows_without_a_number():
    class Sums(Design, model=Order):
        weights = View(key=Order.status, value=Order.weight, reduce=Sum())
        mixed = View(key=Order.status, value=Order.mixed, reduce=Sum())
        sizes = View(key=Order.status, value=Order.sizes, reduce=Sum())

    assert emitted(Sums.weights, order()) == []
    assert emitted(Sums.weights, order(weight=0.0)) == [["new", 0]]
    assert emitted(Sums.mixed, order(mixed="a")) == []
    assert emitted(Sums.mixed, order(mixed=5)) == [["new", 5]]
    assert emitted(Sums.sizes, order(sizes=[1, 2])) == [["new", [1, 2]]]


@pytest.mark.parametrize("reduce", [Sum(), Stats()], ids=lambda one: one.function)
@pytest.mark.parametrize("value", [None, Order.price, Order.note, Order.address])
def test_a_sum_needs_numbers(value: Any, reduce: Any):
    view = View(key=Order.status, value=value, reduce=reduce)

    with pytest.raises(DesignError, match=r"needs value=, a field of numbers, got .* field\(scale=\.\.\.\)"):
        view.definition(Order)


@pytest.mark.parametrize(
    "arguments",
    [
        {"key": ()},
        {"key": "status"},
        {"key": (Order.status, "customer")},
        {"key": Order.status, "value": "total"},
        {"key": Order.status.desc()},
    ],
    ids=str,
)
def test_keys_and_values_are_fields(arguments: Any):
    with pytest.raises(DesignError, match="key= and value= of a view are fields"):
        View(**arguments)


def test_a_condition_is_an_expression():
    with pytest.raises(
        DesignError, match=r"where= is an expression such as Order\.status == 'paid', got True"
    ):
        View(key=Order.status, where=True)


# --- keys and values as Python values


def test_keys_are_written_as_the_view_emits_them():
    day = datetime(2026, 11, 23, tzinfo=UTC)

    assert OrderViews.by_customer.dump_key(("Ann", day)) == ["Ann", "2026-11-23T00:00:00.000000Z"]
    assert OrderViews.by_customer.dump_key(("Ann",)) == ["Ann"]
    assert OrderViews.by_customer.dump_key(("Ann", {})) == ["Ann", {}]
    assert OrderViews.by_customer.dump_key(("Ann", None)) == ["Ann", None]
    assert OrderViews.totals.dump_key("new") == "new"
    assert OrderViews.totals.dump_key(None) is None


@pytest.mark.parametrize("key", ["Ann", ["Ann"], ("a", datetime(2026, 11, 23, tzinfo=UTC), 3)], ids=str)
def test_a_key_of_the_wrong_shape_is_refused(key: Any):
    with pytest.raises(
        ExpressionError, match="<view order_views/by_customer> has keys of 2 fields, as a tuple"
    ):
        OrderViews.by_customer.dump_key(key)


def test_a_key_of_the_wrong_type_is_refused():
    with pytest.raises(ExpressionError, match="<field customer> cannot be compared with 5: expected text"):
        OrderViews.by_customer.dump_key((5,))
    with pytest.raises(ExpressionError, match="<field status> cannot be compared"):
        OrderViews.totals.dump_key(("new",))


def test_keys_are_read_as_values_of_their_fields():
    view = OrderViews.by_customer

    assert view.load_key(["Ann", "2026-11-23T00:00:00.000000Z"]) == (
        "Ann",
        datetime(2026, 11, 23, tzinfo=UTC),
    )
    assert view.load_key(["Ann"]) == ("Ann",)
    assert view.load_key(None) is None
    assert OrderViews.totals.load_key("new") == "new"
    assert OrderViews.totals.load_key(None) is None


def test_values_are_read_as_values_of_their_field():
    assert OrderViews.totals.load_value(350) == Decimal("3.50")
    assert OrderViews.by_city.load_value(7) == 7
    assert OrderViews.per_status.load_value(None) is None


def test_a_sum_is_of_the_type_of_the_field():
    assert str(OrderViews.totals.load_reduced(1050)) == "10.50"


def test_a_sum_of_floats_may_come_as_an_integer():
    class Weights(Design, model=Order):
        by_status = View(key=Order.status, value=Order.weight, reduce=Sum())

    assert Weights.by_status.load_reduced(10**17) == 1e17


def test_other_reductions_are_read_as_they_are():
    stats = {"sum": 1, "count": 1, "min": 1, "max": 1, "sumsqr": 1}

    assert OrderViews.per_status.load_reduced(3) == 3
    assert OrderViews.weights.load_reduced(stats) == stats
    assert OrderViews.largest.load_reduced([350]) == [350]


def test_a_key_that_does_not_fit_is_refused():
    with pytest.raises(Misfit, match="expected text, got 5"):
        OrderViews.by_customer.load_key([5, None])


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
