"""Which stretch of which index tells how many documents a query finds."""

from typing import Any

import pytest
from fake_source import FakeDatabase, stored_index

from couchmapper.design import Count, Design, Index, View
from couchmapper.mango.nodes import TRUE, Expression
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping import Document, Mapped, field
from couchmapper.mapping.expressions import path_of
from couchmapper.query.counting import RowCount, row_counts
from couchmapper.query.indexes import KnownIndex, stored_indexes
from couchmapper.query.question import Question
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSON

LAST = {"\uffff": {}}


class Order(Document):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    note: Mapped[str | None] = field(default=None)
    data: Mapped[JSON] = field(default=None)


class OrderIndexes(Design, model=Order):
    by_status = Index(Order.status, Order.number)
    paid = Index(Order.number, where=Order.status == "paid")


class Sale(Document):
    number: Mapped[int]
    customer: Mapped[str]
    total: Mapped[int] = field(default=0)
    data: Mapped[JSON] = field(default=None)


class SaleViews(Design, model=Sale):
    per_number = View(key=Sale.number, reduce=Count())
    per_customer = View(key=(Sale.customer, Sale.total), where=Sale.total >= 0, reduce=Count())
    per_data = View(key=Sale.data, reduce=Count())


class Entry(Document):
    number: Mapped[int]
    status: Mapped[str]


class Reading(Document, partition="sensor", id="{hour}"):
    sensor: Mapped[str]
    hour: Mapped[int]


class PerSensor(Design, model=Reading):
    by_hour = Index(Reading.sensor, Reading.hour)
    per_hour = View(key=(Reading.sensor, Reading.hour), reduce=Count())


class OfAllSensors(Design, model=Reading, partitioned=False):
    by_hour = Index(Reading.hour)


def stored(*indexes: Index) -> list[KnownIndex]:
    """Return indexes as a database tells of them."""
    return [KnownIndex.of(index.declared()) for index in indexes]


def counted(where: Expression = TRUE, *indexes: Index, model: type[Document] = Order) -> list[Any]:
    """Return name and parameters of what counts the documents of a condition."""
    found = row_counts(QuerySpec(model=model, where=where), stored(*indexes))
    return [(one.name, one.options) for one in found]


# --- by JSON indexes


@pytest.mark.parametrize(
    ("where", "start", "end"),
    [
        (Order.status.exists(), [], [LAST]),
        (Order.status == "new", ["new"], ["new", LAST]),
        (Order.status >= "new", ["new"], [LAST]),
        (Order.status > "new", ["new", LAST], [LAST]),
        (Order.status <= "new", [], ["new", LAST]),
        ((Order.status == "new") & (Order.number == 5), ["new", 5], ["new", 5, LAST]),
        ((Order.status == "new") & (Order.number > 5), ["new", 5, LAST], ["new", LAST]),
        ((Order.status == "new") & Order.number.between(5, 9), ["new", 5], ["new", 9, LAST]),
        ((Order.status == "new") & Order.number.exists(), ["new"], ["new", LAST]),
        ((Order.status > "a") & (Order.status > "b"), ["b", LAST], [LAST]),
    ],
)
def test_a_stretch_of_an_index_is_what_is_asked_for(where: Expression, start: Any, end: Any):
    options = {"start_key": start, "end_key": end}

    assert counted(where, OrderIndexes.by_status) == [(OrderIndexes.by_status.name, options)]


def test_an_end_that_is_left_out_is_said_to_be():
    options = {"start_key": [], "end_key": ["new"], "inclusive_end": False}

    assert counted(Order.status < "new", OrderIndexes.by_status) == [(OrderIndexes.by_status.name, options)]


def test_what_the_filter_says_need_not_be_a_field():
    options = {"start_key": [5], "end_key": [LAST]}

    assert counted((Order.status == "paid") & (Order.number >= 5), OrderIndexes.paid) == [
        (OrderIndexes.paid.name, options)
    ]


def test_null_is_a_value_like_others():
    class Notes(Design, model=Order):
        by_note = Index(Order.note)

    found = row_counts(QuerySpec(model=Order, where=Order.note == None), stored(Notes.by_note))  # noqa: E711

    assert [one.options for one in found] == [{"start_key": [None], "end_key": [None, LAST]}]


@pytest.mark.parametrize(
    "where",
    [
        TRUE,
        Order.number == 5,
        (Order.status == "new") | (Order.status == "paid"),
        Order.status.in_(["new", "paid"]),
        Order.status != "new",
        (Order.status > "new") & (Order.number == 5),
        (Order.status > "new") & (Order.number > 5),
        (Order.status == "new") & (Order.note == "x"),
        (Order.status == "new") & Order.note.is_missing(),
        (Order.status == "new") & (Order.id > "a"),
        Order.status.startswith("n"),
        Order.status.matches("^n"),
        (Order.status == "new") & (Order.number % 2 == 0),
        (Order.status > "b") & (Order.status < "a"),
    ],
    ids=str,
)
def test_what_is_no_stretch_of_an_index_is_not_counted_by_it(where: Expression):
    """`status` may be missing in what was written before it was declared, so not all orders have a row."""
    assert counted(where, OrderIndexes.by_status) == []


def test_an_index_that_the_database_does_not_have_counts_nothing():
    assert counted(Order.status == "new") == []


def test_an_index_of_other_documents_counts_nothing():
    assert counted(Order.number >= 5, OrderIndexes.paid) == []
    assert counted((Order.status == "new") & (Order.number >= 5), OrderIndexes.paid) == []


def test_all_documents_are_counted_by_fields_that_they_always_have():
    class Entries(Design, model=Entry):
        by_number = Index(Entry.number)

    options = {"start_key": [], "end_key": [LAST]}

    assert counted(TRUE, Entries.by_number, model=Entry) == [(Entries.by_number.name, options)]


def test_an_index_that_is_not_declared_counts_by_its_fields():
    whole = list(stored_indexes([stored_index("hand", "type", "status")]))
    found = list(row_counts(QuerySpec(model=Entry, where=Entry.status == "new"), whole))

    assert found[-1] == RowCount(
        ddoc="hand", name="hand", options={"start_key": ["entry", "new"], "end_key": ["entry", "new", LAST]}
    )


def test_a_partial_index_that_is_not_declared_counts_nothing():
    partial = list(stored_indexes([stored_index("hand", "status", type="entry")]))

    assert list(row_counts(QuerySpec(model=Entry, where=Entry.status == "new"), partial)) == []


def test_an_order_asks_for_its_fields_alone():
    order = (SortTerm(path_of(Order.status)),)
    (found,) = row_counts(QuerySpec(model=Order, order=order), stored(OrderIndexes.by_status))

    assert found.options == {"start_key": [None], "end_key": [LAST]}


# --- by views


@pytest.mark.parametrize(
    ("where", "options"),
    [
        (TRUE, {}),
        (Sale.number == 5, {"start_key": 5, "end_key": 5, "inclusive_end": True}),
        (Sale.number >= 5, {"start_key": 5}),
        (Sale.number <= 5, {"end_key": 5, "inclusive_end": True}),
        (Sale.number < 5, {"end_key": 5, "inclusive_end": False}),
    ],
    ids=str,
)
def test_a_view_with_single_keys_counts(where: Expression, options: Any):
    assert counted(where, model=Sale)[0] == ("per_number", options)


def test_a_view_with_single_keys_cannot_begin_behind_a_key():
    assert counted(Sale.number > 5, model=Sale) == []


def test_a_view_counts_what_its_condition_holds_for():
    where = (Sale.customer == "Ann") & (Sale.total >= 0)

    assert counted(where, model=Sale) == [("per_customer", {"start_key": ["Ann"], "end_key": ["Ann", LAST]})]
    assert counted(Sale.customer == "Ann", model=Sale) == []
    assert counted((Sale.customer == "Ann") & (Sale.total > 5), model=Sale) == [
        ("per_customer", {"start_key": ["Ann", 5, LAST], "end_key": ["Ann", LAST]})
    ]


@pytest.mark.parametrize("value", [None, True, 5, -0.5, 2**53 - 1, 1 - 2**53, "é"], ids=repr)
def test_values_that_javascript_keeps_bound_a_view(value: Any):
    assert [name for name, _ in counted(Sale.data == value, model=Sale)] == ["per_data"]


@pytest.mark.parametrize("value", [2**53, -(2**53), 2.0**60, [1], {"a": 1}], ids=repr)
def test_values_that_javascript_changes_bound_no_view(value: Any):
    assert counted(Sale.data == value, model=Sale) == []


def test_a_view_is_told_with_its_declaration():
    found = next(iter(row_counts(QuerySpec(model=Sale), [])))

    assert (found.ddoc, found.declared) == ("sale_views", SaleViews.per_number.declared())


# --- in partitions


def test_a_partition_is_counted_by_its_own_indexes():
    spec = QuerySpec(model=Reading, where=(Reading.sensor == "a") & (Reading.hour > 5))
    known = [KnownIndex.of(index) for index in PerSensor._declared() if index.kind == "json"]
    known += [KnownIndex.of(index) for index in OfAllSensors._declared()]

    in_partition = [one.ddoc for one in row_counts(spec, known, partitioned=True)]
    of_all = [one.ddoc for one in row_counts(QuerySpec(model=Reading, across=True), known)]

    assert in_partition == ["per_sensor.by_hour", "per_sensor"]
    assert of_all == ["of_all_sensors.by_hour"]


# --- what is asked


def told(index: Index) -> Any:
    """Write a deployed index as the database tells of it."""
    return {
        "ddoc": f"_design/{index.ddoc}",
        "name": index.name,
        "type": "json",
        "partitioned": False,
        "def": index.definition(index.model)["options"]["def"],
    }


def orders(count: int) -> list[Any]:
    return [
        {"_id": str(number), "type": "order", "number": number, "status": "new"} for number in range(count)
    ]


def test_the_indexes_are_read_anew_and_one_is_asked():
    index = OrderIndexes.by_status
    database = FakeDatabase(
        indexes=[told(index)], views={(index.ddoc, index.name): [{"key": None, "value": 7}]}
    )

    assert Question(QuerySpec(model=Order, where=Order.status == "new"), database.source()).count() == 7
    assert database.routes == ["indexes", "view"]
    assert database.asked == [{"reduce": True, "start_key": ["new"], "end_key": ["new", LAST]}]


def test_no_rows_are_none():
    index = OrderIndexes.by_status
    database = FakeDatabase(indexes=[told(index)], views={(index.ddoc, index.name): []})

    assert Question(QuerySpec(model=Order, where=Order.status == "new"), database.source()).count() == 0


@pytest.mark.parametrize(
    ("limit", "skip", "count"), [(None, 2, 5), (3, 0, 3), (3, 5, 2), (9, 0, 7), (None, 9, 0), (3, 9, 0)]
)
def test_limit_and_skip_are_reckoned_with(limit: Any, skip: Any, count: Any):
    index = OrderIndexes.by_status
    database = FakeDatabase(
        indexes=[told(index)], views={(index.ddoc, index.name): [{"key": None, "value": 7}]}
    )
    spec = QuerySpec(model=Order, where=Order.status == "new", limit=limit, skip=skip)

    assert Question(spec, database.source()).count() == count


def test_without_an_index_the_documents_are_gone_through():
    database = FakeDatabase(orders(3))

    assert Question(QuerySpec(model=Order, where=Order.number >= 0), database.source()).count() == 3
    assert database.routes == ["indexes", "find"]
    assert database.asked[0]["fields"] == ["_id"]


def test_an_index_that_is_gone_is_passed_over():
    database = FakeDatabase(orders(3), indexes=[told(OrderIndexes.by_status)])

    assert Question(QuerySpec(model=Order, where=Order.status == "new"), database.source()).count() == 3
    assert database.routes == ["indexes", "view", "find"]


def test_a_view_is_asked_when_it_is_stored_as_declared():
    (document,) = SaleViews.documents()
    rows = {("sale_views", "per_number"): [{"key": None, "value": 7}]}
    database = FakeDatabase([document], views=rows)

    assert Question(QuerySpec(model=Sale, where=Sale.number == 5), database.source()).count() == 7
    assert database.routes == ["indexes", "document", "view"]


def test_a_view_that_is_stored_otherwise_is_not_asked():
    (document,) = SaleViews.documents()
    document["views"]["per_number"]["map"] += "\n"
    rows = {("sale_views", "per_number"): [{"key": None, "value": 7}]}
    database = FakeDatabase([document, {"_id": "1", "type": "sale", "number": 5}], views=rows)

    assert Question(QuerySpec(model=Sale, where=Sale.number == 5), database.source()).count() == 1
    assert database.routes == ["indexes", "document", "find"]


def test_a_view_that_is_not_deployed_is_passed_over():
    database = FakeDatabase()

    assert Question(QuerySpec(model=Sale, where=Sale.number == 5), database.source()).count() == 0
    assert database.routes == ["indexes", "document", "find"]


def test_nothing_is_asked_for_what_cannot_be():
    database = FakeDatabase()

    assert Question(QuerySpec(model=Order, limit=0), database.source()).count() == 0
    assert Question(QuerySpec(model=Order, where=Order.status.in_([])), database.source()).count() == 0
    assert database.routes == []


def test_ids_are_looked_up():
    database = FakeDatabase(orders(3))

    assert (
        Question(QuerySpec(model=Order, where=Order.id.in_(["0", "2", "9"])), database.source()).count() == 2
    )
    assert database.routes == ["all_docs"]
