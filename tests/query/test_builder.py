"""The fluent query is a value; what it asks is asked by its executor."""

from collections.abc import Iterator

import pytest

from couchmapper.exceptions import ExpressionError, InvalidSelector, MultipleResultsFound, NoResultFound
from couchmapper.mapping import Document, Mapped
from couchmapper.query import Query
from couchmapper.query.spec import QuerySpec


class Order(Document, id="order:{number}"):
    number: Mapped[int]


class Customer(Document):
    name: Mapped[str]


class Company(Customer):
    number_of_vat: Mapped[str]


class Shelf:
    """Answers with the same documents to each query, and keeps what was asked."""

    def __init__(self, *numbers: int) -> None:
        self.orders = [Order(number=number) for number in numbers]
        self.asked: list[QuerySpec] = []

    def execute(self, spec: QuerySpec) -> Iterator[Document]:
        self.asked.append(spec)
        yield from self.orders[spec.skip :][: spec.limit]


def query(*numbers: int) -> Query[Order]:
    return Query(Shelf(*numbers), QuerySpec(model=Order))


def test_a_query_never_changes():
    first = query()
    second = first.where(Order.number > 1).order_by(Order.number).limit(2).skip(1).page_size(7)

    assert first.spec == QuerySpec(model=Order)
    assert second.spec.selector() == {"type": "order", "number": {"$gt": 1}}
    assert (second.spec.limit, second.spec.skip, second.spec.page_size) == (2, 1, 7)


def test_building_a_query_asks_nothing():
    shelf = Shelf(1)
    asked = Query(shelf, QuerySpec(model=Order)).where(Order.number == 1).limit(5)
    assert shelf.asked == []

    asked.all()

    assert len(shelf.asked) == 1


def test_conditions_add_up():
    spec = query().where(Order.number >= 1, Order.number < 9).where(Order.number != 4).spec

    assert spec.selector() == {"type": "order", "number": {"$gte": 1, "$lt": 9, "$ne": 4}}


@pytest.mark.parametrize(
    "ask",
    [
        lambda asked: asked.where(Customer.name == "Ann"),
        lambda asked: asked.where((Order.number == 1) | ~(Customer.name == "Ann")),
        lambda asked: asked.order_by(Customer.name.desc()),
    ],
    ids=["condition", "within", "order"],
)
def test_a_field_of_another_model_is_refused(ask):
    with pytest.raises(ExpressionError, match=r"Order has no field 'name'.*any\(.*raw\("):
        ask(query())


def test_fields_of_derived_classes_can_be_asked_for():
    asked = Query(Shelf(), QuerySpec(model=Customer)).where(Company.number_of_vat == "BE1")

    assert asked.spec.selector() == {"type": {"$in": ["company", "customer"]}, "number_of_vat": "BE1"}


def test_raw_selectors_stand_beside_conditions():
    spec = query().where(Order.number >= 1).raw({"note": {"$regex": "^a"}}).spec

    assert spec.selector() == {"type": "order", "number": {"$gte": 1}, "note": {"$regex": "^a"}}


def test_a_raw_selector_that_means_nothing_is_refused_when_it_is_given():
    with pytest.raises(InvalidSelector):
        query().raw({"number": {"$nonsense": 1}})


@pytest.mark.parametrize("condition", [True, None, "number > 1", Order.number])
def test_a_condition_is_an_expression(condition):
    with pytest.raises(ExpressionError):
        query().where(condition)


def test_a_later_order_takes_the_place_of_an_earlier_one():
    assert query().order_by(Order.number).order_by(Order.id.desc()).spec.order == (Order.id.desc(),)


@pytest.mark.parametrize("order", ["number", None, Order.number > 1])
def test_an_order_is_made_of_fields(order):
    with pytest.raises(ExpressionError):
        query().order_by(order)


@pytest.mark.parametrize("count", [-1, 1.5, "3", True, None])
def test_numbers_of_documents_are_natural(count):
    with pytest.raises(ExpressionError):
        query().limit(count)
    with pytest.raises(ExpressionError):
        query().skip(count)
    with pytest.raises(ExpressionError):
        query().page_size(count)


def test_a_page_holds_at_least_one_document():
    with pytest.raises(ExpressionError):
        query().page_size(0)


def test_first_asks_for_one_document():
    shelf = Shelf(1, 2, 3)

    assert Query(shelf, QuerySpec(model=Order)).first() is shelf.orders[0]
    assert shelf.asked[0].limit == 1
    assert query().first() is None


def test_one_gives_the_only_document():
    assert query(7).one().number == 7


def test_one_of_none_says_what_was_asked():
    with pytest.raises(NoResultFound, match=r"no Order matches .*'number': 5"):
        query().where(Order.number == 5).one()


def test_one_of_many_is_refused_after_two_documents():
    shelf = Shelf(1, 2, 3)

    with pytest.raises(MultipleResultsFound):
        Query(shelf, QuerySpec(model=Order)).one()
    with pytest.raises(MultipleResultsFound):
        Query(shelf, QuerySpec(model=Order)).one_or_none()
    assert [spec.limit for spec in shelf.asked] == [2, 2]


def test_one_or_none_may_find_nothing():
    assert query().one_or_none() is None
    assert query(3).one_or_none().number == 3


def test_a_limit_of_ones_own_is_kept():
    assert query(1, 2).limit(1).one().number == 1
    assert query(1, 2).limit(0).first() is None
    assert query(1, 2).limit(0).all() == []


def test_a_query_can_be_asked_again():
    asked = query(1, 2)

    assert [order.number for order in asked] == [order.number for order in asked] == [1, 2]


def test_a_query_shows_its_selector():
    assert repr(query().where(Order.number == 1)) == "<query for Order: {'type': 'order', 'number': 1}>"


@pytest.mark.parametrize(
    ("name", "advice"),
    [("filter", r"where\("), ("group_by", r"session.view"), ("offset", r"skip\("), ("whre", "'where'")],
)
def test_the_words_of_other_mappers_are_answered_with_ours(name, advice):
    with pytest.raises(AttributeError, match=advice):
        getattr(query(), name)


def test_what_a_list_can_do_is_asked_of_a_query_otherwise():
    with pytest.raises(ExpressionError, match=r"limit"):
        query()[:5]
    with pytest.raises(ExpressionError, match=r"count\(\)"):
        len(query())
    with pytest.raises(ExpressionError, match=r"exists\(\)"):
        bool(query())
    assert list(query(1, 2)) != []


def test_an_update_is_a_function():
    with pytest.raises(ExpressionError, match="a function"):
        query().update({"number": 2})
