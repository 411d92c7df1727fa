"""What a changed value keeps of the JSON that it was read from."""

from datetime import date
from typing import Any

import attrs
import pytest

from couchmapper import jsonio
from couchmapper.mapping import Document, Mapped, field
from couchmapper.mapping.carrying import carried
from couchmapper.mapping.mapper import dump, load


@attrs.define
class Box:
    width: int
    opened: date | None = None


@attrs.frozen
class Point:
    x: int
    y: int = 0


class Parcel(Document):
    box: Mapped[Box | None] = field(default=None)
    boxes: Mapped[list[Box]] = field(factory=list)
    by_day: Mapped[dict[date, Box]] = field(factory=dict)
    days: Mapped[list[date]] = field(factory=list)
    point: Mapped[Point | None] = field(default=None)
    count: Mapped[int] = field(default=0, converter=abs)


def parcel(**members: Any) -> Parcel:
    return load(Parcel, {"_id": "1", "_rev": "1-a", "type": "parcel", **members})


def test_an_attrs_class_keeps_what_it_does_not_know():
    one = parcel(box={"before": 1, "width": 5, "opened": "20261123", "after": [2]})

    one.box.width = 6

    assert jsonio.dumps(dump(one)["box"]) == b'{"before":1,"width":6,"opened":"20261123","after":[2]}'


def test_what_is_absent_in_an_attrs_class_stays_absent():
    one = parcel(box={"width": 5})

    one.box.width = 6

    assert dump(one)["box"] == {"width": 6}


def test_a_frozen_value_that_is_evolved_keeps_what_it_does_not_know():
    one = parcel(point={"x": 1, "z": 3})

    one.point = attrs.evolve(one.point, y=2)

    assert dump(one)["point"] == {"x": 1, "z": 3, "y": 2}


def test_what_is_unknown_moves_with_its_element():
    one = parcel(boxes=[{"width": 1, "x": "a"}, {"width": 2, "x": "b"}, {"width": 3, "x": "c"}])

    one.boxes.insert(0, Box(width=0))
    del one.boxes[2]
    one.boxes.reverse()

    assert dump(one)["boxes"] == [
        {"width": 3, "x": "c"},
        {"width": 1, "x": "a"},
        {"width": 0, "opened": None},
    ]


def test_of_equal_elements_the_changed_one_changes():
    one = parcel(boxes=[{"width": 1, "x": "a"}, {"width": 1, "x": "b"}, {"width": 1, "x": "c"}])

    one.boxes[1].opened = date(2026, 11, 23)

    assert dump(one)["boxes"] == [
        {"width": 1, "x": "a"},
        {"width": 1, "x": "b", "opened": "2026-11-23"},
        {"width": 1, "x": "c"},
    ]


def test_an_element_that_has_nothing_in_common_with_the_old_one_is_another():
    one = parcel(boxes=[{"width": 1, "opened": "2026-11-23", "x": "a"}])

    one.boxes[0] = Box(width=2)

    assert dump(one)["boxes"] == [{"width": 2, "opened": None}]


def test_elements_keep_the_spelling_of_another_writer():
    one = parcel(days=["20261123", "2026-W48-2"])

    one.days.append(date(2026, 11, 25))

    assert dump(one)["days"] == ["20261123", "2026-W48-2", "2026-11-25"]


def test_a_key_that_was_spelt_otherwise_is_not_there_twice():
    one = parcel(by_day={"20261123": {"width": 1, "x": "a"}})

    one.by_day[date(2026, 11, 23)].width = 2

    assert dump(one)["by_day"] == {"2026-11-23": {"width": 2, "opened": None}}
    assert load(Parcel, dump(one)) == one


@pytest.mark.parametrize(
    ("stored", "before", "after", "expected"),
    [
        ({"a": 1, "x": 2}, {"a": 1}, {"a": 1}, {"a": 1, "x": 2}),
        ({"a": 1, "x": 2}, {"a": 1}, {"a": 3}, {"a": 3, "x": 2}),
        ({"a": 1, "x": 2}, {"a": 1}, {}, {"x": 2}),
        ({"x": 2}, {"a": 1}, {"a": 1}, {"x": 2}),
        ({"x": 2}, {"a": 1, "b": 1}, {"a": 1, "b": 2}, {"x": 2, "b": 2}),
        ({"a": 1}, {"a": 1}, [1], [1]),
        ([1, 2], [1.0, 2.0], [1.0, 3.0], [1, 3.0]),
        ([1, 1], [1], [1, 2], [1, 2]),
        (["b", "a"], ["b", "a"], "x", "x"),
    ],
)
def test_a_change_is_made_in_what_was_stored(stored: Any, before: Any, after: Any, expected: Any):
    assert jsonio.dumps(carried(stored, before, after)) == jsonio.dumps(expected)


class Shelf(Document):
    rows: Mapped[list[dict[str, list[Box]]]] = field(factory=list)


def test_an_element_that_is_changed_in_every_member_keeps_what_lies_deeper():
    boxes = [{"width": width, "opened": "2026-11-23", "unknown": 1} for width in (5, 6)]
    shelf = load(Shelf, {"_id": "1", "type": "shelf", "rows": [{"a": boxes[:1], "b": boxes[1:]}]})

    for row in shelf.rows[0].values():
        row[0].width += 1

    assert dump(shelf)["rows"] == [{"a": [{**boxes[0], "width": 6}], "b": [{**boxes[1], "width": 7}]}]
