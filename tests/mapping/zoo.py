"""One model of every kind, and the JSON documents that fit it, as any writer may have written them."""

import base64
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from functools import cache
from typing import Any, Generic, Literal, NewType, TypeVar, get_args, get_origin
from uuid import UUID

import attrs
from hypothesis import strategies as st

from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.annotations import alternatives, container, real_type
from couchmapper.mapping.converter import field_codecs
from couchmapper.mapping.generics import class_behind
from couchmapper.mapping.metadata import is_model, metadata_of, options_of, type_hints
from couchmapper.mapping.registry import family, nested_family

__all__ = ["MODELS", "documents", "json_of", "json_values"]

T = TypeVar("T")
Sku = NewType("Sku", str)


class Colour(Enum):
    RED = "red"
    NONE = 0


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


class Status(StrEnum):
    NEW = "new"
    PAID = "paid"


class Scalars(Document, id="scalars:{text}:{number}"):
    text: Mapped[str]
    number: Mapped[int]
    ratio: Mapped[float] = field(default=0.5)
    on: Mapped[bool] = field(default=False)
    nothing: Mapped[None] = field(default=None)
    moment: Mapped[datetime | None] = field(default=None)
    day: Mapped[date | None] = field(default=None)
    clock: Mapped[time | None] = field(default=None)
    span: Mapped[timedelta] = field(default=timedelta(0))
    price: Mapped[Decimal] = field(default=Decimal("1.50"))
    cents: Mapped[Decimal] = field(default=Decimal("1.50"), scale=2)
    perhaps_cents: Mapped[Decimal | None] = field(default=None, scale=4)
    key: Mapped[UUID | None] = field(default=None)
    data: Mapped[bytes] = field(default=b"")


class Choices(Document):
    colour: Mapped[Colour]
    size: Mapped[Size | None] = field(default=None)
    status: Mapped[Status] = field(default=Status.NEW)
    literal: Mapped[Literal["a", 1, True] | None] = field(default="a")
    sku: Mapped[Sku] = field(default=Sku(""))
    skus: Mapped[dict[Sku, Colour]] = field(factory=dict)


class Containers(Document):
    numbers: Mapped[list[int]] = field(factory=list)
    floats: Mapped[tuple[float, ...]] = field(default=())
    pair: Mapped[tuple[int, date | None]] = field(default=(0, None))
    labels: Mapped[set[str]] = field(factory=set)
    days: Mapped[frozenset[date]] = field(factory=frozenset)
    by_day: Mapped[dict[date, list[Decimal]]] = field(factory=dict)
    by_number: Mapped[dict[int, tuple[UUID, bytes]]] = field(factory=dict)
    by_status: Mapped[dict[Status, dict[str, set[Colour]]]] = field(factory=dict)
    deep: Mapped[list[dict[str, list[tuple[int, frozenset[date]]]]]] = field(factory=list)


class Unions(Document):
    one: Mapped[int | str | None] = field(default=None)
    many: Mapped[list[int | float | None]] = field(factory=list)
    nested: Mapped[dict[str, list[str] | int | bool]] = field(factory=dict)


class Anything(Document):
    more: Mapped[Any] = field(default=None)
    some: Mapped[object] = field(default=1)
    members: Mapped[dict[str, Any]] = field(factory=dict, name="all-members")
    bare: Mapped[dict] = field(factory=dict)  # type: ignore[type-arg]
    items: Mapped[list] = field(factory=list)  # type: ignore[type-arg]


class Line(Embedded):
    sku: Mapped[str]
    price: Mapped[Decimal] = field(default=Decimal(0))
    sent: Mapped[datetime | None] = field(default=None, name="sent-at")
    parts: Mapped[list["Line"]] = field(factory=list)
    note: Mapped[int] = field(default=0)


class Order(Document, id="order:{number}", partition="shop"):
    shop: Mapped[str]
    number: Mapped[int] = field(validator=attrs.validators.instance_of(int))
    title: Mapped[str] = field(default="", converter=str.strip, name="Title")
    line: Mapped[Line | None] = field(default=None)
    lines: Mapped[list[Line]] = field(factory=list)
    labels: Mapped[dict[str, Line]] = field(factory=dict)
    first_two: Mapped[tuple[Line, Line] | None] = field(default=None)


class Animal(Document, type_field="kind"):
    name: Mapped[str] = field(default="")


class Dog(Animal):
    barks: Mapped[int]


class Cat(Animal, type="house-cat"):
    lives: Mapped[Decimal] = field(default=Decimal(9))


class Untyped(Document, type_field=None):
    type: Mapped[str] = field(default="any")
    line: Mapped[Line | None] = field(default=None)


class Card(Embedded, type="card"):
    number: Mapped[str]
    note: Mapped[int] = field(default=0)


class Cash(Embedded, type="cash"):
    paid: Mapped[Decimal]
    note: Mapped[int] = field(default=0)


class Shape(Embedded, type="shape", type_field="kind"):
    note: Mapped[int] = field(default=0)


class Circle(Shape, type="circle"):
    radius: Mapped[float]


class Drawing(Shape, type="drawing"):
    shapes: Mapped[list[Shape]] = field(factory=list)


class Payments(Document):
    payment: Mapped[Card | Cash | None] = field(default=None)
    payments: Mapped[list[Card | Cash]] = field(factory=list)
    shape: Mapped[Shape | None] = field(default=None)
    shapes: Mapped[dict[str, list[Shape]]] = field(factory=dict)


@attrs.define
class Box:
    width: int
    opened: date | None = None
    note: int = 0


@attrs.frozen
class Point:
    x: int
    y: Decimal = Decimal(0)


@attrs.define
class Parcel:
    _code: str
    box: Box
    boxes: list[Box] = attrs.Factory(list)
    at: Point | None = attrs.field(default=None, alias="place")
    line: Line | None = None
    note: int = 0


class Plain(Document):
    box: Mapped[Box | None] = field(default=None)
    boxes: Mapped[list[Box]] = field(factory=list)
    by_name: Mapped[dict[str, Box]] = field(factory=dict)
    pair: Mapped[tuple[Box, Point] | None] = field(default=None)
    points: Mapped[set[Point]] = field(factory=set)
    parcels: Mapped[list[Parcel]] = field(factory=list)


class Held(Embedded, Generic[T]):
    value: Mapped[T]
    more: Mapped[list[T]] = field(factory=list)
    note: Mapped[int] = field(default=0)


class Page(Document, Generic[T], abstract=True):
    items: Mapped[list[T]] = field(factory=list)


class Prices(Page[Decimal]):
    held: Mapped[Held[date] | None] = field(default=None)
    boxes: Mapped[list[Held[Box]]] = field(factory=list)


class Left(Embedded):
    right: Mapped["Right | None"] = field(default=None)
    note: Mapped[int] = field(default=0)


class Right(Embedded):
    lefts: Mapped[list[Left]] = field(factory=list)
    note: Mapped[int] = field(default=0)


class Circular(Document):
    left: Mapped[Left]


class Computed(Document):
    text: Mapped[str]
    twice: Mapped[str] = attrs.field(default=attrs.Factory(lambda one: one.text * 2, takes_self=True))
    length: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.length = len(self.text)


MODELS: tuple[type[Document], ...] = (
    Scalars,
    Choices,
    Containers,
    Unions,
    Anything,
    Order,
    Animal,
    Dog,
    Cat,
    Untyped,
    Payments,
    Plain,
    Prices,
    Circular,
    Computed,
)

# --- JSON that fits

finite = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8"), max_size=4)
numbers = st.one_of(st.integers(), st.integers(2**64, 2**80), st.integers(-(2**80), -(2**64)))

json_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(), st.booleans(), numbers, finite, texts, st.sampled_from(["1.50", "2026-01-01T00:00:00Z"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=3,
)

unknown = st.dictionaries(texts.map("unknown ".__add__), json_values, max_size=2)
"""Members that no model knows."""

of_couchdb = st.fixed_dictionaries(
    {},
    optional={
        "_attachments": st.just({"a.png": {"stub": True, "length": 2**70, "digest": "md5-x", "revpos": 1}}),
        "_conflicts": st.just(["1-b"]),
        "_deleted_conflicts": st.just(["1-c", "1-d"]),
        "_revisions": st.just({"start": 2, "ids": ["a", "b"]}),
        "_local_seq": st.integers(1),
    },
)
"""What CouchDB shows at the top of a document when it is asked to."""

_MOMENTS = (
    "2026-11-23T10:00:00.000000Z",
    "2026-01-01T00:00:00Z",
    "2026-11-23 11:00+01:00",
    "Mon, 23 Nov 2026 10:00:00 GMT",
)
_DECIMALS = ("0", "1.50", "1.5", "1E+2", "-0.00", " 7 ", "1_000", "0." + "123456789" * 9, "9" * 50)

SPELLINGS: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    int: numbers,
    float: st.one_of(finite, st.integers(-(2**53), 2**53)),
    bool: st.booleans(),
    type(None): st.none(),
    datetime: st.sampled_from(_MOMENTS),
    date: st.sampled_from(["2026-11-23", "20261123", "2026-W48-1", "0001-01-01"]),
    time: st.sampled_from(["10:00:00.000000", "10:00", "100000", "23:59:59.5"]),
    timedelta: st.integers(-(10**15), 10**15),
    Decimal: st.sampled_from(_DECIMALS),
    UUID: st.sampled_from(
        [
            "018bfd2e-0000-7000-8000-000000000000",
            "018BFD2E-0000-7000-8000-0000000000AA",
            "{018bfd2e000070008000000000000000}",
        ]
    ),
    bytes: st.binary(max_size=4).map(lambda data: base64.b64encode(data).decode()),
    Any: json_values,
    object: json_values,
    list: st.lists(json_values, max_size=2),
    dict: st.dictionaries(texts, json_values, max_size=2),
}
"""What writers, ours and others, may have written for a value of a type."""

KEYS: dict[Any, st.SearchStrategy[str]] = {
    int: numbers.map(str),
    date: st.sampled_from(["2026-11-23", "2026-11-24", "20261125"]),
}


@cache
def json_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Draw JSON that is read as a type."""
    annotation = real_type(annotation)
    if annotation in SPELLINGS:
        return SPELLINGS[annotation]
    members = alternatives(annotation)
    if members != (annotation,):
        optional = [st.none()] * (type(None) in get_args(annotation))
        return st.one_of(*optional, *map(json_of, members))
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    origin, arguments = container(annotation)
    if origin is not None:
        return _json_of_container(origin, arguments)
    if issubclass(class_behind(annotation), Enum):
        return st.sampled_from([member.value for member in annotation])
    return st.deferred(lambda: st.one_of([_json_object(kind) for kind in _kinds(annotation)]))


def _json_of_container(origin: Any, arguments: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin is dict:
        keys = KEYS.get(arguments[0], json_of(arguments[0]))
        return st.dictionaries(keys, json_of(arguments[1]), max_size=2)
    if origin is tuple and arguments[-1] is not Ellipsis:
        return st.tuples(*map(json_of, arguments)).map(list)
    return st.lists(json_of(arguments[0]), max_size=2)


def _kinds(annotation: Any) -> list[Any]:
    """Return the classes that a value of a class may be of: its own, or those of its family."""
    family_members = nested_family(annotation).values() if is_model(annotation) else ()
    return list(family_members) or [annotation]


@cache
def _json_object(kind: Any) -> st.SearchStrategy[Any]:
    """Draw an object with the members that must be there, some that may, and some that nobody knows."""
    hints = type_hints(kind)
    tag = metadata_of(kind).tag if is_model(kind) else {}
    required: dict[str, Any] = {name: st.just(value) for name, value in tag.items()}
    optional: dict[str, Any] = {}
    for known in field_codecs(kind):
        if known.name == "_id":
            continue
        scale = options_of(known.declared).scale
        values = json_of(hints[known.attribute]) if scale is None else _scaled(hints[known.attribute])
        (required if known.declared.default is attrs.NOTHING else optional)[known.name] = values
    members = st.fixed_dictionaries(required, optional=optional)
    whole = st.builds(lambda one, other: {**other, **one}, members, unknown)
    return whole.flatmap(shuffled)


def _scaled(annotation: Any) -> st.SearchStrategy[Any]:
    return st.one_of(*[st.none()] * (type(None) in get_args(annotation)), numbers)


def shuffled(members: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw an object with the same members in any order."""
    return st.permutations(list(members.items())).map(dict)


@cache
def documents(model: type[Document]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a document that is read as a model, or as a member of its family."""
    head = st.fixed_dictionaries({"_id": st.just("a:1"), "_rev": st.just("2-a")})
    kinds = list(family(model).values()) or [model]
    own = st.one_of([_json_object(kind) for kind in kinds])
    whole = st.builds(lambda one, other, top: {**one, **other, **top}, own, of_couchdb, head)
    return whole.flatmap(shuffled)
