"""Documents and JSON objects: the crossing."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.exceptions import DocumentInvalid, ModelError, UnexpectedType
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.mapper import dump, load, refresh, restore, source_of


class Colour(Enum):
    RED = "red"
    NONE = 0


@attrs.frozen
class Point:
    x: int
    y: float = 0.0


class Part(Embedded):
    name: Mapped[str]
    price: Mapped[Decimal] = field(default=Decimal("1.5"), scale=2)


class Card(Embedded, type="card"):
    number: Mapped[str]


class Cash(Embedded, type="cash"):
    paid: Mapped[Decimal]


class Everything(Document):
    a_str: Mapped[str]
    an_int: Mapped[int]
    a_float: Mapped[float]
    a_bool: Mapped[bool]
    nothing: Mapped[None]
    moment: Mapped[datetime]
    day: Mapped[date]
    clock: Mapped[time]
    duration: Mapped[timedelta]
    price: Mapped[Decimal]
    cents: Mapped[Decimal] = field(scale=2)
    uuid: Mapped[UUID]
    colour: Mapped[Colour]
    data: Mapped[bytes]
    numbers: Mapped[list[int]]
    pair: Mapped[tuple[int, str]]
    labels: Mapped[set[str]]
    days: Mapped[dict[str, date]]
    perhaps: Mapped[int | None]
    one_of: Mapped[int | str | None]
    literal: Mapped[Literal["a", 1]]
    point: Mapped[Point]
    part: Mapped[Part]
    parts: Mapped[list[Part]]
    payment: Mapped[Card | Cash | None]
    more: Mapped[dict[str, Any]]


texts = st.text(max_size=5)
parts = st.builds(
    Part, name=texts, price=st.integers(-(10**6), 10**6).map(lambda cents: Decimal(cents).scaleb(-2))
)
finite = st.floats(allow_nan=False, allow_infinity=False)
decimals = st.decimals(allow_nan=False, allow_infinity=False)
everything = st.builds(
    Everything,
    id=st.text(min_size=1),
    a_str=texts,
    an_int=st.integers(),
    a_float=finite,
    a_bool=st.booleans(),
    nothing=st.none(),
    moment=st.datetimes(timezones=st.just(UTC)),
    day=st.dates(),
    clock=st.times(),
    duration=st.timedeltas(),
    price=decimals,
    cents=st.integers().map(lambda cents: Decimal(f"{cents}E-2")),
    uuid=st.uuids(),
    colour=st.sampled_from(Colour),
    data=st.binary(max_size=5),
    numbers=st.lists(st.integers(), max_size=3),
    pair=st.tuples(st.integers(), texts),
    labels=st.sets(texts, max_size=3),
    days=st.dictionaries(texts, st.dates(), max_size=3),
    perhaps=st.none() | st.integers(),
    one_of=st.none() | st.integers() | texts,
    literal=st.sampled_from(["a", 1]),
    point=st.builds(Point, x=st.integers(), y=finite),
    part=parts,
    parts=st.lists(parts, max_size=2),
    payment=st.none() | st.builds(Card, number=texts) | st.builds(Cash, paid=decimals),
    more=st.dictionaries(texts, st.none() | st.booleans() | st.integers() | finite | texts, max_size=2),
)


@given(everything)
def test_every_type_round_trips_through_text(document: Everything):
    written = dump(document)

    loaded = load(Everything, jsonio.loads(jsonio.dumps(written)))

    assert loaded == document
    assert attrs.astuple(loaded, recurse=False) == attrs.astuple(document, recurse=False)
    assert [type(one) for one in vars(loaded).values()][:1] == [str]
    assert jsonio.same(dump(loaded), written)


def test_a_new_document_begins_with_its_id_and_its_type():
    class Note(Document):
        text: Mapped[str]

    assert jsonio.dumps(dump(Note(id="1", text="a"))) == b'{"_id":"1","type":"note","text":"a"}'


class Order(Document):
    number: Mapped[int]
    tags: Mapped[list[str]] = field(factory=list)


class Rush(Order):
    hours: Mapped[int]


def stored(**members: Any) -> dict[str, Any]:
    return {"_id": "order:1", "_rev": "1-a", "type": "order", "number": 1, **members}


def test_the_source_is_the_object_that_was_loaded():
    document = stored()

    assert source_of(load(Order, document)) is document
    assert source_of(Order(number=1)) is None


def test_members_that_couchdb_adds_are_no_trouble():
    extras = {"_conflicts": ["1-b"], "_attachments": {"a": {"stub": True, "length": 2**70}}, "_local_seq": 5}

    order = load(Order, stored(**extras))

    assert dump(order) == stored(**extras)


def test_a_document_without_id_gets_one_that_is_not_written():
    order = load(Order, {"type": "order", "number": 1})

    assert len(order.id) == 32
    assert dump(order) == {"type": "order", "number": 1}


def test_a_type_that_does_not_fit_is_told_apart_from_a_fault():
    with pytest.raises(UnexpectedType):
        load(Order, {**stored(), "type": "other"})
    with pytest.raises(DocumentInvalid):
        load(Order, stored(tags="a"))


def test_a_class_inside_that_cannot_be_stored_is_no_fault_of_the_document():
    class Odd(Embedded):
        strange: Mapped[complex]

    class Shelf(Document):
        odd: Mapped[Odd]

    with pytest.raises(ModelError, match=r"^Odd\.strange: complex has no JSON form"):
        load(Shelf, {"_id": "1", "type": "shelf", "odd": {"strange": 1}})
    with pytest.raises(ModelError, match=r"^Odd\.strange: "):
        dump(Shelf(odd=Odd(strange=1j)))


def test_a_document_that_is_restored_stays_the_same_object():
    order = load(Order, stored(tags=["a"]))
    order.number, order.tags = 5, []

    restore(order, stored(tags=["a", "b"], number=2, _rev="2-b"))

    assert (order.number, order.tags, order.rev) == (2, ["a", "b"], "2-b")


def test_a_document_is_not_restored_as_another_model():
    order = load(Order, stored())

    with pytest.raises(UnexpectedType, match="'order:1' was loaded as Order and is a Rush now"):
        restore(order, {**stored(), "type": "rush", "hours": 2})
    assert order.number == 1


def test_a_document_that_cannot_be_restored_is_left_as_it_is():
    order = load(Order, stored())
    order.number = 5

    with pytest.raises(DocumentInvalid):
        restore(order, stored(number="x"))
    assert order.number == 5


def test_a_save_gives_a_document_its_revision():
    order = Order(id="order:1", number=1)

    refresh(order, {**dump(order), "_rev": "1-a"})

    assert order.rev == "1-a"
    assert dump(order)["_rev"] == "1-a"


def test_an_id_that_is_changed_before_the_document_is_saved_is_written():
    order = Order(number=1)
    order.id = "order:2"

    assert dump(order)["_id"] == "order:2"
