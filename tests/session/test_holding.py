"""A part of a document that went counts as held as long as anybody has it, or it cannot be told."""

from collections import OrderedDict
from typing import Any

import attrs
import pytest

from couchmapper.mapping import Document, Embedded, Mapped, field, mapper
from couchmapper.session.holding import is_held_elsewhere


class Line(Embedded):
    sku: Mapped[str]
    tags: Mapped[list[str]] = field(factory=list)


class Lines(list[Line]):
    """A list of an application's own."""


@attrs.define
class Slotted:
    tags: list[str]


@attrs.define(slots=False)
class Box(Slotted):
    size: int = 1


class Order(Document):
    lines: Mapped[list[Line]] = field(factory=list)
    own: Mapped[list[Line]] = field(factory=list, converter=Lines)
    codes: Mapped[dict[str, list[str]]] = field(factory=dict)
    ordered: Mapped[dict[str, list[str]]] = field(factory=dict, converter=OrderedDict)
    names: Mapped[tuple[str, ...]] = ()
    groups: Mapped[tuple[list[str], ...]] = ()
    box: Mapped[Box | None] = None


JSON: dict[str, Any] = {"_id": "o", "_rev": "1-a", "type": "order"}
LINES = [{"sku": "tea", "tags": ["x"]}]


class Plain(Document, type="order"):
    lines: Mapped[list[Line]] = field(factory=list)
    codes: Mapped[dict[str, list[str]]] = field(factory=dict)
    names: Mapped[tuple[str, ...]] = ("a", "b")
    kinds: Mapped[frozenset[str]] = frozenset()
    groups: Mapped[tuple[list[str], ...]] = ()


def values_of(model: type[Document], **members: Any) -> dict[str, Any]:
    """Return the values of a document that went."""
    return mapper.load(model, {**JSON, **members}).__dict__


def test_nothing_is_held_of_a_document_that_nobody_has_parts_of():
    values = values_of(Plain, lines=LINES, codes={"a": ["b"]}, groups=[["x"], ["y"]])

    assert not is_held_elsewhere(Plain, values)


def test_a_tuple_that_many_documents_share_cannot_change():
    assert not is_held_elsewhere(Plain, values_of(Plain, names=[]))
    assert not is_held_elsewhere(Plain, values_of(Plain))


@pytest.mark.parametrize(
    ("name", "stored", "part_of"),
    [
        ("lines", LINES, lambda lines: lines),
        ("lines", LINES, lambda lines: lines[0]),
        ("lines", LINES, lambda lines: lines[0].tags),
        ("lines", LINES, iter),
        ("codes", {"a": ["b"]}, lambda codes: codes["a"]),
        ("codes", {"a": ["b"]}, lambda codes: codes.items()),
        ("groups", [["x"], ["y"]], lambda groups: groups),
        ("groups", [["x"], ["y"]], lambda groups: groups[1]),
    ],
)
def test_a_part_that_somebody_has_is_held(name, stored, part_of):
    values = values_of(Plain, **{name: stored})
    part = part_of(values[name])

    assert is_held_elsewhere(Plain, values)
    del part
    assert not is_held_elsewhere(Plain, values)


@pytest.mark.parametrize(
    ("name", "stored"),
    [("own", LINES), ("ordered", {"a": ["b"]}), ("box", {"tags": ["x"], "size": 2})],
    ids=["a list of its own class", "a dict of its own class", "a value with slots"],
)
def test_what_cannot_be_looked_into_counts_as_held(name, stored):
    assert is_held_elsewhere(Order, values_of(Order, **{"own": [], name: stored}))
