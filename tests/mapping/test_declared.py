"""The indexes that are declared for a model."""

import re
from typing import Any

import attrs

from couchmapper.mango import TRUE, Condition
from couchmapper.mapping import Document, Mapped
from couchmapper.mapping.declared import DeclaredIndex, declare, declare_together, declared_for


def index(model: Any, name: str, **options: Any) -> DeclaredIndex:
    return DeclaredIndex(model=model, ddoc="orders", name=name, fields=((name,),), **options)


def test_indexes_stand_in_the_order_of_their_declaration():
    class Order(Document):
        status: Mapped[str]

    first, second, third = index(Order, "b"), index(Order, "a"), index(Order, "c")
    declare_together(Order, "orders", [first, second])
    declare(third)

    assert declared_for(Order) == [first, second, third]


def test_a_subclass_sees_the_indexes_of_its_bases_and_not_the_other_way_round():
    class Order(Document):
        status: Mapped[str]

    class Rush(Order):
        hours: Mapped[int]

    of_all, of_some = index(Order, "status"), index(Rush, "hours")
    declare_together(Order, "orders", [of_all])
    declare_together(Rush, "rushes", [of_some])

    assert declared_for(Order) == [of_all]
    assert declared_for(Rush) == [of_all, of_some]


def test_a_class_that_is_defined_again_takes_its_own_place():
    class Order(Document):
        status: Mapped[str]

    declare_together(Order, "orders", [index(Order, "a"), index(Order, "gone")])
    declare_together(Order, "others", [index(Order, "b")])
    declare_together(Order, "orders", [index(Order, "c")])

    assert [one.name for one in declared_for(Order)] == ["c", "b"]


def test_models_of_two_databases_may_have_designs_of_one_name():
    class Order(Document):
        status: Mapped[str]

    class Invoice(Document):
        total: Mapped[int]

    declare_together(Order, "views", [index(Order, "a")])
    declare_together(Invoice, "views", [index(Invoice, "a")])

    assert declared_for(Order) == [index(Order, "a")]
    assert declared_for(Invoice) == [index(Invoice, "a")]


def test_an_index_declared_alone_takes_the_place_of_one_of_its_name():
    class Order(Document):
        status: Mapped[str]

    changed = index(Order, "a", where=Condition(("status",), "$eq", "new"))
    declare(index(Order, "a"))
    declare(changed)

    assert declared_for(Order) == [changed]


def test_a_class_of_the_family_that_comes_later_is_in_the_index():
    class Order(Document):
        status: Mapped[str]

    found = index(Order, "status")
    declare(found)
    before = found.filter

    class Rush(Order):
        hours: Mapped[int]

    assert before == Condition(("type",), "$eq", "order")
    assert found.filter == Condition(("type",), "$in", ["order", "rush"])
    assert declared_for(Rush) == [found]


def test_the_name_of_an_index_tells_its_fields_and_its_filter():
    class Order(Document):
        status: Mapped[str]

    class Rush(Order):
        hours: Mapped[int]

    new = Condition(("status",), "$eq", "new")
    indexes = [
        index(Order, "status"),
        index(Rush, "status"),
        index(Order, "status", where=new),
        index(Order, "status", partial=False),
        attrs.evolve(index(Order, "status"), fields=(("status",), ("type",))),
    ]

    names = [one.stored_name for one in indexes]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("status-[0-9a-f]{8}", name) for name in names)
    assert index(Order, "status", where=new, partitioned=True).stored_name == names[2]


def test_the_name_of_an_index_follows_the_family():
    class Order(Document):
        status: Mapped[str]

    found = index(Order, "status")
    before = found.stored_name

    class Rush(Order):
        hours: Mapped[int]

    assert found.stored_name != before


def test_the_name_of_an_index_does_not_tell_the_order_of_imports():
    def name_of_family(*kinds: str) -> str:
        class Order(Document):
            status: Mapped[str]

        found = index(Order, "status")
        kept = [type(Document)(kind, (Order,), {"__annotations__": {}}) for kind in kinds]
        return found.stored_name if kept else ""

    assert name_of_family("Rush", "Gift") == name_of_family("Gift", "Rush")


def test_an_index_that_cannot_be_deployed_is_in_nobodys_way():
    class Order(Document):
        status: Mapped[str]

    assert index(Order, "status", where=Condition(("a\\b",), "$eq", 1)).stored_name == "status"


def test_a_view_has_the_name_that_it_is_given():
    class Order(Document):
        status: Mapped[str]

    assert index(Order, "status", kind="view").stored_name == "status"


def test_an_index_of_all_types_holds_every_document():
    class Order(Document):
        status: Mapped[str]

    assert index(Order, "type", partial=False).filter == TRUE


def test_what_has_no_definition_is_in_no_design_document():
    class Order(Document):
        status: Mapped[str]

    assert not index(Order, "a").is_in({"views": {"a": {}}})
