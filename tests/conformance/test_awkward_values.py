"""Values that CouchDB's planner fails on beside an index are asked for in other words, and found."""

import pytest

from couchmapper.database import Database
from couchmapper.mango.nodes import Expression
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.typing import JSON


class Address(Embedded):
    city: Mapped[str]
    floor: Mapped[int | None] = field(default=None)


class Line(Embedded):
    sku: Mapped[str]
    count: Mapped[int] = field(default=1)


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str | None] = field(default=None)
    address: Mapped[Address | None] = field(default=None)
    lines: Mapped[list[Line]] = field(factory=list)
    grid: Mapped[list[list[int]]] = field(factory=list)
    notes: Mapped[list[str | None]] = field(factory=list)
    extra: Mapped[dict[str, JSON]] = field(factory=dict)


GHENT, ROME = Address(city="Ghent", floor=2), Address(city="Rome")
TEA, CUP = Line(sku="tea", count=2), Line(sku="cup")
ORDERS = (
    {"status": "new", "address": GHENT, "lines": [TEA, CUP], "grid": [[1], [2, 3]], "notes": ["a", None]},
    {"status": "paid", "address": ROME, "lines": [CUP], "grid": [[1], [2, 3], []], "notes": [None]},
    {"status": None, "grid": [[1, 2], [3]], "notes": [], "extra": {"a": None, "b": [None]}},
    {
        "status": "new",
        "address": Address(city="Ghent", floor=3),
        "lines": [Line(sku="tea"), TEA],
        "notes": ["a"],
    },
    {"address": Address(city="Gent", floor=2), "extra": {"b": [None], "a": None}, "grid": [[]]},
    {
        "status": "void",
        "address": GHENT,
        "extra": {"a": None, "b": [None], "c": {"d": [[1]]}},
        "notes": ["b"],
    },
)
CONDITIONS: dict[str, Expression] = {
    "an object": Order.address == GHENT,
    "an object with null": Order.address == ROME,
    "another object": Order.address != GHENT,
    "one of objects": Order.address.in_([GHENT, ROME]),
    "one of objects and null": Order.address.in_([GHENT, None]),
    "none of objects": Order.address.not_in([GHENT, ROME]),
    "none of objects and null": Order.address.not_in([GHENT, None]),
    "null or a text": Order.status.in_([None, "new"]),
    "neither null nor a text": Order.status.not_in([None, "new"]),
    "not null or a text": ~Order.status.in_([None, "new"]),
    "a list of lists": Order.grid == [[1], [2, 3]],
    "another list of lists": Order.grid != [[1], [2, 3]],
    "a list in a list": Order.grid.any([1]),
    "one of lists in a list": Order.grid.any_in([[1], []]),
    "lists of lists, both": Order.grid.has_all([[1], [2, 3]]),
    "every list": Order.grid.all([1]),
    "a list with null": Order.notes == ["a", None],
    "another list with null": Order.notes != [None],
    "null in a list": Order.notes.any(None),
    "null or a text in a list": Order.notes.any_in([None, "b"]),
    "null and a text in a list": Order.notes.has_all([None, "a"]),
    "an object in a list": Order.lines.any(TEA),
    "one of objects in a list": Order.lines.any_in([TEA, CUP]),
    "no such object in a list": ~Order.lines.any(TEA),
    "an object in a list, otherwise": Order.lines.any(lambda line: line != TEA),
    "objects in a list, both": Order.lines.has_all([TEA, CUP]),
    "every object in a list": Order.lines.all(CUP),
    "every object or none": Order.lines.all_or_empty(CUP),
    "a list of objects": Order.lines == [TEA, CUP],
    "a dict": Order.extra == {"a": None, "b": [None]},
    "a list in a dict": Order.extra["b"] == [None],
    "lists in a dict in a dict": Order.extra["c"] == {"d": [[1]]},
    "above a list of lists": Order.grid.is_type("array") & ~(Order.grid == [[]]),
    "either": (Order.address == GHENT) | Order.status.in_([None, "paid"]),
    "both": (Order.address == GHENT) & Order.status.in_([None, "new"]),
    "neither": ~((Order.address == GHENT) | Order.status.in_([None, "paid"])),
    "beside what can be asked": (Order.number > 2) & (Order.extra == {"a": None, "b": [None]}),
    "a beginning that excludes the rest": Order.status.begins_with("n") & (Order.status == "paid"),
    "a beginning beside a bound": Order.status.begins_with("n") & (Order.status < "a"),
    "two beginnings": Order.status.begins_with("ne") & Order.status.begins_with("n"),
}

IN_PART = (
    "an object",
    "another object",
    "neither null nor a text",
    "null or a text in a list",
    "a dict",
    "neither",
)


@pytest.fixture
def shop(database: Database) -> Database:
    """Give a database with six orders and two plain indexes."""
    with database.begin() as session:
        session.add_all(Order(number=number, **values) for number, values in enumerate(ORDERS, 1))
    database.find.create_index(["number"], ddoc="by-number", name="by-number")
    database.find.create_index(["status"], ddoc="by-status", name="by-status")
    return database


def numbers(found) -> list[int]:
    return [order.number for order in found]


def expected(condition: Expression) -> list[int]:
    orders = [Order(number=number, **values) for number, values in enumerate(ORDERS, 1)]
    return [order.number for order in orders if condition.matches(order)]


def test_every_value_is_found(shop: Database):
    with shop.session() as session:
        found = {name: sorted(numbers(session.query(Order).where(one))) for name, one in CONDITIONS.items()}

    assert found == {name: expected(one) for name, one in CONDITIONS.items()}


def test_values_are_found_in_order_and_in_part(shop: Database):
    with shop.session() as session:
        for name in IN_PART:
            condition = CONDITIONS[name]
            query = session.query(Order).where(condition).order_by(Order.number.desc())
            wanted = expected(condition)[::-1]

            assert numbers(query) == wanted
            assert numbers(query.limit(1)) == wanted[:1]
            assert numbers(query.skip(1).limit(2)) == wanted[1:3]
            assert query.count() == len(wanted)
            assert query.exists() == bool(wanted)


def test_pages_go_both_ways_over_what_is_found(shop: Database):
    condition = Order.status.not_in([None, "paid"])
    with shop.session() as session:
        query = session.query(Order).where(condition).order_by(Order.number)
        first = query.page(2)
        second = query.page(2, after=first.next)

        assert [numbers(first), numbers(second)] == [[1, 4], [6]]
        assert numbers(query.page(2, before=second.previous)) == [1, 4]


def test_what_is_found_can_be_changed_and_deleted(shop: Database):
    with shop.session() as session:
        session.query(Order).where(Order.address == GHENT).update(
            lambda order: setattr(order, "status", "sent")
        )
        session.query(Order).where(Order.address == ROME).delete()

    with shop.session() as session:
        assert numbers(session.query(Order).where(Order.status == "sent")) == [1, 6]
        assert sorted(numbers(session.query(Order))) == [1, 3, 4, 5, 6]
