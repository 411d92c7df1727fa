"""In which order the documents of a query come, and whether it reads more than is asked for."""

from typing import Any

import pytest
from planning import Animal, Order, declared, found, hand, index, named

from couchmapper.mango import Condition
from couchmapper.mango.nodes import TRUE
from couchmapper.query.spec import QuerySpec

# --- the order


@pytest.mark.parametrize(
    ("fields", "where", "order", "sort"),
    [
        ("number", TRUE, [Order.number.asc()], [{"number": "asc"}]),
        ("number", TRUE, [Order.number.desc()], [{"number": "desc"}]),
        ("number customer", TRUE, [Order.number.asc()], [{"number": "asc"}]),
        (
            "number customer",
            TRUE,
            [Order.number.desc(), Order.customer.desc()],
            [{"number": "desc"}, {"customer": "desc"}],
        ),
        ("customer number", Order.customer == "Ann", [Order.number.asc()], [{"number": "asc"}]),
        (
            "customer number",
            Order.customer == "Ann",
            [Order.customer.asc(), Order.number.asc()],
            [{"number": "asc"}],
        ),
        (
            "customer number",
            Order.customer == "Ann",
            [Order.number.asc(), Order.customer.asc()],
            [{"number": "asc"}],
        ),
        (
            "number customer total",
            Order.customer == "Ann",
            [Order.number.asc(), Order.total.asc()],
            [{"number": "asc"}, {"customer": "asc"}, {"total": "asc"}],
        ),
        ("number", TRUE, [Order.number.asc(), Order.id.asc()], [{"number": "asc"}]),
        ("number", TRUE, [Order.number.asc(), Order.id.asc(), Order.total.asc()], [{"number": "asc"}]),
        ("number", Order.number == 5, [Order.id.desc()], [{"number": "desc"}]),
        (
            "customer number",
            Order.customer == "Ann",
            [Order.number.asc(), Order.id.asc()],
            [{"number": "asc"}],
        ),
    ],
)
def test_an_index_orders_by_its_fields_that_vary_and_then_by_ids(
    fields: str, where: Any, order: Any, sort: Any
):
    how = found(where, *order, on=hand(fields))

    assert named(how) == fields
    assert (how.sort_body(), how.sorts_here) == (sort, False)
    assert how.is_id_order == any(term.path == ("_id",) for term in order)


@pytest.mark.parametrize(
    ("fields", "where", "order"),
    [
        ("number customer", Order.number > 5, [Order.customer.asc()]),
        ("number customer", Order.number > 5, [Order.number.asc(), Order.customer.desc()]),
        ("number customer", Order.number > 5, [Order.number.asc(), Order.id.asc()]),
        ("number customer", Order.number == 5, [Order.id.asc()]),
        ("number", Order.number > 5, [Order.id.asc(), Order.number.asc()]),
    ],
)
def test_any_other_order_is_made_here(fields: str, where: Any, order: Any):
    how = found(where, *order, on=hand(fields))

    assert named(how) == fields
    assert (how.sort, how.sorts_here) == ((), True)


# --- scans


def test_a_bound_of_the_type_alone_leaves_all_documents_of_the_model():
    how = found(Order.customer.matches("x"), on=hand("type number"))

    assert (named(how), how.keys.start, how.is_scan) == ("type number", ("order",), True)


def test_an_index_that_holds_nothing_but_what_is_asked_for_is_no_scan():
    with declared(index(Order, "number"), index(Order, "total", where=Order.status == "paid")) as known:
        assert not found(on=known).is_scan
        assert not found(TRUE, Order.number.asc(), on=known).is_scan
        assert not found(Order.status == "paid", Order.total.desc(), on=known).is_scan
        assert found(Order.status == "new", Order.total.desc(), on=known).is_scan


@pytest.mark.parametrize("fields", ["type", "type number"])
def test_all_documents_of_a_type_are_no_scan_where_the_type_is_indexed(fields: str):
    assert not found(on=hand(fields)).is_scan


def test_an_index_of_all_types_is_a_scan_when_one_is_asked_for():
    assert found(on=hand("number")).is_scan


def test_types_of_a_family_are_between_the_first_and_the_last():
    how = found(model=Animal, on=hand("type name"))

    assert (how.keys.start, how.keys.end, how.is_scan) == (("cat",), ("dog",), False)
    assert found(Animal.name == "Tom", model=Animal, on=hand("type name")).is_scan


def test_null_is_no_bound_below():
    assert found(Condition(("note",), "$gte", None) & (Order.total != 1), on=hand("note")).is_scan
    assert found(Condition(("note",), "$gt", None) & (Order.total != 1), on=hand("note")).is_scan


def test_whether_it_is_a_scan_is_not_known_where_the_database_was_not_asked():
    assert found(Order.number > 5).is_scan is None
    assert found(Order.number > 5, on=[]).is_scan is True


# --- without an index


def test_the_server_may_have_an_order_when_it_was_not_asked_for_its_indexes():
    how = found(TRUE, Order.number.desc())

    assert (named(how), how.sort_body(), how.sorts_here) == (None, [{"number": "desc"}], False)


@pytest.mark.parametrize(
    "order",
    [
        (Order.number.asc(), Order.total.desc()),
        (Order.number.asc(), Order.id.asc()),
        (Order.id.asc(),),
        (Order.id.desc(), Order.number.desc()),
    ],
)
def test_no_order_of_the_servers_own_choice_is_mixed_or_has_ids(order: Any):
    how = found(TRUE, *order)

    assert (how.sort, how.sorts_here) == ((), True)


def test_all_documents_come_by_their_ids():
    how = found(TRUE, Order.id.desc(), on=hand("number"))

    assert (how.sort_body(), how.sorts_here, how.is_id_order) == ([{"_id": "desc"}], False, True)


@pytest.mark.parametrize("fields", ["_id", "status _id"])
def test_all_documents_come_by_their_ids_only_where_no_index_has_these_by_collation(fields: str):
    how = found((Order.status == "new") & (Order.id > "B"), Order.id.asc(), on=hand(fields))

    assert (named(how), how.sort, how.sorts_here) == (None, (), True)
    assert how.selector()["$or"] == [{"_id": {"$gt": "B"}}]


def test_what_couchdb_cannot_be_asked_is_looked_at_here():
    difficult = Order.note.in_([None, "late"])
    how = found(difficult & (Order.number == 5), on=hand("number"))

    assert how.check == QuerySpec(model=Order, where=difficult & (Order.number == 5)).condition
    assert how.condition != how.check
    assert found(Order.number == 5, on=hand("number")).check is None
