"""Models, indexes and plans, for tests of the planner."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fake_source import stored_index

from couchmapper.mango import Expression
from couchmapper.mango.nodes import TRUE
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.declared import DeclaredIndex, declare_together
from couchmapper.query.indexes import KnownIndex, stored_indexes
from couchmapper.query.plan import Find, Plan
from couchmapper.query.planner import plan
from couchmapper.query.spec import QuerySpec


class Place(Embedded):
    city: Mapped[str]


class Order(Document):
    number: Mapped[int]
    customer: Mapped[str]
    total: Mapped[float]
    note: Mapped[str | None]
    place: Mapped[Place]
    status: Mapped[str] = field(default="new")
    tags: Mapped[list[str]] = field(factory=list)


class Animal(Document, abstract=True):
    name: Mapped[str]


class Cat(Animal):
    lives: Mapped[int]


class Dog(Animal):
    tricks: Mapped[int]


class Room(Document, partition="floor", id="{number}"):
    floor: Mapped[str]
    number: Mapped[int]
    seats: Mapped[int]


def hand(*names: str) -> list[KnownIndex]:
    """Write what a database tells of indexes that were made by hand, named by their fields."""
    return list(stored_indexes(stored_index(name, *name.split()) for name in names))


def index(model: Any, *fields: Any, where: Expression = TRUE, **options: Any) -> DeclaredIndex:
    paths = [(one,) if isinstance(one, str) else one for one in fields]
    name = " ".join(".".join(path) for path in paths)
    return DeclaredIndex(model=model, ddoc=name, name=name, fields=tuple(paths), where=where, **options)


@contextmanager
def declared(*indexes: DeclaredIndex) -> Iterator[list[KnownIndex]]:
    """Declare indexes of one model for a while, and give them as a database has them."""
    declare_together(indexes[0].model, "planner", indexes)
    try:
        yield [KnownIndex.of(one) for one in indexes]
    finally:
        declare_together(indexes[0].model, "planner", [])


def planned(
    where: Expression = TRUE, *order: SortTerm, on: list[KnownIndex] | None = None, **asked: Any
) -> Plan:
    return plan(QuerySpec(**{"model": Order, "where": where, "order": order, **asked}), on)


def found(*arguments: Any, **options: Any) -> Find:
    how = planned(*arguments, **options)
    assert isinstance(how, Find)
    return how


def named(how: Plan) -> str | None:
    """Return the name of the index that a plan names."""
    assert isinstance(how, Find)
    return None if how.index is None else how.index.index.name.rpartition("-")[0] or how.index.index.name
