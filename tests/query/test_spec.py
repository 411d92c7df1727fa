"""What a query asks, as a value."""

import pytest

from couchmapper.exceptions import ExpressionError
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.query.spec import QuerySpec, checked_model, checked_scans


class Address(Embedded):
    city: Mapped[str]


class Party(Document, abstract=True):
    name: Mapped[str]


class Person(Party):
    address: Mapped[Address | None] = field(default=None)


class Company(Party):
    seat: Mapped[str] = field(default="", name="registered.seat")


class Loose(Document, type_field=None):
    name: Mapped[str]


def test_a_query_asks_for_the_type_of_its_model():
    assert QuerySpec(model=Person).selector() == {"type": "person"}


def test_a_query_for_a_base_class_asks_for_all_its_types():
    assert QuerySpec(model=Party).selector() == {"type": {"$in": ["company", "person"]}}


def test_a_query_for_a_model_without_a_type_asks_for_everything():
    assert QuerySpec(model=Loose).selector() == {}


def test_conditions_are_joined_with_the_type():
    spec = QuerySpec(model=Person, where=Person.address.city == "Ghent")

    assert spec.selector() == {"type": "person", "address.city": "Ghent"}


def test_an_order_asks_that_its_fields_are_there():
    spec = QuerySpec(model=Person, order=(Person.name.desc(),))

    assert spec.selector() == {"type": "person", "name": {"$gte": None}}


def test_a_dot_in_the_name_of_a_sort_field_is_escaped():
    spec = QuerySpec(model=Company, order=(Company.seat.asc(),))

    assert spec.selector() == {"type": "company", r"registered\.seat": {"$gte": None}}


def test_a_query_without_its_order_finds_the_same_documents():
    spec = QuerySpec(model=Person, order=(Person.name.desc(),)).unordered()

    assert spec.order == ()
    assert spec.selector() == {"type": "person", "name": {"$gte": None}}


@pytest.mark.parametrize("word", ["never", True, "Allow"])
def test_what_becomes_of_a_scan_is_one_of_three_words(word):
    with pytest.raises(ExpressionError, match="'forbid'"):
        checked_scans(word)
    assert checked_scans("warn") == "warn"
    assert checked_scans(None) is None


def test_a_condition_that_nothing_fulfils_has_no_selector():
    assert QuerySpec(model=Person, where=Person.name.in_([])).selector() is None
    assert QuerySpec(model=Person, where=(Person.name == "x") & Person.name.in_([])).selector() is None


def test_an_order_that_goes_up_and_down_is_mixed():
    assert not QuerySpec(model=Person).is_mixed()
    assert not QuerySpec(model=Person, order=(Person.name.desc(), Person.id.desc())).is_mixed()
    assert QuerySpec(model=Person, order=(Person.name.desc(), Person.id.asc())).is_mixed()


def test_a_widened_query_skips_nothing_and_finds_as_many_more():
    assert QuerySpec(model=Person, skip=3, limit=5).widened(2) == QuerySpec(model=Person, limit=10)
    assert QuerySpec(model=Person, skip=3).widened(2) == QuerySpec(model=Person)


@pytest.mark.parametrize(
    "wanted", ["Person", Person.name, Address, None], ids=["name", "field", "value", "none"]
)
def test_a_query_is_for_a_class_of_documents(wanted):
    with pytest.raises(ExpressionError, match="a query is for a class of documents"):
        checked_model(wanted)
