"""What a model says of a member of its JSON."""

from datetime import date
from typing import Any

import attrs
import pytest

from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.expressions import path_of
from couchmapper.mapping.members import is_always_there, kinds_at, knows, spelled
from couchmapper.typing import JSON


class Place(Embedded, type="place"):
    city: Mapped[str]
    floor: Mapped[int | None] = field(default=None)


class Country(Place, type="country"):
    code: Mapped[str]


@attrs.define
class Size:
    wide: int
    high: float = 0.0


class Order(Document):
    number: Mapped[int] = field(name="no")
    status: Mapped[str] = field(default="new")
    home: Mapped[Place]
    other: Mapped[Place | None]
    size: Mapped[Size]
    either: Mapped[Place | str]
    anywhere: Mapped[Place | dict[str, JSON]]
    tags: Mapped[list[str]]
    mixed: Mapped[int | list[int]]
    free: Mapped[JSON]
    places: Mapped[list[Place]]
    counts: Mapped[dict[str, int]]
    days: Mapped[dict[date, int]]


class Animal(Document, abstract=True):
    name: Mapped[str]


class Dog(Animal):
    legs: Mapped[int]
    owner: Mapped[str]


class Bird(Animal):
    legs: Mapped[int | None]


class Plain(Document, type_field=None):
    name: Mapped[str]


class Second(Document, version=2):
    name: Mapped[str]


def path(text: str) -> tuple[str, ...]:
    return tuple(text.split("."))


@pytest.mark.parametrize(
    ("member", "kinds"),
    [
        ("type", "string"),
        ("no", "number"),
        ("status", "string"),
        ("home", "object"),
        ("home.city", "string"),
        ("home.floor", "number null"),
        ("other", "object null"),
        ("other.city", "string"),
        ("home.type", "string"),
        ("tags", "array"),
        ("mixed", "array number"),
    ],
)
def test_a_model_tells_what_a_member_may_be(member: str, kinds: str):
    assert kinds_at(Order, path(member)) == set(kinds.split())


@pytest.mark.parametrize(
    "member",
    [
        "number",
        "unknown",
        "home.unknown",
        "home.code",
        "either.city",
        "anywhere.city",
        "size.wide",
        "free.a",
        "tags.0",
        "no.a",
    ],
)
def test_of_other_members_a_model_tells_nothing(member: str):
    assert kinds_at(Order, path(member)) is None


def test_all_classes_of_a_family_tell_what_a_member_may_be():
    assert kinds_at(Animal, ("name",)) == {"string"}
    assert kinds_at(Animal, ("legs",)) == {"number", "null"}
    assert kinds_at(Dog, ("legs",)) == {"number"}


def test_a_class_that_does_not_declare_a_member_may_keep_anything_there():
    assert kinds_at(Dog, ("owner",)) == {"string"}
    assert kinds_at(Animal, ("owner",)) is None


def test_a_model_with_versions_does_not_tell_what_older_documents_hold():
    assert kinds_at(Second, ("name",)) is None
    assert kinds_at(Second, ("type",)) == {"string"}
    assert not is_always_there(Second, ("name",))
    assert is_always_there(Second, ("type",))


@pytest.mark.parametrize("member", ["_id", "type", "no", "home", "other", "home.city", "free"])
def test_a_member_that_is_required_is_always_there(member: str):
    assert is_always_there(Order, path(member))


def test_an_embedded_value_that_was_written_before_it_had_a_tag_is_without_it():
    assert not is_always_there(Order, ("home", "type"))


@pytest.mark.parametrize(
    "member",
    [
        "_id.a",
        "number",
        "status",
        "home.floor",
        "home.unknown",
        "home.code",
        "other.city",
        "size.wide",
        "either.city",
        "anywhere.city",
        "tags.0",
        "places.city",
        "free.a",
    ],
)
def test_no_other_member_is_always_there(member: str):
    assert not is_always_there(Order, path(member))


def test_a_member_is_always_there_when_all_classes_of_the_family_require_it():
    assert is_always_there(Animal, ("legs",))
    assert is_always_there(Dog, ("owner",))
    assert not is_always_there(Animal, ("owner",))


def test_a_model_without_a_type_tells_of_its_fields():
    assert kinds_at(Plain, ("name",)) == {"string"}
    assert is_always_there(Plain, ("name",))
    assert not is_always_there(Plain, ("type",))


@pytest.mark.parametrize(
    ("model", "member", "text"),
    [
        (Order, "no", "Order.number"),
        (Order, "home.city", "Order.home.city"),
        (Order, "home.code", "Order.home.code"),
        (Order, "tags.0", "Order.tags[0]"),
        (Order, "places.1.city", "Order.places[1].city"),
        (Order, "counts.a", "Order.counts['a']"),
        (Order, "free.a.0", "Order.free['a']['0']"),
        (Animal, "name", "Animal.name"),
        (Animal, "owner", "Dog.owner"),
    ],
)
def test_a_member_is_spelled_as_in_python(model: Any, member: str, text: str):
    assert spelled(model, path(member)) == text
    assert path_of(eval(text)) == path(member)  # noqa: S307 - it is a line of a program


@pytest.mark.parametrize("member", ["size.wide", "type", "home.a", "tags.a", "places.city", "days.a"])
def test_what_is_no_field_is_not_spelled(member: str):
    assert spelled(Order, path(member)) is None


def test_a_model_knows_its_fields_by_their_names_in_json():
    assert knows(Order, "no")
    assert not knows(Order, "number")


def test_a_model_knows_its_type_and_what_couchdb_keeps():
    assert knows(Order, "type")
    assert knows(Order, "_id")
    assert not knows(Plain, "type")


def test_a_base_class_knows_the_fields_of_all_that_derive_from_it():
    assert knows(Animal, "owner")
    assert not knows(Bird, "owner")
