"""Instances are read as if their class had been called, whichever way the function takes."""

from itertools import count
from typing import Any

import attrs
import pytest
import zoo
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import DocumentInvalid
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.converter import field_codecs, model_codec
from couchmapper.mapping.load_functions import has_plain_fields, load_function
from couchmapper.mapping.mapper import dump, load
from couchmapper.mapping.registry import class_of

numbers = count()


def accept(_instance: Any, _attribute: Any, _value: Any) -> None:
    """Validate nothing."""


class Plain(Document):
    number: Mapped[int]
    tags: Mapped[list[str]] = field(factory=list)
    serial: Mapped[int] = field(factory=lambda: next(numbers))
    title: Mapped[str] = field(default="none")


class Validated(Plain):
    checked: Mapped[int] = field(default=1, validator=accept)


class Converted(Plain):
    code: Mapped[str] = field(default="", converter=str.upper)


class Initialised(Document):
    number: Mapped[int]

    def __init__(self, **fields: Any) -> None:
        fields["number"] += 100
        self.__attrs_init__(**fields)  # type: ignore[attr-defined]  # attrs makes it


class Completed(Document):
    number: Mapped[int]

    def __attrs_post_init__(self) -> None:
        self.number += 100


class Computed(Document):
    number: Mapped[int]
    double: int = attrs.field(init=False, default=0)


class Guarded(Document):
    number: Mapped[int]

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value + 100 if name == "number" else value)


class Slotted:
    __slots__ = ("number",)


class WithSlot(Slotted, Document):
    number: Mapped[int]


class WithoutAnything(Embedded):
    pass


@attrs.define
class Point:
    x: int


@pytest.mark.parametrize(
    ("kind", "is_plain"),
    [
        (Plain, True),
        (WithoutAnything, True),
        (Validated, False),
        (Converted, False),
        (Initialised, False),
        (Completed, False),
        (Computed, False),
        (Guarded, False),
        (WithSlot, True),
        (Point, False),
    ],
    ids=lambda kind: getattr(kind, "__name__", kind),
)
def test_only_a_class_that_does_nothing_but_store_is_passed_over(kind: type, is_plain: object):
    assert has_plain_fields(kind) is is_plain


@pytest.mark.parametrize("kind", [Initialised, Completed, Guarded], ids=lambda kind: kind.__name__)
def test_a_class_that_does_more_is_called(kind: type[Any]):
    read = load_function(kind, field_codecs(kind))

    assert read({"_id": "1", "number": 5}, None).number == 105


def test_a_slot_of_a_mixin_is_passed_over_as_by_the_class():
    loaded = load(WithSlot, {"_id": "1", "type": "with_slot", "number": 5})
    loaded.number = 6

    assert vars(loaded)["number"] == vars(WithSlot(number=6))["number"]
    assert dump(loaded)["number"] == 6


def test_defaults_are_made_for_what_is_absent():
    one, other = (load(Plain, {"type": "plain", "number": 1}) for _ in range(2))

    assert (one.tags, one.title) == ([], "none")
    assert one.tags is not other.tags
    assert other.serial == one.serial + 1
    assert one.id != other.id


def test_a_default_may_be_made_from_the_fields_before_it():
    class Sum(Document, id="sum:{total}"):
        one: Mapped[int]
        other: Mapped[int]
        total: Mapped[int] = attrs.field(
            default=attrs.Factory(lambda own: own.one + own.other, takes_self=True)
        )

    assert has_plain_fields(Sum)
    assert load(Sum, {"type": "sum", "one": 1, "other": 2}).id == "sum:3"


def test_what_is_missing_is_a_fault():
    with pytest.raises(DocumentInvalid, match="number: missing, and the field has no default"):
        load(Plain, {"_id": "1", "type": "plain"})


@pytest.mark.parametrize("model", zoo.MODELS, ids=lambda model: model.__name__)
@given(st.data())
def test_an_instance_is_as_its_class_would_make_it(model: type[Document], data: st.DataObject):
    document = data.draw(zoo.documents(model))
    kind = class_of(model, document)
    loaded = model_codec(kind).load(document, kind)
    given = {
        known.declared.alias: known.codec.load(document[known.name], None)
        for known in field_codecs(kind)
        if known.name in document
    }

    made = kind(**given)

    for known in field_codecs(kind):
        if known.name in document:
            assert getattr(loaded, known.attribute) == getattr(made, known.attribute)
    own = {name: value for name, value in vars(loaded).items() if name not in {"_source", "_absent"}}
    assert list(own) == list(vars(made))
