"""Views as attributes of a design class: their rows, and their keys and values in Python."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import quickjs

from couchmapper import jsonio
from couchmapper.design import Count, Design, Reduce, Stats, Sum, View
from couchmapper.exceptions import DesignError, ExpressionError
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.mapper import dump


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


def test_the_text_of_a_view():
    assert OrderViews.by_customer.definition(Rush) == {
        "map": "function (doc) {\n"
        '  if (doc.type === "rush" && doc.customer !== undefined && doc.placed !== undefined'
        ' && doc.status !== undefined && doc.status !== "void") {\n'
        "    emit([doc.customer, doc.placed], null);\n"
        "  }\n"
        "}"
    }


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
