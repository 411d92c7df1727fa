"""What a session promises when documents are deleted, and made anew."""

import pytest

from couchmapper.database import Database
from couchmapper.exceptions import (
    DocumentNotFound,
    IdentityError,
)
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.session import CommitError


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


def test_a_deleted_document_is_gone_after_the_commit(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        session.delete(order)
        report = session.commit()

    assert report.deleted == (order,)
    with pytest.raises(DocumentNotFound, match="deleted"):
        stored(database, "order:1")


def test_a_document_that_waits_for_its_deletion_is_not_found(database: Database):
    save(database, Order(number=1), Order(number=2))

    with database.session() as session:
        session.delete(session.get(Order, "order:1"))

        assert session.get(Order, "order:1") is None
        assert session.get_many(Order, ["order:1"]) == [None]
        assert [order.number for order in session.query(Order)] == [2]


def test_limits_count_what_is_left_when_deletions_wait(database: Database):
    save(database, *(Order(number=number) for number in range(1, 7)))

    with database.session() as session:
        query = session.query(Order).order_by(Order.number)
        for document_id in ("order:1", "order:3"):
            session.delete(session.get(Order, document_id))

        assert query.first().number == 2
        assert [order.number for order in query.limit(2)] == [2, 4]
        assert [order.number for order in query.skip(1).limit(2)] == [4, 5]
        assert [order.number for order in query.skip(3)] == [6]


def test_deleting_twice_deletes_once(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        session.delete(order)
        session.delete(order)

        assert session.commit().deleted == (order,)


def test_a_new_document_that_is_deleted_is_only_forgotten(database: Database, wire):
    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        session.delete(order)
        session.commit()

    assert wire.requests == []


def test_adding_what_waits_for_its_deletion_keeps_it(database: Database):
    save(database, Order(number=1))

    with database.begin() as session:
        order = session.get(Order, "order:1")
        session.delete(order)
        session.add(order)
        order.status = "kept"

    assert stored(database, "order:1")["status"] == "kept"


def test_another_object_cannot_take_the_place_of_one_that_waits_for_its_deletion(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        session.delete(session.get(Order, "order:1"))

        with pytest.raises(IdentityError, match="order:1"):
            session.add(Order(number=1))


def test_a_deleted_document_is_made_anew_by_adding_the_same_object(database: Database):
    save(database, Order(number=1, status="paid"))

    with database.session() as session:
        order = session.get(Order, "order:1")
        session.delete(order)
        session.commit()
        session.add(order)
        report = session.commit()

    assert report.saved == (order,)
    assert stored(database, "order:1")["status"] == "paid"
    assert order.rev == stored(database, "order:1")["_rev"]


def test_a_document_made_anew_keeps_the_members_that_its_model_does_not_know(database: Database):
    database.documents.put({"_id": "order:1", "type": "order", "number": 1, "legacy": True})

    with database.session() as session:
        order = session.get(Order, "order:1")
        session.delete(order)
        session.commit()
        session.add(order)
        session.commit()

    assert stored(database, "order:1")["legacy"] is True


def test_a_new_object_is_written_over_a_tombstone(database: Database):
    save(database, Order(number=1))
    with database.begin() as session:
        session.delete(session.get(Order, "order:1"))

    save(database, Order(number=1, status="again"))

    assert stored(database, "order:1")["status"] == "again"
    assert stored(database, "order:1")["_rev"].startswith("3-")


def test_a_session_does_not_bring_back_what_another_one_deleted(database: Database):
    save(database, Order(number=1))

    with database.session() as first, database.session() as second:
        order = first.get(Order, "order:1")
        second.add(order)
        first.delete(order)
        first.commit()
        order.status = "changed"
        with pytest.raises(CommitError) as caught:
            second.commit()

    assert isinstance(caught.value.exceptions[0], IdentityError)
    with pytest.raises(DocumentNotFound):
        stored(database, "order:1")


def test_an_untouched_document_that_another_session_deleted_hinders_nobody(database: Database):
    save(database, Order(number=1))

    with database.session() as first, database.session() as second:
        order = first.get(Order, "order:1")
        second.add(order)
        first.delete(order)
        first.commit()

        assert str(second.commit()) == "nothing to write"
