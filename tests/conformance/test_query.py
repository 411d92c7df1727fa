from datetime import UTC, datetime

import pytest

from couchmapper.exceptions import InvalidSelector, MultipleResultsFound, NoResultFound
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.typing import JSON


class Address(Embedded):
    city: Mapped[str]
    floor: Mapped[int | None] = field(default=None)


class Line(Embedded):
    sku: Mapped[str]
    quantity: Mapped[int] = field(default=1)


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[str]
    placed: Mapped[datetime]
    status: Mapped[str] = field(default="new")
    address: Mapped[Address | None] = field(default=None)
    lines: Mapped[list[Line]] = field(factory=list)
    tags: Mapped[list[str]] = field(factory=list)


class Thing(Document, id="{key}"):
    key: Mapped[str]
    value: Mapped[JSON]
    rank: Mapped[int] = field(default=0)


class Animal(Document, id="{name}", abstract=True):
    name: Mapped[str]


class Dog(Animal):
    tricks: Mapped[list[str]] = field(factory=list)


class Cat(Animal):
    lives: Mapped[int] = field(default=9)


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def orders():
    yield Order(number=1, customer="Ann", placed=day(3), lines=[Line(sku="tea", quantity=2)], tags=["a", "b"])
    yield Order(
        number=2, customer="Bob", placed=day(1), status="paid", address=Address(city="Ghent", floor=2)
    )
    yield Order(number=3, customer="ann", placed=day(2), address=Address(city="Rome"), tags=["b"])
    yield Order(
        number=4, customer="Ärzte", placed=day(3), status="void", lines=[Line(sku="cup"), Line(sku="tea")]
    )
    yield Order(number=5, customer="Zoë", placed=day(5), address=Address(city="Ghent"), tags=["a"])


@pytest.fixture
def shop(database):
    """Give a database with five orders, a customer and a document without a type."""
    with database.begin() as session:
        session.add_all(orders())
    database.bulk.docs([{"_id": "customer:1", "type": "customer", "number": 1}, {"_id": "note", "number": 2}])
    return database


def numbers(found) -> list[int]:
    return [order.number for order in found]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Order.number == 3, [3]),
        (Order.number != 3, [1, 2, 4, 5]),
        (Order.number > 3, [4, 5]),
        (Order.number.between(2, 4), [2, 3, 4]),
        (Order.customer == "Ann", [1]),
        (Order.customer > "Bob", [5]),
        (Order.customer.startswith("A"), [1]),
        (Order.customer.matches("(?i)^an"), [1, 3]),
        (Order.placed == day(3), [1, 4]),
        (Order.placed < day(3), [2, 3]),
        (Order.status.in_(["paid", "void"]), [2, 4]),
        (Order.status.not_in(["paid", "void"]), [1, 3, 5]),
        ((Order.status == "new") & (Order.number > 1), [3, 5]),
        ((Order.status == "paid") | (Order.number == 1), [1, 2]),
        (~(Order.status == "new"), [2, 4]),
        (~((Order.status == "new") | (Order.number == 2)), [4]),
        (Order.address.city == "Ghent", [2, 5]),
        (Order.address.city != "Ghent", [3]),
        (Order.address.floor == None, [3, 5]),  # noqa: E711
        (Order.address == None, [1, 4]),  # noqa: E711
        (Order.address.city.exists(), [2, 3, 5]),
        (Order.address.city.is_missing(), []),  # null has no members, which is not a missing one
        (Order.lines.any(Line.sku == "tea"), [1, 4]),
        (Order.lines.any((Line.sku == "tea") & (Line.quantity > 1)), [1]),
        (Order.lines.all(Line.sku == "tea"), [1]),
        (Order.lines.len() == 2, [4]),
        (Order.tags.any("b"), [1, 3]),
        (Order.tags.any_in(["a", "c"]), [1, 5]),
        (Order.number % 2 == 0, [2, 4]),
        (Order.id == "order:4", [4]),
        (Order.id > "order:3", [4, 5]),
        (Order.customer.in_([]), []),
    ],
)
def test_a_condition_finds_the_documents_that_it_means(shop, condition, expected):
    with shop.session() as session:
        assert sorted(numbers(session.query(Order).where(condition))) == expected


def test_a_raw_selector_finds_what_it_says(shop):
    with shop.session() as session:
        assert numbers(session.query(Order).raw({"address.city": {"$in": ["Rome"]}})) == [3]
        with pytest.raises(InvalidSelector):
            session.query(Order).raw({"number": {"$nonsense": 1}})


@pytest.mark.parametrize("size", [1, 2, 5, 6])
def test_pages_of_any_size_give_everything_once(shop, size):
    with shop.session() as session:
        assert sorted(numbers(session.query(Order).page_size(size))) == [1, 2, 3, 4, 5]


def test_more_than_the_servers_own_limit_comes(database):
    with database.begin() as session:
        session.add_all(Thing(key=f"{number:02}", value=number) for number in range(30))

    with database.session() as session:
        assert len(session.query(Thing).all()) == 30


def test_one_document_is_asked_for(shop):
    with shop.session() as session:
        query = session.query(Order)
        assert query.where(Order.number == 2).one().customer == "Bob"
        assert query.where(Order.number == 9).one_or_none() is None
        assert query.where(Order.number == 9).first() is None
        with pytest.raises(NoResultFound):
            query.where(Order.number == 9).one()
        with pytest.raises(MultipleResultsFound):
            query.one_or_none()


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([Order.placed], [2, 3, 1, 4, 5]),
        ([Order.placed.desc()], [5, 4, 1, 3, 2]),
        ([Order.customer], [3, 1, 4, 2, 5]),
        ([Order.id.desc()], [5, 4, 3, 2, 1]),
        ([Order.address.city, Order.number], [2, 5, 3]),
        ([Order.placed.desc(), Order.customer.asc()], [5, 1, 4, 3, 2]),
    ],
)
def test_an_order_is_the_same_with_and_without_an_index(shop, order, expected, indexed):
    fields = [".".join(term.asc().path if not hasattr(term, "descending") else term.path) for term in order]
    if indexed and fields != ["_id"]:
        shop.find.create_index(fields, name="for the order", ddoc="indexes")

    with shop.session() as session:
        query = session.query(Order).order_by(*order)

        assert numbers(query) == expected
        assert numbers(query.page_size(2)) == expected
        assert numbers(query.limit(2).skip(1)) == expected[1:3]
        assert numbers(query.skip(3)) == expected[3:]


VALUES = [
    None,
    False,
    True,
    -1,
    0,
    0.5,
    1,
    2**60,
    2**60 + 1,
    "",
    " ",
    "-",
    "_",
    "1",
    "10",
    "9",
    "a",
    "A",
    "á",
    "b",
    "B",
    "straße",
    "strasse",
    "z",
    "Ω",
    "я",
    "א",
    "あ",
    "ア",
    "日",
    "本",
    "🦆",
    [],
    [1],
    [1, 2],
    ["a"],
    [[]],
    {},
    {"a": 1},
    {"a": 2},
    {"b": 1},
]


@pytest.mark.parametrize("descending", [False, True])
def test_values_of_every_kind_and_script_have_one_order(database, descending):
    """The order that is made here, without an index, is the one that the server makes with one."""
    with database.begin() as session:
        session.add_all(
            Thing(key=f"{place:03}", value=value, rank=place % 2)
            for place, value in enumerate([*reversed(VALUES), *VALUES[::3]])
        )
    term = Thing.value.desc() if descending else Thing.value.asc()

    with database.session() as session:
        query = session.query(Thing).order_by(term)
        without = [thing.id for thing in query]
        database.find.create_index(["value"], name="by value", ddoc="indexes")
        sort = [{"value": "desc" if descending else "asc"}]
        answer = database.find(query.spec.selector(), sort=sort, limit=100)

        assert "warning" not in answer or "No matching index" not in answer["warning"]
        assert [document["_id"] for document in answer["docs"]] == without
        assert [thing.id for thing in query.limit(7).skip(5)] == without[5:12]


def test_documents_without_the_sort_field_are_left_out(database):
    database.bulk.docs([{"_id": "a", "type": "thing", "key": "a", "value": 1}, {"_id": "b", "type": "thing"}])

    with database.session() as session:
        query = session.query(Thing).order_by(Thing.value)
        assert [thing.id for thing in query] == ["a"]
        database.find.create_index(["value"], name="by value", ddoc="indexes")
        assert [thing.id for thing in query] == ["a"]


def test_a_base_class_finds_each_document_as_its_own_class(database):
    with database.begin() as session:
        session.add_all([Dog(name="rex", tricks=["sit"]), Cat(name="tom"), Thing(key="x", value=1)])

    with database.session() as session:
        found = {animal.name: type(animal) for animal in session.query(Animal)}
        cats = session.query(Cat).all()

    assert found == {"rex": Dog, "tom": Cat}
    assert [cat.lives for cat in cats] == [9]


def test_changes_made_while_reading_are_saved_at_the_end(shop):
    with shop.begin() as session:
        for order in session.query(Order).where(Order.status == "new").order_by(Order.placed).page_size(1):
            order.status = "paid"

    with shop.session() as session:
        assert sorted(numbers(session.query(Order).where(Order.status == "paid"))) == [1, 2, 3, 5]


def test_documents_that_wait_for_their_deletion_are_left_out(shop):
    with shop.session() as session:
        query = session.query(Order).order_by(Order.number)
        session.delete(session.get(Order, "order:1"))
        session.delete(session.get(Order, "order:3"))

        assert numbers(query.limit(2)) == [2, 4]
        assert query.first().number == 2
