"""How changes are given up, and how sessions begin and end."""

import pytest

from couchmapper.database import Client, Database
from couchmapper.exceptions import (
    DatabaseNotFound,
    DocumentNotFound,
    IdentityError,
    SessionClosed,
)
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.session import CommitError, Session


class Line(Embedded):
    sku: Mapped[str]
    quantity: Mapped[int] = field(default=1)


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    lines: Mapped[list[Line]] = field(factory=list)


def stored(database: Database, document_id: str) -> dict:
    return database.documents.get(document_id)


def save(database: Database, *documents: Document) -> None:
    with database.begin() as session:
        session.add_all(documents)


def closed(database: Database) -> Session:
    session = database.session()
    session.close()
    return session


def test_rollback_undoes_changes_and_deletions_and_forgets_new_documents(database: Database):
    save(database, Order(number=1), Order(number=2))

    with database.session() as session:
        changed, deleted = session.get_many(Order, ["order:1", "order:2"])
        new = Order(number=3)
        changed.lines.append(Line(sku="tea"))
        session.delete(deleted)
        session.add(new)
        session.rollback()

        assert changed.lines == []
        assert session.get(Order, "order:1") is changed
        assert session.get(Order, "order:2") is deleted
        assert new not in session
        assert str(session.commit()) == "nothing to write"


def test_rollback_returns_to_what_was_last_saved(database: Database):
    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        session.commit()
        order.status = "paid"
        session.rollback()

        assert order.status == "new"
        assert order in session


def test_refresh_reads_anew_and_drops_changes(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.lines.append(Line(sku="tea"))
        with database.begin() as other:
            other.get(Order, "order:1").status = "paid"
        session.refresh(order)

        assert order.status == "paid"
        assert order.lines == []


def test_refresh_takes_a_deletion_back(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        session.delete(order)
        session.refresh(order)

        assert session.get(Order, "order:1") is order
        assert str(session.commit()) == "nothing to write"


def test_refresh_of_what_is_gone_says_so_and_changes_nothing(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "mine"
        with database.begin() as other:
            other.delete(other.get(Order, "order:1"))
        with pytest.raises(DocumentNotFound):
            session.refresh(order)

        assert order.status == "mine"


def test_an_expunged_document_is_not_saved(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        session.expunge(order)
        session.commit()

        assert order not in session
    assert stored(database, "order:1")["status"] == "new"


def test_an_expunged_deletion_does_not_happen(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        session.delete(order)
        session.expunge(order)
        session.commit()

    assert stored(database, "order:1")["status"] == "new"


@pytest.mark.parametrize("operation", ["delete", "refresh", "expunge"])
def test_a_document_of_no_session_is_refused(database: Database, operation: str):
    with database.session() as session, pytest.raises(IdentityError, match=r"session\.add"):
        getattr(session, operation)(Order(number=1))


def test_a_document_moves_to_another_session_with_what_it_knows(database: Database):
    save(database, Order(number=1))
    with database.session() as first:
        order = first.get(Order, "order:1")
    order.status = "moved"

    with database.begin() as second:
        second.add(order)

    assert stored(database, "order:1")["status"] == "moved"


def test_begin_commits_when_the_block_ends(database: Database):
    with database.begin() as session:
        session.add(Order(number=1))

    assert stored(database, "order:1")["number"] == 1


def test_begin_writes_nothing_when_the_block_raises(database: Database, wire):
    with pytest.raises(ZeroDivisionError), database.begin() as session:  # noqa: PT012 - the block is what raises
        session.add(Order(number=1))
        1 / 0  # noqa: B018

    assert wire.requests == []


def test_begin_commits_when_the_block_is_left_early(database: Database):
    def leave_early() -> None:
        with database.begin() as session:
            session.add(Order(number=1))
            return

    leave_early()

    assert stored(database, "order:1")["number"] == 1


def test_leaving_a_plain_session_commits_nothing(database: Database, wire):
    with database.session() as session:
        session.add(Order(number=1))

    assert wire.requests == []


@pytest.mark.parametrize(
    "use",
    [
        lambda session: session.add(Order(number=1)),
        lambda session: session.delete(Order(number=1)),
        lambda session: session.get(Order, "order:1"),
        lambda session: session.get_many(Order, []),
        lambda session: session.query(Order),
        lambda session: session.refresh(Order(number=1)),
        lambda session: session.expunge(Order(number=1)),
        lambda session: session.rollback(),
        lambda session: session.commit(),
    ],
)
def test_a_closed_session_is_not_used(database: Database, wire, use):
    with pytest.raises(SessionClosed):
        use(closed(database))

    assert wire.requests == []


def test_a_query_ends_with_its_session(database: Database):
    save(database, Order(number=1), Order(number=2))

    with database.session() as session:
        orders = iter(session.query(Order))
        next(orders)
    with pytest.raises(SessionClosed):
        next(orders)


def test_a_missing_database_is_told_by_its_error(wire):
    database = Client(wire).database("nowhere")
    with database.session() as session:
        with pytest.raises(DatabaseNotFound):
            session.get(Order, "order:1")
        with pytest.raises(DatabaseNotFound):
            session.query(Order).all()
        session.add(Order(number=1))
        with pytest.raises(CommitError) as caught:
            session.commit()

    assert isinstance(caught.value.exceptions[0], DatabaseNotFound)
    assert str(caught.value.report) == "1 not sent"


def test_a_session_shows_what_it_holds(database: Database):
    with database.session() as session:
        session.add(Order(number=1))

        assert repr(session) == "<session on 'shop' with 1 document(s)>"
