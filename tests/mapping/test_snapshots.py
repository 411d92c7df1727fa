"""What the server last sent stays as it was, but for what was changed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from itertools import count
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.mapper import dump, load, refresh, source_of

numbers = count()


class Status(Enum):
    NEW = "new"
    PAID = "paid"


class Line(Embedded):
    sku: Mapped[str]
    price: Mapped[Decimal] = field(default=Decimal(0))
    parts: Mapped[list["Line"]] = field(factory=list)


@attrs.define
class Size:
    width: int
    height: int = 1


class Order(Document):
    number: Mapped[int]
    placed: Mapped[datetime | None] = field(default=None)
    due: Mapped[date | None] = field(default=None)
    weight: Mapped[float] = field(default=0.0)
    status: Mapped[Status] = field(default=Status.NEW)
    line: Mapped[Line | None] = field(default=None)
    lines: Mapped[list[Line]] = field(factory=list)
    labels: Mapped[dict[str, Line]] = field(factory=dict)
    tags: Mapped[set[str]] = field(factory=set)
    size: Mapped[Size | None] = field(default=None)
    more: Mapped[Any] = field(default=None, name="any-thing")
    serial: Mapped[int] = field(factory=lambda: next(numbers))
    title: Mapped[str] = field(default="", converter=str.strip)


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
unknown = st.dictionaries(st.text(min_size=1, max_size=4).map("x".__add__), json_values, max_size=2)


def an_object(known: dict[str, Any], required: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw an object with some known members and some unknown ones, in any order."""
    members = st.fixed_dictionaries(
        {name: known[name] for name in required},
        optional={name: values for name, values in known.items() if name not in required},
    )
    both = st.builds(lambda one, other: {**other, **one}, members, unknown)
    return both.flatmap(lambda whole: st.permutations(list(whole.items())).map(dict))


moments = st.sampled_from(
    [
        "2026-11-23T10:00:00.000000Z",
        "2026-11-23T10:00:00Z",
        "2026-11-23 11:00+01:00",
        "Mon, 23 Nov 2026 10:00:00 GMT",
        None,
    ]
)
decimals = st.sampled_from(["0", "3.50", "3.5", "1E+2", "-0.00", " 7 ", "1_000"])
lines = st.deferred(
    lambda: an_object(
        {"sku": st.text(max_size=3), "price": decimals, "parts": st.lists(lines, max_size=2)}, ("sku",)
    )
)
sizes = an_object({"width": st.integers(), "height": st.integers()}, ("width",))
orders = an_object(
    {
        "_id": st.just("order:1"),
        "_rev": st.just("1-a"),
        "type": st.just("order"),
        "number": st.integers(),
        "placed": moments,
        "due": st.sampled_from(["2026-11-23", "20261123", "2026-W48-1", None]),
        "weight": st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False)),
        "status": st.sampled_from(["new", "paid"]),
        "line": st.one_of(st.none(), lines),
        "lines": st.lists(lines, max_size=3),
        "labels": st.dictionaries(st.text(max_size=3), lines, max_size=2),
        "tags": st.lists(st.text(max_size=3), max_size=4),
        "size": st.one_of(st.none(), sizes),
        "any-thing": json_values,
        "serial": st.integers(),
        "title": st.text(max_size=5),
        "_attachments": st.just({"a.png": {"stub": True, "length": 2**70, "digest": "md5-x", "revpos": 1}}),
    },
    ("_id", "type", "number"),
)


@given(orders)
def test_a_document_that_is_loaded_and_written_is_the_same_to_the_byte(document: dict[str, Any]):
    text = jsonio.dumps(document)

    assert jsonio.dumps(dump(load(Order, jsonio.loads(text)))) == text


@given(orders)
def test_one_change_changes_one_member(document: dict[str, Any]):
    before = jsonio.loads(jsonio.dumps(document))
    order = load(Order, document)

    order.number += 1

    assert jsonio.same(dump(order), {**before, "number": before["number"] + 1})


@given(orders)
def test_what_was_changed_and_changed_back_is_as_it_was(document: dict[str, Any]):
    order = load(Order, document)
    weight, size, lines_before = order.weight, order.size, order.lines

    order.weight, order.size, order.lines = 5.5, None, []
    order.weight, order.size, order.lines = weight, size, lines_before

    assert jsonio.same(dump(order), document)


def stored(**members: Any) -> dict[str, Any]:
    return {"_id": "order:1", "_rev": "1-a", "type": "order", "number": 1, **members}


def test_an_unchanged_document_is_written_as_what_it_came_from():
    document = stored(lines=[{"sku": "a", "colour": "red"}], placed="2026-11-23T10:00:00Z")

    assert dump(load(Order, document)) is document


def test_a_change_deep_inside_keeps_everything_around_it():
    document = stored(
        before=1,
        lines=[{"x": 1, "sku": "a", "parts": [{"y": [1], "sku": "b", "z": None}]}],
        after=2**70,
    )
    order = load(Order, document)

    order.lines[0].parts[0].sku = "c"

    assert jsonio.dumps(dump(order)) == jsonio.dumps(
        stored(
            before=1,
            lines=[{"x": 1, "sku": "a", "parts": [{"y": [1], "sku": "c", "z": None}]}],
            after=2**70,
        )
    )


def test_what_is_unknown_moves_with_its_value():
    order = load(Order, stored(lines=[{"sku": "a", "x": 1}, {"sku": "b", "x": 2}]))

    order.lines.reverse()
    order.line = order.lines[0]
    del order.lines[1]

    assert dump(order)["lines"] == [{"sku": "b", "x": 2}]
    assert dump(order)["line"] == {"sku": "b", "x": 2}


def test_the_source_is_not_touched_by_changes():
    document = stored(lines=[{"sku": "a"}], **{"any-thing": {"a": [1]}})
    text = jsonio.dumps(document)
    order = load(Order, document)

    order.lines[0].sku = "b"
    order.lines.append(Line(sku="c"))
    order.more["a"].append(2)
    order.tags.add("t")
    dump(order)

    assert jsonio.dumps(source_of(order)) == text


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("placed", "2026-11-23 11:00:00+01:00"),
        ("due", "20261123"),
        ("weight", 5),
        ("tags", ["b", "a", "b"]),
        ("title", " padded "),
        ("size", {"width": 1, "unknown": True}),
    ],
)
def test_another_writers_spelling_stays_until_the_field_is_changed(name: str, written: Any):
    order = load(Order, stored(**{name: written}))
    order.number = 2

    assert jsonio.same(dump(order)[name], written)


def test_a_changed_field_is_written_in_its_own_form():
    order = load(Order, stored(placed="2026-11-23 11:00:00+01:00", weight=5, tags=["b", "a", "b"]))

    order.placed = datetime(2026, 11, 24, tzinfo=UTC)
    order.weight = 6.0
    order.tags.add("c")

    written = dump(order)
    assert written["placed"] == "2026-11-24T00:00:00.000000Z"
    assert jsonio.same(written["weight"], 6.0)
    assert written["tags"] == ["a", "b", "c"]


def test_an_equal_value_is_no_change():
    order = load(Order, stored(placed="2026-11-23 11:00:00+01:00", line={"sku": "a", "price": "3.5"}))

    order.placed = datetime(2026, 11, 23, 10, tzinfo=UTC)

    assert dump(order)["placed"] == "2026-11-23 11:00:00+01:00"


def test_a_zero_more_in_a_decimal_is_a_change():
    order = load(Order, stored(line={"sku": "a", "price": "3.5"}))

    order.line.price = Decimal("3.50")

    assert dump(order)["line"] == {"sku": "a", "price": "3.50"}


def test_a_field_that_is_absent_stays_absent():
    order = load(Order, stored())
    order.number = 2

    assert dump(order) == {**stored(), "number": 2}


def test_a_value_that_a_factory_made_is_no_change():
    order = load(Order, stored())

    assert order.serial == order.serial
    assert "serial" not in dump(order)


def test_an_absent_field_is_written_when_it_is_changed():
    order = load(Order, stored())

    order.serial = -5
    order.lines.append(Line(sku="a"))

    assert dump(order)["serial"] == -5
    assert dump(order)["lines"] == [{"sku": "a", "price": "0", "parts": []}]


def test_an_absent_field_of_an_embedded_value_stays_absent():
    order = load(Order, stored(line={"sku": "a"}))
    order.line.sku = "b"

    assert dump(order)["line"] == {"sku": "b"}


def test_a_field_that_is_cleared_is_written_as_null():
    order = load(Order, stored(due="2026-11-23"))

    order.due = None

    assert dump(order) == stored(due=None)


def test_a_replaced_value_is_written_without_what_the_old_one_had():
    order = load(Order, stored(line={"sku": "a", "x": 1}))

    order.line = Line(sku="b")

    assert dump(order)["line"] == {"sku": "b", "price": "0", "parts": []}


def test_after_a_save_nothing_is_left_to_write():
    order = load(Order, stored(line={"sku": "a", "x": 1}, placed="2026-11-23 11:00:00+01:00"))
    order.number = 2
    order.line.sku = "b"
    saved = {**dump(order), "_rev": "2-b"}

    refresh(order, saved)

    assert jsonio.same(dump(order), saved)
    assert order.rev == "2-b"
    order.serial = 7
    assert dump(order)["serial"] == 7


def test_a_new_document_that_was_saved_is_unchanged():
    order = Order(number=1, line=Line(sku="a"))
    saved = {**dump(order), "_rev": "1-a"}

    refresh(order, saved)

    assert jsonio.same(dump(order), saved)


@given(st.lists(st.sampled_from(["number", "line", "lines", "serial", "title", "save"]), max_size=8))
def test_saves_and_changes_in_any_order_end_as_the_fields_are(steps: list[str]):
    order = load(Order, stored(line={"sku": "a", "x": 1}, lines=[{"sku": "b", "x": 2}], extra=True))
    for number, step in enumerate(steps):
        match step:
            case "number" | "serial":
                setattr(order, step, number + 100)
            case "line":
                order.line.sku += "!"
            case "lines":
                order.lines.append(Line(sku=str(number)))
            case "title":
                order.title = str(number)
            case _:
                refresh(order, dump(order))

    again = load(Order, dump(order))

    assert again == attrs_equal(order, again)
    assert dump(order)["extra"] is True
    assert dump(order)["line"]["x"] == 1
    assert dump(order)["lines"][0]["x"] == 2


def attrs_equal(order: Order, again: Order) -> Order:
    """Leave out the serial number when it is not stored: it is made anew on each load."""
    return order if "serial" in dump(order) else attrs.evolve(order, serial=again.serial)
