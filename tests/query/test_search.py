"""Searches: what they ask, what they refuse, and how answers are read."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from couchmapper.design import Design, Index, SearchIndex
from couchmapper.exceptions import ExpressionError
from couchmapper.mapping import Document, Mapped, field
from couchmapper.query.search import FoundRows, SearchQuery
from couchmapper.query.search_results import SearchGroup, SearchHit
from couchmapper.query.search_services import SERVICES
from couchmapper.query.search_spec import SearchSpec, checked_search
from couchmapper.typing import JSONObject


class Order(Document):
    note: Mapped[str] = field(default="")
    customer: Mapped[str] = field(default="")
    status: Mapped[str] = field(default="new")
    total: Mapped[Decimal] = field(default=Decimal(0), scale=2)
    paid: Mapped[bool] = field(default=False)
    tags: Mapped[list[str]] = field(factory=list)
    placed: Mapped[datetime | None] = field(default=None)


class OrderSearch(Design, model=Order):
    text = SearchIndex(
        *(Order.note, Order.placed),
        keyword=[Order.customer, Order.tags],
        facet=[Order.status, Order.total, Order.paid],
    )
    lucene = SearchIndex(
        *(Order.note, Order.placed),
        keyword=[Order.customer],
        facet=[Order.status, Order.total, Order.paid],
        engine="nouveau",
    )


@attrs.define
class Server:
    """Answers every question with the same rows, and keeps what it was asked."""

    answer: JSONObject = attrs.field(factory=dict)
    found: list[JSONObject] = attrs.field(factory=list)
    asked: list[JSONObject] = attrs.field(factory=list)

    def documents(self, spec: SearchSpec) -> Iterator[Any]:
        return iter([spec.limit])

    def rows(self, spec: SearchSpec) -> Iterator[JSONObject]:
        del spec
        return iter(self.found)

    def page(self, spec: SearchSpec, *, size: int, after: str | None) -> FoundRows:
        del spec
        return FoundRows(rows=tuple(self.found[:size]), documents=(Order(),), next=after)

    def ask(self, spec: SearchSpec, options: JSONObject) -> JSONObject:
        del spec
        self.asked.append(options)
        return self.answer


def search(index: Any = OrderSearch.text, server: Server | None = None) -> SearchQuery[Any]:
    return SearchQuery(server or Server(), SearchSpec(index=index))


# --- what is asked


@pytest.mark.parametrize(
    ("found", "query"),
    [
        (search(), "*:*"),
        (search().where(Order.customer == "Ann"), 'customer:"Ann"'),
        (search().where(Order.customer == "Ann", Order.paid == True), 'customer:"Ann" AND paid:"true"'),  # noqa: E712
        (search().matching("tea OR cup"), "tea OR cup"),
        (search().words("green tea"), '"green" AND "tea"'),
        (search().words('a "b" OR\t-c\\ *:*'), r'"a" AND "\"b\"" AND "OR" AND "-c\\" AND "*:*"'),
        (search().words(" \n"), "*:*"),
        (search().words("tea").matching("cup~"), '("tea") AND (cup~)'),
        (search().where(Order.paid == True).matching("a OR b"), '(paid:"true") AND (a OR b)'),  # noqa: E712
        (search().order_by(Order.total.desc()), '$types:"total=number"'),
        (search().where(Order.customer.in_([])), None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_search_is_a_query_in_lucenes_syntax(found: SearchQuery[Any], query: str | None):
    assert found.spec.query() == query


def test_every_method_gives_a_new_search():
    first = search()
    first.where(Order.paid == True).words("tea").limit(5).partition("p").order_by(Order.total)  # noqa: E712

    assert first.spec == SearchSpec(index=OrderSearch.text)


def test_a_search_says_what_it_asks():
    assert repr(search().words("tea")) == '<search of <search index order_search/text> for "tea">'


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (lambda: search().where("tea"), "expected an expression"),
        (lambda: search().matching(" "), "expected a query such as 'tea AND cup'"),
        (lambda: search().matching(None), "expected a query"),
        (lambda: search().words(5), "expected a text, got 5"),
        (lambda: search().limit(-1), "limit takes a whole number"),
        (lambda: search().order_by("total"), "expected a field such as"),
        (lambda: search().order_by(Order.note), "note has no order in .*: it is analysed text"),
        (lambda: search().order_by(Order.tags), "tags has no order in .*: it is a list"),
        (lambda: search(OrderSearch.lucene).order_by(Order.tags), "tags is not in <search index"),
        (lambda: search().counts(Order.customer), "customer is not counted by .*: name it in facet="),
        (lambda: search().counts(Order.total), "holds numbers, which are counted by ranges"),
        (lambda: search().ranges(Order.status, {}), "holds no numbers; its values are counted by counts"),
        (lambda: search().drilldown(Order.total, Decimal(1)), "holds numbers"),
        (
            lambda: search(OrderSearch.lucene).drilldown(Order.status, "new"),
            "Nouveau has no drilldown: write",
        ),
        (lambda: search(OrderSearch.lucene).group_by(Order.customer), "grouped by Clouseau only"),
        (lambda: search().group_by(Order.total), "and by texts"),
        (lambda: search().page(0), "a page of a search has 1 to 200 documents, not 0"),
        (lambda: search().page(201), "a page of a search has 1 to 200 documents, not 201"),
    ],
)
def test_what_has_no_meaning_is_refused_before_it_is_asked(wrong: Any, reason: str):
    with pytest.raises(ExpressionError, match=reason):
        wrong()


def test_a_condition_that_the_index_cannot_decide_is_refused_with_advice():
    with pytest.raises(
        ExpressionError, match=r"note \$eq: the index holds the words .* search with .matching"
    ):
        search().where(Order.note == "tea").spec.query()


# --- what comes back


def test_iterating_gives_documents():
    assert list(search().limit(7)) == [7]


@pytest.mark.parametrize(("limit", "asked"), [(None, 1), (5, 1), (0, 0)])
def test_the_first_document_is_asked_for_alone(limit: int | None, asked: int):
    found = search() if limit is None else search().limit(limit)

    assert found.first() == asked


def test_a_hit_of_clouseau_has_a_score_and_stored_values():
    server = Server(found=[{"id": "a", "order": [1.5, 42], "fields": {"customer": "Ann"}}])

    hits = search(server=server).hits()

    assert list(hits) == [SearchHit(id="a", score=1.5, order=(), fields={"customer": "Ann"})]


def test_a_hit_of_nouveau_has_a_score_too():
    order = [{"@type": "float", "value": 1.5}, {"@type": "string", "value": "a"}]
    server = Server(found=[{"id": "a", "order": order, "fields": {}}])

    hits = search(OrderSearch.lucene, server).hits()

    assert list(hits) == [SearchHit(id="a", score=1.5, order=(), fields={})]


@pytest.mark.parametrize(
    ("index", "order"),
    [
        (OrderSearch.text, [500, 42]),
        (OrderSearch.lucene, [{"@type": "double", "value": 500}, {"@type": "string", "value": "a"}]),
    ],
)
def test_a_hit_in_an_order_has_the_values_sorted_by(index: Any, order: list[Any]):
    server = Server(found=[{"id": "a", "order": order}])

    (hit,) = search(index, server).order_by(Order.total).hits()

    assert (hit.score, hit.order) == (None, (500,))


def test_a_page_has_documents_hits_and_the_cursor_of_the_next():
    server = Server(found=[{"id": "a", "order": [1.5, 42]}, {"id": "b", "order": [1, 43]}])

    page = search(server=server).page(1, after="x")

    assert (len(page), [hit.id for hit in page.hits], page.next) == (1, ["a"], "x")


@pytest.mark.parametrize(
    ("index", "answer"),
    [
        (OrderSearch.text, {"total_rows": 7}),
        (OrderSearch.lucene, {"total_hits": 7, "total_hits_relation": "EQUAL_TO"}),
    ],
)
def test_count_is_what_the_service_counted(index: Any, answer: JSONObject):
    assert search(index, Server(answer=answer)).count() == 7


def test_what_nouveau_did_not_count_is_counted_here():
    answer = {"total_hits": 1001, "total_hits_relation": "GREATER_THAN_OR_EQUAL_TO"}

    assert search(OrderSearch.lucene, Server(answer=answer, found=[{}, {}, {}])).count() == 3


def test_values_are_counted():
    server = Server(answer={"counts": {"status": {"new": 3}, "paid": {}}})

    assert search(server=server).counts(Order.status, Order.paid) == {"status": {"new": 3}, "paid": {}}
    assert server.asked == [{"limit": 0, "counts": ["status", "paid"]}]


def test_nouveau_is_asked_for_as_many_values_as_it_tells():
    server = Server(answer={"counts": {"status": {"new": 3}}})

    assert search(OrderSearch.lucene, server).counts(Order.status) == {"status": {"new": 3}}
    assert server.asked == [{"limit": 1, "counts": ["status"], "top_n": 1000}]


RANGES: dict[str, tuple[Any, Any]] = {
    "cheap": (None, Decimal(10)),
    "dear": (Decimal(10), None),
    "all": (None, None),
}


def test_clouseau_is_asked_for_ranges_in_lucenes_syntax():
    server = Server(answer={"ranges": {"total": {"cheap": 2, "dear": {}}}})

    assert search(server=server).ranges(Order.total, RANGES) == {"cheap": 2, "dear": 0, "all": 0}
    assert server.asked == [
        {"limit": 0, "ranges": {"total": {"cheap": "[* TO 1000}", "dear": "[1000 TO *]", "all": "[* TO *]"}}}
    ]


def test_nouveau_is_asked_for_ranges_by_their_ends():
    server = Server(answer={"ranges": {"total": {"cheap": 2}}})

    assert search(OrderSearch.lucene, server).ranges(Order.total, RANGES) == {"cheap": 2, "dear": 0, "all": 0}
    assert server.asked[0]["ranges"]["total"][:2] == [
        {"label": "cheap", "max": 1000, "min_inclusive": True, "max_inclusive": False},
        {"label": "dear", "min": 1000, "min_inclusive": True, "max_inclusive": False},
    ]


def test_documents_are_grouped_by_a_value():
    rows = [{"id": "a", "order": [1.5, 42], "fields": {}}]
    server = Server(answer={"groups": [{"by": "Ann", "total_rows": 3, "rows": rows}]})

    groups = search(server=server).group_by(Order.customer, groups=10, size=2)

    hit = SearchHit(id="a", score=1.5, order=(), fields={})
    assert groups == [SearchGroup(value="Ann", total=3, hits=(hit,))]
    assert server.asked == [{"group_field": "customer<string>", "group_limit": 10, "limit": 2}]


def test_nothing_is_asked_when_nothing_can_be_found():
    server = Server()
    found = search(server=server).where(Order.customer.in_([]))

    assert found.count() == 0
    assert found.counts(Order.status) == {"status": {}}
    assert found.ranges(Order.total, {"all": (None, None)}) == {"all": 0}
    assert found.group_by(Order.customer) == []
    assert server.asked == []


# --- what each service is told beside the query


@pytest.mark.parametrize(
    ("index", "options"),
    [
        (OrderSearch.text, {"sort": ["-total<number>", "customer<string>", "placed<string>", "_id<string>"]}),
        (OrderSearch.lucene, {"locale": "en", "sort": ["-total", "customer", "placed", "_id"]}),
    ],
)
def test_an_order_names_fields_as_the_service_does(index: Any, options: JSONObject):
    found = search(index).order_by(Order.total.desc(), Order.customer, Order.placed, Order.id)

    assert SERVICES[index.engine].options(found.spec) == options


def test_a_drilldown_names_a_field_and_its_values():
    found = search().drilldown(Order.status, "new", "paid").drilldown(Order.paid, True)

    assert SERVICES["clouseau"].options(found.spec) == {
        "drilldown": [["status", "new", "paid"], ["paid", "true"]]
    }


def test_nouveau_is_told_in_which_language_numbers_are_written():
    assert SERVICES["nouveau"].options(search(OrderSearch.lucene).spec) == {"locale": "en"}


def test_the_id_at_the_end_of_an_order_of_nouveau_stays_when_it_was_asked_for():
    order = [{"@type": "string", "value": "a"}]
    server = Server(found=[{"id": "a", "order": order}])

    (hit,) = search(OrderSearch.lucene, server).order_by(Order.id).hits()

    assert hit.order == ("a",)


@pytest.mark.parametrize("wanted", ["text", Index(Order.note), None], ids=["name", "index", "none"])
def test_what_is_no_search_index_is_refused(wanted):
    with pytest.raises(ExpressionError, match="takes a SearchIndex of a Design class"):
        checked_search(wanted)
