"""Replication by the server itself, at once and by documents; the embedded stores have none yet."""

from urllib.parse import unquote, urlsplit

import pytest

from couchmapper.exceptions import (
    BadRequest,
    DocumentNotFound,
    NotFound,
    ResponseError,
)

pytestmark = pytest.mark.stores("couchdb")


@pytest.fixture
def target(client, database_name):
    """Give a database that is not there; what a test puts there is dropped."""
    name = f"{database_name}-copy"
    found = client.database(name)
    if found.exists():
        client.databases.delete(name)
    yield found
    if found.exists():
        client.databases.delete(name)


@pytest.fixture
def between(database, target, url):
    """Give the URLs of a source that is there and of a target that is not."""
    return f"{url}/{database.name}", f"{url}/{target.name}"


@pytest.fixture
def description(client, database):
    """Give the id of a replication document; it is deleted in the end."""
    forget(client.replication.documents, database.name)
    yield database.name
    forget(client.replication.documents, database.name)


def forget(documents, id: str) -> None:
    try:
        documents.delete(id, rev=documents.head(id))
    except DocumentNotFound:
        return


def is_gone(ask, *arguments) -> bool:
    try:
        ask(*arguments)
    except NotFound:
        return True
    return False


def put(database, *ids: str) -> None:
    database.bulk.docs([{"_id": each} for each in ids])


def ids(database) -> list[str]:
    return [row["id"] for row in database.bulk.all_docs()["rows"]]


def test_a_replication_copies_documents_with_their_revisions(client, database, target, between):
    put(database, "a", "b")

    told = client.replication.replicate(*between, create_target=True)

    assert told["ok"] is True
    assert told["history"][0]["docs_written"] == 2
    assert target.documents.head("a") == database.documents.head("a")


def test_a_replication_that_finds_nothing_new_says_so(client, database, between):
    put(database, "a")
    client.replication.replicate(*between, create_target=True)

    assert client.replication.replicate(*between)["no_changes"] is True


@pytest.mark.parametrize(
    "options",
    [{"doc_ids": ["b"]}, {"selector": {"_id": "b"}}, {"filter": "d/only", "query_params": {"id": "b"}}],
)
def test_a_replication_can_leave_documents_out(client, database, target, between, options):
    put(database, "a", "b")
    database.design.put(
        {
            "_id": "_design/d",
            "filters": {"only": "function (doc, request) { return doc._id === request.query.id; }"},
        }
    )

    client.replication.replicate(*between, create_target=True, **options)

    assert ids(target) == ["b"]


def test_a_side_can_be_an_object_with_credentials_and_headers(client, database, target, url):
    parts = urlsplit(url)
    secret = {"username": unquote(parts.username or ""), "password": unquote(parts.password or "")}
    bare = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    put(database, "a")

    client.replication.replicate(
        {"url": f"{bare}/{database.name}", "auth": {"basic": secret}, "headers": {"X-Reason": "test"}},
        f"{url}/{target.name}",
        create_target=True,
        create_target_params={"q": 1},
    )

    assert ids(target) == ["a"]
    assert target.information()["cluster"]["q"] == 1


def test_a_source_that_is_not_there_is_refused(client, database_name, target, url):
    with pytest.raises(ResponseError) as caught:
        client.replication.replicate(f"{url}/{database_name}-not", f"{url}/{target.name}", create_target=True)

    assert caught.value.error == "db_not_found"


def test_a_name_without_a_server_is_no_side(client, database):
    with pytest.raises(ResponseError):
        client.replication.replicate(database.name, f"{database.name}-copy")


def test_a_continuous_replication_is_a_job_until_it_is_cancelled(client, between, wait_for):
    begun = client.replication.replicate(*between, continuous=True, create_target=True)
    job_id = begun["_local_id"]

    job = wait_for(lambda: not is_gone(client.replication.job, job_id) and client.replication.job(job_id))
    client.replication.head_job(job_id)
    listed = [each["id"] for each in client.replication.jobs()["jobs"]]
    ended = client.replication.cancel(*between, continuous=True, create_target=True)

    assert job["id"] == job_id
    assert job["history"]
    assert job_id in listed
    assert ended["_local_id"] == job_id
    assert wait_for(lambda: is_gone(client.replication.job, job_id))


def test_a_replication_can_be_cancelled_by_its_id(client, between):
    begun = client.replication.replicate(*between, continuous=True, create_target=True)

    assert client.replication.cancel_by_id(begun["_local_id"])["ok"] is True


def test_what_does_not_run_cannot_be_cancelled(client):
    with pytest.raises(NotFound):
        client.replication.cancel_by_id("0123456789abcdef+continuous")


def test_a_document_describes_a_replication(client, database, between, description, wait_for):
    put(database, "a")
    told = client.replication.documents.put(
        {
            "_id": description,
            "source": between[0],
            "target": {"url": between[1], "headers": {}},
            "create_target": True,
        }
    )

    state = wait_for(lambda: state_of(client, description, "completed"))
    client.replication.head_doc(description)
    stored = client.replication.documents.get(description)
    listed = client.replication.docs(states=["completed", "failed"])["docs"]

    assert told["id"] == description
    assert state["info"]["docs_written"] == 1
    assert stored["_replication_state"] == "completed"
    assert description in [each["doc_id"] for each in listed]
    assert client.database(between[1].rpartition("/")[2]).documents.head("a")


def state_of(client, id: str, wanted: str):
    """Return what the scheduler says of a description when it has that state, False otherwise."""
    if is_gone(client.replication.doc, id):
        return False
    found = client.replication.doc(id)
    return found if found["state"] == wanted else False


def test_a_deleted_description_is_no_more_worked_on(client, between, description, wait_for):
    documents = client.replication.documents
    documents.put(
        {
            "_id": description,
            "source": between[0],
            "target": between[1],
            "create_target": True,
            "continuous": True,
        }
    )
    wait_for(lambda: state_of(client, description, "running"))
    current = documents.head(description)

    documents.delete(description, rev=current)

    assert wait_for(lambda: is_gone(client.replication.doc, description))
    with pytest.raises(DocumentNotFound):
        documents.get(description)


def test_a_description_is_read_again_only_when_it_has_changed(client, between, description):
    documents = client.replication.documents
    new = {"_id": description, "source": between[0], "target": between[1]}
    documents.put({**new, "owner": "admin", "_replication_state": "completed"})
    current = documents.head(description)

    assert not documents.get(description, if_none_match=current)


@pytest.fixture
def replicator(client, database_name):
    """Give another replicator database; it is dropped in the end."""
    name = f"{database_name}/_replicator"
    if client.databases.exists(name):
        client.databases.delete(name)
    client.databases.create(name, shards=1)
    yield name
    client.databases.delete(name)


def test_other_databases_can_hold_descriptions(client, between, replicator, wait_for):
    source, target = between
    client.replication.documents_in(replicator).put(
        {"_id": "nightly", "source": source, "target": target, "create_target": True, "continuous": True}
    )

    found = wait_for(lambda: client.replication.docs(database=replicator)["docs"])

    assert [(each["database"], each["doc_id"]) for each in found] == [(replicator, "nightly")]
    assert client.replication.doc("nightly", database=replicator)["database"] == replicator
    client.replication.head_doc("nightly", database=replicator)


@pytest.mark.parametrize("ask", ["job", "head_job", "doc", "head_doc"])
def test_what_nobody_has_begun_is_not_found(client, ask):
    with pytest.raises(NotFound):
        getattr(client.replication, ask)("not-there")


def test_a_state_that_there_is_not_is_refused(client):
    with pytest.raises(BadRequest, match="States must be one or more of"):
        client.replication.docs(states=["sleeping", "failed"])


def test_lists_of_replications_can_be_cut(client):
    assert client.replication.jobs(limit=0)["jobs"] == []
    assert client.replication.docs(limit=0, skip=0)["docs"] == []
