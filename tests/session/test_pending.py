"""What waits for the next commit, and what of it changed."""

import pytest

from couchmapper.database import Database
from couchmapper.exceptions import DocumentInvalid, IdentityError
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.session import CommitError
from couchmapper.session.pending import Pending


class Line(Embedded):
    sku: Mapped[str]
    quantity: Mapped[int] = field(default=1)


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    lines: Mapped[list[Line]] = field(factory=list)


@pytest.fixture
def session(database: Database):
    with database.begin() as other:
        other.add_all(Order(number=number, lines=[Line(sku="tea")]) for number in range(1, 4))
    with database.session() as session:
        yield session


def test_nothing_waits_in_the_beginning(session):
    assert session.pending == Pending()
    assert len(session.pending) == 0
    assert not session.pending


def test_new_changed_and_deleted_documents_wait(session):
    changed, deleted, _ = session.get_many(Order, ["order:1", "order:2", "order:3"])
    new = Order(number=4)
    session.add(new)
    changed.lines[0].quantity = 2
    session.delete(deleted)

    assert session.pending == Pending(new=(new,), changed=(changed,), deleted=(deleted,))
    assert [*session.pending] == [new, changed, deleted]
    assert len(session.pending) == 3


def test_asking_sends_nothing_and_calls_no_hook(database: Database, wire):
    class Guarded(Document):
        pass

    @Guarded.before_save
    def refuse(_: Guarded) -> None:
        raise AssertionError

    with database.session() as session:
        document = Guarded()
        session.add(document)

        assert session.pending.new == (document,)
        session.changes(document)
    assert wire.requests == []


def test_a_change_that_is_taken_back_does_not_wait(session):
    order = session.get(Order, "order:1")
    order.status = "paid"
    order.status = "new"

    assert len(session.pending) == 0


def test_a_changed_document_that_the_program_let_go_of_waits(session):
    session.get(Order, "order:1").lines[0].quantity = 2

    assert [order.id for order in session.pending.changed] == ["order:1"]


def test_a_wrong_document_waits(session):
    order = session.get(Order, "order:1")
    order.lines[0].quantity = "2"

    assert session.pending.changed == (order,)


def test_nothing_waits_after_the_commit(session):
    session.add(Order(number=4))
    session.delete(session.get(Order, "order:1"))
    session.commit()

    assert len(session.pending) == 0


def test_what_a_commit_left_waits(database: Database, session):
    order = session.get(Order, "order:1")
    with database.begin() as other:
        other.get(Order, "order:1").status = "theirs"
    order.status = "mine"
    with pytest.raises(CommitError):
        session.commit()

    assert session.pending.changed == (order,)


def test_what_got_no_answer_waits_whatever_it_is(session, wire):
    order = session.get(Order, "order:1")
    order.status = "paid"
    wire.breaks("unheard")
    wire.breaks("unsent", at="_bulk_get")
    with pytest.raises(CommitError):
        session.commit()
    order.status = "new"

    assert session.pending.changed == (order,)


@pytest.mark.parametrize("end", ["rollback", "refresh", "expunge"])
def test_what_is_given_up_does_not_wait(session, end):
    order = session.get(Order, "order:1")
    order.status = "paid"
    session.rollback() if end == "rollback" else getattr(session, end)(order)

    assert len(session.pending) == 0


@pytest.mark.parametrize("end", ["rollback", "refresh", "expunge"])
def test_a_deletion_of_all_branches_that_is_given_up_does_not_wait(database: Database, session, end):
    order = session.get(Order, "order:1")
    session.delete(order, all_branches=True)
    session.rollback() if end == "rollback" else getattr(session, end)(order)

    assert len(session.pending) == 0
    assert str(session.commit()) == "nothing to write"
    assert database.documents.get("order:1")["status"] == "new"


class TestChanges:
    def test_of_an_unchanged_document_there_are_none(self, session):
        assert session.changes(session.get(Order, "order:1")) == []

    def test_are_told_with_their_places(self, session):
        order = session.get(Order, "order:1")
        order.status = "paid"
        order.lines[0].quantity = 2
        order.lines.append(Line(sku="cup"))

        assert session.changes(order) == [
            {"op": "replace", "path": "/status", "value": "paid"},
            {"op": "replace", "path": "/lines/0/quantity", "value": 2},
            {"op": "add", "path": "/lines/1", "value": {"sku": "cup", "quantity": 1}},
        ]

    def test_of_a_new_document_are_the_whole_document(self, session):
        order = Order(number=4)
        session.add(order)

        assert session.changes(order) == [
            {
                "op": "add",
                "path": "",
                "value": {"_id": "order:4", "type": "order", "number": 4, "status": "new", "lines": []},
            }
        ]

    def test_of_a_deletion_are_its_removal(self, session):
        order = session.get(Order, "order:1")
        session.delete(order)

        assert session.changes(order) == [{"op": "remove", "path": ""}]

    def test_of_a_saved_document_there_are_none(self, session):
        order = Order(number=4)
        session.add(order)
        session.commit()

        assert session.changes(order) == []

    def test_of_a_wrong_document_are_its_faults(self, session):
        order = session.get(Order, "order:1")
        order.lines[0].quantity = "2"

        with pytest.raises(DocumentInvalid, match=r"lines\[0\]\.quantity"):
            session.changes(order)

    def test_of_a_document_of_no_session_are_refused(self, session):
        with pytest.raises(IdentityError, match=r"session\.add"):
            session.changes(Order(number=9))
