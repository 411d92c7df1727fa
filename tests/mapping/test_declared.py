"""The indexes that are declared for a model."""

from typing import Any

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


def test_an_index_of_all_types_holds_every_document():
    class Order(Document):
        status: Mapped[str]

    assert index(Order, "type", partial=False).filter == TRUE


def test_what_has_no_definition_is_in_no_design_document():
    class Order(Document):
        status: Mapped[str]

    assert not index(Order, "a").is_in({"views": {"a": {}}})
