"""Some fields of what a query finds, as the stores cut them out of documents."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest

from couchmapper.database import Database
from couchmapper.exceptions import DocumentInvalid, MultipleResultsFound, NoResultFound
from couchmapper.mapping import Document, Embedded, Mapped, Ref, field
from couchmapper.session import Session
from couchmapper.typing import JSONObject


class Address(Embedded):
    city: Mapped[str]
    country: Mapped[str] = field(default="BE")


class Customer(Document, id="customer:{name}"):
    name: Mapped[str]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[Ref[Customer] | None] = field(default=None)
    total: Mapped[Decimal] = field(scale=2, default=Decimal("0.00"))
    billing: Mapped[Address]
    shipping: Mapped[Address | None] = field(default=None)
    tags: Mapped[list[str]] = field(factory=list)
    sizes: Mapped[dict[str, Any]] = field(factory=dict)


class Animal(Document, id="{name}", abstract=True):
    name: Mapped[str]


class Dog(Animal):
    legs: Mapped[int] = field(default=4)


class Bird(Animal):
    legs: Mapped[int] = field(default=2)


@attrs.frozen
class Summary:
    number: int
    total: Decimal
    city: str | None


ORDERS: list[JSONObject] = [
    {"_id": "order:1", "type": "order", "number": 1, "billing": {"city": "Ghent"}, "tags": ["a", "b"]},
    {
        "_id": "order:2",
        "type": "order",
        "number": 2,
        "customer": "customer:ann",
        "total": 1999,
        "billing": {"city": "Rome", "country": "IT"},
        "shipping": {"city": "Bern", "country": "CH"},
        "tags": ["c"],
        "sizes": {"0": {"deep": [1]}, "a.b": 5},
    },
    {
        "_id": "order:3",
        "type": "order",
        "number": 3,
        "billing": {"city": "Paris"},
        "shipping": None,
        "tags": ["d"],
    },
]


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    database.bulk.docs(ORDERS)
    with database.session() as session:
        yield session


def test_rows_are_tuples_of_the_fields(session: Session):
    rows = session.query(Order).order_by(Order.number).select(Order.id, Order.total, Order.customer)

    assert rows.all() == [
        ("order:1", Decimal("0.00"), None),
        ("order:2", Decimal("19.99"), Ref("customer:ann")),
        ("order:3", Decimal("0.00"), None),
    ]


def test_nested_fields_are_what_loading_gives(session: Session):
    rows = session.query(Order).select(
        Order.number, Order.billing.city, Order.billing.country, Order.shipping.city
    )

    assert sorted(rows) == [(1, "Ghent", "BE", None), (2, "Rome", "IT", "Bern"), (3, "Paris", "BE", None)]


def test_a_nested_field_alone_is_cut_out_by_the_store(session: Session):
    assert sorted(session.query(Order).select(Order.billing.city).scalars()) == ["Ghent", "Paris", "Rome"]


def test_elements_are_selected_beside_what_holds_them(session: Session):
    rows = session.query(Order).select(Order.tags[0], Order.tags)

    assert sorted(rows) == [("a", ["a", "b"]), ("c", ["c"]), ("d", ["d"])]


def test_members_of_maps_are_selected_also_with_odd_names(session: Session):
    query = session.query(Order).where(Order.number == 2)

    assert query.select(Order.sizes["0"], Order.sizes["a.b"]).one() == ({"deep": [1]}, 5)


def test_an_element_that_some_do_not_have_is_a_fault_until_they_are_left_out(session: Session):
    query = session.query(Order)

    with pytest.raises(DocumentInvalid, match=r"tags\[1\]: missing"):
        query.select(Order.tags[1]).all()
    assert query.where(Order.tags[1].exists()).select(Order.tags[1]).all() == [("b",)]


def test_a_class_is_filled(session: Session):
    query = session.query(Order).where(Order.number == 2)

    assert query.select(Summary, city=Order.shipping.city).one() == Summary(2, Decimal("19.99"), "Bern")


def test_limits_and_order_are_those_of_the_query(session: Session):
    numbers = session.query(Order).order_by(Order.number.desc()).select(Order.number).scalars()

    assert numbers.first() == 3
    assert session.query(Order).order_by(Order.number).skip(1).limit(1).select(Order.number).one() == (2,)
    assert session.query(Order).limit(0).select(Order.number).first() is None


def test_one_looks_at_two(session: Session):
    with pytest.raises(MultipleResultsFound):
        session.query(Order).select(Order.number).one()
    with pytest.raises(NoResultFound):
        session.query(Order).where(Order.number == 9).select(Order.number).one()


def test_an_order_may_be_by_a_field_that_is_not_selected(session: Session):
    query = session.query(Order).order_by(Order.billing.city)

    assert query.select(Order.number).scalars().all() == [1, 3, 2]


def test_each_class_of_a_family_has_its_own_defaults(session: Session, database: Database):
    database.bulk.docs(
        [{"_id": "Rex", "type": "dog", "name": "Rex"}, {"_id": "Tweety", "type": "bird", "name": "Tweety"}]
    )

    assert sorted(session.query(Animal).select(Animal.name, Dog.legs)) == [("Rex", 4), ("Tweety", 2)]


def test_rows_are_no_documents_of_the_session(session: Session):
    (row,) = session.query(Order).where(Order.number == 1).select(Order.tags).one()
    row.append("changed")

    session.commit()

    assert session.get_one(Order, "order:1").tags == ["a", "b"]


def test_documents_are_dicts_tables_and_frames(session: Session):
    query = session.query(Order).where(Order.number == 2)
    expected = {"id": "order:2", "number": 2, "customer": "customer:ann", "total": Decimal("19.99")}

    (record,) = query.to_dicts()
    (row,) = query.to_arrow().to_pylist()
    (line,) = query.to_pandas().to_dict("records")

    for shown in (record, row, line):
        assert {name: shown[name] for name in expected} == expected
    assert record["rev"] == row["rev"] == line["rev"]
    assert record["shipping"] == row["shipping"] == {"city": "Bern", "country": "CH"}
