"""Families of models: documents and embedded values come back as what they were."""

from collections.abc import Iterator
from typing import Any

import pytest

from couchmapper.exceptions import DocumentInvalid, ModelError, UnexpectedType
from couchmapper.mango.nodes import FALSE, TRUE, Condition
from couchmapper.mango.normalize import normalize
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.mapper import dump, load
from couchmapper.mapping.registry import (
    class_of,
    family,
    is_tagged_as,
    nested_class_of,
    nested_family,
    type_condition,
)


class Animal(Document, abstract=True):
    name: Mapped[str]


class Cat(Animal):
    lives: Mapped[int] = field(default=9)


class Dog(Animal, type="hound"):
    pass


class Puppy(Dog):
    weeks: Mapped[int] = field(default=1)


def test_a_base_loads_each_document_as_its_own_class():
    documents = [Cat(name="a"), Dog(name="b"), Puppy(name="c")]

    assert [load(Animal, dump(document)) for document in documents] == documents
    assert [type(load(Animal, dump(document))) for document in documents] == [Cat, Dog, Puppy]


def test_a_family_is_the_class_and_its_subclasses():
    assert dict(family(Animal)) == {"cat": Cat, "hound": Dog, "puppy": Puppy}
    assert dict(family(Dog)) == {"hound": Dog, "puppy": Puppy}


def test_a_query_asks_for_the_types_of_the_family():
    assert type_condition(Cat) == Condition(("type",), "$eq", "cat")
    assert type_condition(Dog) == Condition(("type",), "$in", ["hound", "puppy"])


def test_a_document_of_another_family_is_refused():
    with pytest.raises(
        UnexpectedType, match=r"^the document 'x' has type 'cat', Dog expects 'hound' or 'puppy'$"
    ):
        load(Dog, {"_id": "x", "type": "cat", "name": "a"})


@pytest.mark.parametrize("found", [None, 5, ["cat"], {}, ""])
def test_a_document_without_a_known_type_is_refused(found: Any):
    with pytest.raises(UnexpectedType):
        load(Cat, {"_id": "x", "type": found, "name": "a"})
    with pytest.raises(UnexpectedType, match="has type None"):
        load(Cat, {"_id": "x", "name": "a"})


def test_an_abstract_class_without_subclasses_matches_nothing():
    class Ghost(Document, abstract=True):
        pass

    assert normalize(type_condition(Ghost)) == FALSE
    with pytest.raises(UnexpectedType, match="expects a subclass of the abstract Ghost"):
        class_of(Ghost, {"_id": "x", "type": "ghost"})


def test_a_class_that_is_added_later_is_found():
    class Shape(Document):
        pass

    assert dict(family(Shape)) == {"shape": Shape}

    class Circle(Shape):
        pass

    assert type(load(Shape, {"_id": "1", "type": "circle"})) is Circle


def test_two_classes_of_one_family_must_not_have_one_type():
    class Vehicle(Document, abstract=True):
        pass

    class Car(Vehicle):
        pass

    class Auto(Vehicle, type="car"):
        pass

    with pytest.raises(
        ModelError, match=r"Auto and Car both have the type 'car'; give one of them type=\.\.\."
    ):
        family(Vehicle)
    assert family(Auto) == {"car": Auto}


def test_a_class_that_is_defined_again_takes_its_place():
    class Vehicle(Document, abstract=True):
        pass

    def define() -> type[Vehicle]:
        class Car(Vehicle):
            pass

        return Car

    first, second = define(), define()

    assert family(Vehicle) == {"car": second}
    assert first is not second


def test_a_class_that_is_reached_twice_is_one():
    class Top(Document):
        pass

    class Left(Top):
        pass

    class Right(Top):
        pass

    class Bottom(Left, Right):
        pass

    assert set(family(Top).values()) == {Top, Left, Right, Bottom}


def test_without_a_type_field_every_document_fits():
    class Anything(Document, type_field=None):
        name: Mapped[str] = field(default="")

    assert type_condition(Anything) == TRUE
    assert load(Anything, {"_id": "1", "type": "cat", "name": "a"}).name == "a"
    assert dump(load(Anything, {"_id": "1", "type": "cat"})) == {"_id": "1", "type": "cat"}


def test_a_type_field_of_its_own():
    class Legacy(Document, type_field="kind"):
        pass

    assert type_condition(Legacy) == Condition(("kind",), "$eq", "legacy")
    assert type(load(Legacy, {"_id": "1", "kind": "legacy", "type": "x"})) is Legacy


@pytest.mark.parametrize("other", ["kind", None])
def test_a_family_has_one_type_field(other: str | None):
    class Base(Document):
        pass

    class Odd(Base, type_field=other):
        pass

    with pytest.raises(ModelError, match=r"Odd has its type under .* a query for Base would miss it"):
        family(Base)
    assert type(load(Odd, {"_id": "1", "kind": "odd"})) is Odd


# --- embedded values


class Shape(Embedded):
    name: Mapped[str] = field(default="")


class Circle(Shape, type="circle"):
    radius: Mapped[int]


class Ring(Circle, type="ring"):
    inner: Mapped[int]


class Square(Shape, type="square", type_field="kind"):
    side: Mapped[int]


class Blob(Shape):
    size: Mapped[int] = field(default=0)


class Picture(Document):
    shapes: Mapped[list[Shape]] = field(factory=list)
    circle: Mapped[Circle | None] = field(default=None)


@pytest.fixture
def picture() -> Iterator[Picture]:
    shapes = [Shape(name="a"), Circle(radius=1), Ring(radius=2, inner=1), Square(side=3)]
    return Picture(id="1", shapes=shapes, circle=Ring(radius=4, inner=2))


def test_embedded_values_come_back_as_their_own_classes(picture: Picture):
    loaded = load(Picture, dump(picture))

    assert loaded == picture
    assert [type(shape) for shape in loaded.shapes] == [Shape, Circle, Ring, Square]
    assert type(loaded.circle) is Ring
    assert dump(picture)["shapes"] == [
        {"name": "a"},
        {"type": "circle", "name": "", "radius": 1},
        {"type": "ring", "name": "", "radius": 2, "inner": 1},
        {"kind": "square", "name": "", "side": 3},
    ]


def test_an_embedded_subclass_without_a_tag_is_refused():
    with pytest.raises(
        DocumentInvalid, match=r"shapes\[0\]: a Blob would be read again as a Shape; .* type=\.\.\."
    ):
        dump(Picture(shapes=[Blob()]))


def test_an_embedded_value_of_an_unknown_kind_is_its_base_and_loses_nothing():
    document = {"_id": "1", "type": "picture", "shapes": [{"type": "star", "name": "a", "points": 5}]}

    loaded = load(Picture, document)
    loaded.shapes[0].name = "b"

    assert type(loaded.shapes[0]) is Shape
    assert dump(loaded)["shapes"] == [{"type": "star", "name": "b", "points": 5}]


def test_an_embedded_value_of_another_kind_is_refused():
    with pytest.raises(DocumentInvalid, match=r"circle: expected type 'circle' \(Circle\), got 'star'"):
        load(Picture, {"_id": "1", "type": "picture", "circle": {"type": "star", "radius": 1}})


def test_two_embedded_classes_of_one_family_must_not_have_one_tag():
    class Paper(Embedded):
        pass

    class Letter(Paper, type="a"):
        pass

    class Card(Paper, type="a"):
        pass

    with pytest.raises(ModelError, match="Card and Letter both have the type"):
        nested_family(Paper)


def test_embedded_classes_are_known_by_their_tags():
    assert dict(nested_family(Circle)) == {("type", "circle"): Circle, ("type", "ring"): Ring}
    assert nested_class_of(Shape, {"kind": "square"}) is Square
    assert nested_class_of(Shape, {}) is Shape
    assert is_tagged_as(Shape, {"type": "ring"})
    assert not is_tagged_as(Circle, {"kind": "square"})
    assert not is_tagged_as(int, {"type": "ring"})


class Ship(Document):
    name: Mapped[str]


def refused(**arguments: Any) -> None:
    with pytest.raises((TypeError, ModelError)):
        type("Wreck", (Ship,), {"__annotations__": {}}, **arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"id": "{port}"},
        {"id": 5},
        {"partition": "port"},
        {"on_conflict": "sink"},
        {"type": ""},
        {"version": "one"},
        {"database": "harbour"},
        {"colour": "red"},
    ],
    ids=str,
)
def test_a_class_that_is_refused_is_no_member_of_the_family(arguments: dict[str, Any]):
    refused(**arguments)

    assert dict(family(Ship)) == {"ship": Ship}
    assert load(Ship, {"_id": "1", "type": "ship", "name": "a"}).name == "a"


def test_a_class_whose_fields_are_refused_is_no_member_either():
    with pytest.raises(ModelError):

        class Wreck(Ship):
            rev: Mapped[str]

    assert dict(family(Ship)) == {"ship": Ship}
