"""What documents and embedded values share, and what only documents must not have."""

from typing import Any

import pytest

from couchmapper.exceptions import ModelError
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.mapper import dump, load
from couchmapper.mapping.metadata import metadata_of


class Commit(Embedded):
    id: Mapped[str]
    rev: Mapped[str]
    on_change: Mapped[bool] = field(default=False)
    _note: Mapped[str] = field(default="")
    type: Mapped[str] = field(default="any")


class Branch(Document):
    head: Mapped[Commit]


def test_an_embedded_value_may_have_the_names_that_documents_keep_to_themselves():
    branch = Branch(id="1", head=Commit(id="a", rev="b", note="c"))

    assert dump(branch)["head"] == {"id": "a", "rev": "b", "on_change": False, "_note": "c", "type": "any"}
    assert load(Branch, dump(branch)) == branch


def test_an_embedded_value_keeps_the_order_of_its_fields():
    assert repr(Commit(id="a", rev="b")) == "Commit(id='a', rev='b', on_change=False, _note='', type='any')"


def test_embedded_values_are_equal_by_their_fields():
    assert Commit(id="a", rev="b") == Commit(id="a", rev="b")
    assert Commit(id="a", rev="b") != Commit(id="a", rev="c")


def test_a_field_must_not_take_the_place_of_the_tag():
    with pytest.raises(
        ModelError, match=r"Card\.type would stand in JSON where the type of the model stands"
    ):

        class Card(Embedded, type="card"):
            type: Mapped[str]


def test_the_name_of_the_tag_is_inherited():
    class Shape(Embedded, type_field="kind"):
        pass

    class Circle(Shape, type="circle"):
        pass

    assert metadata_of(Shape).tag == {}
    assert metadata_of(Circle).tag == {"kind": "circle"}


@pytest.mark.parametrize("base", [Document, Embedded])
def test_two_fields_have_two_names(base: Any):
    with pytest.raises(ModelError, match="a and b have one JSON name, 'x'"):
        type(
            "Odd",
            (base,),
            {"__annotations__": {"a": int, "b": int}, "a": field(name="x"), "b": field(name="x")},
        )


def test_expressions_of_a_class_stay_when_an_instance_is_changed():
    commit = Commit(id="a", rev="b")
    commit.rev = "c"

    assert repr(Commit.rev) == "<field rev>"
    assert commit.rev == "c"


@pytest.mark.parametrize(
    ("base", "name"),
    [
        (Embedded, "_absent"),
        *((Document, name) for name in ("_source", "_absent", "_pending", "_reader")),
    ],
)
def test_a_field_must_not_have_the_name_of_a_mark_on_instances(base: Any, name: str):
    with pytest.raises(ModelError, match=rf"Order\.{name} would hide .* field\(name='note'\)"):
        type("Order", (base,), {"__annotations__": {name: Mapped[int]}, name: field(name="note")})


@pytest.mark.parametrize("value", ["paid", property(lambda _: "paid")])
def test_a_value_without_annotation_does_not_get_lost_behind_a_field(value: Any):
    class Order(Document, abstract=True):
        status: Mapped[str] = field(default="new")

    with pytest.raises(ModelError, match=r"Paid\.status would be lost behind the field .* annotate it"):
        type("Paid", (Order,), {"status": value})


def test_a_field_may_be_declared_anew_with_its_annotation():
    class Order(Document, abstract=True):
        status: Mapped[str] = field(default="new")

    class Paid(Order):
        status: Mapped[str] = field(default="paid")

    assert Paid().status == "paid"


def test_a_default_that_holds_what_can_change_is_not_shared():
    with pytest.raises(ModelError, match=r"all instances would share the default \(\[\],\)"):

        class Order(Document):
            groups: Mapped[tuple[list[int], ...]] = field(default=([],))
