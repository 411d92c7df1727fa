"""Rows of views become typed rows."""

import pytest

from couchmapper.design import Design, Index
from couchmapper.exceptions import ExpressionError
from couchmapper.mapping import Document, Mapped
from couchmapper.query.views import Row, checked_view, read_rows
from couchmapper.typing import JSON


class Order(Document):
    number: Mapped[int]


class OrderDesign(Design, model=Order):
    by_number = Index(Order.number)


class Upper:
    """A view whose keys and values are read in upper case."""

    model = Document
    target = None
    design_name = "orders"
    name = "by_customer"
    reduce_function = "_count"
    key_length = None
    partitioned = None

    def dump_key(self, key: str) -> JSON:
        return key.lower()

    def load_key(self, key: JSON) -> str:
        return key.upper()

    def load_value(self, value: JSON) -> str:
        return value.upper()

    def load_reduced(self, value: JSON) -> str:
        return f"reduced {value}"


def test_rows_are_read_by_the_view():
    rows = [{"id": "order:1", "key": "ann", "value": "x"}]

    assert list(read_rows(Upper(), rows)) == [Row(key="ANN", value="X", id="order:1")]


def test_a_reduced_row_has_no_document():
    assert list(read_rows(Upper(), [{"key": "ann", "value": 3}])) == [Row(key="ANN", value="reduced 3")]


@pytest.mark.parametrize(
    "wanted", ["by_customer", OrderDesign.by_number, None], ids=["name", "index", "none"]
)
def test_what_is_no_view_is_refused(wanted):
    with pytest.raises(ExpressionError, match="takes a View of a Design class"):
        checked_view(wanted)
