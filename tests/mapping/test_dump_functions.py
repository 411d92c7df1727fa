"""What is written of an instance is JSON, in its order, or it is not written at all."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
import zoo
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.exceptions import DocumentInvalid
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.converter import field_codecs
from couchmapper.mapping.mapper import dump, load


class Colour(StrEnum):
    RED = "red"


class Line(Embedded, type="line"):
    sku: Mapped[str]


class Order(Document, version=2, type_field="kind"):
    number: Mapped[int] = field(name='a "number"')
    tags: Mapped[list[str]] = field(factory=list)
    sizes: Mapped[dict[str, float]] = field(factory=dict)
    line: Mapped[Line | None] = field(default=None)


def stored(**members: Any) -> dict[str, Any]:
    return {"_id": "1", "_rev": "1-a", "kind": "order", "schema_version": 2, 'a "number"': 1, **members}


@Order.upcast(1, 2)
def same(json: dict[str, Any]) -> dict[str, Any]:
    return json


def test_a_new_document_has_id_type_and_version_before_its_fields():
    order = Order(id="1", number=5, line=Line(sku="a"))

    assert jsonio.dumps(dump(order)) == (
        rb'{"_id":"1","kind":"order","schema_version":2,"a \"number\"":5,"tags":[],"sizes":{},'
        rb'"line":{"type":"line","sku":"a"}}'
    )


def test_what_is_written_is_not_shared_with_the_document():
    order = Order(number=1, tags=["a"], sizes={"b": 1.0})
    written = dump(order)

    order.tags.append("c")
    order.sizes["d"] = 2.0

    assert (written["tags"], written["sizes"]) == (["a"], {"b": 1.0})


def test_a_change_in_a_collection_is_seen():
    order = load(Order, stored(tags=["a"], sizes={"b": 1}))
    assert dump(order) == stored(tags=["a"], sizes={"b": 1})

    order.tags[0] = "b"
    order.sizes["b"] = 2.0

    assert dump(order) == stored(tags=["b"], sizes={"b": 2.0})


@pytest.mark.parametrize("value", [["a", Colour.RED], ["\ud800"], ["a", 1], ("a",), "a", None])
def test_elements_are_checked_also_where_they_equal_what_is_stored(value: Any):
    order = load(Order, stored(tags=["a", "red"]))
    order.tags = value

    with pytest.raises(DocumentInvalid, match=r"tags"):
        dump(order)


@pytest.mark.parametrize("value", [{"a": True}, {"a": math.nan}, {"a": -math.inf}, {1: 1.0}, {"a": "b"}])
def test_members_are_checked_also_where_they_equal_what_is_stored(value: Any):
    order = load(Order, stored(sizes={"a": 1.0}))
    order.sizes = value

    with pytest.raises(DocumentInvalid, match=r"sizes"):
        dump(order)


odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters()),
    st.sampled_from(
        [
            *(math.nan, math.inf, "\ud800", b"\xff", Colour.RED, Decimal("NaN"), Decimal(5), object(), int),
            *(date(2026, 11, 23), datetime(2026, 11, 23), datetime(2026, 11, 23, tzinfo=UTC)),  # noqa: DTZ001
            *(zoo.Colour, zoo.Size, zoo.Status, 2**70, -0.0),
        ]
    ),
)
nested = st.recursive(
    odd,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=2) | st.integers(), inner, max_size=2)
    ),
    max_leaves=4,
)


@pytest.mark.parametrize("model", zoo.MODELS, ids=lambda model: model.__name__)
@given(st.data())
def test_whatever_stands_in_a_field_no_text_is_written_but_json(model: type[Document], data: st.DataObject):
    loaded = load(model, data.draw(zoo.documents(model)))
    known = data.draw(st.sampled_from(field_codecs(type(loaded))))
    loaded.__dict__[known.attribute] = data.draw(nested)
    if data.draw(st.booleans()):
        loaded.__dict__["_source"] = None

    try:
        written = dump(loaded)
    except DocumentInvalid:
        return

    assert jsonio.same(jsonio.loads(jsonio.dumps_json(written)), written)
    assert jsonio.dumps_json(written) == jsonio.dumps(written)
