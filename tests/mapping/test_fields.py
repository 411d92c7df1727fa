"""How fields are declared: defaults, names, scales, validators and converters."""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from attrs import validators

from couchmapper.exceptions import DocumentInvalid, ModelError
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.mapper import dump, load


class Product(Document):
    name: Mapped[str] = field(converter=str.strip, validator=validators.min_len(1))
    price: Mapped[Decimal] = field(scale=2, default=Decimal(0))
    stock: Mapped[int] = field(default=0, validator=[validators.ge(0), validators.le(100)])
    label: Mapped[str] = field(name="display-name", default="")
    secret: Mapped[str] = field(default="", repr=False)
    tags: Mapped[list[str]] = field(factory=lambda: ["new"])


def test_a_field_without_default_is_required():
    with pytest.raises(TypeError, match="name"):
        Product()


def test_a_converter_runs_on_creation_on_assignment_and_on_loading():
    product = Product(name=" tea ")
    product.name = " cup "

    assert product.name == "cup"
    assert Product(name=" tea ").name == "tea"
    assert load(Product, {"_id": "1", "type": "product", "name": " pot "}).name == "pot"


def test_a_validator_runs_on_creation_on_assignment_and_on_loading():
    with pytest.raises(ValueError, match="'stock' must be >= 0"):
        Product(name="tea", stock=-1)
    product = Product(name="tea")
    with pytest.raises(ValueError, match="'stock' must be <= 100"):
        product.stock = 101
    with pytest.raises(DocumentInvalid, match="stock: 'stock' must be >= 0"):
        load(Product, {"_id": "1", "type": "product", "name": "tea", "stock": -1})
    assert product.stock == 0


def test_a_name_in_json_may_be_any_text():
    product = Product(id="1", name="tea", label="Tea!")

    assert dump(product)["display-name"] == "Tea!"
    assert load(Product, dump(product)) == product
    assert "label" not in dump(product)


@pytest.mark.parametrize(
    "name", ["a.b", "$q", "it's", 'the "name"', "back\\slash", "new\nline", "é", "{x}", "%s"]
)
def test_names_in_json_need_no_care(name: str):
    class Odd(Document):
        value: Mapped[int] = field(name=name)

    assert dump(Odd(id="1", value=5)) == {"_id": "1", "type": "odd", name: 5}
    assert load(Odd, {"_id": "1", "type": "odd", name: 6}).value == 6


def test_a_scale_stores_an_integer():
    assert dump(Product(name="tea", price=Decimal("3.50")))["price"] == 350
    assert load(Product, {"_id": "1", "type": "product", "name": "tea", "price": 350}).price == Decimal(
        "3.50"
    )


def test_an_optional_decimal_may_have_a_scale():
    class Offer(Document):
        price: Mapped[Decimal | None] = field(scale=2, default=None)

    assert dump(Offer(price=None))["price"] is None
    assert dump(Offer(price=Decimal("0.1")))["price"] == 10
    assert load(Offer, {"_id": "1", "type": "offer", "price": 10}).price == Decimal("0.1")


@pytest.mark.parametrize("scale", [-1, True, 1.5, "2"])
def test_a_scale_is_a_number_of_places(scale: Any):
    with pytest.raises(ModelError, match="scale= is a number of decimal places"):
        field(scale=scale)


@pytest.mark.parametrize(
    ("annotation", "default", "advice"),
    [
        (str, None, r"expected text, got None; annotate the field with \| None"),
        (int, "5", "expected an integer, got '5'"),
        (float, float("nan"), "JSON has no nan"),
    ],
)
def test_a_default_must_fit(annotation: Any, default: Any, advice: str):
    class Odd(Document):
        value: annotation = field(default=default)

    with pytest.raises(ModelError, match=rf"^Odd\.value: the default {default!r} does not fit: {advice}"):
        load(Odd, {"_id": "1", "type": "odd"})


def test_a_default_that_a_converter_makes_fit_is_taken():
    class Note(Document):
        count: Mapped[int] = field(default="5", converter=int)

    assert dump(load(Note, {"_id": "1", "type": "note"})) == {"_id": "1", "type": "note"}
    assert Note().count == 5


def test_a_field_may_be_left_out_of_the_representation():
    assert "secret" not in repr(Product(name="tea", secret="x"))


def test_a_factory_makes_a_new_value_for_each():
    one, other = Product(name="a"), Product(name="b")

    assert one.tags == ["new"]
    assert one.tags is not other.tags


def test_fields_may_be_declared_in_attrs_own_way():
    class Note(Document):
        text: Mapped[str] = attrs.field(default="a", alias="words")

    assert Note(words="b").text == "b"
    assert dump(Note(id="1", words="b")) == {"_id": "1", "type": "note", "text": "b"}
    assert load(Note, dump(Note(id="1", words="b"))).text == "b"


def test_a_converter_may_look_at_the_instance():
    def joined(value: str, instance: Any, attribute: Any) -> str:
        return f"{attribute.name}:{instance.first}:{value.removeprefix('second:')}"

    class Note(Document):
        first: Mapped[str]
        second: Mapped[str] = field(converter=attrs.Converter(joined, takes_self=True, takes_field=True))

    document = {"_id": "1", "type": "note", "first": "a", "second": "b"}
    note = load(Note, document)

    assert note.second == Note(first="a", second="b").second == "second:a:b"
    assert dump(note) == document


def test_an_embedded_value_has_the_same_fields():
    class Line(Embedded):
        sku: Mapped[str] = field(converter=str.upper, validator=validators.max_len(3))

    assert Line(sku="tea").sku == "TEA"
    with pytest.raises(ValueError, match="Length of 'sku'"):
        Line(sku="teas")


@pytest.mark.parametrize("name", ["", 5, b"a"])
def test_a_name_is_a_text_that_is_not_empty(name: Any):
    with pytest.raises(ModelError, match="name= is a text"):
        field(name=name)


@pytest.mark.parametrize("factory", [[], {}, 0])
def test_a_factory_can_be_called(factory: Any):
    with pytest.raises(ModelError, match="factory= is what makes the default"):
        field(factory=factory)


def test_a_default_and_a_factory_exclude_each_other():
    with pytest.raises(ModelError, match="leave one of them out"):
        field(default=1, factory=int)


def test_a_function_as_default_leads_to_the_factory():
    class Note(Document):
        tags: Mapped[list[str]] = field(default=list)

    with pytest.raises(ModelError, match=r"given as field\(factory=\.\.\.\)"):
        dump(Note())
