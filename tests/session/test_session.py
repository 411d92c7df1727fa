"""What a session promises of the documents that it holds."""

import pytest

from couchmapper.database import Database
from couchmapper.exceptions import (
    DocumentInvalid,
    DocumentNotFound,
    IdentityError,
    IllegalDocumentId,
    UnexpectedType,
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


class Customer(Document, id="customer:{code}"):
    code: Mapped[str]


def stored(database: Database, document_id: str) -> dict:
    return database.documents.get(document_id)


def save(database: Database, *documents: Document) -> None:
    with database.begin() as session:
        session.add_all(documents)


def test_an_added_document_is_stored_by_the_commit(database: Database):
    with database.session() as session:
        session.add(Order(number=1, lines=[Line(sku="tea")]))
        session.commit()

    document = stored(database, "order:1")
    assert document.pop("_rev").startswith("1-")
    assert document == {
        "_id": "order:1",
        "type": "order",
        "number": 1,
        "status": "new",
        "lines": [{"sku": "tea", "quantity": 1}],
    }


def test_a_saved_document_knows_its_revision(database: Database):
    order = Order(number=1)
    with database.session() as session:
        session.add(order)
        assert order.rev is None
        session.commit()

    assert order.rev == stored(database, "order:1")["_rev"]


def test_nothing_is_sent_before_the_commit(database: Database, wire):
    with database.session() as session:
        session.add(Order(number=1))
        session.delete(session.get(Order, "order:1"))

    assert wire.requests == []


def test_a_document_is_found_by_its_id(database: Database):
    save(database, Order(number=1, status="paid"))

    with database.session() as session:
        assert session.get(Order, "order:1").status == "paid"
        assert session.get(Order, "order:2") is None


def test_there_is_one_object_for_each_document(database: Database, wire):
    save(database, Order(number=1))
    wire.requests.clear()

    with database.session() as session:
        order = session.get(Order, "order:1")

        assert session.get(Order, "order:1") is order
        assert session.get_many(Order, ["order:1"]) == [order]
        assert len(wire.requests) == 1
        assert session.query(Order).one() is order


def test_a_query_gives_the_held_object_with_its_unsaved_changes(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        session.get(Order, "order:1").status = "paid"

        assert session.query(Order).where(Order.status == "new").one().status == "paid"


def test_a_clean_document_keeps_its_values_when_a_query_meets_a_newer_revision(database: Database):
    """What is written was decided on what was read: a fresher base would hide that from the server."""
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        with database.begin() as other:
            other.get(Order, "order:1").status = "paid"

        assert session.query(Order).one() is order
        assert order.status == "new"
        order.status = "void"
        with pytest.raises(CommitError):
            session.commit()


def test_get_many_keeps_the_order_and_says_what_is_missing(database: Database, wire):
    save(database, Order(number=1), Order(number=2))
    wire.requests.clear()

    with database.session() as session:
        found = session.get_many(Order, ["order:2", "order:9", "order:1", "order:2"])

    assert [order and order.number for order in found] == [2, None, 1, 2]
    assert len(wire.requests) == 1


def test_get_many_of_nothing_asks_nothing(database: Database, wire):
    with database.session() as session:
        assert session.get_many(Order, []) == []

    assert wire.requests == []


def test_a_deleted_document_is_not_among_many(database: Database):
    save(database, Order(number=1))
    with database.begin() as session:
        session.delete(session.get(Order, "order:1"))

    with database.session() as session:
        assert session.get_many(Order, ["order:1"]) == [None]


def test_get_one_raises_where_there_is_no_document(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        assert session.get_one(Order, "order:1") is session.get(Order, "order:1")
        with pytest.raises(DocumentNotFound, match="no Order 'order:2'"):
            session.get_one(Order, "order:2")


def test_a_change_deep_in_a_list_is_seen(database: Database):
    save(database, Order(number=1, lines=[Line(sku="tea"), Line(sku="cup")]))

    with database.begin() as session:
        session.get(Order, "order:1").lines[1].quantity = 7

    assert stored(database, "order:1")["lines"][1] == {"sku": "cup", "quantity": 7}


def test_unchanged_documents_are_not_written(database: Database, wire):
    save(database, Order(number=1), Order(number=2))
    wire.requests.clear()

    with database.session() as session:
        first, _ = session.get_many(Order, ["order:1", "order:2"])
        first.status = "paid"
        first.status = "new"
        report = session.commit()

    assert report.saved == ()
    assert wire.bodies() == []


def test_a_document_is_unchanged_once_it_is_saved(database: Database, wire):
    with database.session() as session:
        session.add(Order(number=1, lines=[Line(sku="tea")]))
        session.commit()
        session.commit()

    assert len(wire.bodies()) == 1


def test_a_field_that_the_stored_document_lacks_is_written_once_at_most(database: Database, wire):
    database.documents.put({"_id": "order:1", "type": "order", "number": 1})

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        session.commit()
        session.commit()

    assert len(wire.bodies()) == 1
    assert "lines" not in stored(database, "order:1")


def test_true_and_one_are_different_values(database: Database):
    class Answer(Document, id=lambda _: "answer"):
        value: Mapped[bool | int]

    save(database, Answer(value=True))

    with database.begin() as session:
        session.get(Answer, "answer").value = 1

    assert stored(database, "answer")["value"] is not True


def test_members_that_the_model_does_not_know_survive_a_change(database: Database):
    database.documents.put({"_id": "order:1", "type": "order", "number": 1, "legacy": {"a": [1.0]}})

    with database.begin() as session:
        session.get(Order, "order:1").status = "paid"

    assert stored(database, "order:1")["legacy"] == {"a": [1.0]}


def test_adding_a_document_twice_saves_it_once(database: Database):
    order = Order(number=1)
    with database.session() as session:
        session.add_all([order, order])

        assert session.commit().saved == (order,)


def test_two_objects_for_one_id_are_refused(database: Database):
    with database.session() as session:
        session.add(Order(number=1))

        with pytest.raises(IdentityError, match="another object for 'order:1'"):
            session.add(Order(number=1))


@pytest.mark.parametrize("document_id", ["", ".", "..", "_hidden", "_design/views", 7, "\ud800"])
def test_an_illegal_id_is_refused_before_anything_is_sent(database: Database, wire, document_id: str):
    with database.session() as session:
        with pytest.raises(IllegalDocumentId):
            session.add(Order(number=1, id=document_id))
        with pytest.raises(IllegalDocumentId):
            session.get(Order, document_id)
        with pytest.raises(IllegalDocumentId):
            session.get_many(Order, ["order:1", document_id])

    assert wire.requests == []


@pytest.mark.parametrize(
    "document_id", ["a/b", "a+b", "a b", "ümläut", "☃", "x\ny", "%2F", "a?b#c", "🦆", "\x00"]
)
def test_every_other_id_is_an_id(database: Database, document_id: str):
    save(database, Order(number=1, id=document_id))

    with database.session() as session:
        assert session.get(Order, document_id).id == document_id
        assert session.get_many(Order, [document_id])[0].id == document_id


def test_another_model_is_told_and_not_guessed(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        with pytest.raises(UnexpectedType, match="'customer'"):
            session.get(Customer, "order:1")
        session.get(Order, "order:1")
        with pytest.raises(UnexpectedType, match="Customer"):
            session.get(Customer, "order:1")


def test_a_stored_document_that_does_not_fit_names_every_fault(database: Database):
    database.documents.put({"_id": "order:1", "type": "order", "number": "1", "lines": [{"quantity": 1}]})

    with database.session() as session, pytest.raises(DocumentInvalid) as caught:
        session.get(Order, "order:1")

    assert {fault.path for fault in caught.value.faults} == {"number", "lines[0].sku"}


def test_documents_may_be_added_while_a_query_is_read(database: Database):
    save(database, *(Order(number=number) for number in range(5)))

    with database.session() as session:
        for order in session.query(Order).page_size(2):
            session.add(Customer(code=str(order.number)))

        assert len(session.commit().saved) == 5
