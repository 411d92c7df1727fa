"""Search on a server without a search service, as CouchDB comes: what it says then."""

import pytest

from couchmapper.exceptions import NotFound, ServiceUnavailable

pytestmark = pytest.mark.stores("couchdb")

DESIGN = {
    "_id": "_design/d",
    "indexes": {"i": {"index": "function (doc) { index('default', doc._id); }"}},
    "nouveau": {"i": {"index": "function (doc) { index('string', 'default', doc._id); }"}},
}


@pytest.fixture
def search(database):
    """Give the chapter of a database that has both kinds of indexes."""
    database.design.put(DESIGN)
    return database.search


@pytest.mark.parametrize("ask", ["query", "nouveau"])
def test_a_question_finds_no_service(search, ask):
    with pytest.raises((NotFound, ServiceUnavailable)):
        getattr(search, ask)("d", "i", "a*", limit=1, include_docs=True)


@pytest.mark.parametrize("ask", ["information", "disk_size", "nouveau_information"])
def test_the_state_of_an_index_finds_no_service(search, ask):
    with pytest.raises((NotFound, ServiceUnavailable)):
        getattr(search, ask)("d", "i")


@pytest.mark.parametrize("ask", ["search_analyze", "nouveau_analyze"])
def test_an_analyzer_finds_no_service(client, ask):
    with pytest.raises((NotFound, ServiceUnavailable)):
        getattr(client.server, ask)("english", "running")
