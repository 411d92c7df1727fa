"""Tables have the types of the fields and the values of the rows, exactly or not at all."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, Literal, Self
from uuid import UUID

import attrs
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import Document, Embedded, Mapped, Ref, field
from couchmapper.exceptions import ExpressionError, QueryError
from couchmapper.query.columns import Column
from couchmapper.query.frames import schema_of, to_arrow, to_pandas


class Colour(Enum):
    GREEN = "green"


class Level(IntEnum):
    LOW = 1


class Mixed(Enum):
    ONE = 1
    TWO = "two"


class Product(Document):
    name: Mapped[str]


class Address(Embedded):
    city: Mapped[str]
    floor: Mapped[int | None] = field(default=None)
    price: Mapped[Decimal] = field(default=Decimal("1.5"), scale=2, name="p")


class Node(Embedded):
    name: Mapped[str]
    children: Mapped[list["Node"]] = field(factory=list)


class Card(Embedded, type="card"):
    number: Mapped[str]


class Transfer(Embedded, type="transfer"):
    account: Mapped[str]


@attrs.frozen
class Point:
    x: int


MOMENT = datetime(2026, 11, 23, 10, 0, 0, 5, tzinfo=UTC)
A_UUID = UUID("12345678-1234-5678-1234-567812345678")

# Annotation, scale, a value, the type in Arrow, what stands in the table.
TYPES: list[tuple[Any, int | None, Any, str, Any]] = [
    (bool, None, True, "bool", True),
    (int, None, -(2**63), "int64", -(2**63)),
    (float, None, 0.1, "double", 0.1),
    (str, None, "é", "string", "é"),
    (bytes, None, b"\x00", "binary", b"\x00"),
    (datetime, None, MOMENT, "timestamp[us, tz=UTC]", MOMENT),
    (date, None, date(2026, 11, 23), "date32[day]", date(2026, 11, 23)),
    (time, None, time(10, 0, 0, 5), "time64[us]", time(10, 0, 0, 5)),
    (timedelta, None, timedelta(microseconds=5), "duration[us]", timedelta(microseconds=5)),
    (Decimal, 2, Decimal("3.50"), "decimal128(38, 2)", Decimal("3.50")),
    (Decimal, None, Decimal("3.5"), "decimal128(38, 18)", Decimal("3.5")),
    (UUID, None, A_UUID, "string", str(A_UUID)),
    (Colour, None, Colour.GREEN, "string", "green"),
    (Level, None, Level.LOW, "int64", 1),
    (Mixed, None, Mixed.TWO, "string", '"two"'),
    (Literal["a", "b"], None, "a", "string", "a"),
    (Ref[Product], None, Ref("product:1"), "string", "product:1"),
    (list[int], None, [1, 2], "list<item: int64 not null>", [1, 2]),
    (list[int | None], None, [1, None], "list<item: int64>", [1, None]),
    (tuple[UUID, ...], None, (A_UUID,), "list<item: string not null>", [str(A_UUID)]),
    (set[str], None, {"b", "a"}, "list<item: string not null>", ["a", "b"]),
    (tuple[int, str], None, (1, "a"), "string", '[1,"a"]'),
    (dict[str, int], None, {"a": 1}, "map<string, int64>", [("a", 1)]),
    (dict[int, date | None], None, {5: None}, "map<int64, date32[day]>", [(5, None)]),
    (Point, None, Point(5), "struct<x: int64 not null>", {"x": 5}),
    (int | str, None, 5, "string", "5"),
    (Card | Transfer, None, Card(number="5"), "string", '{"type":"card","number":"5"}'),
    (Any, None, {"a": [1]}, "string", '{"a":[1]}'),
    (list[Any], None, [{"a": 1}], "list<item: string>", ['{"a":1}']),
    (
        Address,
        None,
        Address(city="Ghent"),
        "struct<city: string not null, floor: int64, price: decimal128(38, 2) not null>",
        {"city": "Ghent", "floor": None, "price": Decimal("1.50")},
    ),
    (
        Node,
        None,
        Node(name="a", children=[Node(name="b")]),
        "struct<name: string not null, children: list<item: string not null> not null>",
        {"name": "a", "children": ['{"name":"b","children":[]}']},
    ),
]


def column(annotation: Any, scale: int | None = None) -> Column:
    return Column(name="field", annotation=annotation, scale=scale)


def table(annotation: Any, *values: Any, scale: int | None = None, **options: Any) -> pa.Table:
    return to_arrow([(value,) for value in values], [column(annotation, scale)], **options)


@pytest.mark.parametrize(("annotation", "scale", "value", "kind", "shown"), TYPES)
def test_a_type_of_python_is_a_type_of_arrow(
    annotation: Any, scale: int | None, value: Any, kind: str, shown: Any
):
    made = table(annotation, value, scale=scale)

    assert str(made.schema.field(0).type) == kind
    assert made.column(0).to_pylist() == [shown]


@pytest.mark.parametrize(("annotation", "scale", "value", "kind", "shown"), TYPES)
def test_an_optional_field_is_nullable(annotation: Any, scale: int | None, value: Any, kind: str, shown: Any):
    made = table(annotation | None, None, value, scale=scale)

    assert made.schema.field(0).nullable
    assert made.column(0).to_pylist() == [None, shown]


def test_a_required_field_is_not_nullable():
    assert not table(int, 1).schema.field(0).nullable


def test_a_column_may_be_nullable_of_its_own():
    nullable = attrs.evolve(column(int), is_nullable=True)

    assert to_arrow([(None,)], [nullable]).schema.field(0).nullable


def test_an_empty_result_has_its_schema():
    columns = [column(annotation, scale) for annotation, scale, *_ in TYPES]
    made = to_arrow([], columns)

    assert made.num_rows == 0
    assert made.schema == schema_of(columns)
    assert made.schema.types == [table(one, scale=scale).schema.field(0).type for one, scale, *_ in TYPES]


def test_rows_are_made_into_batches():
    made = table(int, *range(25), batch_size=10)

    assert [batch.num_rows for batch in made.to_batches()] == [10, 10, 5]
    assert made.column(0).to_pylist() == list(range(25))


def test_no_more_rows_than_a_batch_are_held_at_once():
    held: list[int] = []

    class Row(tuple[int]):
        __slots__ = ()

        def __new__(cls, number: int) -> Self:
            held.append(number)
            return super().__new__(cls, (number,))

        def __del__(self) -> None:
            held.pop()

    def rows() -> Iterator[Row]:
        for number in range(100):
            assert len(held) <= 10
            yield Row(number)

    assert to_arrow(rows(), [column(int)], batch_size=10).num_rows == 100


def test_a_required_field_without_a_value_is_refused():
    with pytest.raises(QueryError, match=r"row 1: None does not fit .* not optional"):
        table(int, 1, None)
    with pytest.raises(QueryError, match=r"row 0: .* not optional"):
        table(list[int], [1, None])


@pytest.mark.parametrize("size", [0, -1, 2.5, True, None])
def test_a_batch_has_a_row_at_least(size: Any):
    with pytest.raises(ExpressionError, match="batch_size"):
        table(int, 1, batch_size=size)


@pytest.mark.parametrize(
    ("annotation", "scale", "value"),
    [
        (int, None, 2**63),
        (list[int], None, [2**63]),
        (timedelta, None, timedelta.max),
        (Decimal, 2, Decimal("0.001")),
        (Decimal, None, Decimal("1E+30")),
        (Decimal, None, Decimal("1E-19")),
        (date, None, MOMENT),
        (datetime, None, datetime(2026, 11, 23)),  # noqa: DTZ001 - a naive one is the point
        (int, None, 1.5),
        (int, None, True),
        (float, None, 2**53 + 1),
        (bytes, None, "text"),
        (time, None, time(10, tzinfo=UTC)),
        (Decimal, 2, Decimal("NaN")),
        (UUID, None, str(A_UUID)),
        (Colour, None, "green"),
        (Ref[Product], None, "product:1"),
        (list[str], None, "ab"),
        (dict[str, int], None, [("a", 1)]),
        (Address, None, Point(1)),
        (int, None, "5"),
        (str, None, 5),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_place(annotation: Any, scale: int | None, value: Any):
    with pytest.raises(QueryError, match=r"column 'field', row 2: .* does not fit .*to_dicts\(\)"):
        table(annotation | None, None, None, value, scale=scale, batch_size=1)


def test_a_decimal_without_scale_that_has_too_many_places_is_told_of_scale():
    with pytest.raises(QueryError, match=r"18 places .* field\(scale=\.\.\.\)"):
        table(Decimal, Decimal("1E-19"))


@given(st.lists(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5))]))))
def test_moments_are_exact(moments: list[datetime]):
    fit = [one for one in moments if 1 < one.year < 9999]

    assert table(datetime, *fit).column(0).to_pylist() == fit


@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**30), max_value=10**30)
    )
)
def test_scaled_decimals_are_exact(numbers: list[Decimal]):
    assert table(Decimal, *numbers, scale=2).column(0).to_pylist() == numbers


def test_a_frame_keeps_integers_beside_missing_values():
    frame = to_pandas([(2**53 + 1,), (None,)], [column(int | None)])

    assert frame["field"].dtype.name == "Int64"
    assert frame["field"][0] == 2**53 + 1
    assert frame["field"].isna().tolist() == [False, True]


def test_a_frame_of_nothing_has_its_columns():
    frame = to_pandas([], [column(datetime)])

    assert list(frame.columns) == ["field"]
    assert str(frame["field"].dtype) == "datetime64[us, UTC]"


WITHOUT_EXTRAS = """
import sys

sys.modules["pandas"] = sys.modules["pyarrow"] = None  # as if they were not installed

from couchmapper.exceptions import MissingExtra
from couchmapper.query.frames import schema_of, to_arrow, to_pandas

for made in (lambda: to_arrow([], []), lambda: to_pandas([], []), lambda: schema_of([])):
    try:
        made()
    except MissingExtra as error:
        print(error)
"""


def test_without_the_extras_the_commands_are_told():
    told = subprocess.run([sys.executable, "-c", WITHOUT_EXTRAS], capture_output=True, text=True, check=True)

    assert told.stdout.splitlines() == [
        "tables of Arrow need an extra: python -m pip install 'couchmapper[arrow]'",
        "frames of pandas need an extra: python -m pip install 'couchmapper[pandas]'",
        "tables of Arrow need an extra: python -m pip install 'couchmapper[arrow]'",
    ]
