"""The hooks of documents: when a session calls them, and what becomes of what they do."""

import pytest

from couchmapper.database import Client, Database
from couchmapper.exceptions import DocumentInvalid, SessionBusy, SessionError
from couchmapper.mapping import Document, Mapped, field
from couchmapper.session import CommitError, CommitReport

EVENTS = ("before_save", "after_save", "after_load", "before_delete", "after_delete")


def note_model(events: list[str]):
    """Return a model whose hooks write down what happens."""

    class Note(Document, id="note:{key}"):
        key: Mapped[str]
        text: Mapped[str] = field(default="")
        size: Mapped[int] = field(default=0)

    for event in EVENTS:
        getattr(Note, event)(lambda note, event=event: events.append(f"{event} {note.key}"))
    return Note


def save(database: Database, *documents: Document) -> None:
    with database.begin() as session:
        session.add_all(documents)


def failed(session) -> CommitError:
    with pytest.raises(CommitError) as caught:
        session.commit()
    return caught.value


def ids(database: Database) -> list[str]:
    return [row["id"] for row in database.bulk.all_docs()["rows"]]


def stored(database: Database, key: str = "a") -> dict:
    return database.documents.get(f"note:{key}")


class TestOrder:
    def test_all_are_called_before_anything_is_sent_and_after_all_is_settled(self, database: Database, wire):
        events: list[str] = []
        note = note_model(events)
        save(database, note(key="d"))
        with database.session() as session:
            deleted = session.get(note, "note:d")
            events.clear()
            wire.requests.clear()
            note.before_delete(lambda _: events.append(f"{len(wire.requests)} sent"))
            note.after_save(lambda one: events.append(one.rev[:2]))
            session.add_all([note(key="a"), note(key="b")])
            session.delete(deleted)
            session.commit()

        assert events == [
            "before_save a",
            "before_save b",
            "before_delete d",
            "0 sent",
            "after_save a",
            "1-",
            "after_save b",
            "1-",
            "after_delete d",
        ]

    def test_those_of_base_classes_come_first(self, database: Database):
        events: list[str] = []
        note = note_model(events)

        class Memo(note, id="memo:{key}"):
            pass

        Memo.before_save(lambda _: events.append("memo"))
        save(database, Memo(key="a"), note(key="b"))

        assert events[:3] == ["before_save a", "memo", "before_save b"]

    def test_they_are_called_once_for_each_document(self, database: Database):
        events: list[str] = []
        note = note_model(events)
        save(database, note(key="a"), note(key="b"))

        assert sorted(events) == ["after_save a", "after_save b", "before_save a", "before_save b"]

    def test_documents_that_are_not_written_have_none(self, database: Database):
        events: list[str] = []
        note = note_model(events)
        save(database, note(key="a"))
        with database.session() as session:
            session.get(note, "note:a")
            events.clear()
            session.commit()

        assert events == []

    def test_documents_in_conflict_have_none_after(self, database: Database):
        events: list[str] = []
        note = note_model(events)
        save(database, note(key="a"))
        with database.session() as session:
            mine = session.get(note, "note:a")
            with database.begin() as other:
                other.get(note, "note:a").text = "theirs"
            mine.text = "mine"
            events.clear()
            failed(session)

        assert events == ["before_save a"]

    def test_merged_documents_were_saved(self, database: Database):
        events: list[str] = []
        note = note_model(events)
        save(database, note(key="a"))
        with database.session(on_conflict="merge") as session:
            mine = session.get(note, "note:a")
            database.documents.put(stored(database) | {"text": "theirs"})
            mine.size = 5
            events.clear()
            session.commit()

        assert events == ["before_save a", "after_save a"]

    def test_documents_whose_changes_gave_way_were_loaded(self, database: Database):
        events: list[str] = []
        note = note_model(events)
        save(database, note(key="a"))
        with database.session(on_conflict="theirs") as session:
            mine = session.get(note, "note:a")
            database.documents.put(stored(database) | {"text": "theirs"})
            mine.text = "mine"
            events.clear()
            session.commit()

        assert events == ["before_save a", "after_load a"]


class TestWhatHooksChange:
    def test_in_their_document_is_written(self, database: Database, wire):
        note = note_model([])

        @note.before_save
        def measure(one):
            one.size = len(one.text)

        save(database, note(key="a", text="four"))

        assert stored(database)["size"] == 4
        assert len(wire.bodies()) == 1

    def test_so_that_nothing_is_left_to_write_writes_nothing(self, database: Database):
        note = note_model([])
        save(database, note(key="a"))

        @note.before_save
        def veto(one):
            one.text = ""

        with database.session() as session:
            session.get(note, "note:a").text = "x"
            assert str(session.commit()) == "nothing to write"

    def test_in_another_document_is_written_too(self, database: Database):
        note = note_model([])
        save(database, note(key="total"))
        with database.session() as session:
            total = session.get(note, "note:total")

            @note.before_save
            def add_up(one):
                if one is not total:
                    total.size += one.size

            session.add_all([note(key="a", size=2), note(key="b", size=3)])
            report = session.commit()

        assert total in report.saved
        assert stored(database, "total")["size"] == 5

    def test_by_adding_documents_is_written_too(self, database: Database):
        events: list[str] = []
        note = note_model(events)
        with database.begin() as session:

            @note.before_save
            def follow(one):
                if len(one.key) < 3:
                    session.add(note(key=one.key + "x"))

            session.add(note(key="a"))

        assert ids(database) == ["note:a", "note:ax", "note:axx"]
        assert events[:3] == ["before_save a", "before_save ax", "before_save axx"]

    def test_by_adding_documents_to_another_database_is_written_too(self, database: Database, wire):
        log = Client(wire).database("log", create=True)
        note = note_model([])

        class Entry(Document, database=log, id="entry:{key}"):
            key: Mapped[str]

        with log.begin(database) as session:
            database.bind(note)
            note.before_save(lambda one: session.add(Entry(key=one.key)))
            session.add(note(key="a"))

        assert (ids(database), ids(log)) == (["note:a"], ["entry:a"])

    def test_by_deleting_documents_is_written_too(self, database: Database):
        events: list[str] = []
        note = note_model(events)
        save(database, note(key="a"), note(key="ab"), note(key="abc"))
        with database.begin() as session:

            @note.before_delete
            def cascade(one):
                for below in session.query(note).where(note.key.startswith(one.key)):
                    session.delete(below)

            events.clear()
            session.delete(session.get(note, "note:a"))

        assert ids(database) == []
        assert [event for event in events if "load" not in event] == [
            *(f"before_delete {key}" for key in ("a", "ab", "abc")),
            *(f"after_delete {key}" for key in ("a", "ab", "abc")),
        ]

    def test_by_keeping_what_was_to_be_deleted_is_done(self, database: Database):
        note = note_model([])
        save(database, note(key="a"))
        with database.session() as session:
            note.before_delete(session.add)
            session.delete(session.get(note, "note:a"))

            assert str(session.commit()) == "nothing to write"
        assert ids(database) == ["note:a"]

    def test_without_an_end_is_told(self, database: Database, wire):
        note = note_model([])
        with database.session() as session:
            note.before_save(lambda one: session.add(note(key=one.key + "x")))
            session.add(note(key="a"))
            with pytest.raises(SessionError, match="let them come to an end"):
                session.commit()

        assert wire.requests == []

    def test_so_that_it_does_not_fit_sends_nothing(self, database: Database, wire):
        note = note_model([])

        @note.before_save
        def spoil(one):
            vars(one)["size"] = "x"

        with database.session() as session:
            session.add(note(key="a"))

            assert isinstance(failed(session).exceptions[0], DocumentInvalid)
        assert wire.requests == []

    def test_cannot_be_a_commit_in_the_commit(self, database: Database, wire):
        note = note_model([])
        with database.session() as session:
            note.before_save(lambda _: session.commit())
            session.add(note(key="a"))
            with pytest.raises(SessionBusy, match="is committing"):
                session.commit()

        assert wire.requests == []

    def test_after_the_commit_may_be_committed(self, database: Database):
        note = note_model([])
        with database.session() as session:

            @note.after_save
            def count(one):
                if one.size < 3:
                    one.size += 1
                    session.commit()

            session.add(note(key="a"))
            session.commit()

        assert stored(database)["size"] == 3


class TestWhatHooksRaise:
    @pytest.mark.parametrize("event", ["before_save", "before_delete"])
    def test_before_stops_the_commit_and_nothing_is_sent(self, database: Database, wire, event):
        events: list[str] = []
        note = note_model(events)
        save(database, note(key="a"))
        with database.session() as session:
            deleted = session.get(note, "note:a")
            getattr(note, event)(lambda _: 1 / 0)
            new = note(key="b")
            session.add(new)
            session.delete(deleted)
            wire.requests.clear()
            with pytest.raises(ZeroDivisionError):
                session.commit()

            assert (session.pending.new, session.pending.deleted) == ((new,), (deleted,))
        assert wire.requests == []

    @pytest.mark.parametrize("event", ["after_save", "after_delete"])
    def test_after_is_passed_on_although_all_is_saved(self, database: Database, event):
        events: list[str] = []
        note = note_model(events)
        save(database, note(key="a"))
        with database.session() as session:
            deleted = session.get(note, "note:a")
            getattr(note, event)(lambda _: 1 / 0)
            session.add(note(key="b"))
            session.delete(deleted)
            with pytest.raises(ZeroDivisionError) as caught:
                session.commit()

            assert caught.value.__cause__ is None
            assert str(session.commit()) == "nothing to write"
        assert ids(database) == ["note:b"]

    def test_after_does_not_hide_what_was_not_saved(self, database: Database):
        note = note_model([])
        save(database, note(key="a"))
        with database.session() as session:
            mine = session.get(note, "note:a")
            with database.begin() as other:
                other.get(note, "note:a").text = "theirs"
            note.after_save(lambda _: 1 / 0)
            mine.text = "mine"
            new = note(key="b")
            session.add(new)
            error = failed(session)

        assert error.report == CommitReport(saved=(new,), conflicts=error.report.conflicts)
        assert isinstance(error.__cause__, ZeroDivisionError)

    def test_on_loading_is_passed_on_and_nothing_is_held(self, database: Database):
        note = note_model([])
        save(database, note(key="a"))
        note.after_load(lambda _: 1 / 0)
        with database.session() as session:
            for _ in range(2):
                with pytest.raises(ZeroDivisionError):
                    session.get(note, "note:a")

    def test_on_reading_anew_leaves_what_was_read(self, database: Database):
        note = note_model([])
        save(database, note(key="a"))
        with database.session() as session:
            held = session.get(note, "note:a")
            session.delete(held)
            note.after_load(lambda _: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                session.refresh(held)

            assert held in session
            assert len(session.pending) == 0


class TestLoading:
    @pytest.mark.parametrize(
        "load",
        [
            lambda session, note: session.get(note, "note:a"),
            lambda session, note: session.get_many(note, ["note:a"])[0],
            lambda session, note: session.query(note).one(),
        ],
        ids=["get", "get_many", "query"],
    )
    def test_calls_its_hook_once_for_an_object(self, database: Database, load):
        events: list[str] = []
        note = note_model(events)
        save(database, note(key="a"))
        with database.session() as session:
            events.clear()
            held = load(session, note)

            assert load(session, note) is held
        assert events == ["after_load a"]

    def test_calls_its_hook_when_a_document_is_read_anew(self, database: Database):
        events: list[str] = []
        note = note_model(events)
        save(database, note(key="a"))
        with database.session() as session:
            held = session.get(note, "note:a")
            session.refresh(held)

        assert events[-2:] == ["after_load a", "after_load a"]

    def test_gives_the_hook_a_document_with_its_revision(self, database: Database):
        note = note_model([])
        save(database, note(key="a"))
        revisions = []
        note.after_load(lambda one: revisions.append(one.rev))
        with database.session() as session:
            session.get(note, "note:a")

        assert revisions == [stored(database)["_rev"]]

    def test_what_the_hook_changes_is_saved(self, database: Database):
        note = note_model([])
        save(database, note(key="a"))

        @note.after_load
        def improve(one):
            one.text = "better"

        with database.begin() as session:
            session.query(note).all()

        assert stored(database)["text"] == "better"

    def test_in_a_forgotten_loop_what_the_hook_changes_is_saved(self, database: Database):
        note = note_model([])
        save(database, *(note(key=str(number)) for number in range(3)))

        @note.after_load
        def improve(one):
            one.size = 7

        with database.begin() as session:
            for _ in session.query(note):
                pass

        assert [stored(database, str(number))["size"] for number in range(3)] == [7, 7, 7]
