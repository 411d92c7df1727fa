"""A query that is gone through while its documents are deleted, forgotten and saved."""

import pytest

from couchmapper.database import Database
from couchmapper.mapping import Document, Mapped, field

OTHERS = ("note:010", "note:080", "note:150")  # in the batch of the first, in its page, in the next page


class Note(Document, id="note:{number:03}"):
    number: Mapped[int]
    text: Mapped[str] = field(default="")


@pytest.fixture
def notes(database: Database) -> Database:
    """A database with 200 notes."""
    with database.begin() as session:
        session.add_all(Note(number=number) for number in range(200))
    return database


def test_what_is_deleted_in_the_loop_is_left_out(notes: Database):
    with notes.session() as session:
        given = []
        for note in session.query(Note).page_size(100):
            given.append(note.id)
            if note.number == 0:
                for one in session.get_many(Note, OTHERS):
                    session.delete(one)

        assert not set(given) & set(OTHERS)
        assert len(given) == 197
        assert [one.id for one in session.commit().deleted] == list(OTHERS)


def test_what_was_deleted_for_good_in_the_loop_is_left_out(notes: Database):
    with notes.session() as session:
        given = []
        for note in session.query(Note):
            given.append(note.id)
            if note.number == 0:
                session.delete(session.get_one(Note, "note:010"))
                session.commit()

        assert "note:010" not in given


def test_what_is_forgotten_in_the_loop_comes_as_the_server_has_it_and_can_be_changed(notes: Database):
    with notes.session() as session:
        for note in session.query(Note).page_size(100):
            if note.number == 0:
                for one in session.get_many(Note, OTHERS):
                    one.text = "not to be saved"
                    session.expunge(one)
            assert note in session
            assert note.text == ""
            note.text = "seen"

        assert len(session.commit().saved) == 200


def test_what_a_rollback_in_the_loop_undid_can_be_changed_again(notes: Database):
    with notes.session() as session:
        for note in session.query(Note):
            if note.number == 20:
                session.rollback()
            note.text = "seen"

        assert [one.number for one in session.commit().saved] == list(range(20, 200))


def test_every_document_can_be_saved_in_the_loop(notes: Database):
    with notes.session() as session:
        for note in session.query(Note).page_size(60):
            note.number += 1000
            session.commit()

    with notes.session() as session:
        assert [note.number for note in session.query(Note)] == list(range(1000, 1200))


def test_what_this_session_wrote_and_forgot_in_the_loop_is_not_taken_from_the_page(notes: Database):
    with notes.session() as session:
        for note in session.query(Note).page_size(100):
            if note.number == 0:
                other = session.get(Note, "note:080")
                other.text = "written in the loop"
                session.commit()
                session.expunge(other)
            if note.number == 80:
                assert note.text == "written in the loop"
                assert note.rev.startswith("2-")


def test_what_this_session_deleted_and_forgot_in_the_loop_is_not_taken_from_the_page(notes: Database):
    with notes.session() as session:
        given = []
        for note in session.query(Note).page_size(100):
            given.append(note.number)
            if note.number == 0:
                session.delete(session.get(Note, "note:080"))
                session.commit()

    assert 80 not in given
    assert len(given) == 199
