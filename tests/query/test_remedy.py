"""What people are told to do for a query that no index serves."""

import pytest

from couchmapper.design import Design, Index
from couchmapper.mapping import Document, Mapped, field
from couchmapper.query.remedy import remedy
from couchmapper.query.spec import QuerySpec


class Order(Document):
    number: Mapped[int]
    customer: Mapped[str]
    status: Mapped[str] = field(default="new")
    placed: Mapped[int] = field(default=0)


class OrderIndexes(Design, model=Order):
    by_status = Index(Order.status, Order.placed)
    by_customer = Index(Order.customer, Order.number)


def test_an_index_that_is_declared_is_to_be_deployed():
    said = remedy(QuerySpec(model=Order, where=Order.customer == "Ann"))

    assert said.startswith(f"the index {OrderIndexes.by_customer.name!r} of _design/")
    assert said.endswith("is declared and not deployed")


def test_an_index_that_only_lacks_a_field_is_named_with_the_condition_that_makes_it_serve():
    said = remedy(QuerySpec(model=Order, where=Order.status == "new"))

    assert said == (
        "no index serves it; declare Index(Order.status) in a Design and deploy it; or leave out documents"
        f" that lack a field, .where(Order.placed.exists()), and {OrderIndexes.by_status.name!r} serves it"
    )


@pytest.mark.parametrize(
    "condition", [Order.number == 7, Order.status != "new"], ids=["another field", "not narrow"]
)
def test_an_index_that_would_not_narrow_the_query_is_not_named(condition):
    assert "lack a field" not in remedy(QuerySpec(model=Order, where=condition))
