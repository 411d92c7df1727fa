"""The ids of new documents."""

from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import IdentityError, IllegalDocumentId, ModelError
from couchmapper.mango.nodes import Condition
from couchmapper.mapping import Document, Mapped, Ref, field
from couchmapper.mapping.ids import check_id, id_maker, partition_of, sortable_id, template_fields
from couchmapper.mapping.mapper import load, refresh
from couchmapper.mapping.metadata import metadata_of


class Colour(Enum):
    RED = "red"


class Car(Document, id="car:{colour}:{number:04}:{built:%Y-%m}"):
    colour: Mapped[Colour]
    number: Mapped[int]
    built: Mapped[date]
    owner: Mapped[str | None] = field(default=None)


def test_a_template_is_filled_with_the_fields():
    car = Car(colour=Colour.RED, number=7, built=date(2026, 11, 23))

    assert car.id == "car:red:0007:2026-11"


def test_an_id_is_for_ever():
    car = Car(colour=Colour.RED, number=7, built=date(2026, 11, 23))

    car.number = 8

    assert car.id == "car:red:0007:2026-11"


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_value_is_refused(value: Any):
    class User(Document, id="user:{name}:{mail}"):
        name: Mapped[str | None]
        mail: Mapped[str | None]

    with pytest.raises(IllegalDocumentId, match=r"the id 'user:\{name\}:\{mail\}' needs a value for mail"):
        User(name="Ann", mail=value)


def test_zero_and_false_are_values():
    class Cell(Document, id="{row}:{on}"):
        row: Mapped[int]
        on: Mapped[bool]

    assert Cell(row=0, on=False).id == "0:False"


@pytest.mark.parametrize("template", ["", "order", "{}", "{{number}}", "order:{}"])
def test_a_template_must_name_fields(template: str):
    with pytest.raises(ModelError, match=r"must name fields, as 'order:\{number\}'"):
        template_fields(template)


def test_a_template_names_its_fields_once_each():
    assert template_fields("{a}:{b!r}:{a:04}") == {"a", "b"}


def test_a_callable_is_taken_as_it_is():
    assert id_maker(len) is len


def test_random_ids_sort_by_the_time_of_their_making():
    ids = [sortable_id(milliseconds=moment) for moment in (0, 1, 2**40, 2**48 - 1)]

    assert ids == sorted(ids)


@given(st.integers(0, 2**48 - 1))
def test_random_ids_have_the_layout_of_version_7(milliseconds: int):
    made = sortable_id(milliseconds=milliseconds)

    assert len(made) == 32
    assert int(made[:12], 16) == milliseconds
    assert made[12] == "7"
    assert made[16] in "89ab"


def test_random_ids_carry_the_clock():
    before = datetime.now(UTC).timestamp()
    made = int(sortable_id()[:12], 16) / 1000

    assert before - 0.01 <= made <= datetime.now(UTC).timestamp()


def test_no_two_ids_are_alike():
    assert len({sortable_id(milliseconds=1) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("declared", [5, ["order:{number}"], b"x"])
def test_what_makes_no_ids_is_refused(declared: Any):
    with pytest.raises(
        ModelError, match=r"^id= is a template such as 'order:\{number\}', or a function, got"
    ):
        id_maker(declared)


def test_ids_are_inherited_from_the_nearest_base_that_makes_them():
    class Stamped(Document, abstract=True):
        pass

    class Numbered(Document, abstract=True, id="n:{number}"):
        number: Mapped[int]

    class Note(Stamped, Numbered):
        pass

    assert Note(number=5).id == "n:5"


# --- an id is for ever


def saved_car() -> Car:
    car = {"_id": "car:1", "_rev": "1-a", "type": "car", "colour": "red", "number": 7, "built": "2026-11-23"}
    return load(Car, car)


def test_the_id_of_a_saved_document_cannot_be_changed():
    car = saved_car()

    with pytest.raises(
        IdentityError, match=r"^the id of 'car:1' cannot become 'car:2': .* add a new document"
    ):
        car.id = "car:2"
    assert car.id == "car:1"


def test_the_same_id_is_no_change():
    car = saved_car()

    car.id = "car:1"

    assert car.id == "car:1"


def test_a_new_document_may_be_given_another_id_until_it_is_saved():
    car = Car(colour=Colour.RED, number=7, built=date(2026, 11, 23))
    car.id = "car:2"
    refresh(car, {"_id": "car:2", "_rev": "1-a"})

    with pytest.raises(IdentityError):
        car.id = "car:3"


def test_the_id_is_an_expression_on_the_class():
    assert (Car.id == "car:1") == Condition(("_id",), "$eq", "car:1")


def test_a_maker_of_ids_cannot_read_the_id():
    class Odd(Document, id=lambda odd: odd.id):
        pass

    with pytest.raises(AttributeError, match=r"Odd\.id has no value yet"):
        Odd()


# --- partitions


class Reading(Document, partition="sensor", id="{number}"):
    sensor: Mapped[str | Colour | None]
    number: Mapped[int] = field(default=1)


def test_an_id_begins_with_its_partition():
    assert Reading(sensor="a b", number=5).id == "a b:5"
    assert Reading(sensor=Colour.RED, number=5).id == "red:5"


def test_a_random_id_begins_with_its_partition_too():
    class Event(Document, partition="source"):
        source: Mapped[str]

    assert [len(part) for part in Event(source="web").id.split(":")] == [3, 32]


def test_a_function_makes_the_part_behind_the_partition():
    class Event(Document, partition="source", id=lambda event: f"x:{event.source}"):
        source: Mapped[str]

    assert Event(source="web").id == "web:x:web"


def test_subclasses_inherit_the_partition_and_may_make_other_ids():
    class Calm(Reading, id="calm-{number}"):
        pass

    assert Calm(sensor="a").id == "a:calm-1"
    assert metadata_of(Calm).partition == "sensor"


@pytest.mark.parametrize("value", ["", None, "_a", "a:b", ":", ".", "..", 5])
def test_what_couchdb_refuses_as_a_partition_is_refused(value: Any):
    with pytest.raises(IllegalDocumentId, match=r"Reading\.sensor is the partition: a text .* got "):
        Reading(sensor=value)


def test_a_model_without_partition_has_none():
    assert partition_of(saved_car()) is None
    check_id(saved_car())


@pytest.mark.parametrize("name", ["", "colour", "id"])
def test_a_partition_must_be_a_field(name: str):
    with pytest.raises(
        ModelError, match=rf"^Odd: partition='{name}' must name a field; it has number, sensor"
    ):

        class Odd(Document, partition=name):
            sensor: Mapped[str]
            number: Mapped[int]


def test_a_template_must_not_repeat_the_partition():
    with pytest.raises(
        ModelError, match=r"'\{sensor\}:\{number\}' has the partition sensor, .* leave it out"
    ):

        class Odd(Document, partition="sensor", id="{sensor}:{number}"):
            sensor: Mapped[str]
            number: Mapped[int]


@pytest.mark.parametrize("own_id", ["b:1", "1", "a:", "a:_1", "ab:1", ""])
def test_an_id_outside_of_its_partition_is_refused(own_id: str):
    with pytest.raises(
        IllegalDocumentId, match=r"is no id in the partition 'a' \(sensor\): leave the id out"
    ):
        check_id(Reading(id=own_id, sensor="a"))


@pytest.mark.parametrize("own_id", ["a:1", "a:b:c"])
def test_an_id_in_its_partition_is_good(own_id: str):
    check_id(Reading(id=own_id, sensor="a"))


def test_a_saved_document_stays_in_its_partition():
    reading = load(Reading, {"_id": "a:1", "_rev": "1-a", "type": "reading", "sensor": "a"})
    check_id(reading)
    reading.sensor = "b"

    with pytest.raises(
        IllegalDocumentId, match=r"set sensor back, or delete this document and add one in the"
    ):
        check_id(reading)


class Seat(Document, id="seat:{car}"):
    car: Mapped[Ref[Car]]


def test_a_reference_stands_in_an_id_as_the_id_that_it_leads_to():
    assert Seat(car=Ref("car:red:0001")).id == "seat:car:red:0001"


class Stop(Document, partition="line"):
    line: Mapped[Ref[Car]]


def test_a_reference_may_name_the_partition():
    assert partition_of(Stop(line=Ref("blue"))) == "blue"


@pytest.mark.parametrize(
    ("kind", "value", "partition"),
    [
        (UUID, UUID("0f0e0d0c-0b0a-0908-0706-050403020100"), "0f0e0d0c-0b0a-0908-0706-050403020100"),
        (date, date(2026, 3, 1), "2026-03-01"),
        (Colour, Colour.RED, "red"),
        (Literal["blue"], "blue", "blue"),
    ],
    ids=["uuid", "date", "enum", "literal"],
)
def test_what_is_text_in_json_may_name_the_partition(kind: Any, value: Any, partition: str):
    class Event(Document, partition="source", id=lambda _: "1"):
        source: Mapped[kind]

    assert Event(source=value).id == f"{partition}:1"


def test_what_is_text_with_a_colon_names_no_partition():
    class Event(Document, partition="at"):
        at: Mapped[datetime]

    with pytest.raises(IllegalDocumentId, match=r"Event\.at is the partition: a text .* has no colon"):
        Event(at=datetime(2026, 3, 1, tzinfo=UTC))
