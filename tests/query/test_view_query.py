"""What a view is asked, and what is refused before anything is sent."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from couchmapper.design import Count, Design, View
from couchmapper.exceptions import ExpressionError, QueryError, UnexpectedType
from couchmapper.mapping import Document, Mapped
from couchmapper.query import ViewQuery
from couchmapper.query.view_spec import ViewSpec
from couchmapper.typing import JSONObject


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    customer: Mapped[str]


class Customer(Document):
    name: Mapped[str]


class OrderViews(Design, model=Order):
    by_customer = View(key=Order.customer)
    counted = View(key=(Order.customer, Order.number), reduce=Count())
    by_number = View(key=Order.number)


class Answers:
    """Answers every question with the same rows, and keeps the questions."""

    def __init__(self, *rows: JSONObject) -> None:
        self.answer = rows
        self.asked: list[ViewSpec] = []

    def rows(self, spec: ViewSpec, *, size: int) -> Iterator[JSONObject]:
        del size
        spec.check()
        self.asked.append(spec)
        return iter(self.answer)

    def count(self, spec: ViewSpec) -> int:
        self.asked.append(spec)
        return 10

    def documents(self, spec: ViewSpec, *, unique: bool) -> Iterator[Document]:
        del unique
        self.asked.append(spec)
        return iter([Order(number=1, customer="Ann")])


def question(view: View[Any, Any, Any], *rows: JSONObject) -> ViewQuery[Any, Any, Any]:
    return ViewQuery(Answers(*rows), ViewSpec(view=view, reduced=view.reduce_function is not None))


@pytest.fixture
def texts() -> ViewQuery[Any, Any, Any]:
    return question(OrderViews.by_customer)


@pytest.fixture
def counted() -> ViewQuery[Any, Any, Any]:
    return question(OrderViews.counted)


# --- what is asked


def test_a_query_never_changes(texts: ViewQuery[Any, Any, Any]):
    texts.key("Ann").descending().limit(1)

    assert texts.spec.parameters() == {}
    assert repr(texts) == "<query of <view order_views/by_customer>: {}>"


@pytest.mark.parametrize(
    ("ask", "parameters"),
    [
        (lambda query: query.key("a"), {"start_key": "a", "end_key": "a"}),
        (lambda query: query.range("a", "b"), {"start_key": "a", "end_key": "b"}),
        (lambda query: query.range("a"), {"start_key": "a"}),
        (lambda query: query.range(end="b"), {"end_key": "b"}),
        (
            lambda query: query.range("a", "b", inclusive_end=False),
            {"start_key": "a", "end_key": "b", "inclusive_end": False},
        ),
        (
            lambda query: query.descending().range("a", "b"),
            {"descending": True, "start_key": "b", "end_key": "a"},
        ),
        (
            lambda query: query.range("a", "b", inclusive_end=False).descending(),
            {"descending": True, "start_key": "b", "start_key_doc_id": "", "end_key": "a"},
        ),
        (lambda query: query.prefix("An"), {"start_key": "an", "end_key": "an\uffff"}),
        (lambda query: query.update("lazy").stable(), {"update": "lazy", "stable": True}),
        (lambda query: query.update(False), {"update": False}),
    ],
    ids=range(10),
)
def test_the_parameters_are_couchdbs(
    texts: ViewQuery[Any, Any, Any],
    ask: Callable[[ViewQuery[Any, Any, Any]], ViewQuery[Any, Any, Any]],
    parameters: JSONObject,
):
    assert ask(texts).spec.parameters() == parameters


@pytest.mark.parametrize(
    ("ask", "parameters"),
    [
        (lambda query: query, {"reduce": True}),
        (lambda query: query.rows(), {"reduce": False}),
        (lambda query: query.group(), {"reduce": True, "group": True}),
        (lambda query: query.group(level=1), {"reduce": True, "group_level": 1}),
        (
            lambda query: query.prefix(("Ann",)),
            {"reduce": True, "start_key": ["Ann"], "end_key": ["Ann", {"\uffff": {}}]},
        ),
        (
            lambda query: query.prefix(("Ann", 1)),
            {"reduce": True, "start_key": ["Ann", 1], "end_key": ["Ann", 1]},
        ),
        (
            lambda query: query.range(end=("Ann",)),
            {"reduce": True, "end_key": ["Ann", {"\uffff": {}}]},
        ),
        (
            lambda query: query.range(end=("Ann",), inclusive_end=False),
            {"reduce": True, "end_key": ["Ann"], "inclusive_end": False},
        ),
    ],
    ids=range(8),
)
def test_the_parameters_of_tuples_and_groups_are_couchdbs(
    counted: ViewQuery[Any, Any, Any],
    ask: Callable[[ViewQuery[Any, Any, Any]], ViewQuery[Any, Any, Any]],
    parameters: JSONObject,
):
    assert ask(counted).spec.parameters() == parameters


def test_a_limit_that_was_given_is_not_raised():
    query = question(OrderViews.by_number, {"key": 1, "value": None, "id": "order:1"})

    query.limit(0).first()
    query.limit(1).one_or_none()
    query.limit(5).one_or_none()

    assert [spec.limit for spec in query._executor.asked] == [0, 1, 2]


def test_counting_what_would_be_reduced_to_one_counts_its_rows(counted: ViewQuery[Any, Any, Any]):
    assert counted.skip(2).limit(5).count() == 5
    assert [spec.reduced for spec in counted._executor.asked] == [False]


def test_documents_may_be_told_to_be_of_a_model(texts: ViewQuery[Any, Any, Any]):
    assert [type(one) for one in texts.documents(Order)] == [Order]
    with pytest.raises(UnexpectedType, match="'order:1' is a Order, and no Customer"):
        list(texts.documents(Customer))


# --- what is refused


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda query: query.key("a").range("a"), "the rows are chosen once, by one of key, keys, range and"),
        (lambda query: query.prefix("a").key("a"), "the rows are chosen once"),
        (lambda query: query.keys(["a"]).keys(["b"]), "the rows are chosen once"),
        (lambda query: query.keys(["a"]).descending(), "turn the list of keys round"),
        (lambda query: query.descending().keys(["a"]), "turn the list of keys round"),
        (lambda query: query.group(), "there are no groups without a reduce function"),
        (lambda query: query.group(level=1), "has keys of one value: level 1 groups none of them"),
        (lambda query: query.value(), "one value is what a reduce function makes of all rows"),
        (lambda query: query.stable().partition("p"), "leave stable"),
        (lambda query: query.page(1, after="a", before="b"), "behind one token or before one, not both"),
        (lambda query: query.limit(3).page(1), r"leave limit\(\) and skip\(\) out"),
        (lambda query: query.skip(3).page(1), r"leave limit\(\) and skip\(\) out"),
        (lambda query: query.keys(["a"]).page(1), "rows of several keys have no order to page by"),
    ],
    ids=range(13),
)
def test_what_contradicts_itself_is_refused_in_a_sentence(
    texts: ViewQuery[Any, Any, Any], ask: Callable[[ViewQuery[Any, Any, Any]], object], sentence: str
):
    with pytest.raises(QueryError, match=f"^<view order_views/by_customer>.*{sentence}"):
        ask(texts)

    assert texts._executor.asked == []


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda query: query.rows().group(), "leave rows"),
        (lambda query: query.group().rows().value(), r"without group\(\) and rows\(\)"),
        (lambda query: query.group().value(), r"without group\(\) and rows\(\)"),
        (lambda query: query.keys([("a", 1)]).all(), r"add group\(\) for one value per key"),
        (lambda query: query.keys([("a", 1)]).group(level=1).all(), r"add group\(\) for one value per key"),
        (lambda query: query.group(level=3), "has keys of 2 fields: level 3"),
        (lambda query: query.group(level=0), "has keys of 2 fields: level 0"),
        (lambda query: query.documents(), r"ask for rows\(\)\.documents\(\)"),
        (lambda query: query.group().documents(), r"ask for rows\(\)\.documents\(\)"),
    ],
    ids=range(9),
)
def test_what_reduced_rows_do_not_have_is_refused_in_a_sentence(
    counted: ViewQuery[Any, Any, Any], ask: Callable[[ViewQuery[Any, Any, Any]], object], sentence: str
):
    with pytest.raises(QueryError, match=f"^<view order_views/counted>.*{sentence}"):
        ask(counted)

    assert counted._executor.asked == []


def test_a_reduction_of_texts_by_their_beginning_is_refused():
    class Counts(Design, model=Order):
        by_customer = View(key=Order.customer, reduce=Count())

    counts = question(Counts.by_customer).prefix("A")

    with pytest.raises(QueryError, match=r"add group\(\) for one value per key, or rows\(\)"):
        counts.value()
    assert (counts.group().all(), counts.rows().all()) == ([], [])


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda query: query.key(5), "cannot be compared with 5: expected text"),
        (lambda query: query.keys([5]), "cannot be compared with 5"),
        (lambda query: query.keys("Ann"), "keys takes a list of keys, got the text 'Ann'"),
        (lambda query: query.range("b", "a"), "name the lower end first, also with descending"),
        (lambda query: query.range(5), "cannot be compared with 5"),
        (lambda query: query.prefix(5), "cannot be compared with 5"),
        (lambda query: query.prefix(None), "a prefix is a text, or the beginning of a tuple, got None"),
        (lambda query: query.prefix("เ"), "do not lie together in CouchDB's order"),
        (lambda query: query.limit(-1), "limit takes a whole number of rows, got -1"),
        (lambda query: query.skip(True), "skip takes a whole number of rows, got True"),
        (lambda query: query.update("later"), "update takes True, False or 'lazy', got 'later'"),
        (lambda query: query.page(0), "a page has at least one row, got 0"),
    ],
    ids=range(12),
)
def test_an_argument_that_does_not_fit_is_refused(
    texts: ViewQuery[Any, Any, Any], ask: Callable[[ViewQuery[Any, Any, Any]], object], sentence: str
):
    with pytest.raises(ExpressionError, match=sentence):
        ask(texts)

    assert texts._executor.asked == []


def test_a_key_is_a_whole_one(counted: ViewQuery[Any, Any, Any]):
    with pytest.raises(ExpressionError, match=r"has keys of 2 fields, got \('Ann',\); prefix\(\) chooses"):
        counted.key(("Ann",))
    with pytest.raises(ExpressionError, match="has keys of 2 fields, as a tuple; got 'Ann'"):
        counted.prefix("Ann")


def test_a_number_has_no_prefix():
    with pytest.raises(ExpressionError, match="a prefix is a text, or the beginning of a tuple, got 5"):
        question(OrderViews.by_number).prefix(5)
