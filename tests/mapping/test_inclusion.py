"""What can be included: which references lead where, in which order, and on which documents they are."""

from typing import Any, Generic, TypeVar

import attrs
import pytest

from couchmapper.exceptions import ExpressionError, ModelError
from couchmapper.mapping import Document, Embedded, Mapped, Ref, field, inverse
from couchmapper.mapping.converter import converter
from couchmapper.mapping.inclusion import inclusions, levels, references_in

T = TypeVar("T")


class Company(Document):
    name: Mapped[str]


class Customer(Document):
    company: Mapped[Ref[Company] | None] = field(default=None, name="firm")
    orders: Mapped[list["Order"]] = inverse(lambda: None)  # type: ignore[arg-type,return-value]


class Box(Embedded, Generic[T]):
    content: Mapped[T]


@attrs.define
class Impedance:
    """A value that an application writes in its own way: its field alone has no JSON form."""

    value: complex


converter.register_structure_hook(Impedance, lambda text, _: Impedance(complex(text)))
converter.register_unstructure_hook(Impedance, lambda impedance: str(impedance.value))


class Part(Embedded):
    maker: Mapped[Ref[Company]]


class SmallPart(Part, type="small"):
    seller: Mapped[Ref[Company]]


@attrs.define
class Frame:
    parts: dict[str, list[Part]] = attrs.field(factory=dict)


class Order(Document):
    number: Mapped[int] = field(default=1)
    customer: Mapped[Ref[Customer] | None] = field(default=None)
    part: Mapped[Part | None] = field(default=None, name="piece")
    frame: Mapped[Frame] = field(factory=Frame)
    boxed: Mapped[Box[Part] | None] = field(default=None)
    both: Mapped[tuple[Ref[Company], Ref[Customer]] | None] = field(default=None)
    wrong: Mapped[list[int]] = inverse(lambda: None)  # type: ignore[arg-type,return-value]


class Rush(Order):
    courier: Mapped[Ref[Company] | None] = field(default=None)


def found(order: Order, *fields: Any) -> list[str]:
    wanted = inclusions(fields, [type(order)])
    return [reference.id for one in wanted for reference in references_in(order, one)]


def depths(*fields: Any) -> list[list[str]]:
    return [[str(one) for one in level] for level in levels(inclusions(fields, [Order]))]


def test_an_inclusion_knows_where_it_leads():
    (one,) = inclusions([Order.customer], [Order])

    assert (one.owner, one.path, one.target, str(one)) == (Order, ("customer",), Customer, "Order.customer")


def test_references_are_found_through_embedded_values():
    order = Order(
        part=Part(maker=Ref("a")),
        frame=Frame(parts={"x": [Part(maker=Ref("b"))]}),
        boxed=Box(content=Part(maker=Ref("c"))),
    )

    assert found(order, Part.maker) == ["a", "b", "c"]
    assert found(order, Order.part.maker) == ["a"]


def test_a_field_of_a_subclass_is_only_on_its_values():
    order = Order(part=SmallPart(maker=Ref("a"), seller=Ref("b")), boxed=Box(content=Part(maker=Ref("c"))))

    assert found(order, SmallPart.seller) == ["b"]
    assert found(order, Part.maker) == ["a", "c"]
    assert found(Order(part=Part(maker=Ref("a"))), Order.part.seller) == []


def test_a_field_of_a_base_is_on_the_documents_of_its_subclasses():
    assert found(Rush(customer=Ref("a")), Order.customer) == ["a"]


def test_a_query_for_a_base_may_include_a_field_of_a_subclass():
    assert [str(one) for one in inclusions([Rush.courier], [Order])] == ["Rush.courier"]


@pytest.mark.parametrize(
    "wrong",
    [
        Order.number,
        Order.part,
        "customer",
        None,
        Order.number == 1,
        Order.both[0],
        Company.name,
        Order.customer.asc(),
    ],
)
def test_what_is_no_reference_is_refused(wrong: Any):
    with pytest.raises(ExpressionError, match=r"as Line\.product|such as Order\.customer"):
        inclusions([wrong], [Order, Company])


def test_one_field_leads_to_one_model():
    with pytest.raises(ExpressionError, match="leads to Company and Customer; keep the two in fields of"):
        inclusions([Order.both], [Order])


def test_an_inverse_field_is_a_list_of_documents():
    with pytest.raises(ModelError, match=r"is a list of the documents of a model, as list\[Order\]; got"):
        inclusions([Order.wrong], [Order])


def test_a_field_of_a_class_that_is_not_reached_is_refused():
    with pytest.raises(
        ExpressionError, match=r"^Customer\.firm cannot be included: there is no Customer in Order"
    ):
        inclusions([Customer.company], [Order])


def test_a_later_call_goes_on_from_the_earlier_one():
    first = inclusions([Order.customer], [Order])

    assert [str(one) for one in inclusions([Customer.company], [Order], first)] == [
        "Order.customer",
        "Customer.firm",
    ]


def test_fields_that_do_not_need_each_other_are_one_level():
    assert depths(Order.customer, Part.maker, Order.part.maker) == [
        ["Order.customer", "Part.maker", "Order.piece.maker"]
    ]


def test_a_field_waits_for_those_before_it_that_load_its_documents():
    assert depths(Order.customer, Customer.company, Part.maker) == [
        ["Order.customer", "Part.maker"],
        ["Customer.firm"],
    ]
    assert depths(Order.customer, Customer.orders, Part.maker) == [
        ["Order.customer"],
        ["Customer.orders"],
        ["Part.maker"],
    ]


def test_nothing_to_include_has_no_levels():
    assert levels(()) == []


def test_values_that_an_application_writes_are_not_looked_into():
    class Coil(Document):
        impedance: Mapped[Impedance]
        part: Mapped[Part]

    (one,) = inclusions([Part.maker], [Coil])

    coil = Coil(impedance=Impedance(3j), part=Part(maker=Ref("a")))
    assert [reference.id for reference in references_in(coil, one)] == ["a"]
