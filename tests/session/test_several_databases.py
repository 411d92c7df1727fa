"""A session that has more than one database."""

import pytest

from couchmapper.database import Client, Database
from couchmapper.exceptions import SessionError
from couchmapper.mapping import Document, Mapped, field
from couchmapper.session import CommitError


@pytest.fixture
def archive(wire, database: Database) -> Database:
    archive = Client(wire).database("archive", create=True)
    wire.requests.clear()
    return archive


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")


def ids(database: Database) -> list[str]:
    return [row["id"] for row in database.bulk.all_docs()["rows"]]


def entry_in(database: Database) -> type[Document]:
    class Entry(Document, database=database, id="entry:{number}"):
        number: Mapped[int]
        status: Mapped[str] = field(default="new")

    return Entry


def test_documents_go_where_their_model_lives(database: Database, archive: Database):
    entry = entry_in(archive)

    with database.begin(archive) as session:
        session.add_all([Order(number=1), entry(number=1)])

    assert (ids(database), ids(archive)) == (["order:1"], ["entry:1"])


def test_documents_are_read_where_their_model_lives(database: Database, archive: Database):
    entry = entry_in(archive)
    with database.begin(archive) as session:
        session.add_all([Order(number=1), entry(number=1), entry(number=2)])

    with database.session(archive) as session:
        assert session.get(Order, "order:1").number == 1
        assert session.get(entry, "entry:1").number == 1
        assert [one and one.number for one in session.get_many(entry, ["entry:2", "order:1"])] == [2, None]
        assert [one.number for one in session.query(entry).order_by(entry.number)] == [1, 2]


def test_the_first_database_has_the_models_that_are_bound_to_none(database: Database, archive: Database):
    with archive.begin(database) as session:
        assert session.database is archive
        session.add(Order(number=1))

    assert (ids(database), ids(archive)) == ([], ["order:1"])


def test_one_database_has_also_the_models_of_others(database: Database, archive: Database):
    entry = entry_in(archive)

    with database.begin() as session:
        session.add(entry(number=1))

    assert ids(database) == ["entry:1"]


def test_subclasses_live_where_their_base_does(database: Database, archive: Database):
    entry = entry_in(archive)

    class Special(entry, id="special:{number}"):
        pass

    with database.begin(archive) as session:
        session.add(Special(number=1))

    assert ids(archive) == ["special:1"]


def test_the_nearest_binding_counts(database: Database, archive: Database):
    entry = entry_in(archive)

    class Special(entry, database=database, id="special:{number}"):
        pass

    with database.begin(archive) as session:
        session.add_all([Special(number=1), entry(number=1)])

    assert (ids(database), ids(archive)) == (["special:1"], ["entry:1"])


def test_a_model_of_two_databases_is_ambiguous(database: Database, archive: Database, wire):
    entry = entry_in(archive)
    database.bind(entry)

    with database.session(archive) as session:
        for use in (
            lambda: session.add(entry(number=1)),
            lambda: session.get(entry, "entry:1"),
            lambda: session.query(entry).all(),
        ):
            with pytest.raises(SessionError, match=r"'shop' and 'archive'.*open one for each"):
                use()
    with database.begin() as session:
        session.add(entry(number=1))

    assert ids(database) == ["entry:1"]


def test_one_id_may_be_used_in_each(database: Database, archive: Database):
    entry = entry_in(archive)

    with database.begin(archive) as session:
        session.add_all([Order(number=1, id="same"), entry(number=2, id="same")])
        assert session.get(Order, "same").number == 1
        assert session.get(entry, "same").number == 2

    assert (database.documents.get("same")["number"], archive.documents.get("same")["number"]) == (1, 2)


def test_a_commit_sends_one_request_to_each(database: Database, archive: Database, wire):
    entry = entry_in(archive)
    with database.session(archive) as session:
        session.add_all([Order(number=1), entry(number=1), Order(number=2), entry(number=2)])
        report = session.commit()

    assert [request.path for request in wire.requests] == [("shop", "_bulk_docs"), ("archive", "_bulk_docs")]
    assert [type(one) for one in report.saved] == [Order, Order, entry, entry]


def test_nothing_is_sent_when_a_document_of_one_is_wrong(database: Database, archive: Database, wire):
    entry = entry_in(archive)
    with database.session(archive) as session:
        order, wrong = Order(number=1), entry(number=1)
        session.add_all([order, wrong])
        wrong.status = 5
        with pytest.raises(CommitError) as caught:
            session.commit()

    assert caught.value.report.unsent == (order,)
    assert wire.requests == []


def test_what_one_database_took_is_saved_when_the_other_is_gone(database: Database, archive: Database, wire):
    entry = entry_in(archive)
    with database.session(archive) as session:
        order, lost = Order(number=1), entry(number=1)
        session.add_all([order, lost])
        wire.breaks("passes", "unsent")
        with pytest.raises(CommitError) as caught:
            session.commit()
        assert (caught.value.report.saved, caught.value.report.unsent) == ((order,), (lost,))

        assert session.commit().saved == (lost,)


def test_all_are_rolled_back_and_shown(database: Database, archive: Database):
    entry = entry_in(archive)
    with database.session(archive) as session:
        session.add_all([Order(number=1), entry(number=1)])
        assert repr(session) == "<session on 'shop', 'archive' with 2 document(s)>"
        assert len(session.pending) == 2
        session.rollback()

        assert len(session.pending) == 0
        assert str(session.commit()) == "nothing to write"
