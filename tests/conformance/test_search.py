"""Search on a store without a search service, as CouchDB comes: what it says then."""

import pytest

from couchmapper.design import Design, SearchIndex
from couchmapper.exceptions import NotFound, SearchUnavailable, ServiceUnavailable
from couchmapper.mapping import Document, Mapped, field

of_a_server = pytest.mark.stores("couchdb")

DESIGN = {
    "_id": "_design/d",
    "indexes": {"i": {"index": "function (doc) { index('default', doc._id); }"}},
    "nouveau": {"i": {"index": "function (doc) { index('string', 'default', doc._id); }"}},
}


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    note: Mapped[str] = field(default="")


class OrderSearch(Design, model=Order):
    text = SearchIndex(Order.note, Order.number)
    lucene = SearchIndex(Order.note, Order.number, engine="nouveau")


INDEXES = pytest.mark.parametrize(
    "index", [OrderSearch.text, OrderSearch.lucene], ids=["clouseau", "nouveau"]
)


@pytest.fixture
def search(database):
    """Give the chapter of a database that has both kinds of indexes."""
    database.design.put(DESIGN)
    return database.search


@of_a_server
@pytest.mark.parametrize("ask", ["query", "nouveau"])
def test_a_question_finds_no_service(search, ask):
    with pytest.raises((NotFound, ServiceUnavailable)):
        getattr(search, ask)("d", "i", "a*", limit=1, include_docs=True)


@of_a_server
@pytest.mark.parametrize("ask", ["information", "disk_size", "nouveau_information"])
def test_the_state_of_an_index_finds_no_service(search, ask):
    with pytest.raises((NotFound, ServiceUnavailable)):
        getattr(search, ask)("d", "i")


@of_a_server
@pytest.mark.parametrize("ask", ["search_analyze", "nouveau_analyze"])
def test_an_analyzer_finds_no_service(client, ask):
    with pytest.raises((NotFound, ServiceUnavailable)):
        getattr(client.server, ask)("english", "running")


@INDEXES
def test_a_search_through_a_session_says_what_is_missing(database, index):
    OrderSearch.deploy(database)
    with database.session() as session:
        search = session.search(index).where(Order.number > 5).words("tea")

        with pytest.raises(SearchUnavailable, match="the server has no search service"):
            search.all()
        with pytest.raises(SearchUnavailable, match="the server has no search service"):
            search.count()


def test_search_indexes_are_stored_as_they_are_declared(database):
    assert OrderSearch.deploy(database)
    assert not OrderSearch.deploy(database)

    stored = database.design.get("order_search")
    assert stored["indexes"]["text"] == OrderSearch.text.definition(Order)
    assert stored["nouveau"]["lucene"] == OrderSearch.lucene.definition(Order)
