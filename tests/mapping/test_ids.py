"""The ids of new documents."""

from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import IllegalDocumentId, ModelError
from couchmapper.mapping import Document, Mapped, field
from couchmapper.mapping.ids import id_maker, sortable_id, template_fields


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
