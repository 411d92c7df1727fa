"""By which rules the objects of a model are merged."""

from typing import Any, Generic, TypeVar

import attrs
import pytest

from couchmapper.exceptions import ModelError
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.converter import converter
from couchmapper.mapping.mapper import load
from couchmapper.mapping.merging import PLAIN, Rules, merge_rules
from couchmapper.mapping.metadata import options_of

T = TypeVar("T")


@attrs.define
class Box(Generic[T]):
    content: T = field(merge="mine")  # noqa: RUF009 - of attrs


@attrs.define
class Size:
    width: int = field(default=0, merge="add")


@attrs.define
class Money:
    cents: int = 0


converter.register_structure_hook(Money, lambda value, _: Money(value["c"]))
converter.register_unstructure_hook(Money, lambda money: {"c": money.cents})


class Payment(Embedded, type="payment"):
    tries: Mapped[int] = field(default=0, merge="add")


class Card(Payment, type="card"):
    seen: Mapped[set[str]] = field(factory=set, merge="union")


class Cash(Embedded, type="cash"):
    given: Mapped[int] = field(default=0, merge="newest", name="given-cents")


class Node(Embedded):
    visits: Mapped[int] = field(default=0, merge="add")
    child: "Mapped[Node | None]" = field(default=None)


class Order(Document):
    number: Mapped[int]
    status: Mapped[str] = field(default="new", merge="theirs")
    payment: Mapped[Payment | Cash | None] = field(default=None)
    card: Mapped[Card | None] = field(default=None)
    node: Mapped[Node] = field(factory=Node)
    size: Mapped[Size | None] = field(default=None)
    box: Mapped[Box[int] | None] = field(default=None)
    price: Mapped[Money] = field(factory=Money)
    nodes: Mapped[dict[str, Node]] = field(factory=dict)
    counts: Mapped[dict[str, int]] = field(factory=dict)
    bare: Mapped[dict] = field(factory=dict)  # type: ignore[type-arg]
    more: Mapped[Any] = field(default=None)


class Gift(Order):
    words: Mapped[str] = field(default="", merge="mine")


RULES = merge_rules(Order)


def of_member(name: str, mine: Any = None, theirs: Any = None, base: Any = None) -> Rules | None:
    return RULES.of_member(name, base, {} if mine is None else mine, {} if theirs is None else theirs)


def test_a_field_keeps_its_rule():
    assert options_of(attrs.fields(Order).status).merge == "theirs"
    assert options_of(attrs.fields(Order).number).merge is None


@pytest.mark.parametrize("rule", ["sum", "", 5, True, ["union"]])
def test_an_unknown_rule_is_refused_where_it_is_declared(rule: Any):
    with pytest.raises(ModelError, match=r"merge= is one of union, add, newest, mine, theirs, or a function"):
        field(merge=rule)


def test_a_rule_that_does_not_fit_is_refused_when_the_model_is_first_used():
    class Note(Document):
        text: Mapped[str] = field(default="", merge="add")

    for use in (lambda: load(Note, {"_id": "1", "type": "note"}), lambda: merge_rules(Note)):
        with pytest.raises(ModelError, match=r"^Note\.text: merge='add' is for int, float, Decimal and"):
            use()


def test_rules_stand_by_the_names_in_json():
    assert list(RULES.decisions) == ["status"]
    assert list(merge_rules(Cash).decisions) == ["given-cents"]
    assert list(merge_rules(Gift).decisions) == ["status", "words"]


def test_rules_are_made_once():
    assert merge_rules(Order) is RULES


@pytest.mark.parametrize(("name", "kind"), [("node", Node), ("size", Size), ("card", Card)])
def test_the_rules_of_a_nested_object_are_those_of_its_class(name: str, kind: type):
    assert of_member(name) is merge_rules(kind)


def test_a_class_may_hold_its_own_kind():
    assert merge_rules(Node).of_member("child", None, {}, {}) is merge_rules(Node)


def test_a_generic_class_is_what_its_arguments_make_of_it():
    assert of_member("box") is merge_rules(Box[int])
    assert list(merge_rules(Box[int]).decisions) == ["content"]


@pytest.mark.parametrize(("tag", "kind"), [("payment", Payment), ("card", Card), ("cash", Cash)])
def test_the_class_of_a_nested_object_is_told_by_its_tag(tag: str, kind: type):
    assert of_member("payment", {"type": tag}, {"type": tag}) is merge_rules(kind)


@pytest.mark.parametrize(("one", "other"), [("card", "cash"), ("card", "payment"), ("card", "cheque")])
def test_objects_of_two_classes_are_merged_as_one_value(one: str, other: str):
    assert of_member("payment", {"type": one}, {"type": other}) is None


def test_objects_with_a_form_of_their_own_are_merged_as_one_value():
    assert of_member("price", {"c": 1}, {"c": 2}, base={"c": 0}) is None


def test_a_map_is_merged_by_key_and_its_values_by_their_class():
    rules = of_member("nodes")

    assert rules is not None
    assert rules.of_member("any", None, {}, {}) is merge_rules(Node)


def test_a_map_of_single_values_has_no_rules_inside():
    rules = of_member("counts")

    assert rules is not None
    assert rules.of_member("any", {}, {}, {}) is None


def test_a_map_of_anything_is_a_map():
    assert of_member("bare") is not None


@pytest.mark.parametrize("name", ["more", "unknown"])
def test_objects_without_a_type_are_merged_when_they_were_objects_before(name: str):
    assert of_member(name, base={}) is PLAIN
    assert of_member(name, base=None) is None
    assert of_member(name, base=[]) is None


@pytest.mark.parametrize("side", [None, [], "x"])
def test_what_is_no_object_on_a_side_is_one_value(side: Any):
    assert RULES.of_member("node", {}, {}, side) is None
    assert RULES.of_member("node", {}, side, {}) is None


def test_documents_are_merged_by_the_rules_of_their_subclass():
    assert RULES.of_document({"type": "gift"}, {"type": "gift"}) is merge_rules(Gift)
    assert RULES.of_document({"type": "gift"}, {"type": "order"}) is RULES
    assert RULES.of_document({"type": "other"}, {"type": "other"}) is RULES


def test_an_abstract_base_has_rules_for_its_family():
    class Base(Document, abstract=True):
        total: Mapped[int] = field(default=0, merge="add")

    class Sale(Base):
        pass

    assert list(merge_rules(Base).decisions) == ["total"]
    assert merge_rules(Base).of_document({"type": "sale"}, {"type": "sale"}) is merge_rules(Sale)


def test_the_type_of_a_document_and_its_version_are_tags():
    class Versioned(Document, version=2, version_field="v", type_field="kind"):
        pass

    class Untagged(Document, type_field=None):
        pass

    assert RULES.tags == {"type"}
    assert merge_rules(Versioned).tags == {"kind", "v"}
    assert merge_rules(Untagged).tags == frozenset()
    assert merge_rules(Card).tags == frozenset()
