"""Models, and documents that keep to them or do not, as strategies of Hypothesis.

Values come from small pools, which `questions.py` takes operands from too, so that conditions do hold now and
then.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.typing import JSON, JSONObject

T = TypeVar("T")

# --- the models


class Stage(Enum):
    NEW = "new"
    PAID = "paid"


class Place(Embedded):
    city: Mapped[str]
    floor: Mapped[int | None] = field(default=None)


class Line(Embedded):
    sku: Mapped[str]
    quantity: Mapped[int] = field(default=1)
    shelf: Mapped[Place | None] = field(default=None)


class Order(Document, type="order"):
    number: Mapped[int]
    total: Mapped[float] = field(default=0.0)
    paid: Mapped[bool] = field(default=False)
    title: Mapped[str] = field(default="")
    note: Mapped[str | None] = field(default=None)
    either: Mapped[int | str] = field(default=0)
    stage: Mapped[Stage] = field(default=Stage.NEW)
    placed: Mapped[datetime | None] = field(default=None)
    price: Mapped[Decimal] = field(default=Decimal(0), scale=2)
    tags: Mapped[list[str]] = field(factory=list)
    counts: Mapped[list[int | None]] = field(factory=list)
    lines: Mapped[list[Line]] = field(factory=list)
    grid: Mapped[list[list[int]]] = field(factory=list)
    place: Mapped[Place]
    extra: Mapped[dict[str, int]] = field(factory=dict)
    anything: Mapped[Any] = field(default=None)


# --- values

TEXTS = (
    *("", "a", "A", "aa", "ab", "Ab", "aB", "b", "a b", "a-b", "a_b", "1", "10", "9", "z", "new", "paid"),
    *("é", "e\u0301", "e", "E", "É", "ss", "ß", "ẞ", "Å", "A\u030a", "\u212b", "i", "I", "ı", "İ", "ﬁ", "fi"),
    *(
        "\u00ad",
        "a\u00adb",
        "\u200b",
        "a\u200b",
        "\0",
        "a\0",
        "\n",
        "a\n",
        "a\nb",
        "\u2028",
        '"',
        "\\",
        "^a$",
    ),
    *("เ", "ก", "เก", "เกา", "กเ", "ເກ", "ກ", "가", "\u1100\u1161", "中", "क", "कि", "\ufffd", "\U0010fffd"),
    *("\u0301", "ิ", "ि", "\u200d", "🏽"),
    *("😀", "😀a", "𝒳", "🇩🇪", "🇩", "👍", "👍🏽", "👩‍👧", "\r\n", "\r"),
)
INTEGERS = (
    *(0, 1, -1, 2, 3, 5, 7, -7, 100, 2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1),
    *(2**60, 2**60 + 1, -(2**60) - 1, 2**64, 10**30),
)
FLOATS = (
    *(-0.0, 0.0, 1.0, -1.0, 2.0, 0.5, -7.0, 7.5, 0.1, 0.30000000000000004, 1e-7, 2.3e-308),
    *(2.0**53, 2.0**60, 1e30, 1e300, -1e300),
)
MOMENTS = tuple(datetime(2026, 11, 23, 10, tzinfo=UTC) + timedelta(seconds=number) for number in (0, 0.5, 60))


def short(strategy: SearchStrategy[T]) -> SearchStrategy[T]:
    """Let Hypothesis write less of a strategy where it names it, which otherwise takes most of the time."""

    @st.composite
    def drawn(draw: st.DrawFn) -> T:
        return draw(strategy)

    return drawn()


def some_of(pool: SearchStrategy[Any], key: str) -> SearchStrategy[Any]:
    """Choose a few values for one example, and draw each of its values from these."""
    few = st.shared(st.lists(pool, min_size=3, max_size=4), key=key)
    return st.builds(lambda values, place: values[place % len(values)], few, st.integers(0, 3))


few_texts = some_of(st.sampled_from(TEXTS), "texts")
texts = short(
    st.one_of(st.lists(few_texts, max_size=3).map("".join), few_texts, few_texts, st.sampled_from(TEXTS))
)
prefixes = short(st.builds(lambda text, size: text[:size], texts, st.integers(0, 3)))
few_integers = some_of(st.one_of(st.integers(-3, 3), st.sampled_from(INTEGERS)), "integers")
integers = short(st.one_of(few_integers, few_integers, st.sampled_from(INTEGERS)))
floats = short(st.sampled_from(FLOATS))
scalars = short(st.one_of(st.none(), st.booleans(), integers, floats, texts))
names = st.sampled_from(["a", "b", "0", "city", "x y", "a.b", "$a", "length", "toString", "é", "e\u0301"])
values = short(
    st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
        max_leaves=5,
    )
)

# --- documents

cities = st.one_of(texts, texts, values)
places = short(st.fixed_dictionaries({}, optional={"city": cities, "floor": st.one_of(integers, scalars)}))
lines = short(
    st.fixed_dictionaries(
        {},
        optional={
            "sku": cities,
            "quantity": st.one_of(integers, scalars),
            "shelf": st.one_of(places, scalars),
        },
    )
)
MEMBERS: dict[str, SearchStrategy[JSON]] = {
    "number": integers,
    "total": st.one_of(floats, integers),
    "paid": st.booleans(),
    "title": texts,
    "note": st.one_of(texts, st.none()),
    "either": st.one_of(integers, texts),
    "stage": st.sampled_from(["new", "paid"]),
    "placed": st.one_of(st.none(), st.sampled_from([f"{one:%Y-%m-%dT%H:%M:%S.%fZ}" for one in MOMENTS])),
    "price": integers,
    "tags": st.lists(texts, max_size=3),
    "counts": st.lists(st.one_of(integers, st.none()), max_size=3),
    "lines": st.lists(st.one_of(lines, lines, scalars), max_size=3),
    "grid": st.lists(st.one_of(st.lists(integers, max_size=2), scalars), max_size=3),
    "place": places,
    "extra": st.dictionaries(names, integers, max_size=3),
    "anything": values,
}
ids = short(
    st.one_of(
        texts.filter(lambda text: text and not text.startswith("_")), st.sampled_from(["B", "a/b", "ä"])
    )
)
members = st.fixed_dictionaries(
    {}, optional={name: st.one_of(right, right, right, values) for name, right in MEMBERS.items()}
)
few_members = st.fixed_dictionaries({"number": integers, "title": texts, "tags": st.lists(texts, max_size=2)})


@st.composite
def documents(draw: st.DrawFn) -> JSONObject:
    """Make a document of any members."""
    return {"_id": draw(ids), **draw(members)}


@st.composite
def few_documents(draw: st.DrawFn) -> JSONObject:
    """Make a document of the members that most depends on."""
    return {"_id": draw(ids), **draw(few_members)}
