import pytest

from couchmapper.client.inline_attachments import inline
from couchmapper.database import Client
from couchmapper.exceptions import (
    ConnectionFailed,
    DatabaseNotFound,
    DocumentInvalid,
    DocumentNotFound,
    Forbidden,
)
from couchmapper.mapping import Document, Mapped
from couchmapper.session.migration import Migration
from couchmapper.transport.base import TransportWrapper

CHECKPOINT = "couchmapper.migrate.person"


class Person(Document, version=3, id="p:{first}"):
    first: Mapped[str]
    last: Mapped[str]


class Guest(Person):
    pass


@Person.upcast(1, 2)
def split_name(json):
    json["first"], json["last"] = json.pop("name").split()
    return json


@Person.upcast(2, 3)
def shout(json):
    return {**json, "last": json["last"].upper()}


class Disturbed(TransportWrapper):
    """Does something before the bulk write that `before` counts down to; `breaks` loses its answer."""

    before = 0
    breaks = False

    def does(self, action, *, before=1):
        self.action, self.before = action, before

    def send(self, request):
        if request.path[-1] != "_bulk_docs" or not self.before:
            return self.inner.send(request)
        self.before -= 1
        if not self.before:
            self.action()
        response = self.inner.send(request)
        if self.breaks and not self.before:
            raise ConnectionFailed("the connection broke")
        return response


@pytest.fixture
def wire(client):
    return Disturbed(client.transport)


@pytest.fixture
def disturbed(wire, database):
    return Client(wire).database(database.name)


def old(key, name="Ann Lee", **members):
    return {"_id": key, "type": "person", "name": name, **members}


def migrate(database, **options):
    resume = options.pop("resume", False)
    return list(Migration(database, Person, **options).run(resume=resume))[-1]


def documents(database):
    rows = database.bulk.all_docs(include_docs=True)["rows"]
    return {row["id"]: {name: value for name, value in row["doc"].items() if name != "_rev"} for row in rows}


def generation(database, key):
    return int(database.documents.head(key).partition("-")[0])


def test_documents_of_all_versions_become_new_ones(database):
    database.bulk.docs(
        [
            old("a", more={"number": 2**70}),
            {"_id": "b", "type": "guest", "schema_version": 2, "first": "Bo", "last": "Ek"},
            {"_id": "c", "type": "person", "schema_version": 3, "first": "Cy", "last": "Fox"},
            {"_id": "d", "type": "cat", "name": "Tom Cat"},
        ]
    )

    progress = migrate(database, batch=2)

    assert progress.rewritten == {("person", 1): 1, ("guest", 2): 1}
    assert (progress.seen, progress.total, progress.left) == (4, 4, 0)
    assert list(documents(database).values()) == [
        {
            "_id": "a",
            "type": "person",
            "schema_version": 3,
            "more": {"number": 2**70},
            "first": "Ann",
            "last": "LEE",
        },
        {"_id": "b", "type": "guest", "schema_version": 3, "first": "Bo", "last": "EK"},
        {"_id": "c", "type": "person", "schema_version": 3, "first": "Cy", "last": "Fox"},
        {"_id": "d", "type": "cat", "name": "Tom Cat"},
    ]
    assert [generation(database, key) for key in "abcd"] == [2, 2, 1, 1]


def test_an_old_document_is_read_without_being_written_until_it_changes(database):
    database.bulk.docs([old("a", more=1)])

    with database.begin() as session:
        assert session.get(Person, "a").last == "LEE"
    assert generation(database, "a") == 1

    with database.begin() as session:
        session.get(Person, "a").last = "Ek"
    assert documents(database)["a"] == {
        "_id": "a",
        "type": "person",
        "schema_version": 3,
        "more": 1,
        "first": "Ann",
        "last": "Ek",
    }


def test_a_new_document_tells_its_version(database):
    with database.begin() as session:
        session.add(Person(first="Ann", last="Lee"))

    assert list(documents(database)["p:Ann"]) == ["_id", "type", "schema_version", "first", "last"]


def test_a_dry_run_writes_nothing(database):
    database.bulk.docs([old("a"), old("b", "X")])

    progress = migrate(database, dry_run=True)

    assert (progress.rewritten, progress.left) == ({("person", 1): 1}, 1)
    assert [generation(database, key) for key in "ab"] == [1, 1]
    with pytest.raises(DocumentNotFound):
        database.local.get(CHECKPOINT)


def test_what_does_not_fit_or_is_forbidden_stays(database):
    guard = "function (doc) { if (doc.first === 'Bo') { throw({forbidden: 'no Bo'}); } }"
    database.bulk.docs([old("a"), old("b", "Bo Ek"), old("c", "X")])
    database.design.put({"_id": "_design/guard", "validate_doc_update": guard})

    progress = migrate(database)

    assert {one.id: type(one.error) for one in progress.unmigrated} == {"b": Forbidden, "c": DocumentInvalid}
    assert [generation(database, key) for key in "abc"] == [2, 1, 1]


def test_an_interrupted_migration_is_resumed(database, wire, disturbed):
    database.bulk.docs([old(key) for key in "abcdef"])
    wire.breaks = True
    wire.does(lambda: None, before=2)
    with pytest.raises(ConnectionFailed):
        migrate(disturbed, batch=2)
    assert database.local.get(CHECKPOINT)["last_id"] == "b"

    progress = migrate(database, batch=2, resume=True)

    # The answer for "c" and "d" was lost: they were found to be written, and not written again.
    assert progress.rewritten == {("person", 1): 4}
    assert progress.seen == 6
    assert {generation(database, key) for key in "abcdef"} == {2}
    with pytest.raises(DocumentNotFound):
        database.local.get(CHECKPOINT)


def test_documents_that_others_write_meanwhile_are_migrated_as_they_are_then(database, wire, disturbed):
    database.bulk.docs([old(key) for key in "abcd"])
    revs = {key: database.documents.head(key) for key in "abcd"}

    def meddle():
        database.documents.put(old("a", "Di Fox", _rev=revs["a"]))
        database.documents.delete("b", rev=revs["b"])
        current = {"type": "person", "schema_version": 3, "first": "Ed", "last": "Hay"}
        database.documents.put({"_id": "c", "_rev": revs["c"], **current})

    wire.does(meddle)

    progress = migrate(disturbed)

    assert (progress.rewritten, progress.left) == ({("person", 1): 2}, 0)
    assert {key: (one["first"], generation(database, key)) for key, one in documents(database).items()} == {
        "a": ("Di", 3),
        "c": ("Ed", 2),
        "d": ("Ann", 2),
    }


@pytest.mark.parametrize("document_id", ["a/b", "a b+c", "ümläut", "\x00", "~\uffff🦆"])
def test_it_goes_on_behind_any_id(database, wire, disturbed, document_id):
    database.bulk.docs([old(document_id), old("~\uffff🦆🦆")])
    wire.does(lambda: None, before=2)
    wire.breaks = True
    with pytest.raises(ConnectionFailed):
        migrate(disturbed, batch=1)

    assert migrate(database, resume=True).seen == 2
    assert {generation(database, key) for key in (document_id, "~\uffff🦆🦆")} == {2}


def test_attachments_stay(database):
    database.documents.put(old("a", _attachments={"note": inline(b"tea", "text/plain")}))

    migrate(database)

    with database.attachments.get("a", "note") as note:
        assert note.read() == b"tea"
    assert documents(database)["a"]["schema_version"] == 3


def test_a_missing_database_is_told(client, database_name):
    with pytest.raises(DatabaseNotFound):
        migrate(client.database(database_name))
