"""How a query is answered: by which index, and which part of it."""

from typing import Any

import pytest
from fake_source import stored_index
from planning import Order, Room, declared, found, hand, index, named, planned

from couchmapper.mango import Condition, Expression, Or, dump
from couchmapper.query.indexes import stored_indexes
from couchmapper.query.plan import ById, Find, IdRange, InTurn, NothingToAsk
from couchmapper.query.planner import known_indexes

# --- nothing to ask


@pytest.mark.parametrize(
    "where",
    [
        Order.number.in_([]),
        (Order.number == 1) & (Order.number == 2),
        (Order.number > 5) & (Order.number < 5),
        Order.number.between(9, 1),
        Order.customer.between("b", "a"),
        (Order.note == None) & (Order.note > "a"),  # noqa: E711 - it is an expression
        Order.id.in_([]),
        Order.id == "_design/orders",
    ],
)
def test_nothing_is_asked_where_nothing_can_match(where: Expression):
    assert planned(where) == NothingToAsk()


def test_nothing_is_asked_for_no_documents():
    assert planned(limit=0) == NothingToAsk()


def test_texts_whose_order_is_not_that_of_every_release_of_unicode_are_asked_for():
    how = found(Order.customer.between("é", "a"), on=hand("customer"))

    assert (how.keys.start, how.keys.end, how.is_scan) == (("é",), (), False)
    assert how.selector()["$or"] == [{"customer": {"$lte": "a"}}]


# --- ids


def test_documents_of_known_ids_are_read_by_these():
    how = planned(Order.id.in_(["b", "a", "a"]) & (Order.number > 1), on=hand("number"))

    assert isinstance(how, ById)
    assert how.ids == ("a", "b")


@pytest.mark.parametrize(
    ("where", "first", "end"),
    [
        (Order.id.startswith("order:"), "order:", "order;"),
        (Order.id.between("B", "a"), "B", "a\0"),
        ((Order.id > "B") & (Order.id < "a"), "B\0", "a"),
        (Order.id < "a", "", "a"),
    ],
)
def test_a_part_of_all_ids_is_read_as_that(where: Expression, first: str, end: str):
    how = planned(where)

    assert isinstance(how, IdRange)
    assert (how.first, how.end) == (first, end)


def test_an_index_is_better_than_a_part_of_all_ids_where_a_field_has_one_value():
    ids = Order.id.startswith("order:")

    assert named(planned(ids & (Order.number == 1), on=hand("number"))) == "number"
    assert isinstance(planned(ids & (Order.number > 1), on=hand("number")), IdRange)


def test_ids_up_to_an_end_are_read_as_that_unless_an_index_narrows():
    ids = Order.id < "x"

    assert named(planned(ids & (Order.number > 1), on=hand("number"))) == "number"
    assert isinstance(planned(ids, on=hand("number")), IdRange)


# --- which part of an index


@pytest.mark.parametrize(
    ("fields", "where", "start", "end"),
    [
        ("number", Order.number == 5, (5,), (5,)),
        ("number", Order.number > 5, (5,), ()),
        ("number", Order.number <= 5, (), (5,)),
        ("number", Order.number.between(1, 5), (1,), (5,)),
        ("number", Order.number.in_([7, 3, 5]), (3,), (7,)),
        ("number", (Order.number == 3) | (Order.number.between(5, 7)), (3,), (7,)),
        ("number", (Order.number < 3) | (Order.number == 5), (), (5,)),
        ("customer", Order.customer.startswith("An"), ("An",), ("An\uffff",)),
        ("customer", Order.customer.matches("^An"), ("An",), ("An\uffff",)),
        ("place.city", Order.place.city == "Rome", ("Rome",), ("Rome",)),
        ("note", Order.note == None, (None,), (None,)),  # noqa: E711 - it is an expression
        ("number customer", (Order.number == 5) & (Order.customer > "A"), (5, "A"), (5,)),
        ("customer number", (Order.number == 5) & (Order.customer > "A"), ("A", 5), ()),
        ("number customer", Order.number == 5, (5,), (5,)),
        ("type number", Order.number > 5, ("order", 5), ("order",)),
        ("tags", Order.tags == ["a", "b"], (["a", "b"],), (["a", "b"],)),
    ],
)
def test_conditions_bound_what_is_read_of_an_index(fields: str, where: Expression, start: Any, end: Any):
    how = found(where, on=hand(fields))

    assert named(how) == fields
    assert (how.keys.start, how.keys.end, how.is_scan) == (start, end, False)


@pytest.mark.parametrize(
    "where",
    [
        Order.number != 5,
        Order.number.not_in([5, 6]),
        Order.number % 2 == 0,
        (Order.number == 5) | (Order.customer == "Ann"),
        Order.number.exists() & (Order.status == "new"),
    ],
)
def test_other_conditions_bound_nothing_and_are_scans(where: Expression):
    assert found(where, on=hand("number")).is_scan


@pytest.mark.parametrize("prefix", ["é", "เ"])
def test_a_prefix_beyond_ascii_bounds_nothing(prefix: str):
    assert found(Order.customer.startswith(prefix), on=hand("customer")).is_scan


def test_values_among_lists_bound_nothing():
    assert found(Order.tags.any("a"), on=hand("tags")).is_scan
    assert found(Order.tags.any_in(["a", "b"]), on=hand("tags")).is_scan


# --- which index can serve


def test_a_required_field_that_is_not_asked_for_is_in_every_document():
    how = found(Order.number == 5, on=hand("number customer"))

    assert how.selector()["customer"] == {"$exists": True}


def test_a_field_with_a_default_may_be_missing_so_that_an_index_on_it_does_not_serve():
    assert named(planned(Order.number == 5, on=hand("number status"))) is None
    assert named(planned(Order.number == 5, Order.status.asc(), on=hand("number status"))) == "number status"


def test_a_declared_index_serves_where_its_filter_is_asked_for():
    with declared(index(Order, "number", where=Order.status == "new")) as known:
        new = (Order.number > 5) & (Order.status == "new")

        assert named(planned(new)) == "number"
        assert named(planned(new, on=known)) == "number"
        assert named(planned(Order.number > 5)) is None
        assert named(planned((Order.number > 5) & (Order.status == "paid"))) is None


def test_a_declared_index_that_the_database_does_not_have_is_not_named():
    with declared(index(Order, "number")):
        assert named(planned(Order.number > 5)) == "number"
        assert named(planned(Order.number > 5, on=[])) is None


def test_a_partial_index_that_is_not_declared_is_not_named():
    partial = list(stored_indexes([stored_index("number", "number", type="order")]))

    assert named(planned(Order.number > 5, on=partial)) is None


def test_the_indexes_that_may_serve_are_those_of_the_database_and_the_declared_ones_among_them():
    with declared(index(Order, "number"), index(Order, "total")) as (number, _):
        assert [one.index.name for one in known_indexes(Order, None)] == [
            index(Order, "number").stored_name,
            index(Order, "total").stored_name,
        ]
        assert known_indexes(Order, [number, *hand("customer")]) == [number, *hand("customer")]


def test_an_index_with_ids_has_them_by_collation_and_serves_no_bounds_and_no_order_of_them():
    by_id = hand("number _id")

    assert named(planned(Order.number == 5, on=by_id)) == "number _id"
    assert named(planned((Order.number == 5) & (Order.id > "B"), on=by_id)) is None
    assert named(planned(Order.number == 5, Order.id.asc(), on=by_id)) is None


# --- which one is best


@pytest.mark.parametrize(
    ("where", "order", "names", "best"),
    [
        (Order.number == 5, (), ["customer number", "number"], "number"),
        ((Order.number > 5) & (Order.customer == "Ann"), (), ["number", "customer"], "customer"),
        (
            (Order.number > 5) & (Order.customer == "Ann"),
            (),
            ["number customer", "customer number"],
            "customer number",
        ),
        ((Order.number > 5) & (Order.customer == "Ann"), (), ["customer total", "customer"], "customer"),
        (
            (Order.number > 5) & (Order.customer == "Ann"),
            (Order.number.asc(),),
            ["customer", "number"],
            "number",
        ),
        (Order.number > 5, (Order.customer.asc(),), ["customer number", "number"], "number"),
        (Order.number == 5, (), ["type", "type number", "number"], "number"),
        (Order.number > 5, (), ["type", "type total", "number"], "number"),
        (Order.number == 5, (), ["number total", "number note"], "number note"),
    ],
)
def test_the_best_index_narrows_then_orders_then_has_the_most_fields_with_one_value(
    where: Expression, order: Any, names: list[str], best: str
):
    assert named(planned(where, *order, on=hand(*names))) == best
    assert named(planned(where, *order, on=hand(*names[::-1]))) == best


def test_an_index_of_these_documents_alone_is_better_than_one_of_all():
    with declared(index(Order, "number")) as known:
        assert found(Order.number > 5, on=[*hand("number"), *known]).index == known[0]


# --- partitions


def test_an_index_of_partitions_serves_one_of_them_and_the_others_all():
    parted = index(Room, "seats", partitioned=True)
    whole = index(Room, "seats", "number")
    with declared(parted, whole) as known:
        inside = planned((Room.floor == "a") & (Room.seats > 5), model=Room, on=known)
        across = planned(Room.seats > 5, model=Room, across=True, on=known)

    assert isinstance(inside, Find)
    assert isinstance(across, Find)
    assert (inside.partition, inside.index) == ("a", known[0])
    assert (across.partition, across.index) == (None, known[1])


def test_the_name_of_a_partition_narrows_nothing_within_it():
    with declared(index(Room, "floor", "seats", partitioned=True)) as known:
        how = found((Room.floor == "a") & (Room.number != 1), model=Room, on=known)
        whole = found(Room.floor == "a", model=Room, on=known)

    assert (how.keys.start, how.is_scan) == (("a",), True)
    assert not whole.is_scan


def test_several_partitions_are_asked_in_turn_each_by_its_index():
    with declared(index(Room, "seats", partitioned=True)) as known:
        how = planned(Room.floor.in_(["b", "a"]) & (Room.seats > 5), model=Room, on=known)

    assert isinstance(how, InTurn)
    assert [(one.partition, named(one)) for one in how.parts] == [("a", "seats"), ("b", "seats")]


# --- what is sent


def test_what_is_sent_for_an_index_asks_for_the_same():
    how = found(Order.number.in_([3, 5]), on=hand("number customer"))

    assert dump(how.condition) == {
        "type": "order",
        "number": {"$in": [3, 5], "$gte": 3, "$lte": 5},
        "customer": {"$exists": True},
    }


def test_a_bound_in_an_alternative_is_none_for_couchdb():
    how = found(Order.customer.begins_with("An"), on=hand("customer"))

    assert Or((Condition(("customer",), "$beginsWith", "An"),)) in how.condition.operands
    assert (how.keys.start, how.keys.end) == (("An",), ("An\uffff",))
