"""What a session promises of the documents that it holds."""

import pytest

from couchmapper.database import Client, Database
from couchmapper.exceptions import (
    DatabaseNotFound,
    DocumentInvalid,
    DocumentNotFound,
    IdentityError,
    IllegalDocumentId,
    SessionClosed,
    UnexpectedType,
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


def test_documents_may_be_added_while_a_query_is_read(database: Database):
    save(database, *(Order(number=number) for number in range(5)))

    with database.session() as session:
        for order in session.query(Order).page_size(2):
            session.add(Customer(code=str(order.number)))

        assert len(session.commit().saved) == 5


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


def closed(database: Database) -> Session:
    session = database.session()
    session.close()
    return session


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
