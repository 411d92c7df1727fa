"""Annotations and codecs: what can be stored, and what applications register."""

from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, NewType, TypedDict, TypeVar

import attrs
import pytest

from couchmapper.exceptions import DocumentInvalid, ModelError
from couchmapper.mapping import Document, Mapped, field
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.converter import codec, converter, field_codecs, model_codec
from couchmapper.mapping.mapper import dump, load


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1


class Size(StrEnum):
    S = "s"


class Mixed(Enum):
    ONE = 1
    TWO = "two"
    PRICE = Decimal("1.50")


class Pair(Enum):
    A = (1, 2)


class Permission(Flag):
    READ = 1
    WRITE = 2


@pytest.mark.parametrize(
    ("member", "written"),
    [
        (Colour.RED, "red"),
        (Level.LOW, 1),
        (Size.S, "s"),
        (Mixed.ONE, 1),
        (Mixed.TWO, "two"),
        (Mixed.PRICE, "1.50"),
        (Permission.READ, 1),
    ],
    ids=str,
)
def test_enum_members_are_written_by_value(member: Enum, written: Any):
    assert codec(type(member)).dump(member) == written
    assert codec(type(member)).load(written, None) is member


@pytest.mark.parametrize("value", ["red", 1, None, Size.S])
def test_only_members_are_written(value: Any):
    with pytest.raises(Misfit, match=r"^expected a member of Colour, got "):
        codec(Colour).dump(value)


@pytest.mark.parametrize("written", ["RED", "green", 1, None, ["red"]])
def test_an_unknown_member_is_refused_with_the_known_ones(written: Any):
    with pytest.raises(Misfit, match=r"^expected one of 'red', 'blue', got "):
        codec(Colour).load(written, None)


def test_flags_that_are_joined_are_refused():
    with pytest.raises(Misfit, match="a member of Permission"):
        codec(Permission).dump(Permission.READ | Permission.WRITE)


def test_a_literal_may_name_enum_members_and_bytes():
    literal = codec(Literal[Colour.RED, b"\x00"])

    assert (literal.dump(Colour.RED), literal.dump(b"\x00")) == ("red", "AA==")
    assert (literal.load("red", None), literal.load("AA==", None)) == (Colour.RED, b"\x00")


Token = NewType("Token", str)


def test_names_for_types_stand_for_the_types():
    assert codec(Token) is codec(str)
    assert codec(NewType("Tokens", list[Token])).load(["a"], None) == ["a"]


class Described(Document):
    text: Mapped[Annotated[str, "a remark"]]
    token: Annotated[Token, "a remark"]


def test_remarks_in_annotations_do_not_count():
    assert [one.codec is codec(str) for one in field_codecs(Described)] == [True, True, True]


@dataclass
class Record:
    a: int


class Row(NamedTuple):
    a: int


class Keys(TypedDict):
    a: int


class Email(str):
    __slots__ = ()


class Stranger:
    pass


T = TypeVar("T")
STRANGERS = [Record, Row, Keys, Email, Stranger, Path, complex, OrderedDict, type, T, Sequence[int], Mapping]


@pytest.mark.parametrize("annotation", [*STRANGERS, list[Stranger], dict[str, Record]], ids=str)
def test_types_without_a_json_form_are_refused(annotation: Any):
    with pytest.raises(ModelError, match="has no JSON form"):
        codec(annotation)


def test_a_model_error_names_the_field():
    class Odd(Document):
        strange: Mapped[list[Stranger]]

    with pytest.raises(ModelError, match=r"^Odd\.strange: Stranger has no JSON form; use an attrs class"):
        load(Odd, {"_id": "1", "type": "odd", "strange": []})
    with pytest.raises(ModelError, match=r"^Odd\.strange: "):
        dump(Odd(strange=[]))


def test_an_enum_of_collections_is_refused():
    with pytest.raises(ModelError, match="must be single values"):
        codec(Pair)


def test_a_document_inside_a_document_is_refused_with_advice():
    class Customer(Document):
        name: Mapped[str]

    with pytest.raises(ModelError, match=r"a Document of its own; refer to it, Ref\[Customer\], or embed"):
        codec(list[Customer])


def test_an_abstract_model_has_no_documents():
    class Base(Document, abstract=True):
        name: Mapped[str]

    with pytest.raises(ModelError, match="Base is abstract and has no documents"):
        dump(Base(name="Ann"))
    with pytest.raises(ModelError, match="use one of its subclasses"):
        model_codec(Base)


@pytest.mark.parametrize("annotation", [int, str, list[Decimal], dict[str, Decimal], float | None])
def test_a_scale_is_for_decimals(annotation: Any):
    class Priced(Document):
        price: annotation = field(scale=2)

    with pytest.raises(ModelError, match=r"^Priced\.price: scale= is for Decimal and Decimal \| None"):
        field_codecs(Priced)


# --- what applications register


def test_a_registered_type_is_stored_as_its_hooks_say():
    converter.register_structure_hook(IPv4Address, lambda value, _: IPv4Address(value))
    converter.register_unstructure_hook(IPv4Address, str)

    class Host(Document):
        address: Mapped[IPv4Address]
        others: Mapped[list[IPv4Address | str]] = field(factory=list)

    host = Host(address=IPv4Address("10.0.0.1"), others=["localhost", IPv4Address("10.0.0.2")])

    assert dump(host)["others"] == ["localhost", "10.0.0.2"]
    assert load(Host, dump(host)) == host


@attrs.frozen
class Money:
    amount: int


def test_registered_hooks_come_before_what_is_known_of_a_class():
    converter.register_structure_hook(Money, lambda value, _: Money(int(value.removesuffix(" EUR"))))
    converter.register_unstructure_hook(Money, lambda money: f"{money.amount} EUR")

    assert codec(Money).dump(Money(5)) == "5 EUR"
    assert codec(list[Money]).load(["7 EUR"], None) == [Money(7)]


class Shade:
    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts


class Dark(Shade):
    pass


def register_shades() -> None:
    converter.register_structure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, Shade), lambda value, kind: kind(value)
    )
    converter.register_unstructure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, Shade), lambda shade: shade.parts
    )


class Wall(Document):
    shades: Mapped[list[Dark]]


def test_a_hook_is_told_the_class_also_inside_a_collection():
    register_shades()

    assert type(codec(list[Dark]).load([[1]], None)[0]) is Dark


def test_what_a_hook_returns_is_not_shared_with_what_is_written():
    register_shades()
    wall = Wall(shades=[Dark([1])])

    written = dump(wall)
    wall.shades[0].parts.append(2)

    assert written["shades"] == [[1]]


@pytest.mark.parametrize("part", [float("nan"), Decimal(1), {1: 2}, "\ud800"], ids=repr)
def test_what_a_hook_returns_must_be_json(part: Any):
    register_shades()

    with pytest.raises(DocumentInvalid, match=r"\n  shades\[0\]\[1\]: "):
        dump(Wall(shades=[Dark([1, part])]))


class HalfKnown:
    pass


def test_one_hook_alone_is_refused():
    converter.register_structure_hook(HalfKnown, lambda _, kind: kind())

    with pytest.raises(ModelError, match="register both hooks"):
        codec(HalfKnown)


def test_hooks_may_leave_parts_to_the_converter_which_is_strict():
    assert converter.structure(["1.50"], list[Decimal]) == [Decimal("1.50")]
    assert converter.unstructure(Colour.RED) == "red"
    with pytest.raises(Misfit):
        converter.structure(["1"], list[int])


@pytest.mark.parametrize("annotation", [Sequence[int], deque[int], Mapping])
def test_another_collection_leads_to_those_of_json(annotation: Any):
    with pytest.raises(ModelError, match="annotate the field as list, tuple, set, frozenset or dict"):
        codec(annotation)
