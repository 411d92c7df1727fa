"""`COPY`: where a document may go, and what goes with it."""

import pytest


def copy(ask, source, destination, **query):
    headers = {} if destination is None else {"Destination": destination}
    return ask("COPY", source, headers=headers, **query)


@pytest.fixture
def shop(ask):
    """Ask an engine with a document `a` that has an attachment, a design and a local one."""
    attachment = {"content_type": "text/plain", "data": "aGFsbG8="}
    ask("PUT", "/shop/a", {"n": 1, "_attachments": {"f": attachment}})
    ask("PUT", "/shop/_design/d", {"language": "x"})
    ask("PUT", "/shop/_local/l", {"v": 1})
    return ask


def test_a_copy_is_the_same_revision_under_another_id(shop):
    first = shop("GET", "/shop/a").json()

    told = copy(shop, "/shop/a", "b")

    assert (told.status, told.json()) == (201, {"ok": True, "id": "b", "rev": first["_rev"]})
    assert shop("GET", "/shop/b").json() == {**first, "_id": "b"}
    assert shop("GET", "/shop/b/f").body == b"hallo"


def test_a_copy_over_itself_keeps_the_generation_of_its_attachments(shop):
    rev = shop("GET", "/shop/a").json()["_rev"]

    assert copy(shop, "/shop/a", f"a?rev={rev}").json()["rev"].startswith("2-")
    assert shop("GET", "/shop/a").json()["_attachments"]["f"]["revpos"] == 1


@pytest.mark.parametrize(
    ("source", "destination", "made"),
    [
        ("a", "x%20y", "x y"),
        ("a", "x+y", "x y"),
        ("a", "a/b", "a/b"),
        ("a", "_design%2Fe", "_design/e"),
        ("_design/d", "plain", "plain"),
        ("_local/l", "plain", "plain"),
        ("_local/l", "_local/m", "_local/m"),
    ],
)
def test_a_destination_is_an_id_as_it_stands_in_a_path(shop, source, destination, made):
    assert copy(shop, f"/shop/{source}", destination).json()["id"] == made


def test_a_local_copy_has_no_attachments(shop):
    copy(shop, "/shop/a", "_local/a")

    assert shop("GET", "/shop/_local/a").json() == {"_id": "_local/a", "_rev": "0-1", "n": 1}


@pytest.mark.parametrize(
    ("source", "destination", "status", "reason"),
    [
        ("a", None, 400, "Destination header is mandatory for COPY."),
        ("a", "http://host/shop/b", 400, "Destination URL must be relative."),
        ("a", "", 400, "Document id must not be empty"),
        ("a", "_x", 400, "Only reserved document ids may start with underscore."),
        ("a", "b?rev=bad", 400, "Invalid rev format"),
        ("a", "b?foo=1", 400, "Invalid rev format"),
        ("a", "a", 409, "Document update conflict."),
        ("none", "b", 404, "missing"),
        ("_local/none", "b", 404, "missing"),
    ],
)
def test_what_cannot_be_copied_is_told(shop, source, destination, status, reason):
    answer = copy(shop, f"/shop/{source}", destination)

    assert (answer.status, answer.json()["reason"]) == (status, reason)


def test_a_revision_that_is_not_there_is_not_copied(shop):
    assert copy(shop, "/shop/a", "b", rev="1-x").status == 404


def test_a_deleted_document_is_not_copied(shop):
    shop("PUT", "/shop/dead", {"_deleted": True})

    assert copy(shop, "/shop/dead", "b").json()["reason"] == "deleted"


def test_a_copy_in_a_partitioned_database_needs_a_partition(ask):
    ask("PUT", "/house", partitioned="true")
    ask("PUT", "/house/p:1", {"n": 1})

    assert copy(ask, "/house/p:1", "plain").json()["error"] == "illegal_docid"
    assert copy(ask, "/house/p:1", "q:1").status == 201
