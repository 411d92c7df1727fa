"""What is known of a model class."""

from typing import Any

import attrs
import pytest

from couchmapper.exceptions import ModelError
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.metadata import (
    FieldOptions,
    Metadata,
    converted,
    fields_of,
    is_model,
    json_name,
    options_of,
    snake_case,
    type_hints,
)


class Note(Document):
    text: Mapped[str] = field(name="words")
    count: "int | None" = attrs.field(default=None, converter=attrs.converters.optional(int))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Order", "order"),
        ("LineItem", "line_item"),
        ("HTTPError", "http_error"),
        ("A4Page", "a4_page"),
        ("already_snake", "already_snake"),
    ],
)
def test_a_class_name_is_written_in_snake_case(name: str, written: str):
    assert snake_case(name) == written


def test_models_are_known():
    assert [is_model(kind) for kind in (Note, Embedded, int, None, "x")] == [True, True, False, False, False]


def test_hints_are_without_the_mark():
    hints = type_hints(Note)

    assert (hints["text"], hints["count"], hints["id"]) == (str, int | None, str)


def test_an_unknown_name_is_told():
    class Odd(Document):
        x: Mapped["Missing"]  # type: ignore[name-defined]  # noqa: F821 - this is the point

    with pytest.raises(ModelError, match="define the class there, or annotate without quotes"):
        type_hints(Odd)


def test_options_are_those_of_the_field():
    text, count, own_id = fields_of(Note)

    assert [json_name(one) for one in (text, count, own_id)] == ["words", "count", "_id"]
    assert options_of(text) == FieldOptions(name="words")
    assert options_of(count) == FieldOptions()


def test_a_tag_needs_a_type_and_a_place_for_it():
    assert Metadata(type="a", type_field="type").tag == {"type": "a"}
    assert Metadata(type="a", type_field="type", abstract=True).tag == {}
    assert Metadata(type="a").tag == {}
    assert Metadata(type_field="type").tag == {}


@pytest.mark.parametrize(("value", "made"), [("5", 5), (None, None)])
def test_a_value_is_converted_as_attrs_does(value: Any, made: Any):
    assert converted(attrs.fields(Note).count, value, None) == made
    assert converted(attrs.fields(Note).text, value, None) == value
