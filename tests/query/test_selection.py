"""A selection asks for its fields alone, and for no more documents than it needs."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest

from couchmapper import Document, Embedded, Mapped, Ref, field
from couchmapper.embedded.engine.find_fields import project
from couchmapper.exceptions import ExpressionError, MultipleResultsFound, NoResultFound
from couchmapper.mango.nodes import Path
from couchmapper.query.selection import Selection
from couchmapper.query.shapes import shape_of
from couchmapper.typing import JSONObject


class Address(Embedded):
    city: Mapped[str]


class Customer(Document):
    name: Mapped[str]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    total: Mapped[Decimal] = field(scale=2, default=Decimal("0.00"))
    address: Mapped[Address | None] = field(default=None)
    customer: Mapped[Ref[Customer] | None] = field(default=None)


@attrs.frozen
class Summary:
    number: int
    city: str | None


class Rows:
    """Answers with the same documents, as `fields` of `_find` cuts them; keeps what was asked."""

    def __init__(self, *numbers: int) -> None:
        self.documents: list[JSONObject] = [
            {"_id": f"order:{number}", "type": "order", "number": number, "address": {"city": "Ghent"}}
            for number in numbers
        ]
        self.asked: list[tuple[tuple[Path, ...], int | None]] = []

    def __call__(self, paths: tuple[Path, ...], /, *, at_most: int | None = None) -> Iterator[JSONObject]:
        self.asked.append((paths, at_most))
        yield from (project(document, paths) for document in self.documents[:at_most])


def numbers(rows: Rows, **options: Any) -> Selection[int]:
    return Selection(rows, shape_of(Order, Order.number), **options).scalars()


def test_making_a_selection_asks_nothing():
    rows = Rows(1)

    repr(numbers(rows))

    assert rows.asked == []


def test_rows_are_asked_for_when_they_are_gone_through():
    rows = Rows(1, 2)
    selection = Selection(rows, shape_of(Order, Order.number, Order.address.city))

    assert list(selection) == selection.all() == [(1, "Ghent"), (2, "Ghent")]
    assert rows.asked == [((("_id",), ("number",), ("address",)), None)] * 2


def test_scalars_are_the_values_without_tuples():
    assert numbers(Rows(1, 2)).all() == [1, 2]


def test_scalars_are_for_one_field():
    with pytest.raises(ExpressionError, match="one field"):
        Selection(Rows(), shape_of(Order, Order.number, Order.id)).scalars()
    with pytest.raises(ExpressionError, match="one field"):
        Selection(Rows(), shape_of(Order, Summary, city=Order.address.city)).scalars()
    with pytest.raises(ExpressionError, match="one field"):
        numbers(Rows()).scalars()


def test_first_asks_for_one_document():
    rows = Rows(7, 8)

    assert numbers(rows).first() == 7
    assert rows.asked == [((("_id",), ("number",)), 1)]
    assert numbers(Rows()).first() is None


def test_one_gives_the_only_row():
    rows = Rows(7)

    assert numbers(rows).one() == 7
    assert numbers(rows).one_or_none() == 7
    assert [at_most for _, at_most in rows.asked] == [2, 2]


def test_one_of_none_says_what_was_asked():
    with pytest.raises(NoResultFound, match=r"no Order matches \{'number': 5\}"):
        numbers(Rows(), selector={"number": 5}).one()
    assert numbers(Rows()).one_or_none() is None


def test_one_of_many_is_refused():
    with pytest.raises(MultipleResultsFound):
        numbers(Rows(1, 2)).one()
    with pytest.raises(MultipleResultsFound):
        numbers(Rows(1, 2)).one_or_none()


def test_one_may_be_a_null():
    rows = Rows(1)
    rows.documents[0]["customer"] = None

    assert Selection(rows, shape_of(Order, Order.customer)).scalars().one() is None


def test_dicts_call_values_as_python_does():
    rows = Rows(1)
    rows.documents[0] |= {"total": 250, "customer": "customer:ann"}
    selection = Selection(rows, shape_of(Order, Order.id, Order.total, Order.address.city, Order.customer))

    assert selection.to_dicts() == [
        {"id": "order:1", "total": Decimal("2.50"), "address.city": "Ghent", "customer": "customer:ann"}
    ]


def test_embedded_values_are_dicts_in_dicts():
    assert Selection(Rows(1), shape_of(Order, Order.address)).to_dicts() == [{"address": {"city": "Ghent"}}]


def test_a_class_gives_dicts_of_its_fields():
    selection = Selection(Rows(1), shape_of(Order, Summary, city=Order.address.city))

    assert selection.one() == Summary(1, "Ghent")
    assert selection.to_dicts() == [{"number": 1, "city": "Ghent"}]


def test_scalars_are_dicts_of_one_member():
    assert numbers(Rows(1)).to_dicts() == [{"number": 1}]


def test_a_selection_shows_what_is_selected():
    shape = shape_of(Order, Order.number, Order.address.city)

    assert repr(Selection(Rows(), shape)) == "<selection of number, address.city of Order>"


def test_a_table_has_the_types_of_the_fields():
    table = Selection(Rows(1, 2), shape_of(Order, Order.number, Order.address.city)).to_arrow()

    assert [(one.name, str(one.type), one.nullable) for one in table.schema] == [
        ("number", "int64", False),
        ("address.city", "string", True),
    ]
    assert table.to_pylist() == [
        {"number": 1, "address.city": "Ghent"},
        {"number": 2, "address.city": "Ghent"},
    ]


def test_a_frame_has_the_rows():
    frame = Selection(Rows(1, 2), shape_of(Order, Summary, city=Order.address.city)).to_pandas()

    assert frame.to_dict("list") == {"number": [1, 2], "city": ["Ghent", "Ghent"]}
