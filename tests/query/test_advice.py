"""Which index is advised for a query, and why none is."""

from typing import Any

import pytest
from planning import Animal, Cat, Order, Place, Room, declared, found, index, named

from couchmapper.design import Index
from couchmapper.exceptions import PartitionRequired
from couchmapper.mango import Expression, parse
from couchmapper.mango.nodes import TRUE
from couchmapper.mapping import Document, Mapped, field
from couchmapper.mapping.expressions import path_of
from couchmapper.query.advice import Advice, advise
from couchmapper.query.spec import QuerySpec

NONE_SERVES = "no index can answer its conditions: add one by =="


class Loose(Document):
    name: Mapped[str] = field(default="")


def advised(where: Expression = TRUE, *order: Any, model: Any = Order, **asked: Any) -> Advice:
    return advise(QuerySpec(model=model, where=where, order=order, **asked))


@pytest.mark.parametrize(
    ("where", "order", "declaration"),
    [
        (Order.number == 1, [], "Index(Order.number)"),
        (Order.number > 1, [], "Index(Order.number)"),
        (Order.number.in_([1, 2]), [], "Index(Order.number)"),
        ((Order.number == 1) | (Order.number > 5), [], "Index(Order.number)"),
        (Order.customer.startswith("A"), [], "Index(Order.customer)"),
        (Order.place.city == "Rome", [], "Index(Order.place.city)"),
        (Order.tags[0] == "new", [], "Index(Order.tags[0])"),
        (Order.number % 2 == 0, [], None),
        ((Order.number == 1) & (Order.total > 5), [], "Index(Order.number, Order.total)"),
        ((Order.total > 5) & (Order.number == 1), [], "Index(Order.number, Order.total)"),
        ((Order.total > 5) & (Order.number > 1), [], "Index(Order.total)"),
        ((Order.number == 1) & (Order.status == "new"), [], "Index(Order.number, Order.status)"),
        ((Order.number == 1) & (Order.status != "new"), [], "Index(Order.number)"),
        ((Order.number == 1) | (Order.total == 5), [], None),
        (Order.number == 1, [Order.total.asc()], "Index(Order.number, Order.total)"),
        (Order.number == 1, [Order.number.desc(), Order.total.desc()], "Index(Order.number, Order.total)"),
        ((Order.number == 1) & (Order.total > 5), [Order.note.asc()], "Index(Order.number, Order.note)"),
        (Order.total > 5, [Order.total.desc(), Order.number.desc()], "Index(Order.total, Order.number)"),
        (Order.total > 5, [Order.number.asc()], "Index(Order.total)"),
        (Order.number == 1, [Order.total.asc(), Order.note.desc()], "Index(Order.number)"),
        (Order.number == 1, [Order.total.asc(), Order.id.asc()], "Index(Order.number, Order.total)"),
        (TRUE, [Order.total.asc(), Order.note.asc()], "Index(Order.total, Order.note)"),
        (Order.status.exists(), [Order.total.asc()], "Index(Order.total, Order.status)"),
        (Order.status.exists(), [], "Index(Order.status)"),
        (TRUE, [], "Index(Order.number)"),
        (TRUE, [Order.id.desc()], "Index(Order.number)"),
    ],
)
def test_fields_with_one_value_come_first_then_the_order_or_a_field_with_bounds(
    where: Any, order: Any, declaration: str | None
):
    advice = advised(where, *order)

    assert advice.declaration == declaration
    assert bool(advice.reason) == (declaration is None)


def test_the_advice_is_a_line_of_python():
    advice = advised((Order.place.city == "Rome") & (Order.tags[0] > "a"))
    made: Any = eval(str(advice.declaration), {"Index": Index, "Order": Order})  # noqa: S307 - it is the point

    assert isinstance(made, Index)
    assert advice.fields == (path_of(Order.place.city), path_of(Order.tags[0]))
    assert str(advice) == "declare Index(Order.place.city, Order.tags[0]) in a Design and deploy it"


def test_a_member_that_python_has_no_attribute_for_is_not_advised():
    assert advised(parse({"place.street": "x"})).declaration is None
    assert advised(parse({"place.street": "x", "number": 1})).declaration == "Index(Order.number)"


def test_a_field_of_a_subclass_is_advised_as_such():
    assert advised(Cat.lives > 5, model=Animal).declaration == "Index(Cat.lives)"


def test_an_object_is_found_by_a_member():
    whole = advised(Order.place == Place(city="Rome"))

    assert whole.declaration == "Index(Order.place)"


def test_a_model_without_a_required_field_is_indexed_by_its_ids():
    assert advised(model=Loose).declaration == "Index(Loose.id)"


@pytest.mark.parametrize(
    "where",
    [
        Order.customer.matches("x"),
        Order.customer.startswith("é"),
        Order.tags.any("new"),
        Order.number != 1,
        Order.status.is_missing(),
        Order.id > "a",
    ],
)
@pytest.mark.parametrize(
    "order", [(), (Order.number.asc(),), (Order.id.asc(),)], ids=["none", "number", "id"]
)
def test_no_index_is_advised_where_none_narrows(where: Expression, order: Any):
    advice = advised(where, *order)

    assert (advice.fields, advice.declaration) == ((), None)
    assert str(advice).startswith(NONE_SERVES)


@pytest.mark.parametrize("where", [Order.id == "a", Order.id.in_(["a", "b"]), Order.id.startswith("a")])
def test_documents_that_are_read_by_their_ids_need_none(where: Expression):
    assert str(advised(where)) == "no index is needed: the documents are read by their ids"


@pytest.mark.parametrize(
    "asked", [{"where": Order.number.in_([])}, {"where": Order.number.between(9, 1)}, {"limit": 0}], ids=str
)
def test_what_finds_nothing_needs_none(asked: Any):
    assert str(advise(QuerySpec(model=Order, **asked))) == (
        "no index is needed: no document can be found, and nothing is asked"
    )


# --- partitions


def test_the_partition_that_is_asked_needs_no_field():
    advice = advised((Room.floor == "a") & (Room.seats > 5), model=Room)

    assert (advice.declaration, advice.across) == ("Index(Room.seats)", False)
    assert str(advice) == "declare Index(Room.seats) in a Design and deploy it"


def test_an_index_of_all_partitions_is_in_a_design_of_its_own():
    advice = advised(Room.seats > 5, model=Room, across=True)

    assert advice.across
    assert str(advice) == "declare Index(Room.seats) in a Design with partitioned=False and deploy it"


def test_a_query_that_names_no_partition_gets_no_advice():
    with pytest.raises(PartitionRequired):
        advised(Room.seats > 5, model=Room)


def test_an_id_names_its_partition():
    assert advised(Room.id == "a:1", model=Room).reason.startswith("no index is needed")
    assert advised(Room.id.startswith("a:"), model=Room).reason.startswith("no index is needed")


# --- an index of just these documents


def test_an_index_by_where_serves_what_no_field_does():
    tagged = Order.tags.any("new")
    with declared(index(Order, "number", where=tagged)):
        how = found(tagged)

    assert (named(how), how.is_scan) == ("number", False)
    assert "declare an Index of just these documents by where=" in advised(tagged).reason
