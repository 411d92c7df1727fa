"""A migration rewrites what is old and nothing else, once, also when it is interrupted or disturbed."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from couchmapper.database import Client, Database
from couchmapper.exceptions import (
    ConfigurationError,
    ConnectionFailed,
    DatabaseNotFound,
    DocumentConflict,
    DocumentInvalid,
    DocumentNotFound,
    Forbidden,
    InvalidAnswer,
    ModelError,
    NewerVersion,
    ResponseError,
    TooLarge,
)
from couchmapper.mapping import Document, Mapped
from couchmapper.messages import Request, Response
from couchmapper.session.migration import Migration
from couchmapper.session.progress import MigrationProgress
from couchmapper.transport.base import Transport, TransportWrapper
from couchmapper.typing import JSONObject

CHECKPOINT = "couchmapper.migrate.person"


class Person(Document, version=3):
    first: Mapped[str]
    last: Mapped[str]


class Guest(Person, version=4):
    host: Mapped[str]


class Plain(Document):
    pass


@Person.upcast(1, 2)
def split_name(json: JSONObject) -> JSONObject:
    json["first"], json["last"] = json.pop("name").split()
    return json


@Person.upcast(2, 3)
def shout(json: JSONObject) -> JSONObject:
    return {**json, "last": json["last"].upper()}


@Guest.upcast(3, 4)
def name_host(json: JSONObject) -> JSONObject:
    return {**json, "host": "nobody"}


class Meddler(TransportWrapper):
    """Does something right before the next bulk writes."""

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self.count = 0
        self.does(lambda: None, times=0)

    def does(self, action: Callable[[], object], *, times: int = 1) -> None:
        self._action, self._times = action, times

    def send(self, request: Request) -> Response:
        if request.path[-1:] == ("_bulk_docs",) and self.count < self._times:
            self.count += 1
            self._action()
        return self.inner.send(request)


def old(key: str, name: str = "Ann Lee", **members: Any) -> JSONObject:
    return {"_id": f"p:{key}", "type": "person", "name": name, **members}


def store(database: Database, *documents: JSONObject) -> None:
    database.bulk.docs(documents)


def stored(database: Database) -> dict[str, JSONObject]:
    """Return all documents by id, without `_id`."""
    rows = database.bulk.all_docs(include_docs=True)["rows"]
    return {row["id"]: {name: value for name, value in row["doc"].items() if name != "_id"} for row in rows}


def content(document: JSONObject) -> JSONObject:
    return {name: value for name, value in document.items() if not name.startswith("_")}


def migrate(database: Database, *, batch: int = 500, resume: bool = False) -> MigrationProgress:
    return list(Migration(database, Person, batch=batch).run(resume=resume))[-1]


def generation(document: JSONObject) -> int:
    return int(document["_rev"].partition("-")[0])


def checkpoint(database: Database) -> JSONObject | None:
    with suppress(DocumentNotFound):
        return database.local.get(CHECKPOINT)
    return None


def refusal(status: int, error: str) -> Response:
    return Response(status=status, body=b'{"error":"%s","reason":"no"}' % error.encode())


# What is rewritten


def test_a_document_of_each_version_is_written_in_the_newest_form(database: Database):
    store(
        database,
        old("1", extra=[2**70]),
        {"_id": "p:2", "type": "person", "schema_version": 2, "first": "Bo", "last": "Ek"},
    )

    progress = migrate(database)

    assert {key: content(document) for key, document in stored(database).items()} == {
        "p:1": {"type": "person", "schema_version": 3, "extra": [2**70], "first": "Ann", "last": "LEE"},
        "p:2": {"type": "person", "schema_version": 3, "first": "Bo", "last": "EK"},
    }
    assert progress.rewritten == {("person", 1): 1, ("person", 2): 1}
    assert (progress.seen, progress.total, progress.left) == (2, 2, 0)


def test_what_is_current_or_of_another_model_is_not_written(database: Database):
    store(
        database,
        {"_id": "p:1", "type": "person", "schema_version": 3, "first": "A", "last": "B"},
        {"_id": "p:2", "type": "person", "schema_version": 3, "misfit": True},
        {"_id": "c:1", "type": "cat", "name": "Tom Cat"},
        {"_id": "n", "name": "no type"},
    )
    before = stored(database)

    assert migrate(database).rewritten == {}
    assert stored(database) == before


def test_subclasses_are_migrated_to_their_own_versions(database: Database):
    store(database, old("1"), {"_id": "g:1", "type": "guest", "name": "Bo Ek"})

    assert migrate(database).rewritten == {("person", 1): 1, ("guest", 1): 1}
    assert content(stored(database)["g:1"]) == {
        "type": "guest",
        "schema_version": 4,
        "first": "Bo",
        "last": "EK",
        "host": "nobody",
    }


def test_a_subclass_alone_leaves_its_base(database: Database):
    store(database, old("1"), {"_id": "g:1", "type": "guest", "name": "Bo Ek"})

    (*_, progress) = Migration(database, Guest).run()

    assert progress.rewritten == {("guest", 1): 1}
    assert "name" in stored(database)["p:1"]


def test_a_model_without_type_takes_every_document_but_designs(database: Database):
    class Anything(Document, type_field=None, version=2):
        pass

    Anything.upcast(1, 2)(lambda json: {**json, "seen": True})
    store(database, {"_id": "_design/x"}, {"_id": "a"}, {"_id": "b", "type": "cat"})

    (*_, progress) = Migration(database, Anything).run()

    assert progress.rewritten == {("anything", 1): 2}
    assert [("seen" in document) for document in stored(database).values()] == [False, True, True]


def test_an_empty_database_is_migrated_at_once(database: Database):
    assert list(Migration(database, Person).run()) == [MigrationProgress()]


def test_a_document_is_written_once(database: Database):
    store(database, *(old(f"{number:03}") for number in range(25)))

    migrate(database, batch=10)
    migrate(database, batch=7)

    assert {generation(document) for document in stored(database).values()} == {2}


def test_progress_comes_after_each_batch(database: Database):
    store(database, *(old(f"{number:03}") for number in range(25)))

    steps = [(step.last_id, step.seen) for step in Migration(database, Person, batch=10).run()]

    assert steps == [(None, 0), ("p:009", 10), ("p:019", 20), ("p:024", 25)]


def test_a_dry_run_counts_and_writes_nothing(wire: Any, database: Database):
    store(database, old("1"), old("2"), old("3", name="X"))
    before = stored(database)
    wire.requests.clear()

    (*_, progress) = Migration(database, Person, dry_run=True).run()

    assert progress.rewritten == {("person", 1): 2}
    assert [one.id for one in progress.unmigrated] == ["p:3"]
    assert {(one.method, one.path[-1]) for one in wire.requests} == {("GET", "shop"), ("POST", "_all_docs")}
    assert stored(database) == before


# What is left


def test_what_does_not_fit_is_told_and_stays_while_the_others_are_written(database: Database):
    store(database, old("1"), old("2", name="X"), old("3", first=5, last="B", schema_version=2))
    before = stored(database)

    progress = migrate(database)

    assert progress.left == 2
    assert [(one.id, type(one.error)) for one in progress.unmigrated] == [
        ("p:2", DocumentInvalid),
        ("p:3", DocumentInvalid),
    ]
    assert "first: expected text, got 5" in str(progress.unmigrated[1].error)
    assert {key: stored(database)[key] for key in ("p:2", "p:3")} == {
        key: before[key] for key in ("p:2", "p:3")
    }
    assert progress.rewritten == {("person", 1): 1}


def test_a_newer_document_is_told_and_stays(database: Database):
    store(database, {"_id": "p:1", "type": "person", "schema_version": 9})

    (left,) = migrate(database).unmigrated

    assert isinstance(left.error, NewerVersion)


def test_what_the_database_forbids_is_told_and_stays(database: Database):
    store(database, old("1"), old("2", name="Bo Ek"))
    guard = "function (doc) { if (doc.first === 'Bo') { throw({forbidden: 'no Bo'}); } }"
    database.design.put({"_id": "_design/guard", "validate_doc_update": guard})

    progress = migrate(database)

    (left,) = progress.unmigrated
    assert (left.id, type(left.error)) == ("p:2", Forbidden)
    assert progress.rewritten == {("person", 1): 1}


@pytest.mark.parametrize(
    ("status", "error", "kind"), [(413, "document_too_large", TooLarge), (400, "bad_request", ResponseError)]
)
def test_a_batch_that_is_refused_as_a_whole_is_sent_in_parts(
    wire: Any, database: Database, status: int, error: str, kind: type
):
    store(database, *(old(key) for key in "1234"))
    wire.breaks(refusal(status, error), refusal(status, error), refusal(status, error))

    progress = migrate(database)

    (left,) = progress.unmigrated
    assert (left.id, isinstance(left.error, kind)) == ("p:1", True)
    assert progress.rewritten == {("person", 1): 3}


def test_no_request_is_larger_than_8_megabytes(wire: Any, database: Database):
    store(database, *(old(key, text="x" * 3_000_000) for key in "123"))
    wire.requests.clear()

    assert migrate(database).rewritten == {("person", 1): 3}
    assert max(len(body) for body in wire.bodies()) < 8_000_000


# Somebody else writes meanwhile


@pytest.fixture
def meddler(database: Database) -> Meddler:
    return Meddler(database.transport)


@pytest.fixture
def disturbed(meddler: Meddler) -> Database:
    """Give the database behind the meddler."""
    return Client(meddler).database("shop")


def test_a_document_that_changed_meanwhile_is_read_again(
    database: Database, meddler: Meddler, disturbed: Database
):
    store(database, old("1"), old("2"))
    newer = {**database.documents.get("p:1"), "name": "Cy Fox"}
    meddler.does(lambda: database.documents.put(newer))

    assert migrate(disturbed).rewritten == {("person", 1): 2}
    assert [(one["first"], generation(one)) for one in stored(database).values()] == [("Cy", 3), ("Ann", 2)]


def test_a_document_that_somebody_else_migrated_needs_nothing_more(
    database: Database, meddler: Meddler, disturbed: Database
):
    store(database, old("1"))
    meddler.does(lambda: migrate(database))

    progress = migrate(disturbed)

    assert (progress.rewritten, progress.left) == ({}, 0)
    assert generation(stored(database)["p:1"]) == 2


def test_a_document_that_was_deleted_meanwhile_stays_deleted(
    database: Database, meddler: Meddler, disturbed: Database
):
    store(database, old("1"))
    rev = database.documents.head("p:1")
    meddler.does(lambda: database.documents.delete("p:1", rev=rev))

    progress = migrate(disturbed)

    assert (progress.rewritten, progress.left, stored(database)) == ({}, 0, {})


def test_a_document_that_does_not_fit_any_more_is_told(
    database: Database, meddler: Meddler, disturbed: Database
):
    store(database, old("1"))
    newer = {**database.documents.get("p:1"), "name": "X"}
    meddler.does(lambda: database.documents.put(newer))

    (left,) = migrate(disturbed).unmigrated

    assert isinstance(left.error, DocumentInvalid)


def test_a_document_that_changes_again_and_again_is_left_in_the_end(
    database: Database, meddler: Meddler, disturbed: Database
):
    store(database, old("1"), old("2"))
    meddler.does(lambda: database.documents.put(database.documents.get("p:1")), times=99)

    progress = migrate(disturbed)

    (left,) = progress.unmigrated
    assert (left.id, type(left.error), meddler.count) == ("p:1", DocumentConflict, 10)
    assert "name" in stored(database)["p:1"]
    assert progress.rewritten == {("person", 1): 1}


# Interrupted and resumed


@pytest.mark.parametrize(
    ("fate", "error"),
    [("unsent", ConnectionFailed), ("unheard", ConnectionFailed), ("interrupted", KeyboardInterrupt)],
)
def test_an_interrupted_migration_goes_on_where_it_was(
    wire: Any, database: Database, fate: str, error: type[BaseException]
):
    store(database, *(old(f"{number:03}") for number in range(25)))
    wire.breaks("passes", fate)
    with pytest.raises(error):
        migrate(database, batch=10)
    noted = checkpoint(database)
    wire.requests.clear()

    first, *_, last = Migration(database, Person, batch=10).run(resume=True)

    assert noted is not None
    assert (noted["last_id"], first.last_id, first.seen) == ("p:009", "p:009", 10)
    assert (last.seen, last.left) == (25, 0)
    assert {generation(document) for document in stored(database).values()} == {2}
    assert checkpoint(database) is None


def test_counts_go_on_where_they_were(wire: Any, database: Database):
    store(database, old("1"), old("2", name="X"), old("3"), old("4"))
    wire.breaks("passes", "unsent")
    with pytest.raises(ConnectionFailed):
        migrate(database, batch=2)

    progress = migrate(database, batch=2, resume=True)

    assert progress.rewritten == {("person", 1): 3}
    assert (progress.left, progress.unmigrated) == (1, ())


def test_it_goes_on_behind_a_document_that_was_deleted_since(wire: Any, database: Database):
    store(database, *(old(key) for key in "1234"))
    wire.breaks("passes", "unsent")
    with pytest.raises(ConnectionFailed):
        migrate(database, batch=2)
    database.documents.delete("p:2", rev=database.documents.head("p:2"))

    assert migrate(database, batch=2, resume=True).rewritten == {("person", 1): 4}


def test_a_consumer_that_stops_early_may_resume(database: Database):
    store(database, *(old(key) for key in "1234"))
    run = Migration(database, Person, batch=2).run()
    next(run)
    next(run)
    run.close()

    assert migrate(database, resume=True).rewritten == {("person", 1): 4}


def test_without_resume_it_begins_anew(database: Database):
    store(database, old("1"), old("2"))
    database.local.put(
        {"_id": f"_local/{CHECKPOINT}", "targets": {"person": 3, "guest": 4}, "last_id": "p:1", "seen": 1}
    )

    assert migrate(database).rewritten == {("person", 1): 2}
    assert checkpoint(database) is None


NOTED = {"targets": {"person": 3, "guest": 4}, "last_id": "p:1", "seen": 1, "rewritten": {}, "left": 0}


def test_a_noted_place_is_gone_on_from(database: Database):
    store(database, old("1"), old("2"))
    database.local.put({"_id": f"_local/{CHECKPOINT}", **NOTED})

    assert migrate(database, resume=True).rewritten == {("person", 1): 1}


@pytest.mark.parametrize(
    "changed",
    [
        {"targets": {"person": 2, "guest": 4}},
        {"targets": None},
        {"last_id": None},
        {"seen": "1"},
        {"left": -1},
        {"rewritten": []},
        {"rewritten": {"person": {"one": 1}}},
        {"rewritten": None},
    ],
)
def test_a_place_noted_for_other_versions_or_in_nonsense_is_not(database: Database, changed: JSONObject):
    store(database, old("1"), old("2"))
    database.local.put({"_id": f"_local/{CHECKPOINT}", **NOTED, **changed})

    assert migrate(database, resume=True).rewritten == {("person", 1): 2}


def test_a_dry_run_leaves_the_noted_place(database: Database):
    store(database, old("1"), old("2"))
    database.local.put({"_id": f"_local/{CHECKPOINT}", **NOTED})

    (*_, progress) = Migration(database, Person, dry_run=True).run(resume=True)

    assert progress.rewritten == {("person", 1): 1}
    assert checkpoint(database) is not None


# What is refused


def test_a_model_without_versions_has_nothing_to_migrate(database: Database):
    with pytest.raises(ModelError, match="Plain has no version to migrate to"):
        Migration(database, Plain)


def test_a_model_whose_steps_lead_nowhere_is_refused_before_anything_is_read(wire: Any, database: Database):
    class Gap(Document, version=3):
        pass

    with pytest.raises(ModelError, match="no step leads on from version 1"):
        Migration(database, Gap)
    assert not wire.requests


@pytest.mark.parametrize("batch", [0, -1, "5", True])
def test_a_batch_is_a_number_of_documents(database: Database, batch: Any):
    with pytest.raises(ConfigurationError, match="a batch is a number of documents"):
        Migration(database, Person, batch=batch)


def test_a_missing_database_is_told(database: Database):
    with pytest.raises(DatabaseNotFound):
        migrate(Client(database.transport).database("other"), resume=True)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'[{"id": "p:2", "rev": "2-a"}]', b"null", b"[5]"])
def test_results_of_other_documents_are_refused(wire: Any, database: Database, body: bytes):
    store(database, old("1"))
    wire.breaks(Response(status=201, body=body))

    with pytest.raises(InvalidAnswer, match="are not those of the documents"):
        migrate(database)
