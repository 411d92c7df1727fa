"""Searches through a session: documents, pages, partitions, and what a server without a service says."""

from collections.abc import Iterator

import pytest
from search_stand_in import SearchStandIn

from couchmapper.database import Client, Database
from couchmapper.design import Design, SearchIndex
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.exceptions import (
    BadRequest,
    DatabaseNotFound,
    InvalidCursor,
    PartitionRequired,
    SearchUnavailable,
    SessionClosed,
)
from couchmapper.mapping import Document, Mapped, field
from couchmapper.messages import Request, Response
from couchmapper.transport.base import TransportWrapper
from couchmapper.transport.mock import json_response


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    note: Mapped[str] = field(default="")
    status: Mapped[str] = field(default="new")


class Customer(Document):
    note: Mapped[str] = field(default="tea")


class OrderSearch(Design, model=Order):
    text = SearchIndex(Order.note, Order.number, keyword=[Order.status], facet=[Order.status])
    lucene = SearchIndex(Order.note, Order.number, keyword=[Order.status], engine="nouveau")


INDEXES = pytest.mark.parametrize(
    "index", [OrderSearch.text, OrderSearch.lucene], ids=["clouseau", "nouveau"]
)


class Silent(TransportWrapper):
    """Answers every search with one status, as a server without the service does."""

    status = 503

    def send(self, request: Request) -> Response:
        if "_search" in request.path or "_nouveau" in request.path:
            return json_response({"error": "e", "reason": "Search is not available"}, status=self.status)
        return self.inner.send(request)


@pytest.fixture
def service() -> Iterator[SearchStandIn]:
    with SearchStandIn(EmbeddedTransport()) as service:
        yield service


@pytest.fixture
def database(service: SearchStandIn) -> Database:
    """Give a database with three orders about tea, and one about coffee."""
    database = Client(service).database("shop", create=True)
    OrderSearch.deploy(database)
    notes = ["green tea", "black tea", "coffee", "mint tea"]
    with database.begin() as session:
        session.add_all([Order(number=number, note=note) for number, note in enumerate(notes)])
        session.add(Customer())
    return database


@INDEXES
def test_a_search_gives_documents(database: Database, index: SearchIndex[Order]):
    with database.session() as session:
        found = session.search(index).words("tea").all()

    assert [order.note for order in found] == ["green tea", "black tea", "mint tea"]


@INDEXES
def test_conditions_and_words_hold_together(database: Database, index: SearchIndex[Order]):
    with database.session() as session:
        found = session.search(index).where(Order.number.between(1, 3)).words("tea")

        assert [order.number for order in found] == [1, 3]


@INDEXES
def test_a_search_has_the_order_that_was_asked_for(database: Database, index: SearchIndex[Order]):
    with database.session() as session:
        assert [order.number for order in session.search(index).order_by(Order.number.desc())] == [3, 2, 1, 0]


@INDEXES
def test_every_page_is_asked_for_200_documents(
    database: Database, service: SearchStandIn, index: SearchIndex[Order]
):
    with database.begin() as session:
        session.add_all([Order(number=number, note="tea") for number in range(100, 400)])
    with database.session() as session:
        assert len(session.search(index).words("tea").all()) == 303

    assert [body["limit"] for _, body in service.asked] == [200, 200]


@INDEXES
def test_a_limit_goes_through_pages(database: Database, service: SearchStandIn, index: SearchIndex[Order]):
    with database.begin() as session:
        session.add_all([Order(number=number, note="tea") for number in range(100, 400)])
    with database.session() as session:
        assert len(session.search(index).words("tea").limit(250).all()) == 250

    assert [body["limit"] for _, body in service.asked] == [200, 50]


def test_a_document_that_is_held_is_given_as_it_is_held(database: Database):
    with database.session() as session:
        order = session.get_one(Order, "order:1")
        order.note = "changed"

        assert session.search(OrderSearch.text).words("black").first() is order


def test_one_document_is_one_object(database: Database):
    with database.session() as session:
        first = session.search(OrderSearch.text).words("mint").all()

        assert session.get(Order, "order:3") is first[0]


def test_a_document_that_waits_for_its_deletion_is_left_out_before_the_limit(database: Database):
    with database.session() as session:
        session.delete(session.get_one(Order, "order:0"))

        assert [order.number for order in session.search(OrderSearch.text).words("tea").limit(2)] == [1, 3]


def test_a_document_that_was_deleted_on_the_way_is_left_out(database: Database):
    seen = []
    with database.session() as session:
        for order in session.search(OrderSearch.text).words("tea"):
            seen.append(order.number)
            if order.number == 0:
                session.delete(session.get_one(Order, "order:1"))

    assert seen == [0, 3]


def test_what_the_session_wrote_on_the_way_is_read_anew(database: Database):
    notes = []
    with database.session() as session:
        for order in session.search(OrderSearch.text).words("tea"):
            notes.append(order.note)
            if order.number == 0:
                session.get_one(Order, "order:1").note = "tea that was written on the way"
                session.commit()

    assert notes == ["green tea", "tea that was written on the way", "mint tea"]


def test_hits_need_no_documents(database: Database, service: SearchStandIn):
    with database.session() as session:
        hits = list(session.search(OrderSearch.text).words("tea").hits())

    assert [hit.id for hit in hits] == ["order:0", "order:1", "order:3"]
    assert [body["include_docs"] for _, body in service.asked] == [False]


@INDEXES
def test_pages_follow_each_other(database: Database, index: SearchIndex[Order]):
    with database.session() as session:
        search = session.search(index).words("tea")
        first = search.page(2)
        second = search.page(2, after=first.next)

        assert [order.number for order in first] == [0, 1]
        assert [order.number for order in second] == [3]
        assert second.next is None
        assert [hit.id for hit in second.hits] == ["order:3"]


@pytest.mark.parametrize("cursor", ["", "!", "eyJhIjoxfQ"])
def test_a_broken_cursor_is_refused(database: Database, cursor: str):
    with database.session() as session, pytest.raises(InvalidCursor, match="broken, or of another search"):
        session.search(OrderSearch.text).page(2, after=cursor)


def test_a_cursor_of_another_search_is_refused(database: Database):
    with database.session() as session:
        cursor = session.search(OrderSearch.text).words("tea").page(2).next

        with pytest.raises(InvalidCursor):
            session.search(OrderSearch.text).words("coffee").page(2, after=cursor)


def test_values_are_counted(database: Database):
    with database.session() as session:
        assert session.search(OrderSearch.text).words("tea").counts(Order.status) == {"status": {"new": 3}}


@INDEXES
def test_documents_are_counted(database: Database, index: SearchIndex[Order]):
    with database.session() as session:
        assert session.search(index).words("tea").count() == 3


@INDEXES
def test_nothing_is_asked_when_nothing_can_be_found(
    database: Database, service: SearchStandIn, index: SearchIndex[Order]
):
    with database.session() as session:
        search = session.search(index).where(Order.status.in_([]))

        assert search.all() == []
        assert list(search.hits()) == []
        assert search.page(5).next is None

    assert service.asked == []


@INDEXES
def test_a_partition_is_asked_on_its_own_path(
    database: Database, service: SearchStandIn, index: SearchIndex[Order]
):
    with database.session() as session:
        assert len(session.search(index).partition("order").all()) == 4
        assert session.search(index).partition("other").all() == []

    assert [path[1:3] for path, _ in service.asked] == [("_partition", "order"), ("_partition", "other")]


class Reading(Document, partition="sensor", id="{hour}"):
    sensor: Mapped[str]
    hour: Mapped[int]
    note: Mapped[str] = field(default="warm")


class ReadingSearch(Design, model=Reading):
    text = SearchIndex(Reading.note, Reading.hour)
    lucene = SearchIndex(Reading.note, Reading.hour, engine="nouveau")


@pytest.mark.parametrize("index", [ReadingSearch.text, ReadingSearch.lucene], ids=["clouseau", "nouveau"])
def test_a_partitioned_model_is_searched_partition_by_partition(
    service: SearchStandIn, index: SearchIndex[Reading]
):
    client = Client(service)
    client.databases.create("house", partitioned=True)
    house = client.database("house")
    ReadingSearch.deploy(house)
    with house.begin() as session:
        session.add_all([Reading(sensor=sensor, hour=hour) for sensor in "ab" for hour in range(4)])

    with house.session() as session:
        warm = session.search(index).words("warm").where(Reading.hour >= 1)
        with pytest.raises(PartitionRequired, match=r"of its own: name one with \.partition"):
            warm.all()
        found = warm.partition("b").order_by(Reading.hour.desc())

        assert [one.id for one in found] == ["b:3", "b:2", "b:1"]
        assert (found.count(), [one.id for one in found.page(2)]) == (3, ["b:3", "b:2"])

    assert {path[:3] for path, _ in service.asked} == {("house", "_partition", "b")}


@pytest.mark.parametrize("status", [404, 501, 503])
@INDEXES
def test_a_server_without_a_search_service_is_told_clearly(status: int, index: SearchIndex[Order]):
    with Silent(EmbeddedTransport()) as server:
        server.status = status
        database = Client(server).database("shop", create=True)
        with database.session() as session:
            search = session.search(index).words("tea")
            for ask in (search.all, search.count, search.page):
                with pytest.raises(SearchUnavailable, match=r"deploy its design class|no search service"):
                    ask(2) if ask == search.page else ask()


def test_an_index_that_is_not_there_is_told_by_its_name():
    with Silent(EmbeddedTransport()) as server:
        server.status = 404
        database = Client(server).database("shop", create=True)
        with database.session() as session, pytest.raises(SearchUnavailable) as told:
            session.search(OrderSearch.text).first()

    assert "<search index order_search/text> is not in the database: deploy its design class" in str(
        told.value
    )


def test_a_database_that_is_not_there_is_told_as_such():
    class Missing(TransportWrapper):
        def send(self, request: Request) -> Response:
            del request
            return json_response({"error": "not_found", "reason": "Database does not exist."}, status=404)

    with Missing(EmbeddedTransport()) as server:
        session = Client(server).database("shop").session()
        with pytest.raises(DatabaseNotFound):
            session.search(OrderSearch.text).all()


def test_a_query_that_lucene_cannot_read_is_the_servers_to_refuse():
    class Strict(TransportWrapper):
        def send(self, request: Request) -> Response:
            del request
            return json_response({"error": "bad_request", "reason": "Cannot parse 'a AND'"}, status=400)

    with Strict(EmbeddedTransport()) as server:
        session = Client(server).database("shop").session()
        with pytest.raises(BadRequest, match="Cannot parse"):
            session.search(OrderSearch.text).matching("a AND").all()


def test_a_closed_session_searches_no_more(database: Database):
    session = database.session()
    search = session.search(OrderSearch.text)
    session.close()

    with pytest.raises(SessionClosed):
        search.all()
