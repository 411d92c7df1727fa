"""What a model has from its bases: fields with all that was said of them, and how they are checked."""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from attrs import validators

from couchmapper.exceptions import DocumentInvalid, UnexpectedType
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.mapper import dump, load


class Priced(Document, abstract=True):
    total: Mapped[Decimal] = field(name="sum", scale=2, validator=validators.ge(0))
    title: Mapped[str] = field(default="", converter=str.strip)


class Noted(Document, abstract=True):
    note: Mapped[str] = field(default="", name="remark", validator=validators.max_len(3))


class Offer(Noted, Priced):
    days: Mapped[int] = field(default=30)


class Special(Offer, type="special-offer"):
    days: Mapped[int] = field(default=3, name="only-days")


@attrs.define
class Stamp:
    author: str = attrs.field(default="", validator=validators.max_len(3))


class Line(Embedded):
    price: Mapped[Decimal] = field(name="cost", scale=2, validator=validators.ge(0))


class Discounted(Line):
    percent: Mapped[int] = field(default=0)


class Stamped(Stamp, Document):
    lines: Mapped[list[Discounted]] = field(factory=list)


def test_the_options_of_fields_are_inherited():
    assert dump(Offer(id="1", total=Decimal("1.5"), title=" a ", note="b")) == {
        "_id": "1",
        "type": "offer",
        "sum": 150,
        "title": "a",
        "remark": "b",
        "days": 30,
    }


def test_a_field_that_is_declared_again_is_as_the_nearest_class_says():
    written = dump(Special(id="1", total=Decimal(1)))

    assert written["only-days"] == 3
    assert "days" not in written
    assert load(Offer, written) == Special(id="1", total=Decimal(1))


@pytest.mark.parametrize("model", [Offer, Special])
def test_validators_of_bases_run_on_creation_on_assignment_and_on_loading(model: type[Offer]):
    with pytest.raises(ValueError, match="'total' must be >= 0"):
        model(total=Decimal(-1))
    offer = model(total=Decimal(1))
    with pytest.raises(ValueError, match="'note' must be <= 3"):
        offer.note = "long"
    with pytest.raises(DocumentInvalid) as caught:
        load(model, {"_id": "1", "type": model.__metadata__.type, "sum": -1, "remark": "long"})
    assert [fault.path for fault in caught.value.faults] == ["sum", "remark"]


def test_converters_of_bases_run_on_assignment_and_on_loading():
    offer = load(Offer, {"_id": "1", "type": "offer", "sum": 1, "title": " a "})
    assert offer.title == "a"

    offer.title = " b "

    assert offer.title == "b"


def test_fields_of_embedded_bases_and_attrs_classes_are_inherited_too():
    document: dict[str, Any] = {"_id": "1", "type": "stamped", "author": "long", "lines": [{"cost": -1}]}

    with pytest.raises(DocumentInvalid) as caught:
        load(Stamped, document)

    assert [str(fault) for fault in caught.value.faults] == [
        "author: Length of 'author' must be <= 3: 4",
        "lines[0].cost: 'price' must be >= 0: -0.01",
    ]


def test_an_abstract_base_loads_what_derives_from_it():
    document = {"_id": "1", "type": "special-offer", "sum": 100}

    assert type(load(Priced, document)) is Special
    assert type(load(Noted, document)) is Special
    with pytest.raises(UnexpectedType, match=r"expects 'offer' or 'special-offer'"):
        load(Priced, {"_id": "1", "type": "priced", "sum": 100})


def test_a_sibling_is_of_another_family():
    with pytest.raises(UnexpectedType):
        load(Special, {"_id": "1", "type": "offer", "sum": 100})
